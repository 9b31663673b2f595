"""Run the nudge job of one worker process from a fixed moment on, and print as JSON how it went."""

import asyncio
import sys
import time
from collections.abc import Mapping
from datetime import datetime

import msgspec
import psutil  # type: ignore[import-untyped]  # ships no annotations
from msgspec import Struct

from benchmarks import due
from checkin import config, runtime
from checkin.clock import Clock
from checkin.jobs import schedule


class Planned(Struct, frozen=True, kw_only=True):
    """What one run of the job did: its counts by decision, and what it took.

    Seconds of time and of CPU of the process; megabytes of its resident memory: after the first batch, at the most
    since then.
    """

    counts: Mapping[str, int]
    seconds: float
    cpu: float
    first_rss: float
    most_rss: float


class Watching(Clock):
    """A clock that goes on from *start*, and notes the memory in use each time a batch asks for the time."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self.ahead = start - super().now()
        self._process = psutil.Process()
        self.seen: list[float] = []

    def now(self) -> datetime:
        self.seen.append(self._process.memory_info().rss / 1e6)
        return super().now()


async def plan() -> Planned:
    settings = config.load()
    clock = Watching(due.NOW)
    async with runtime.running(settings) as parts:
        parts = msgspec.structs.replace(parts, clock=clock)
        carrier = runtime.carrier(parts)
        began, cpu = time.perf_counter(), time.process_time()
        counts = await schedule.ask(parts, carrier)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        clock.now()
        await carrier.close()
    after_first = clock.seen[1:]
    return Planned(counts=counts, seconds=seconds, cpu=cpu, first_rss=after_first[0], most_rss=max(after_first))


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(plan())))
