"""Fault 5: a sender is stopped in the middle of sending, another one takes over, and the first wakes up again."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from tests.chaos.carrier import Moment
from tests.chaos.stage import A_MOMENT, Stage

SLEEPER, OTHER = 0, 1
WITHIN = 90.0  # seconds; a lease is two minutes
PAST_ALL = 190.0  # seconds: past the lease, and past the wait for a report
TRIES = 200  # to stop a sender while it has its row locked
AFTERMATH = 0.03  # seconds in which PostgreSQL has done what a stopped process had asked for
STEPS = (timedelta(minutes=2), timedelta(minutes=1))  # a lease, and the wait for a report

Sleep = Callable[[Stage], Awaitable[None]]


async def stop_a_sender(stage: Stage, messages: int, moment: Moment, sleep: Sleep, posts: int = 0) -> None:
    """Send *messages*, stopping the sender at the first *moment* after *posts* requests for as long as *sleep* takes.

    Another sender works meanwhile. Waits for all to be settled.
    """
    await stage.queue(messages)
    caught = asyncio.Event()

    def freeze(seen: Moment, worker: int) -> bool:
        if seen is moment and worker == SLEEPER and stage.carrier.posts > posts and not caught.is_set():
            stage.freeze(SLEEPER)
            caught.set()
        return False

    stage.carrier.witness = freeze
    stage.start_worker(SLEEPER)
    await stage.until(caught.is_set, f"stop a sender when it has {moment}")
    stage.start_worker(OTHER)
    await stage.until(lambda: stage.has_begun(OTHER), "another sender")
    await sleep(stage)
    stage.thaw(SLEEPER)
    await stage.drain()


async def stop_with_the_lock(stage: Stage, messages: int, seconds: float) -> float:
    """Stop the sender for *seconds* while it has the row locked that all senders share.

    Returns how many seconds later another one began to send. Raises AssertionError when it could not be caught so,
    or nothing was sent until it woke up.
    """
    await stage.queue(messages)
    stage.start_worker(SLEEPER)
    await stage.until(lambda: stage.carrier.posts > messages / 20, "some messages")
    for _ in range(TRIES):
        stage.freeze(SLEEPER)
        await asyncio.sleep(AFTERMATH)
        if await stage.is_sender_locked():
            break
        stage.thaw(SLEEPER)
        await asyncio.sleep(AFTERMATH * random.random())
    else:
        raise AssertionError("the sender was never caught with its row locked")
    before, began = stage.carrier.posts, time.monotonic()
    stage.start_worker(OTHER)
    await stage.until(lambda: stage.carrier.posts > before, "anything sent while one sender is stopped", seconds)
    waited = time.monotonic() - began
    await asyncio.sleep(seconds - waited)
    stage.thaw(SLEEPER)
    await stage.drain()
    return waited


def really(seconds: float) -> Sleep:
    """Return a sleep of real time."""

    async def sleep(_: Stage) -> None:
        await asyncio.sleep(seconds)

    return sleep


async def past_the_lease(stage: Stage) -> None:
    """Sleep, by the clock that can be moved, until the other sender has decided about all that the lease was for."""
    for step in STEPS:
        await stage.come_to_rest()
        await stage.move_clock(step + A_MOMENT)
    await stage.come_to_rest()


async def within_the_lease(stage: Stage) -> None:
    """Sleep 90 seconds, by the clock that can be moved."""
    await stage.come_to_rest()
    await stage.move_clock(timedelta(seconds=90))
    await stage.come_to_rest()
