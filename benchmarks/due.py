"""Mentees who are all due in the same minute, written by COPY."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from benchmarks import ours
from checkin import core, store
from checkin.store.vault import Vault

MINUTE: Final = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
"""The minute in which everybody is due: the middle of the day in every one of ZONES."""
NOW: Final = MINUTE + timedelta(minutes=1)
ZONES: Final = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "Pacific/Honolulu",
)
LANGUAGES: Final = ("en", "en", "es")
JOINED: Final = NOW - timedelta(days=30)
BATCH: Final = 10_000
TABLES: Final = 3  # that `seed` fills

Rows = Iterator[tuple[object, ...]]


async def seed(conn: asyncpg.Connection, number: int, advance: Callable[[int], None]) -> None:
    """Write *number* mentees with sealed names and phones, a plan each, and yesterday's answer.

    Calls *advance* with the rows written since the last call; there are TABLES times *number* in all.
    """
    vault = Vault(ours.SECRETS["encryption_keys"], ours.SECRETS["lookup_key"])
    await conn.execute(ours.ADD_PROGRAM, ours.PROGRAM, ZONES[0], JOINED)
    for first in range(0, number, BATCH):
        numbers = range(first, min(first + BATCH, number))
        mentees = [(each, store.ids.new_id(JOINED)) for each in numbers]
        await _copy(conn, "people", PERSON, _people(vault, mentees))
        advance(len(mentees))
        await _copy(conn, "nudge_plans", ("mentee_id", "times", "next_nudge_at"), _plans(mentees))
        advance(len(mentees))
        await _copy(conn, "check_ins", ANSWER, _answers(mentees))
        advance(len(mentees))


async def _copy(conn: asyncpg.Connection, table: str, columns: Iterable[str], rows: Rows) -> None:
    await conn.copy_records_to_table(table, records=rows, columns=list(columns))


PERSON: Final = (
    *("id", "program_id", "roles", "status", "name", "phone", "phone_hash", "language", "time_zone"),
    "created_at",
)


def _people(vault: Vault, mentees: list[tuple[int, UUID]]) -> Rows:
    for number, mentee in mentees:
        phone = f"+1{2_000_000_000 + number}"
        yield (
            mentee,
            ours.PROGRAM,
            ["mentee"],
            "active",
            vault.seal("people.name", mentee, "Robin Rivers"),
            vault.seal("people.phone", mentee, phone),
            vault.hash("phone", phone),
            LANGUAGES[number % len(LANGUAGES)],
            _zone(number),
            JOINED,
        )


def _plans(mentees: list[tuple[int, UUID]]) -> Rows:
    """Yield plans whose time is a whole minute, up to four before MINUTE: with its spread, each is due within it."""
    for number, mentee in mentees:
        spread = core.nudges._jitter(mentee)
        early = spread // timedelta(minutes=1) * timedelta(minutes=1)
        yield mentee, [_wall_time(MINUTE - early, _zone(number))], MINUTE + spread - early


ANSWER: Final = ("mentee_id", "day", "id", "mood", "hope", "answered_at", "received_at", "time_zone", "source")


def _answers(mentees: list[tuple[int, UUID]]) -> Rows:
    at = MINUTE - timedelta(days=1)
    for number, mentee in mentees:
        yield mentee, at.date(), store.ids.new_id(at), 6, 6, at, at, _zone(number), "app"


def _zone(number: int) -> str:
    return ZONES[number % len(ZONES)]


def _wall_time(at: datetime, zone: str) -> time:
    return at.astimezone(ZoneInfo(zone)).time()
