"""The cast: the same people in every test."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from checkin import flows, store
from checkin.core.check_ins import Answer, CheckIn, Source
from checkin.core.people import Person, Role
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection

ZONE = "America/New_York"
MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 20, 0, tzinfo=UTC)
"""Monday, 15:00 in New York: inside everybody's hours, before the nudge at 18:00."""
DAY = timedelta(days=1)


class Cast(Struct, frozen=True, kw_only=True):
    """A program with everybody a test needs. *other_mentor* is somebody else's and must see nothing."""

    program: UUID
    mentee: Person
    mentor: Person
    cover: Person
    other_mentee: Person
    other_mentor: Person
    coordinator: Person
    other_program: UUID
    stranger: Person


async def cast(conn: Connection, now: datetime = NOW - 60 * DAY) -> Cast:
    """Write the cast into an empty database, assigned since *now*."""
    program = await store.people.add_program(conn, "Harbor", "US", ZONE, now)
    other_program = await store.people.add_program(conn, "Lighthouse", "US", ZONE, now)

    async def person(name: str, phone: str, *roles: Role, home: UUID = program, language: str = "en") -> Person:
        row = NewPerson(
            line=0,
            program="",
            name=name,
            phone=phone,
            roles=frozenset(roles),
            time_zone=ZONE,
            language=language,
            consented=True,
        )
        return await flows.people.add(conn, row, home, now)

    members = Cast(
        program=program,
        mentee=await person("Ana", "+12125550101", Role.mentee),
        mentor=await person("Ben", "+12125550102", Role.mentor),
        cover=await person("Cleo", "+12125550103", Role.mentor),
        other_mentee=await person("Dina", "+12125550104", Role.mentee, language="es"),
        other_mentor=await person("Eli", "+12125550105", Role.mentor),
        coordinator=await person("Fay", "+12125550106", Role.coordinator),
        other_program=other_program,
        stranger=await person("Gus", "+12125550107", Role.coordinator, home=other_program),
    )
    await store.people.assign(conn, members.mentee.id, members.mentor.id, "primary", now)
    await store.people.assign(conn, members.mentee.id, members.cover.id, "cover", now)
    await store.people.assign(conn, members.other_mentee.id, members.other_mentor.id, "primary", now)
    return members


async def ask_nobody(conn: Connection) -> None:
    """Take the daily question from all: tests whose processes run by the real clock may run at the hour of a nudge."""
    await conn.execute("delete from nudge_plans")


def answer(
    day: date, mood: int | None, hope: int | None, *, at: datetime | None = None, note: str | None = None
) -> Answer:
    """Return an answer about *day*, given at 18:00 UTC of that day unless *at* says otherwise."""
    return Answer(
        day=day,
        mood=mood,
        hope=hope,
        skipped=mood is None and hope is None and note is None,
        note=note,
        answered_at=at or datetime(day.year, day.month, day.day, 18, tzinfo=UTC),
        time_zone=ZONE,
        source=Source.app,
    )


async def check_in_daily(
    conn: Connection, mentee: Person, scores: list[tuple[int, int]], *, until: date = MONDAY
) -> CheckIn:
    """Check in once a day with *scores*, the last of them on *until*; returns the last check-in."""
    first = until - (len(scores) - 1) * DAY
    for number, (mood, hope) in enumerate(scores):
        day = first + number * DAY
        said = answer(day, mood, hope)
        last = await flows.check_ins.record(conn, mentee.id, said, said.answered_at)
    return last


STEADY = [(7, 6), (6, 7), (7, 7), (8, 6), (6, 6), (7, 7), (7, 6)]
"""A usual week: nothing to see."""
FALLING = [(4, 4), (3, 3), (3, 2), (2, 3), (2, 2), (2, 2), (1, 2)]
"""A week far below a usual of 7 and 6."""
