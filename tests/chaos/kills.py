"""Fault 2: a sender is killed before, while and after the carrier answers, again and again."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from msgspec import Struct

from tests.chaos.carrier import Moment
from tests.chaos.stage import LOOK, WORKERS, Stage

SPREAD = 0.7  # of the messages
HELD_BACK = 0.1  # of the messages: sent after the last kill, so that the carrier reports of others since
REST = timedelta(minutes=3, seconds=5)  # longer than a lease and the wait for a report


class Blow(Struct, frozen=True):
    """A kill at the first such *moment* once the carrier was asked *posts* times."""

    moment: Moment
    posts: int


def blows(messages: int, kills: int, seed: int) -> list[Blow]:
    """Spread *kills* over the moments evenly and over the messages by chance."""
    dice = random.Random(seed)
    moments = [list(Moment)[number % len(Moment)] for number in range(kills)]
    dice.shuffle(moments)
    return [Blow(moment, dice.randrange(int(messages * SPREAD))) for moment in moments]


class Killer:
    """The witness at the carrier's: strikes where a blow is due, and counts."""

    def __init__(self, stage: Stage, due: list[Blow]) -> None:
        self.due = due
        self.struck: Counter[Moment] = Counter()
        self._stage = stage

    def __call__(self, moment: Moment, worker: int) -> bool:
        posts = self._stage.carrier.posts
        blow = next((one for one in self.due if one.moment is moment and one.posts <= posts), None)
        if blow is None or not self._stage.kill(worker):
            return False
        self.due.remove(blow)
        self.struck[moment] += 1
        return True

    def is_waiting_for_posts(self) -> bool:
        return any(blow.moment is not Moment.LOOKING for blow in self.due)


async def kill_senders(stage: Stage, messages: int, kills: int, rests: int, seed: int) -> Counter[Moment]:
    """Send *messages* while workers are killed *kills* times, and wait for all to be settled; returns the kills.

    *rests* times meanwhile both are killed and away for some minutes of the clock, so that leases lapse between kills.
    """
    held_back = round(messages * HELD_BACK)
    await stage.queue(messages - held_back)
    killer = Killer(stage, blows(messages, kills, seed))
    stage.carrier.witness = killer
    for rest in range(1, rests + 1):
        await _work(stage, partial(_has_asked, stage, round(messages * SPREAD * rest / (rests + 1))))
        for worker in range(WORKERS):
            stage.kill(worker)
        await stage.carrier.settle()
        await stage.move_clock(REST)
    await _work(stage, lambda: not killer.is_waiting_for_posts())
    await stage.queue(held_back, first=messages - held_back)
    await stage.drain()
    return killer.struck


def _has_asked(stage: Stage, posts: int) -> bool:
    return stage.carrier.posts >= posts


async def _work(stage: Stage, is_enough: Callable[[], bool]) -> None:
    """Keep the workers alive until *is_enough*, or until all that is left waits for the clock to move on."""
    while not is_enough() and await stage.is_anything_due():
        stage.revive()
        await asyncio.sleep(LOOK)
