"""The people of the alert benchmark: many who check in, some in danger, some falling, each of those with a mentor."""

from datetime import date, datetime, timedelta
from uuid import uuid4

from msgspec import Struct

from checkin import core, flows, store
from checkin.core.check_ins import Answer, Source
from checkin.core.delivery import Lane
from checkin.core.people import Person, Role
from checkin.core.trend import Report
from checkin.flows.people import NewPerson
from checkin.store.outbox import Letter
from checkin.store.pool import Connection

PROGRAM = "Bench"
A_DAY = timedelta(days=1)
USUAL = [(7, 6), (6, 7), (7, 7), (8, 6), (6, 6)]
USUAL_DAYS = 40
LOW = (2, 2)


class Pair(Struct, frozen=True):
    """A mentee and the one mentor who stands by nobody else, so that a text to them can only be about this mentee."""

    mentee: Person
    mentor: Person


class Crowd(Struct, frozen=True, kw_only=True):
    """Everybody; those who are falling report *falls* next, the last of which raises the alert."""

    ordinary: list[Person]
    in_danger: list[Pair]
    falling: list[Pair]
    falls: list[Report]


def zone_at_noon(now: datetime) -> str:
    """Return a time zone in which it is about noon, so that no alert has to wait for the morning."""
    ahead = 12 - now.hour
    return f"Etc/GMT{-ahead:+d}"  # whose sign says how far Greenwich is ahead


async def gather(conn: Connection, ordinary: int, in_danger: int, falling: int, now: datetime) -> Crowd:
    """Bring everybody in, with the usual weeks of those who will fall."""
    zone = zone_at_noon(now)
    mentees, mentors = ordinary + in_danger + falling, in_danger + falling
    rows = [_row(number, Role.mentor, zone) for number in range(mentees, mentees + mentors)]
    rows.append(_row(mentees + mentors, Role.coordinator, zone))
    for number in range(mentees):
        mentor = None if number < ordinary else phone(number + mentors)
        rows.append(_row(number, Role.mentee, zone, mentor))
    await flows.people.bring_in(conn, rows, now - USUAL_DAYS * A_DAY)
    found = [await _person(conn, number) for number in range(mentees + mentors)]
    pairs = [Pair(found[number], found[number + mentors]) for number in range(ordinary, mentees)]
    today = core.wall.local_day(now, zone)
    usual, falls = _history(today)
    for pair in pairs[in_danger:]:
        await _remember(conn, pair.mentee, usual, now)
    return Crowd(ordinary=found[:ordinary], in_danger=pairs[:in_danger], falling=pairs[in_danger:], falls=falls)


def phone(number: int) -> str:
    return f"+1646{2_000_000 + number}"


def _row(number: int, role: Role, zone: str, mentor: str | None = None) -> NewPerson:
    return NewPerson(
        line=number,
        program=PROGRAM,
        name="Robin",
        phone=phone(number),
        roles=frozenset({role}),
        time_zone=zone,
        language="en",
        mentor=mentor,
        consented=True,
    )


async def _person(conn: Connection, number: int) -> Person:
    [person] = await store.people.by_phone(conn, phone(number))
    return person


def _history(today: date) -> tuple[list[Report], list[Report]]:
    """Return the usual weeks, and the low days behind them, of which the last one, today's, shows the fall."""
    for lows in range(1, 15):
        first = today - (USUAL_DAYS + lows - 1) * A_DAY
        scores = [USUAL[number % len(USUAL)] for number in range(USUAL_DAYS)] + [LOW] * lows
        reports = [Report(first + number * A_DAY, mood, hope) for number, (mood, hope) in enumerate(scores)]
        if core.trend.fold(core.trend.START, reports)[1]:
            return reports[:USUAL_DAYS], reports[USUAL_DAYS:]
    raise AssertionError("two weeks far below the usual show no fall")


async def _remember(conn: Connection, mentee: Person, reports: list[Report], now: datetime) -> None:
    for report in reports:
        answer = Answer(
            day=report.day,
            mood=report.mood,
            hope=report.hope,
            answered_at=now,
            time_zone=mentee.time_zone,
            source=Source.imported,
        )
        await flows.check_ins.record(conn, mentee.id, answer, now)


async def queue_nudges(conn: Connection, number: int, now: datetime) -> None:
    """Queue nudges to *number* other people, due now and good for hours."""
    letters = [
        Letter(
            about=(about := uuid4()),
            to=None,
            phone=phone(1_000_000 + each),
            lane=Lane.NUDGE,
            key=f"nudge:{about}",
            body="How are you today? Mood and hope, 0 to 10: two numbers, like 7 5.",
            not_before=now,
            expires_at=now + timedelta(hours=6),
            day=now.date(),
        )
        for each in range(number)
    ]
    await store.outbox.enqueue(conn, letters, now)


NUDGES_LEFT = """
    select count(*) from outbox where lane = 'nudge' and status = 'queued'
"""


async def nudges_left(conn: Connection) -> int:
    left: int = await conn.fetchval(NUDGES_LEFT)
    return left
