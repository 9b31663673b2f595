"""Texts in a program's own words, and the two ways a text is queued beside the alerts and nudges."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from checkin import core, store
from checkin.core.delivery import Lane
from checkin.core.people import STAFF, Person
from checkin.core.texts import Text
from checkin.flows import chains
from checkin.store.outbox import Letter
from checkin.store.people import Program
from checkin.store.pool import Connection

REPLY_EXPIRES = timedelta(hours=1)
NOTICE_EXPIRES = timedelta(days=1)
MOST_REPLIES = 3  # automatic answers to one person in an hour, so that two robots never talk for ever
AN_HOUR = timedelta(hours=1)
ONCE_A_DAY: Final = frozenset({Text.unclear, Text.mentor_unclear, Text.invite})  # the same, whatever else comes in


class Reply(Struct, frozen=True):
    """What is said in answer to a text or note: which of our texts, and its words."""

    text: Text
    body: str


def words(
    text: Text,
    language: str,
    program: Program,
    *,
    number: int = 0,
    days: int = 0,
    name: str = "",
    numbers: Sequence[int] = (),
    link: str = "",
    code: str = "",
) -> str:
    """Return *text* as *program* says it: its own words and crisis line where it has them."""
    own = {(Text(key), spoken): body for (key, spoken), body in program.own_texts.items()}
    return core.texts.render(
        text,
        language,
        number=number,
        days=days,
        numbers=numbers,
        name=name if program.first_names else "",
        link=link,
        code=code,
        program=program.name,
        line=program.crisis_line or "",
        country=program.country,
        overrides=own,
    )


def answer(text: Text, to: Person, program: Program, *, number: int = 0, days: int = 0) -> Reply:
    """Return *text* as an answer to somebody, in their language and their program's words."""
    return Reply(text, words(text, to.language, program, number=number, days=days))


async def reply(conn: Connection, to: Person, sid: str, said: Reply, lane: Lane, now: datetime) -> None:
    """Queue the answer to the text or note *sid*, unless an ordinary one would be too many in an hour.

    An answer that is the same whatever comes in leaves once on each of the reader's days.
    """
    assert to.phone is not None
    if lane is Lane.REPLY and await store.outbox.replies_since(conn, to.id, now - AN_HOUR) >= MOST_REPLIES:
        return
    once = f"{said.text}:{core.wall.local_day(now, to.time_zone)}" if said.text in ONCE_A_DAY else sid
    letter = Letter(
        about=to.id,
        to=to.id,
        phone=to.phone,
        lane=lane,
        key=f"reply:{once}",
        body=said.body,
        not_before=now,
        expires_at=now + REPLY_EXPIRES,
    )
    await store.outbox.enqueue(conn, [letter], now)


async def tell_of_lost_reader(conn: Connection, program: Program, person: Person, text: Text, now: datetime) -> None:
    """Tell the coordinators, once a day, that alerts no longer reach *person*; nothing unless they answer alerts."""
    if any(person.is_a(role) for role in STAFF):
        await tell_coordinators(conn, program, person.id, text, f"{text}:{now.date()}", now)


async def tell_coordinators(
    conn: Connection, program: Program, about: UUID, text: Text, key: str, now: datetime
) -> None:
    """Tell every coordinator who can be texted, in their hours, once for each *key*; nobody who has no hours."""
    letters = []
    wall = chains.wall_of(program)
    for one in await store.people.coordinators(conn, program.id, now):
        if core.alerts.why_not(one) != "asked" or one.phone is None:
            continue
        chosen = (await store.availability.of(conn, one.id)).within(wall)
        opens = core.availability.opens_at(chosen.hours, one.time_zone, now)
        if opens is None:
            continue
        letters.append(
            Letter(
                about=about,
                to=one.id,
                phone=one.phone,
                lane=Lane.ALERT,
                key=f"{key}:{one.id}",
                body=words(text, one.language, program),
                not_before=opens,
                expires_at=opens + NOTICE_EXPIRES,
            )
        )
    await store.outbox.enqueue(conn, letters, now)
