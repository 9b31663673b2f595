"""The people of a benchmark: who they are, what they answered before, what they will answer."""

import random
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from uuid import UUID

import msgspec
from msgspec import Struct

from benchmarks.load import Plan
from checkin import core
from checkin.core.trend import Report, Trail

ZONE = "Europe/Berlin"
IDS = "01990000-0000-7000-8000-"  # then twelve decimal digits: pgbench can write a mentee's id from a number
HISTORIES = 50
HISTORY_DAYS = 60
STORED_DAYS = 30
NEW_DAYS = 27
VARIANTS = 16
NOTE = "Slept badly, but the walk with my sister helped; work is still a lot right now."


class Cast(Struct, frozen=True):
    """The mentees, the civil days they reported on before, and the days they will report on now."""

    mentees: list[UUID]
    history: list[date]
    days: list[date]


class History(Struct, frozen=True):
    """What a mentee reported: the reports kept in the database, and the detector's memory of all of them."""

    reports: list[Report]
    trail: Trail


def people(number: int, today: date) -> Cast:
    """Return *number* mentees who reported daily for HISTORY_DAYS and have NEW_DAYS before *today* still to report."""
    first = today - timedelta(days=NEW_DAYS)
    return Cast(
        mentees=[UUID(f"{IDS}{index:012d}") for index in range(1, number + 1)],
        history=[first - timedelta(days=back) for back in range(HISTORY_DAYS, 0, -1)],
        days=[first + timedelta(days=ahead) for ahead in range(NEW_DAYS)],
    )


def histories(cast: Cast) -> list[History]:
    """Return HISTORIES steady histories over the cast's past days, for the mentees to share; the same in every run."""
    dice = random.Random(1)
    return [_history([_report(dice, day) for day in cast.history]) for _ in range(HISTORIES)]


def _history(reports: list[Report]) -> History:
    trail = reduce(lambda trail, report: core.trend.advance(trail, report)[0], reports, Trail())
    return History(reports[-STORED_DAYS:], trail)


def _report(dice: random.Random, day: date) -> Report:
    return Report(day=day, mood=dice.randint(4, 8), hope=dice.randint(4, 8))


def answered_at(day: date) -> datetime:
    return datetime.combine(day, time(18, 0), UTC)


def plan(cast: Cast, tokens: list[str], port: int, connections: int) -> Plan:
    """Return what to send to the server on *port* for all that the cast has still to report."""
    dice = random.Random(2)
    bodies = [[_body(dice, day) for _ in range(VARIANTS)] for day in cast.days]
    length = len(bodies[0][0].encode())
    heads = [
        f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        for token in tokens
    ]
    days = [str(day) for day in cast.days]
    most = len(cast.days) * len(tokens)
    return Plan(
        port=port, connections=connections, seconds=0, most=most, first=0, days=days, heads=heads, bodies=bodies
    )


def _body(dice: random.Random, day: date) -> str:
    report = _report(dice, day)
    body = {
        "mood": report.mood,
        "hope": report.hope,
        "note": NOTE,
        "answered_at": answered_at(day).isoformat(),
        "time_zone": ZONE,
    }
    return msgspec.json.encode(body).decode()
