"""Links in alert texts: made for one person and one alert, opened once, and made anew when they were not in time."""

import secrets
import string
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from checkin import store
from checkin.core.delivery import Lane
from checkin.core.errors import UnknownAlert
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.flows import looks, say
from checkin.store.alerts import OpenAlert
from checkin.store.links import Bound
from checkin.store.outbox import Letter
from checkin.store.people import Program
from checkin.store.pool import Connection

PATH: Final = "/a/"
ALPHABET: Final = string.digits + string.ascii_letters
LENGTH: Final = 22  # of 62 characters: 130 bits
VALID: Final = timedelta(minutes=15)
OPEN_FOR: Final = timedelta(minutes=30)
MOST: Final = 3  # new links a person may ask for in AN_HOUR
AN_HOUR: Final = timedelta(hours=1)
KEPT: Final = timedelta(days=1)
Standing = Literal["fresh", "over", "gone"]


class Opened(Struct, frozen=True, kw_only=True):
    """A link that was opened: the alert, and the secret that opens its page for the next 30 minutes."""

    alert_id: UUID
    session: str


class Site(Struct, frozen=True):
    """Where our pages are reached; *url* is "" where there are none, and no text has a link."""

    url: str = ""

    def link(self, token: str) -> str:
        """Return the address that opens with *token*."""
        return self.url.rstrip("/") + PATH + token if self.url else ""

    def is_link(self, word: str) -> bool:
        """Say whether *word* is an address of ours that a text may carry."""
        return bool(self.url) and word.startswith(self.link("")) and _is_token(word.removeprefix(self.link("")))


NOWHERE: Final = Site()


async def words(
    conn: Connection, text: Text, number: int, bound: Bound, language: str, program: Program, site: Site, now: datetime
) -> str:
    """Return *text* about the alert *number* with a fresh link in it, or without one where none fits."""
    token = _token()
    body = say.words(text, language, program, number=number, link=site.link(token))
    if token in body:
        await store.links.add(conn, bound, token, now, now + VALID, asked_for=False)
    return body


async def open_once(conn: Connection, token: str, now: datetime) -> Opened | None:
    """Use a link up; None unless it stood "fresh"."""
    session = _token()
    async with conn.transaction():
        if await standing(conn, token, now) != "fresh":
            return None
        bound = await store.links.use(conn, token, session, now, now + OPEN_FOR)
    return None if bound is None else Opened(alert_id=bound.alert_id, session=session)


async def standing(conn: Connection, token: str, now: datetime) -> Standing:
    """Say how a link stands without opening it: what a phone's preview may ask.

    "fresh" opens. "over" has had its time, was used or never was. "gone" would open still, but its alert is closed or
    no longer its reader's business.
    """
    if not _is_token(token) or not await store.links.is_fresh(conn, token, now):
        return "over"
    bound = await store.links.by_token(conn, token)
    return "gone" if bound is None or await _meant(conn, bound, now) is None else "fresh"


async def reader(conn: Connection, session: str, alert_id: UUID, now: datetime) -> Person | None:
    """Return whose session it is, if it is for this alert and lasts still."""
    bound = await store.links.by_session(conn, session, now) if _is_token(session) else None
    if bound is None or bound.alert_id != alert_id:
        return None
    return await store.people.by_id(conn, bound.person_id)


async def send_again(conn: Connection, token: str, site: Site, now: datetime) -> bool:
    """Text a fresh link to the phone that *token* was sent to; returns whether it was queued.

    It is not, unless the alert is open and its reader's business now. Whoever asked is told nothing of this.
    """
    async with conn.transaction():
        bound = await store.links.by_token(conn, token) if _is_token(token) else None
        meant = None if bound is None else await _meant(conn, bound, now)
        return meant is not None and await send_new(conn, *meant, site, now)


async def send_new(conn: Connection, person: Person, alert: OpenAlert, site: Site, now: datetime) -> bool:
    """Text a fresh link to *person*, whose business *alert* is; returns whether it was queued.

    It is not where they asked for three in the last hour, or no text may reach them, or there are no pages. Runs
    inside the caller's transaction.
    """
    if not site.url or person.phone is None or person.opted_out:
        return False
    if await store.links.asked_for_since(conn, person.id, now - AN_HOUR) >= MOST:
        return False
    bound = Bound(mentee_id=alert.mentee_id, alert_id=alert.id, person_id=person.id)
    program = await store.people.program(conn, person.program_id)
    token = _token()
    await store.links.add(conn, bound, token, now, now + VALID, asked_for=True)
    letter = Letter(
        about=bound.mentee_id,
        to=person.id,
        phone=person.phone,
        lane=Lane.REPLY,
        key=f"link:{store.ids.new_id(now)}",
        body=say.words(Text.new_link, person.language, program, number=alert.number, link=site.link(token)),
        not_before=now,
        expires_at=now + VALID,
    )
    await store.outbox.enqueue(conn, [letter], now)
    return True


async def clear_old(conn: Connection, now: datetime) -> int:
    """Forget the links to closed alerts a day after they were made; returns how many they were.

    Those to open alerts stay: whoever finds one in an old text can still ask for a new one.
    """
    return await store.links.clear(conn, now - KEPT)


async def _meant(conn: Connection, bound: Bound, now: datetime) -> tuple[Person, OpenAlert] | None:
    """Return the reader and their alert, if it is open and their business now."""
    person = await store.people.by_id(conn, bound.person_id)
    try:
        return None if person is None else (person, await looks.find(conn, person, bound.alert_id, now))
    except UnknownAlert:
        return None


def _token() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _is_token(text: str) -> bool:
    return len(text) == LENGTH and text.isascii() and text.isalnum()
