"""Steady beats from APScheduler, whatever happens to the wall clock.

APScheduler plans by the wall clock: its interval trigger adds to the last planned time. Set the clock back by a day
and nothing runs for a day; set it ahead by 90 and it counts every second of them before it goes on.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.base import BaseTrigger

LOOK: Final = 1.0  # seconds, by a clock that nobody sets, between looks for a step of the one that people set


class Steady(BaseTrigger):  # type: ignore[misc]  # apscheduler is not typed
    """Beats every *interval*: in rhythm while the clock runs on, one interval from now when it has jumped."""

    def __init__(self, interval: timedelta) -> None:
        self.interval = interval

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the next beat, later than *now* by at most one interval."""
        if previous_fire_time is not None and previous_fire_time <= now < previous_fire_time + self.interval:
            return previous_fire_time + self.interval
        return now + self.interval


def mend(scheduler: BaseScheduler, now: datetime) -> int:
    """Beat at once what is planned later than its interval allows, because the clock was set back; returns how many."""
    late = [job for job in scheduler.get_jobs() if job.next_run_time and job.next_run_time > now + job.trigger.interval]
    for job in late:
        job.modify(next_run_time=now)
    return len(late)


async def keep_time(scheduler: BaseScheduler, tell_time: Callable[[], datetime]) -> None:
    """Look for a clock that was set back until cancelled; *tell_time* is the machine's own."""
    while True:
        await asyncio.sleep(LOOK)
        mend(scheduler, tell_time())
