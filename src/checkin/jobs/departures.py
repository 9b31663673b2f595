"""Messages on their way to the carrier: those that wait for its answer do not hold up the next ones."""

import asyncio
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


class Departures:
    """What one process sends in the lanes up to *until*: *most* messages at once, taken up by one beat at a time."""

    def __init__(self, until: Lane, most: int) -> None:
        self.most = most
        self._until = until
        self._under_way: set[asyncio.Task[str]] = set()
        self._takes_up = asyncio.Lock()

    async def beat(self, parts: Runtime, carrier: Carrier) -> Mapping[str, int]:
        """Send what may leave now; returns counts by what became of it, once the carrier has answered all of it.

        Another beat may begin meanwhile. One that comes while another still takes messages up leaves them to it.
        Raises an ExceptionGroup of what went wrong, after everything else was settled.
        """
        if self._takes_up.locked():
            return {}
        counts: Counter[str] = Counter()
        ours: list[asyncio.Task[str]] = []
        async with self._takes_up:
            taken_up = await asyncio.gather(self._take_up(parts, carrier, ours, counts), return_exceptions=True)
        became = await asyncio.gather(*ours, return_exceptions=True)
        counts.update(one for one in became if isinstance(one, str))
        failed = [one for one in (*taken_up, *became) if isinstance(one, Exception)]
        if failed:
            raise ExceptionGroup("messages that were not settled", failed)
        return counts

    async def _take_up(
        self, parts: Runtime, carrier: Carrier, ours: list[asyncio.Task[str]], counts: Counter[str]
    ) -> None:
        """Claim messages and begin to send them, until no more may leave or the process is to stop."""
        sender = Sender(parts.settings.carrier.sender, parts.settings.rate)
        callbacks = parts.settings.public_url.rstrip("/") + CALLBACKS
        line = Line(parts.pool, carrier, sender, callbacks, parts.clock.now)
        while not parts.stopping.is_set():
            room = min(self.most - len(self._under_way), BATCH)
            if room == 0:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
                continue
            closed, messages = await flows.delivery.take_due(line, self._until, room)
            counts.update(closed)
            for message in messages:
                sending = asyncio.create_task(flows.delivery.send(line, message))
                ours.append(sending)
                self._under_way.add(sending)
                sending.add_done_callback(self._under_way.discard)
            if len(messages) < room:
                break
