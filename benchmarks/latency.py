"""Send texts and check-ins to a running system at a steady rate, and note when the carrier has each mentor's text."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta

from aiohttp import ClientError, ClientSession, ClientTimeout
from msgspec import Struct

from benchmarks.crowd import Crowd, Pair
from benchmarks.progress import Progress
from checkin.api import auth
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.people import Person
from tests.pretend_twilio import PretendTwilio

LOOK = 0.005  # seconds between looks at what the carrier has
SETTLE = 2.0  # seconds before the load, in which the worker is at its nudges
LAST_WAIT = 90.0  # seconds after the load until a text that has not come counts as missing
LIFETIME = timedelta(hours=1)
ORDINARY = ("7 5", "6 6 rough day, slept 4 hours", "8 7", "5 4", "7/10 6/10 good meeting")
DANGER = ("i want to kill myself", "i can't do this anymore")  # tier A tells the coordinator too; tier B the mentor

Call = Callable[[], Coroutine[None, None, None]]
Timed = tuple[float, Call]
"""Seconds after the beginning, and what begins then."""


class Load(Struct, frozen=True):
    """How much is sent: inbound texts *a_second* for *seconds*; *seed* says when those of danger come."""

    a_second: int
    seconds: int
    seed: int


class Measured(Struct, kw_only=True):
    """What was seen, in seconds. *webhooks* are our answers to the carrier; *refused* counts all but success.

    None stands for a mentor's text that never came.
    """

    crises: list[float | None]
    falls: list[float | None]
    webhooks: list[float]
    refused: int
    achieved: float


class Ear:
    """Knows when each phone was first texted, by the clock of this process, to `LOOK`."""

    def __init__(self, carrier: PretendTwilio) -> None:
        self._carrier = carrier
        self._seen = 0
        self.first: dict[str, float] = {}

    async def listen(self) -> None:
        while True:
            now = time.monotonic()
            for text in self._carrier.messages[self._seen :]:
                self.first.setdefault(text.to, now)
            self._seen = len(self._carrier.messages)
            await asyncio.sleep(LOOK)


class Bench:
    """One run against the system at *base*."""

    def __init__(self, base: str, carrier: PretendTwilio, settings: Settings, crowd: Crowd, load: Load) -> None:
        self._base, self._carrier, self._settings, self._crowd, self._load = base, carrier, settings, crowd, load
        self._ear = Ear(carrier)
        self._began: dict[str, float] = {}  # by the phone of the mentor who is to hear
        self._webhooks: list[float] = []
        self._refused = 0

    async def run(self, progress: Progress) -> Measured:
        """Send everything on time, whatever the answers, and wait until every mentor was texted."""
        listening = asyncio.create_task(self._ear.listen())
        try:
            async with ClientSession(timeout=ClientTimeout(total=30)) as session:
                await asyncio.sleep(SETTLE)
                progress.begin("texts and check-ins come in", self._load.seconds)
                took = await self._send(session, progress)
                progress.end()
                progress.begin("the last alerts leave", 0)
                await self._wait(progress)
        finally:
            listening.cancel()
        return Measured(
            crises=[self._took(pair) for pair in self._crowd.in_danger],
            falls=[self._took(pair) for pair in self._crowd.falling],
            webhooks=self._webhooks,
            refused=self._refused,
            achieved=self._load.a_second * self._load.seconds / took,
        )

    async def _send(self, session: ClientSession, progress: Progress) -> float:
        """Begin each call at its own time; returns how many seconds that took."""
        plan = self._plan(session)
        started: list[asyncio.Task[None]] = []
        begin = time.monotonic()
        for at, call in plan:
            await asyncio.sleep(max(begin + at - time.monotonic(), 0))
            started.append(asyncio.create_task(call()))
            progress.tick()
        took = max(time.monotonic() - begin, self._load.seconds)
        await asyncio.gather(*started)
        return took

    def _plan(self, session: ClientSession) -> list[Timed]:
        """Return every call and when it begins: the texts evenly, danger among them and falls beside them by chance."""
        dice = random.Random(self._load.seed)
        total = self._load.a_second * self._load.seconds
        calls = [self._ordinary(number) for number in range(total)]
        for number, place in enumerate(dice.sample(range(total), len(self._crowd.in_danger))):
            calls[place] = self._danger(number)
        plan = [(number / self._load.a_second, call) for number, call in enumerate(calls)]
        plan += [(dice.uniform(0, self._load.seconds), self._fall(session, pair)) for pair in self._crowd.falling]
        return sorted(plan, key=lambda one: one[0])

    def _ordinary(self, number: int) -> Call:
        person, body = self._crowd.ordinary[number % len(self._crowd.ordinary)], ORDINARY[number % len(ORDINARY)]

        async def call() -> None:
            await self._text(person, body)

        return call

    def _danger(self, number: int) -> Call:
        pair, body = self._crowd.in_danger[number], DANGER[number % len(DANGER)]

        async def call() -> None:
            self._began[pair.mentor.phone or ""] = time.monotonic()
            await self._text(pair.mentee, body)

        return call

    def _fall(self, session: ClientSession, pair: Pair) -> Call:
        async def call() -> None:
            for report in self._crowd.falls:
                self._began[pair.mentor.phone or ""] = time.monotonic()
                await self._put(session, pair.mentee, str(report.day), report.mood, report.hope)

        return call

    async def _text(self, person: Person, body: str) -> None:
        began = time.monotonic()
        sender = self._settings.carrier.sender
        heard = await self._carrier.text_in(
            f"{self._base}/webhooks/twilio/sms", from_=person.phone or "", to=sender, body=body
        )
        self._webhooks.append(time.monotonic() - began)
        self._refused += heard.status != 204

    async def _put(self, session: ClientSession, mentee: Person, day: str, mood: int, hope: int) -> None:
        now = Clock().now()
        token = auth.mint(mentee.id, self._settings.token_secret, now, LIFETIME)
        body = {"mood": mood, "hope": hope, "answered_at": now.isoformat(), "time_zone": mentee.time_zone}
        try:
            async with session.put(
                f"{self._base}/v1/me/check-ins/{day}", json=body, headers={"Authorization": f"Bearer {token}"}
            ) as answered:
                self._refused += answered.status != 200
        except (ClientError, TimeoutError):
            self._refused += 1

    async def _wait(self, progress: Progress) -> None:
        until = time.monotonic() + LAST_WAIT
        while time.monotonic() < until and not self._began.keys() <= self._ear.first.keys():
            await asyncio.sleep(LOOK)
            progress.tick()

    def _took(self, pair: Pair) -> float | None:
        mentor = pair.mentor.phone or ""
        return self._ear.first[mentor] - self._began[mentor] if mentor in self._ear.first else None
