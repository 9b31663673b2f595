"""Fault 8: the wall clock of real processes steps and races; nobody is asked twice, and the work goes on."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct

from checkin import flows, store
from checkin.config import Settings
from checkin.core.people import Role
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection
from tests.faults.counts import tell
from tests.faults.faked_time import FakedTime
from tests.faults.zones import ZONES
from tests.pretend_twilio import PretendTwilio
from tests.running import System, running_processes, sandbox_environ

START = datetime(2026, 11, 17, 19, 0, tzinfo=UTC)
ASKED_AT = START + timedelta(minutes=30)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
IN_EACH = 7
EVERYBODY = len(ZONES) * IN_EACH
RATE = 25  # messages a second
SOON = 45.0  # seconds of the real clock within which work goes on after a step, on a machine whose disk may stall
QUIET = 0.5  # seconds of the real clock in which nothing may come


@pytest.fixture
def clock(tmp_path: Path) -> FakedTime:
    return FakedTime(tmp_path)


class Stage(Struct, frozen=True):
    """Real processes under a faked clock, the carrier, and phones nobody else uses."""

    system: System
    pretend: PretendTwilio
    mentors: list[str]
    sender: str

    def asked(self) -> Counter[str]:
        """Return how many nudges each mentee's phone has got."""
        return Counter(message.to for message in self.pretend.messages if message.to not in self.mentors)

    async def ask_for_help(self, number: int) -> float:
        """Text HELP from a mentor's phone; returns after how many seconds the answer came."""
        phone, sid, began = self.mentors[number], f"SM{number:032x}", time.monotonic()
        address, status = f"{self.system.base}/webhooks/twilio/sms", 503
        while status == 503 and time.monotonic() < began + SOON:  # a machine that is busy; the carrier comes again
            status = (await self.pretend.text_in(address, from_=phone, to=self.sender, body="HELP", sid=sid)).status
        assert status == 204
        await until(lambda: any(message.to == phone for message in self.pretend.messages))
        return time.monotonic() - began


@contextmanager
def running(settings: Settings, pretend: PretendTwilio, clock: FakedTime, workers: int) -> Iterator[System]:
    known = settings.carrier
    environ = {
        **sandbox_environ(settings),
        "CHECKIN_TWILIO_ACCOUNT_SID": known.account_sid,
        "CHECKIN_TWILIO_AUTH_TOKEN": known.tokens[0],
        "CHECKIN_TWILIO_FROM": known.sender,
        "CHECKIN_TWILIO_API_URL": pretend.url,
        "CHECKIN_SENDER_RATE": str(RATE),
        "CHECKIN_TICK_MS": "100",
        **clock.environ,
    }
    with running_processes(settings.database_url, environ, workers=workers) as system:
        yield system


async def enrol(conn: Connection, since: datetime) -> list[str]:
    """Add the mentees, all asked half an hour after the start, and some mentors; returns the mentors' phones."""
    program = await store.people.add_program(conn, "Harbor", "US", "UTC", since)
    people = [(zone, f"+1212555{number:04}") for number, zone in enumerate(ZONES * IN_EACH)]
    mentors = [f"+1213555{number:04}" for number in range(10)]
    for zone, phone in [*people, *(("UTC", phone) for phone in mentors)]:
        is_mentor = phone in mentors
        row = NewPerson(
            line=0,
            program="",
            name="Ana",
            phone=phone,
            roles=frozenset({Role.mentor if is_mentor else Role.mentee}),
            time_zone=zone,
            language="en",
            nudge_at=(ASKED_AT.astimezone(ZoneInfo(zone)).time(),),
            consented=True,
        )
        await flows.people.add(conn, row, program, since)
    return mentors


async def until(look: Callable[[], bool], seconds: float = SOON) -> list[float]:
    """Wait until *look* says so; returns the moments at which it was asked."""
    moments, end = [time.monotonic()], time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)
        moments.append(time.monotonic())
    return moments


async def most_in_a_second(stage: Stage, expected: int) -> int:
    """Wait until *expected* nudges have come; returns the most that came in any second."""
    came: list[float] = []

    def look() -> bool:
        asked = stage.asked().total()
        came.extend([time.monotonic()] * (asked - before - len(came)))
        return asked >= expected

    before = stage.asked().total()
    await until(look, seconds=EVERYBODY / RATE + SOON)
    return max(sum(1 for other in came if 0 <= other - one < 1) for one in came)


async def test_a_clock_that_steps_makes_no_double_and_no_burst_and_stops_nothing(
    conn: Connection, settings: Settings, clock: FakedTime
) -> None:
    mentors = await enrol(conn, START - HOUR)
    clock.set(START)
    steps = [
        (START + HOUR, 1),
        (START, 1),
        (START + HOUR, 1),
        (START - DAY, 1),
        (START + HOUR + 90 * DAY, 2),
    ]
    answered, bursts, after = [], [], []

    known = settings.carrier
    async with PretendTwilio(account_sid=known.account_sid, auth_token=known.tokens[0]) as pretend:
        with running(settings, pretend, clock, workers=2) as system:
            stage = Stage(system, pretend, mentors, known.sender)
            answered.append(await stage.ask_for_help(0))
            before = stage.asked().total()
            for number, (moment, times) in enumerate(steps):
                clock.set(moment)
                if stage.asked().total() < times * EVERYBODY:
                    bursts.append(await most_in_a_second(stage, times * EVERYBODY))
                answered.append(await stage.ask_for_help(number + 1))
                await asyncio.sleep(QUIET)
                after.append(set(stage.asked().values()))
            await pretend.settle()
    days = await conn.fetch("select mentee_id, day, count(*) from outbox where lane = 'nudge' group by 1, 2")
    ended = await conn.fetch("select status, count(*) from outbox group by 1")
    left = [row["claimed_at"] for row in await conn.fetch("select claimed_at from outbox where lane = 'nudge'")]

    tell(
        8,
        steps=len(steps),
        mentees=EVERYBODY,
        nudges=stage.asked().total(),
        most_in_a_second=max(bursts),
        slowest_answer_seconds=round(max(answered), 2),
        ended={row["status"]: row["count"] for row in ended},
    )
    assert before == 0
    assert after == [{times} for _, times in steps]
    assert len(days) == 2 * EVERYBODY
    assert {row["count"] for row in days} == {1}
    # By the workers' own clock: a busy machine takes in late what left in time, and then much of it together.
    assert max(sum(timedelta() <= other - one < SECOND for other in left) for one in left) <= 2 * RATE
    assert {row["status"] for row in ended} <= {"sent", "delivered"}


async def test_a_clock_that_races_asks_everybody_once(conn: Connection, settings: Settings, clock: FakedTime) -> None:
    mentors = await enrol(conn, START - HOUR)
    clock.set(ASKED_AT - timedelta(minutes=2), times=60)

    known = settings.carrier
    async with PretendTwilio(account_sid=known.account_sid, auth_token=known.tokens[0]) as pretend:
        with running(settings, pretend, clock, workers=1) as system:
            stage = Stage(system, pretend, mentors, known.sender)
            await until(lambda: len(stage.asked()) == EVERYBODY, seconds=20)
            answered = await stage.ask_for_help(0)
            await asyncio.sleep(QUIET)
            await pretend.settle()

    tell(8, times=60, mentees=EVERYBODY, nudges=stage.asked().total(), answer_seconds=round(answered, 2))
    assert set(stage.asked().values()) == {1}
    assert await conn.fetchval("select count(*) from outbox where lane = 'nudge'") == EVERYBODY
