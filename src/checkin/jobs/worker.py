"""The worker process: APScheduler beats the time, each beat does what is due, SIGTERM finishes what began."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from msgspec.structs import replace

from checkin import lookout, runtime
from checkin.clock import Clock
from checkin.config import Settings
from checkin.gateway.sms import Carrier
from checkin.jobs import metronome, schedule
from checkin.jobs.schedule import Job
from checkin.runtime import Runtime

FINISH_WITHIN = 10.0  # seconds for sends under way when asked to stop

Work = Callable[[], Coroutine[None, None, None]]

log = structlog.get_logger()


async def work(settings: Settings) -> None:
    """Run every job until SIGTERM or SIGINT, then let those under way finish."""
    async with runtime.running(settings) as parts:
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, parts.stopping.set)
        carrier = runtime.carrier(parts)
        parts = replace(parts, pushers=runtime.pushers(parts))
        under_way: set[asyncio.Task[None]] = set()
        scheduler = AsyncIOScheduler(timezone=UTC)
        jobs = schedule.jobs()
        for job in jobs:
            interval = timedelta(milliseconds=settings.tick_ms * job.every)
            add(scheduler, interval, partial(_run, parts, carrier, job), under_way, job.at_once)
        add(scheduler, lookout.EVERY, partial(lookout.say_behind, parts, "worker"), under_way)
        scheduler.start()
        keeper = asyncio.create_task(metronome.keep_time(scheduler, Clock().now))
        log.info("worker.started", jobs=len(jobs), sandbox=settings.is_sandbox)
        await parts.stopping.wait()
        keeper.cancel()
        left = await finish(scheduler, under_way)
        await carrier.close()
        for pusher in parts.pushers.values():
            await pusher.close()
        log.info("worker.stopped", left=left)


def add(
    scheduler: AsyncIOScheduler,
    interval: timedelta,
    work: Work,
    under_way: set[asyncio.Task[None]],
    at_once: int = 1,
) -> None:
    """Let *work* be done every *interval*, by *at_once* beats at most; *under_way* holds it while it is."""
    trigger = metronome.Steady(interval)
    how = {"coalesce": True, "max_instances": at_once, "misfire_grace_time": None}
    scheduler.add_job(_beat, trigger, (work, under_way), **how)


async def finish(scheduler: AsyncIOScheduler, under_way: set[asyncio.Task[None]], within: float = FINISH_WITHIN) -> int:
    """Begin nothing more and let what is under way finish; returns how much of it had not *within* so many seconds."""
    scheduler.pause()
    await asyncio.sleep(0)  # a beat given out just before begins now, so that it is waited for like the others
    if under_way:
        await asyncio.wait(under_way, timeout=within)
    scheduler.shutdown(wait=False)
    return len(under_way)


async def _beat(work: Work, under_way: set[asyncio.Task[None]]) -> None:
    """Do *work* once in a task of ours: the scheduler cancels its own when it stops, and would tell of it at length."""
    task = asyncio.create_task(work())
    under_way.add(task)
    task.add_done_callback(under_way.discard)
    with suppress(asyncio.CancelledError):
        await asyncio.shield(task)


async def _run(parts: Runtime, carrier: Carrier, job: Job) -> None:
    try:
        counts = await job.run(parts, carrier)
    except Exception:  # one job that fails must not stop the others, nor its own next beat
        log.exception("job.failed", job=job.name)
        return
    if counts:
        log.info("job.done", job=job.name, **counts)
