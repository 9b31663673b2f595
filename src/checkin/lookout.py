"""A look, once a minute, at how far behind the work is: by every process, since one that is stuck cannot say so."""

import asyncio
from datetime import timedelta
from typing import Final, Literal, NoReturn

import structlog

from checkin import store
from checkin.runtime import Runtime
from checkin.store.lag import Lag

EVERY: Final = timedelta(minutes=1)
TOO_LATE: Final = timedelta(minutes=5)

Process = Literal["server", "worker"]

log = structlog.get_logger()


async def keep_looking(parts: Runtime, by: Process, every: timedelta = EVERY) -> NoReturn:
    """Look *every* so often, first after one such time, until cancelled."""
    while True:
        await asyncio.sleep(every.total_seconds())
        await say_behind(parts, by)


async def say_behind(parts: Runtime, by: Process) -> None:
    """Say how far behind the work is, if it is, and which kind of process speaks."""
    try:
        lag = await behind(parts)
    except Exception:  # a look that fails, as while the database is away, must not stop the next one
        log.exception("job.failed", job="behind")
        return
    if lag is not None:
        ages = {"nudge": lag.nudge, "alert": lag.alert, "message": lag.message}
        seconds = {f"{kind}_seconds": round(age.total_seconds()) for kind, age in ages.items()}
        log.warning("worker.behind", by=by, **seconds)


async def behind(parts: Runtime) -> Lag | None:
    """Return how far behind the work is, when something has been due for `TOO_LATE`."""
    async with parts.pool.acquire() as conn:
        lag = await store.lag.measure(conn, parts.clock.now())
    return lag if lag.worst > TOO_LATE else None
