"""What goes wrong with one message on its way is told, and nothing else is lost over it."""

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
