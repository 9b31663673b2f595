"""What runs by itself: a table of jobs. Each does what is due and comes back; running two at once is harmless."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

from checkin import flows
from checkin.gateway.sms import Carrier
from checkin.runtime import Runtime

CALLBACKS: Final = "/webhooks/twilio/status"


class Job(NamedTuple):
    """One row: its name in the log, how many ticks lie between two runs, and what it does."""

    name: str
    every: int
    run: Callable[[Runtime, Carrier], Awaitable[Mapping[str, int]]]


async def ask(runtime: Runtime, _: Carrier) -> Mapping[str, int]:
    """Nudge everybody who is due, batch by batch."""
    total: Counter[str] = Counter()
    while True:
        async with runtime.pool.acquire() as conn:
            counts = await flows.nudges.ask_due(conn, runtime.clock.now())
        if not counts:
            return total
        total.update(counts)


async def escalate(runtime: Runtime, _: Carrier) -> Mapping[str, int]:
    """Move every alert whose time has come, batch by batch."""
    total: Counter[str] = Counter()
    while True:
        async with runtime.pool.acquire() as conn:
            counts = await flows.alerts.move_due(conn, runtime.clock.now())
        total.update(counts)
        if sum(counts.values()) < flows.alerts.BATCH:
            return total


async def deliver(runtime: Runtime, carrier: Carrier) -> Mapping[str, int]:
    """Send what is due, batch by batch."""
    total: Counter[str] = Counter()
    callbacks = runtime.settings.public_url.rstrip("/") + CALLBACKS
    while True:
        counts = await flows.delivery.send_due(runtime.pool, carrier, callbacks, runtime.clock.now)
        total.update(counts)
        if sum(counts.values()) < flows.delivery.BATCH:
            return total


async def settle(runtime: Runtime, _: Carrier) -> Mapping[str, int]:
    """Take up what a dead sender left, and decide what stayed uncertain."""
    async with runtime.pool.acquire() as conn:
        return await flows.delivery.settle_lapsed(conn, runtime.clock.now())


JOBS: Final = (
    Job("nudges", 1, ask),
    Job("alerts", 1, escalate),
    Job("delivery", 1, deliver),
    Job("leases", 5, settle),
)
