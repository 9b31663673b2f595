"""What runs by itself: a table of jobs. Each does what is due and comes back; running two at once is harmless."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from checkin import flows, runtime
from checkin.core.delivery import Lane
from checkin.core.errors import Crowded
from checkin.flows.links import Site
from checkin.gateway.sms import Carrier
from checkin.jobs.departures import MOST, MOST_DANGER, Departures
from checkin.runtime import Runtime

LANES: Final = 2  # batches of nudges at once in one process


class Job(NamedTuple):
    """One row: its name in the log, how many ticks lie between two runs, what it does, and how many runs at once."""

    name: str
    every: int
    run: Callable[[Runtime, Carrier], Awaitable[Mapping[str, int]]]
    at_once: int = 1


async def ask(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Nudge everybody who is due, batch by batch.

    When the first batch is full, the rest go in LANES, so that one batch is decided here while the database writes
    another. A lane that gets no connection leaves its share to the first.
    """
    total = await _ask_batch(parts)
    if not total:
        return total
    async with asyncio.TaskGroup() as lanes:
        for _lane in range(LANES - 1 if sum(total.values()) >= flows.nudges.BATCH else 0):
            lanes.create_task(_help(parts, total))
        await _ask_rest(parts, total)
    return total


async def _help(parts: Runtime, total: Counter[str]) -> None:
    with suppress(Crowded):
        await _ask_rest(parts, total)


async def _ask_rest(parts: Runtime, total: Counter[str]) -> None:
    while not parts.stopping.is_set() and (counts := await _ask_batch(parts)):
        total.update(counts)


async def _ask_batch(parts: Runtime) -> Counter[str]:
    async with parts.pool.acquire() as conn:
        return await flows.nudges.ask_due(conn, parts.clock.now())


async def replan(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Plan one batch anew of those whom a clock that ran ahead has put off too far."""
    async with parts.pool.acquire() as conn:
        return await flows.nudge_plans.replan_far(conn, parts.clock.now())


async def escalate(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Move every alert whose time has come, batch by batch."""
    total: Counter[str] = Counter()
    site = Site(parts.settings.public_url)
    while not parts.stopping.is_set():
        async with parts.pool.acquire() as conn:
            counts = await flows.alerts.move_due(conn, parts.clock.now(), site)
        total.update(counts)
        if sum(counts.values()) < flows.alerts.BATCH:
            break
    return total


async def send_codes(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Make and queue the codes that were asked for, batch by batch."""
    total: Counter[str] = Counter()
    while True:
        async with parts.pool.acquire() as conn:
            counts = await flows.sign_in.send_codes(conn, parts.clock.now())
        if not counts:
            return total
        total.update(counts)


async def clear(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Forget codes, uses of limits and sessions that matter no more."""
    async with parts.pool.acquire() as conn:
        return await flows.sign_in.clear(conn, parts.clock.now())


async def push(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Push what is due to devices, batch by batch; without push services all of it goes by text."""
    total: Counter[str] = Counter()
    while not parts.stopping.is_set():
        counts = await flows.pushes.send_due(parts.pool, parts.pushers, parts.clock.now)
        total.update(counts)
        if not counts:
            break
    return total


async def settle(parts: Runtime, carrier: Carrier) -> Mapping[str, int]:
    """Take up what a dead sender left, and decide what stayed uncertain."""
    total: Counter[str] = Counter()
    while not parts.stopping.is_set():
        counts = await flows.delivery.settle_lapsed(parts.pool, runtime.ledger(carrier), parts.clock.now)
        total.update(counts)
        if sum(counts.values()) < flows.claims.BATCH:
            break
    return total


async def hand_on(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Let alerts find others whose holder no longer stands by the mentee."""
    async with parts.pool.acquire() as conn:
        return await flows.assignments.hand_on(conn, parts.clock.now())


async def forget_gone(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Forget what has been gone from somebody's feed for so long that nobody is told any more."""
    async with parts.pool.acquire() as conn:
        return await flows.changes.forget(conn, parts.clock.now())


async def forget_answers(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Forget what was answered to keys that are not taken up any more."""
    async with parts.pool.acquire() as conn:
        return await flows.kept_answers.forget(conn, parts.clock.now())


async def forget(parts: Runtime, _: Carrier) -> Mapping[str, int]:
    """Clear the links that nobody can use or renew any more."""
    async with parts.pool.acquire() as conn:
        cleared = await flows.links.clear_old(conn, parts.clock.now())
    return {"cleared": cleared} if cleared else {}


def jobs() -> tuple[Job, ...]:
    """Return the table for one process; the rows that send count what it has under way to the carrier.

    Of their runs all but one, which takes messages up, have at least one under way.
    """
    danger, all_lanes = Departures(Lane.CRISIS, MOST_DANGER), Departures(Lane.NUDGE, MOST)
    return (
        Job("nudges", 1, ask),
        Job("plans", 60, replan),
        Job("alerts", 1, escalate),
        Job("codes", 1, send_codes),
        Job("pushes", 1, push),
        Job("danger", 1, danger.beat, danger.most + 1),
        Job("delivery", 1, all_lanes.beat, all_lanes.most + 1),
        Job("leases", 5, settle),
        Job("sign-in", 600, clear),
        Job("assignments", 60, hand_on),
        Job("links", 600, forget),
        Job("feeds", 600, forget_gone),
        Job("answers", 600, forget_answers),
    )
