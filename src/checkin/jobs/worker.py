"""The worker process: APScheduler beats the time, each beat does what is due, SIGTERM finishes what began."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from checkin import runtime
from checkin.clock import Clock
from checkin.config import Settings
from checkin.gateway.sms import Carrier
from checkin.jobs import metronome, schedule
from checkin.jobs.schedule import JOBS, Job
from checkin.runtime import Runtime

FINISH_WITHIN = 10.0  # seconds for sends under way when asked to stop
LOOK_BEHIND = timedelta(minutes=1)

log = structlog.get_logger()


async def work(settings: Settings) -> None:
    """Run every job until SIGTERM or SIGINT, then let those under way finish."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with runtime.running(settings) as parts:
        carrier = runtime.carrier(parts)
        under_way: set[asyncio.Task[None]] = set()
        scheduler = AsyncIOScheduler(timezone=UTC)
        for job in JOBS:
            interval = timedelta(milliseconds=settings.tick_ms * job.every)
            _add(scheduler, interval, _beat, parts, carrier, job, under_way)
        _add(scheduler, LOOK_BEHIND, say_behind, parts)
        scheduler.start()
        keeper = asyncio.create_task(metronome.keep_time(scheduler, Clock().now))
        log.info("worker.started", jobs=len(JOBS), sandbox=settings.is_sandbox)
        await stop.wait()
        keeper.cancel()
        scheduler.pause()
        if under_way:
            await asyncio.wait(under_way, timeout=FINISH_WITHIN)
        scheduler.shutdown(wait=False)
        await carrier.close()
        log.info("worker.stopped", left=len(under_way))


def _add(
    scheduler: AsyncIOScheduler, interval: timedelta, beat: Callable[..., Awaitable[None]], *parts: object
) -> None:
    trigger = metronome.Steady(interval)
    scheduler.add_job(beat, trigger, parts, coalesce=True, max_instances=1, misfire_grace_time=None)


async def say_behind(parts: Runtime) -> None:
    """Say how far behind the work is, if it is."""
    try:
        lag = await schedule.behind(parts)
    except Exception:  # a look that fails must not stop the next one
        log.exception("job.failed", job="behind")
        return
    if lag is not None:
        ages = {"nudge": lag.nudge, "alert": lag.alert, "message": lag.message}
        log.warning("worker.behind", **{f"{kind}_seconds": round(age.total_seconds()) for kind, age in ages.items()})


async def _beat(parts: Runtime, carrier: Carrier, job: Job, under_way: set[asyncio.Task[None]]) -> None:
    """Run one job; the task is ours, because the scheduler would cancel its own when it stops."""
    task = asyncio.create_task(_run(parts, carrier, job))
    under_way.add(task)
    task.add_done_callback(under_way.discard)
    await asyncio.shield(task)


async def _run(parts: Runtime, carrier: Carrier, job: Job) -> None:
    try:
        counts = await job.run(parts, carrier)
    except Exception:  # one job that fails must not stop the others, nor its own next beat
        log.exception("job.failed", job=job.name)
        return
    if counts:
        log.info("job.done", job=job.name, **counts)
