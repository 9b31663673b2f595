"""What goes wrong with one message on its way is told, and nothing else is lost over it."""

import asyncio
from collections import Counter

import pytest
from msgspec.structs import replace

from checkin import runtime
from checkin.config import Settings
from checkin.core.delivery import Accepted, Answer, Lane
from checkin.gateway.sms import Outgoing
from checkin.jobs.departures import MOST, Departures
from checkin.store.pool import Connection
from tests.flows.test_delivery import queue, statuses
from tests.people import Cast, ask_nobody

WAITING = 3
BACKLOG = 40
ROOM = 4
ANSWERS_IN = 0.1  # seconds; the whole backlog takes ten times as long


class Slow:
    """A carrier that takes its time over every message, but the first *stumbles*, at which it raises."""

    def __init__(self, stumbles: int = 0) -> None:
        self.heard = 0
        self._stumbles = stumbles

    async def send(self, message: Outgoing) -> Answer:
        self.heard += 1
        if self.heard <= self._stumbles:
            raise LookupError(self.heard)
        await asyncio.sleep(ANSWERS_IN)
        return Accepted(f"SM{message.message}")

    async def close(self) -> None:
        pass


class Stumbling:
    """A carrier that takes every message but the first two, at which it raises what nobody expects."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def send(self, message: Outgoing) -> Answer:
        self.heard.append(message.body)
        if len(self.heard) < WAITING:
            raise LookupError(len(self.heard))
        return Accepted(f"SM{len(self.heard)}")

    async def close(self) -> None:
        pass


async def test_every_error_is_told_after_everything_else_was_settled(
    settings: Settings, conn: Connection, people: Cast
) -> None:
    await ask_nobody(conn)
    async with runtime.running(replace(settings, sender_rate=1000)) as parts:
        await queue(conn, people.mentor, Lane.REPLY, WAITING, at=parts.clock.now())

        with pytest.raises(ExceptionGroup) as told:
            await Departures(Lane.NUDGE, MOST).beat(parts, Stumbling())

    assert sorted(str(error) for error in told.value.exceptions) == ["1", "2"]
    assert sorted(await statuses(conn)) == ["claimed", "claimed", "sent"]


async def test_a_database_that_is_away_does_not_keep_later_beats_from_sending(
    settings: Settings, conn: Connection, people: Cast
) -> None:
    await ask_nobody(conn)
    departures, carrier = Departures(Lane.NUDGE, MOST), Stumbling()
    async with runtime.running(settings) as parts:
        pass
    with pytest.raises(ExceptionGroup):
        await departures.beat(parts, carrier)

    async with runtime.running(settings) as parts:
        await queue(conn, people.mentor, Lane.REPLY, 1, at=parts.clock.now())
        with pytest.raises(ExceptionGroup):
            await departures.beat(parts, carrier)

    assert len(carrier.heard) == 1


async def test_an_error_is_told_while_a_backlog_is_still_on_its_way(
    settings: Settings, conn: Connection, people: Cast
) -> None:
    await ask_nobody(conn)
    carrier = Slow(stumbles=1)
    async with runtime.running(replace(settings, sender_rate=1000)) as parts:
        await queue(conn, people.mentor, Lane.REPLY, BACKLOG, at=parts.clock.now())

        with pytest.raises(ExceptionGroup):
            await Departures(Lane.NUDGE, ROOM).beat(parts, carrier)

    assert carrier.heard <= 2 * ROOM


async def test_a_beat_ends_with_what_it_took_up_in_a_tick_and_the_next_ones_go_on(
    settings: Settings, conn: Connection, people: Cast
) -> None:
    await ask_nobody(conn)
    departures, carrier = Departures(Lane.NUDGE, ROOM), Slow()
    async with runtime.running(replace(settings, sender_rate=1000, tick_ms=300)) as parts:
        await queue(conn, people.mentor, Lane.REPLY, BACKLOG, at=parts.clock.now())

        settled = [Counter(await departures.beat(parts, carrier))]
        while settled[-1]:
            settled.append(Counter(await departures.beat(parts, carrier)))

    assert 0 < settled[0]["sent"] <= BACKLOG // 2
    assert sum(settled, Counter()) == {"sent": BACKLOG}
