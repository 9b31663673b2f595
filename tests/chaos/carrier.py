"""A pretend Twilio that knows which worker is asking, and may strike it down at any moment of its request."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from email.utils import format_datetime
from enum import StrEnum
from typing import Self
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from aiohttp import web
from msgspec import Struct

from checkin.clock import Clock
from tests import pretend_twilio
from tests.pretend_twilio import PretendTwilio, Step, Text

LATE = 0.2  # seconds at most until the carrier calls back


class Moment(StrEnum):
    """Where in the carrier's work a worker is struck."""

    ASKED = "asked"  # the request is here, and comes to nothing
    TAKEN = "taken"  # the message is on its way, the answer is not
    ANSWERED = "answered"  # the answer has just left
    ELSEWHERE = "elsewhere"  # the other worker asked; this one may be anywhere
    LOOKING = "looking"  # it reads the list of what was sent


class Arrival(Struct, frozen=True):
    """One message that the carrier took: whose it is by its callback address, and what it says to whom."""

    message: UUID
    attempt: UUID
    to: str
    body: str


class StrikingCarrier(PretendTwilio):
    """One address for each worker; *witness* hears of every moment and says whether it has killed who is asking.

    With *calls_back* off nothing is ever reported, with *lists* off the list of messages stays empty.
    """

    def __init__(self, workers: int, clock: Clock, *, calls_back: bool, lists: bool, seed: int) -> None:
        super().__init__(callbacks=calls_back)
        self.witness: Callable[[Moment, int], bool] = lambda moment, worker: False
        self.calls_back = calls_back
        self._clock = clock
        self._lists = lists
        self._count = workers
        self._dice = random.Random(seed)
        self._workers: dict[int, int] = {}

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        for worker in range(self._count):
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            self._workers[self._runner.addresses[-1][1]] = worker
        return self

    def url_of(self, worker: int) -> str:
        """Return the carrier's address for one worker."""
        return next(f"http://127.0.0.1:{port}" for port, owner in self._workers.items() if owner == worker)

    def arrivals(self) -> list[Arrival]:
        """Return all that was ever taken, in order."""
        return [_arrival(text) for text in self.messages]

    def statuses_heard(self) -> Counter[int]:
        """Return how our server has answered the reports, by HTTP status; 0 where nobody was there."""
        return Counter(heard.status for heard in self.callbacks)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        worker = self._asking(request)
        self.witness(Moment.ELSEWHERE, 1 - worker)
        if self.witness(Moment.ASKED, worker):
            return web.Response(status=503)
        self.plan([Step(late=self._dice.uniform(0, LATE))])
        response = await super()._create(request)
        if self.witness(Moment.TAKEN, worker):
            return response
        with suppress(ConnectionError):  # the worker may be dead by now
            await response.prepare(request)
            await response.write_eof()
        self.witness(Moment.ANSWERED, worker)
        return response

    async def _list(self, request: web.Request) -> web.Response:
        self.witness(Moment.LOOKING, self._asking(request))
        if self._lists:
            return await super()._list(request)
        return web.json_response({"messages": [], "page": 0, "page_size": 50, "next_page_uri": None})

    def _keep(self, form: dict[str, str], step: Step) -> Text:
        text = super()._keep(form, step)
        text.created = format_datetime(self._clock.now())
        return text

    def _asking(self, request: web.Request) -> int:
        assert request.transport is not None
        return self._workers[request.transport.get_extra_info("sockname")[1]]


def _arrival(text: Text) -> Arrival:
    address = parse_qs(urlsplit(text.status_callback or "").query)
    return Arrival(UUID(address["message"][0]), UUID(address["attempt"][0]), text.to, text.body)


ACCOUNT = {
    "CHECKIN_TWILIO_ACCOUNT_SID": pretend_twilio.ACCOUNT_SID,
    "CHECKIN_TWILIO_AUTH_TOKEN": pretend_twilio.AUTH_TOKEN,
    "CHECKIN_TWILIO_FROM": "+15005550006",
}
