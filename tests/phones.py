"""Texts to and from people, as tests speak of them."""

from datetime import datetime, timedelta
from itertools import count

from checkin import core, flows
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.flows.inbound import InboundText
from checkin.flows.links import NOWHERE, Site
from checkin.store.pool import Connection
from tests.people import NOW

SIDS = count(1)


async def text(conn: Connection, person: Person, body: str, *, at: datetime | None = None, site: Site = NOWHERE) -> str:
    """Text *body* from a person's phone, each a moment after the one before; returns what it was taken for."""
    number = next(SIDS)
    incoming = InboundText(sid=f"SM{number:032x}", phone=person.phone or "", body=body)
    return await flows.inbound.receive(conn, incoming, at or NOW + timedelta(microseconds=number), site)


async def sent_to(conn: Connection, person: Person) -> list[str]:
    """Return every text queued for a person and not cancelled, in order."""
    rows = await conn.fetch(
        "select id, body from outbox where person_id = $1 and status <> 'cancelled' order by created_at, id", person.id
    )
    return [conn.vault.open("outbox.body", row["id"], row["body"]) for row in rows]


def told(
    text: Text, language: str = "en", *, number: int = 0, days: int = 0, program: str = "Harbor", link: str = ""
) -> str:
    """Return a text as it is sent."""
    return core.texts.render(text, language, number=number, days=days, program=program, link=link)
