"""What runs by itself: a table of jobs. Each does what is due and comes back; running two at once is harmless."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from checkin import flows, runtime, store
from checkin.flows.delivery import Sender
from checkin.gateway.sms import Carrier
from checkin.runtime import Runtime
from checkin.store.lag import Lag

CALLBACKS: Final = "/webhooks/twilio/status"
TOO_LATE: Final = timedelta(minutes=5)


class Job(NamedTuple):
    """One row: its name in the log, how many ticks lie between two runs, and what it does."""

    name: str
    every: int
    run: Callable[[Runtime, Carrier], Awaitable[Mapping[str, int]]]


async def ask(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Nudge everybody who is due, batch by batch."""
    total: Counter[str] = Counter()
    while True:
        async with parts.pool.acquire() as conn:
            counts = await flows.nudges.ask_due(conn, parts.clock.now())
        if not counts:
            return total
        total.update(counts)


async def escalate(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Move every alert whose time has come, batch by batch."""
    total: Counter[str] = Counter()
    while True:
        async with parts.pool.acquire() as conn:
            counts = await flows.alerts.move_due(conn, parts.clock.now())
        total.update(counts)
        if sum(counts.values()) < flows.alerts.BATCH:
            return total


async def deliver(parts: Runtime, carrier: Carrier) -> Mapping[str, int]:
    """Send what is due, batch by batch, as fast as the sender may."""
    total: Counter[str] = Counter()
    callbacks = parts.settings.public_url.rstrip("/") + CALLBACKS
    sender = Sender(parts.settings.carrier.sender, parts.settings.rate)
    while True:
        counts = await flows.delivery.send_due(parts.pool, carrier, sender, callbacks, parts.clock.now)
        total.update(counts)
        if sum(counts.values()) < flows.delivery.BATCH:
            return total


async def settle(parts: Runtime, carrier: Carrier) -> Mapping[str, int]:
    """Take up what a dead sender left, and decide what stayed uncertain."""
    total: Counter[str] = Counter()
    while True:
        counts = await flows.delivery.settle_lapsed(parts.pool, runtime.ledger(carrier), parts.clock.now)
        total.update(counts)
        if sum(counts.values()) < flows.delivery.BATCH:
            return total


async def behind(parts: Runtime) -> Lag | None:
    """Return how far behind the work is, when something has been due for `TOO_LATE`."""
    async with parts.pool.acquire() as conn:
        lag = await store.lag.measure(conn, parts.clock.now())
    return lag if lag.worst > TOO_LATE else None


JOBS: Final = (
    Job("nudges", 1, ask),
    Job("alerts", 1, escalate),
    Job("delivery", 1, deliver),
    Job("leases", 5, settle),
)
