"""The demo's story, played over HTTP: each step is checked where its effect shows, and printed as one JSON line."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import aiohttp
import click
import msgspec

from checkin import core, gateway
from checkin.api import auth
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.texts import Text
from checkin.flows import cast
from checkin.flows.links import Site

PATIENCE: Final = 8.0  # seconds for an effect to show
FORTNIGHT: Final = (
    *((6, 6), (6, 5), (6, 6), (5, 5), (5, 6), (5, 4), (4, 5)),
    *((4, 4), (4, 3), (3, 4), (3, 3), (3, 2), (2, 2), (2, 2)),
)
MENTEE_PHONE: Final = cast.MENTEES[0][1]
MENTOR_PHONE: Final = cast.MENTORS[0][1]
Json = dict[str, Any]  # Any: what came over HTTP, looked at field by field


class Broken(Exception):
    """A step did not happen; the message says what was seen instead."""


async def play(settings: Settings) -> int:
    """Play the story against a running demo; returns 0 when every step happened, else 1."""
    began = time.monotonic()
    jar = aiohttp.CookieJar(unsafe=True)  # takes cookies from a server without a name, as browsers do
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=40), cookie_jar=jar) as session:
        run = Play(settings, session)
        for name, step in run.steps():
            start = time.monotonic()
            try:
                seen = await step()
            except (Broken, aiohttp.ClientError, TimeoutError, OSError, KeyError) as problem:
                _say(step=name, held=False, saw=f"{type(problem).__name__}: {problem}")
                return 1
            _say(step=name, held=True, ms=round((time.monotonic() - start) * 1000), **seen)
    _say(story="complete", steps=len(run.steps()), seconds=round(time.monotonic() - began, 1))
    return 0


def _say(**facts: object) -> None:
    click.echo(msgspec.json.encode(facts).decode())


class Play:
    """One run of the story: the mentee Ana and her mentor Ben, from outside."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self.settings, self.session, self.base = settings, session, settings.public_url
        self.mentee = self.mentor = ""
        self.alert: Json = {}

    def steps(self) -> list[tuple[str, Callable[[], Awaitable[Json]]]]:
        """Return the steps in order."""
        return [
            ("everybody has a phone", self.meet),
            ("a nudge reaches the mentee", self.nudged),
            ("the mentee answers by a signed SMS webhook", self.answer_by_text),
            ("an unsigned webhook is refused", self.unsigned),
            ("a falling fortnight arrives from the app, until the trend alert", self.fall),
            ("the alert explains itself behind login", self.explained),
            ("the mentor's phone gets the alert", self.mentor_told),
            ("its link opens the alert's page, once", self.link_opened),
            ("the mentor answers OK and has it", self.mentor_has_it),
            ("nothing was sent twice", self.nothing_twice),
        ]

    async def meet(self) -> Json:
        mentees = (await self.state())["mentees"]
        self.mentee = next(one["id"] for one in mentees if one["name"] == cast.MENTEES[0][0])
        phones = (await self.state())["phones"]
        self.mentor = next(one["person_id"] for one in phones if one["phone"] == MENTOR_PHONE)
        return {"phones": len(phones), "mentees": len(mentees)}

    async def nudged(self) -> Json:
        expected = core.texts.render(Text.nudge, "en")
        await self.move("nudge")
        await self.until(lambda: self.has(self.mentee, expected))
        return {"text": expected, "clock": (await self.now()).isoformat()}

    async def answer_by_text(self) -> Json:
        status = await self.text_from(MENTEE_PHONE, "7 6 slept well")
        if status != 204:
            raise Broken(f"the webhook answered {status}")
        thanks = core.texts.render(Text.thanks, "en")
        await self.until(lambda: self.has(self.mentee, thanks))
        day = (await self.get("/v1/me/check-ins?limit=1", self.mentee))["items"][0]
        if (day["mood"], day["hope"], day["note"], day["source"]) != (7, 6, "slept well", "sms"):
            raise Broken(f"stored was {day}")
        return {"text": "7 6 slept well", "stored": day["day"], "answer": thanks}

    async def unsigned(self) -> Json:
        form = {"From": MENTEE_PHONE, "Body": "0 0", "MessageSid": "SM0"}
        async with self.session.post(f"{self.base}/webhooks/twilio/sms", data=form) as response:
            if response.status != 403:
                raise Broken(f"it was answered {response.status}")
        return {"status": 403}

    async def fall(self) -> Json:
        for days, (mood, hope) in enumerate(FORTNIGHT, start=1):
            await self.move("day")
            now = await self.now()
            answer = {"mood": mood, "hope": hope, "answered_at": now.isoformat(), "time_zone": cast.ZONE}
            path = f"/v1/me/check-ins/{core.wall.local_day(now, cast.ZONE)}"
            headers = self.bearer(self.mentee)
            async with self.session.put(self.base + path, json=answer, headers=headers) as response:
                if (await self._json(response))["mood"] != mood:
                    raise Broken("the check-in came back changed")
            alerts = (await self.get("/v1/alerts", self.mentor))["items"]
            found = [one for one in alerts if one["kind"] == "trend" and one["mentee_id"] == self.mentee]
            if found:
                self.alert = found[0]
                return {"days": days, "alert": self.alert["number"]}
        raise Broken(f"no trend alert after {len(FORTNIGHT)} days")

    async def explained(self) -> Json:
        sentence = self.alert["sentence"]
        if cast.MENTEES[0][0] not in sentence or "usual" not in sentence:
            raise Broken(f"the sentence is {sentence!r}")
        return {"sentence": sentence}

    async def mentor_told(self) -> Json:
        await self.until(self.is_asked)
        return {"text": self.asking() + "…"}

    async def link_opened(self) -> Json:
        """Open the link in the text as a phone's browser does: look, press its button, read the page."""
        asked = next(text for text in await self.texts(self.mentor) if text.startswith(self.asking()))
        link = asked.split()[-1]
        async with self.session.get(link) as looked, self.session.post(link, data={}) as opened:
            page, title = await opened.text(), f"Alert {self.alert['number']}"
            if (looked.status, opened.status) != (200, 200) or title not in page or "<svg" not in page:
                raise Broken(f"the link answered {looked.status}, then {opened.status}")
        async with self.session.get(link) as again:
            if again.status != 404:
                raise Broken(f"a used link answered {again.status}")
        return {"page": title, "again": again.status}

    async def mentor_has_it(self) -> Json:
        words = f"OK {self.alert['number']}"
        status = await self.text_from(MENTOR_PHONE, words)
        if status != 204:
            raise Broken(f"the webhook answered {status}")
        yours = core.texts.render(Text.alert_yours, "en", number=self.alert["number"])
        await self.until(lambda: self.has(self.mentor, yours))
        if not await self.is_yours():
            raise Broken("the alert is not the mentor's")
        return {"text": words, "answer": yours}

    async def nothing_twice(self) -> Json:
        """Count every text on every phone: none comes twice on one local day, the alert once in all."""
        counts: Counter[tuple[str, str, str]] = Counter()
        for mentee in (await self.state())["mentees"]:
            for phone in (await self.state(mentee["id"]))["phones"]:
                if phone["person_id"] == mentee["id"] or mentee["id"] == self.mentee:
                    counts.update(self.received(phone))
        alerts = sum(count for (_, _, body), count in counts.items() if body.startswith(self.asking()))
        twice = [key for key, count in counts.items() if count > 1]
        if twice or alerts != 1:
            raise Broken(f"twice on one day: {len(twice)}; alert texts: {alerts}")
        return {"texts": counts.total(), "twice": 0, "alert_texts": alerts}

    def received(self, phone: Json) -> Iterator[tuple[str, str, str]]:
        """Yield whose phone, which local day and what text, for each text that came."""
        for text in phone["texts"]:
            if text["received"]:
                day = core.wall.local_day(datetime.fromisoformat(text["at"]), cast.ZONE)
                yield phone["person_id"], day.isoformat(), text["body"]

    async def state(self, mentee: str = "") -> Json:
        """Return what the phones around *mentee* show now, those around Ana unless told otherwise."""
        mentee = mentee or self.mentee
        query = {"mentee": mentee} if mentee else {}
        async with self.session.get(f"{self.base}/sandbox/state", params=query) as response:
            return await self._json(response)

    async def now(self) -> datetime:
        """Return the sandbox's time."""
        return datetime.fromisoformat((await self.state())["now"])

    async def move(self, by: str) -> None:
        """Move the sandbox's clock on: by an hour, a day, or to Ana's next nudge."""
        address = f"{self.base}/sandbox/clock"
        form = {"by": by, "mentee": self.mentee}
        async with self.session.post(address, data=form, allow_redirects=False) as response:
            if response.status != 303:
                raise Broken(f"the clock answered {response.status}")

    async def texts(self, person: str) -> list[str]:
        """Return what *person*'s phone received, the newest last."""
        phones = (await self.state())["phones"]
        found: list[Json] = next((one["texts"] for one in phones if one["person_id"] == person), [])
        return [text["body"] for text in found if text["received"]]

    async def has(self, person: str, body: str) -> bool:
        return body in await self.texts(person)

    def asking(self) -> str:
        """Return how the text that asks the mentor begins; it ends with the token of their link."""
        return core.texts.render(Text.alert, "en", number=self.alert["number"], link=Site(self.base).link(""))

    async def is_asked(self) -> bool:
        return any(text.startswith(self.asking()) for text in await self.texts(self.mentor))

    async def is_yours(self) -> bool:
        alerts = (await self.get("/v1/alerts", self.mentor))["items"]
        return any(one["yours"] for one in alerts if one["id"] == self.alert["id"])

    async def until(self, look: Callable[[], Awaitable[bool]]) -> None:
        """Wait until *look* sees it. Raises Broken when it does not show within PATIENCE seconds."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if await look():
                return
            await asyncio.sleep(0.05)
        raise Broken(f"it did not show within {PATIENCE:.0f} seconds")

    async def text_from(self, phone: str, body: str) -> int | None:
        """Text *body* from *phone* as the carrier posts it, signed."""
        carrier = self.settings.carrier
        return await gateway.sandbox.text_in(
            f"{self.base}/webhooks/twilio/sms",
            carrier.account_sid,
            carrier.tokens[0],
            phone=phone,
            sender=carrier.sender,
            body=body,
        )

    async def get(self, path: str, person: str) -> Json:
        async with self.session.get(self.base + path, headers=self.bearer(person)) as response:
            return await self._json(response)

    def bearer(self, person: str) -> dict[str, str]:
        token = auth.mint(UUID(person), self.settings.token_secret, Clock().now(), timedelta(minutes=5))
        return {"Authorization": f"Bearer {token}", "X-Request-Id": uuid4().hex}

    async def _json(self, response: aiohttp.ClientResponse) -> Json:
        body = await response.read()
        if response.status != 200:
            raise Broken(f"{response.method} {response.url.path} answered {response.status}: {body[:300]!r}")
        found: Json = msgspec.json.decode(body)
        return found
