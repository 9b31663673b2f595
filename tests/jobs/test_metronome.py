"""The beats go on whatever happens to the wall clock."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from checkin.clock import Clock
from checkin.jobs import metronome
from checkin.jobs.metronome import Steady
from tests.jobs.test_worker import until
from tests.people import NOW

DAY = timedelta(days=1)
BEAT = timedelta(milliseconds=50)
A_FEW = 5


@pytest.fixture
async def scheduler() -> AsyncIterator[AsyncIOScheduler]:
    running = AsyncIOScheduler(timezone=UTC)
    running.start()
    yield running
    running.shutdown(wait=False)


@pytest.mark.parametrize("step", [-DAY, timedelta(), timedelta(seconds=0.3), 90 * DAY])
def test_the_next_beat_is_within_one_interval_of_any_clock(step: timedelta) -> None:
    now = NOW + step

    beat = Steady(BEAT).get_next_fire_time(NOW, now)

    assert now < beat <= now + BEAT


def test_the_rhythm_is_kept_while_the_clock_runs_on() -> None:
    beat = Steady(BEAT).get_next_fire_time(NOW, NOW + BEAT / 3)

    assert beat == NOW + BEAT


def test_the_schedulers_own_interval_would_stall_for_a_day() -> None:
    beat = IntervalTrigger(seconds=1, timezone=UTC).get_next_fire_time(NOW, NOW - DAY)

    assert beat == NOW + timedelta(seconds=1)


async def test_beats_go_on_after_the_clock_was_set_back_a_day(scheduler: AsyncIOScheduler) -> None:
    beats: list[float] = []
    job = scheduler.add_job(lambda: beats.append(time.monotonic()), Steady(BEAT))
    job.modify(next_run_time=Clock().now() + DAY)  # what it looks like to a clock that was set back
    await asyncio.sleep(3 * BEAT.total_seconds())
    stalled = len(beats)

    mended = metronome.mend(scheduler, Clock().now())
    await until(lambda: len(beats) >= 3)

    assert (stalled, mended) == (0, 1)


async def test_a_clock_set_ahead_by_90_days_costs_one_beat_and_no_time(scheduler: AsyncIOScheduler) -> None:
    beats: list[datetime] = []
    job = scheduler.add_job(lambda: beats.append(Clock().now()), Steady(BEAT), coalesce=True, misfire_grace_time=None)
    job.modify(next_run_time=Clock().now() - 90 * DAY)  # what it looks like to a clock that was set ahead
    began = time.process_time()

    await asyncio.sleep(BEAT.total_seconds() / 2)

    assert 1 <= len(beats) <= A_FEW
    assert time.process_time() - began < A_FEW  # counting 90 days of beats takes a minute


async def test_mending_leaves_a_steady_clock_alone(scheduler: AsyncIOScheduler) -> None:
    scheduler.add_job(lambda: None, Steady(BEAT))

    assert metronome.mend(scheduler, Clock().now()) == 0
