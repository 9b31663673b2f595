"""Messages on their way to the carrier: those that wait for its answer do not hold up the next ones."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from typing import Final

from checkin import flows
from checkin.core.delivery import Lane
from checkin.flows.claims import BATCH
from checkin.flows.delivery import Line, Sender
from checkin.gateway.sms import Carrier
from checkin.runtime import Runtime

CALLBACKS: Final = "/webhooks/twilio/status"
MOST: Final = 80
"""Messages of all lanes under way at once in one process: with those of danger and a batch that is looked up, about as
many as aiohttp has connections, and few enough for a small pool to write down what became of them within their lease.
"""
MOST_DANGER: Final = 20
TAKES_UP_FOR: Final = 0.9  # of a tick: it is done when the next beat comes, which would leave everything to it


class _Tally:
    """What one beat took up: what is still under way, and what became of the rest."""

    def __init__(self) -> None:
        self.under_way: set[asyncio.Task[str]] = set()
        self.counts: Counter[str] = Counter()
        self.failed: list[Exception] = []

    def add(self, sending: asyncio.Task[str]) -> None:
        self.under_way.add(sending)
        sending.add_done_callback(self._settle)

    def _settle(self, sending: asyncio.Task[str]) -> None:
        self.under_way.discard(sending)
        if sending.cancelled():
            return
        error = sending.exception()
        if error is None:
            self.counts[sending.result()] += 1
        elif isinstance(error, Exception):
            self.failed.append(error)


class Departures:
    """What one process sends in the lanes up to *until*: *most* messages at once, taken up by one beat at a time."""

    def __init__(self, until: Lane, most: int) -> None:
        self.most = most
        self._until = until
        self._under_way: set[asyncio.Task[str]] = set()
        self._takes_up = asyncio.Lock()

    async def beat(self, parts: Runtime, carrier: Carrier) -> Mapping[str, int]:
        """Send what may leave now; returns counts by what became of it, once the carrier has answered all of it.

        It takes messages up for less than a tick and until one of them goes wrong, so that it is told soon what
        became of them however many wait: the next beat goes on. Another beat may begin meanwhile. One that comes
        while another still takes messages up leaves them to it. Raises an ExceptionGroup of what went wrong, after
        everything else was settled.
        """
        if self._takes_up.locked():
            return {}
        tally = _Tally()
        async with self._takes_up:
            taken_up = await asyncio.gather(self._take_up(parts, carrier, tally), return_exceptions=True)
        while tally.under_way:
            await asyncio.wait(tally.under_way)
        failed = [*(one for one in taken_up if isinstance(one, Exception)), *tally.failed]
        if failed:
            raise ExceptionGroup("messages that were not settled", failed)
        return tally.counts

    async def _take_up(self, parts: Runtime, carrier: Carrier, tally: _Tally) -> None:
        """Claim messages and begin to send them, until no more may leave, the process is to stop or time is up."""
        sender = Sender(parts.settings.carrier.sender, parts.settings.rate)
        callbacks = parts.settings.public_url.rstrip("/") + CALLBACKS
        line = Line(parts.pool, carrier, sender, callbacks, parts.clock.now)
        end = time.monotonic() + parts.settings.tick_ms / 1000 * TAKES_UP_FOR
        while not parts.stopping.is_set() and not tally.failed and (left := end - time.monotonic()) > 0:
            room = min(self.most - len(self._under_way), BATCH)
            if room == 0:
                await asyncio.wait(self._under_way, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                continue
            closed, messages = await flows.delivery.take_due(line, self._until, room)
            tally.counts.update(closed)
            for message in messages:
                sending = asyncio.create_task(flows.delivery.send(line, message))
                self._under_way.add(sending)
                sending.add_done_callback(self._under_way.discard)
                tally.add(sending)
            if len(messages) < room:
                break
