"""A whole town with plain phones: texts in by the signed webhook, the worker's own jobs by a clock that is set."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from msgspec.structs import replace

from checkin import runtime
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.people import Person
from checkin.gateway.sms import Carrier
from checkin.jobs import schedule
from checkin.runtime import Runtime
from tests.api.calls import SMS, Client, post_form, served
from tests.api.calls import text as form_of
from tests.pretend_twilio import PretendTwilio

STEP = timedelta(hours=1)
NUMBER = re.compile(r"\bOK (\d+)")


class Town:
    """Everybody's phones, the application and the worker, on one clock."""

    def __init__(self, client: Client, settings: Settings, pretend: PretendTwilio, carrier: Carrier) -> None:
        self._client, self._settings, self._pretend, self._carrier = client, settings, pretend, carrier
        self._parts: Runtime = client.app.state.runtime
        self._delivered = 0
        self._read: Counter[str] = Counter()
        self._sids = 0
        self._jobs = schedule.jobs()

    async def go_to(self, moment: datetime) -> None:
        """Let time pass until *moment*, with a beat of the worker every hour."""
        while (now := self._parts.clock.now()) < moment:
            self._parts.clock.ahead = min(now + STEP, moment) - Clock().now()
            await self.beat()

    async def beat(self) -> None:
        """Run every job of the worker's table, and let the carrier say that all it took has arrived."""
        for job in self._jobs:
            await job.run(self._parts, self._carrier)
        for text in self._pretend.messages[self._delivered :]:
            assert text.status_callback is not None
            callback = urlsplit(text.status_callback)
            form = {"AccountSid": self._settings.carrier.account_sid, "MessageSid": text.sid, "To": text.to}
            form["MessageStatus"] = "delivered"
            heard = await post_form(self._client, self._settings, f"{callback.path}?{callback.query}", form)
            assert heard.status_code == 204
        self._delivered = len(self._pretend.messages)

    async def text(self, person: Person, body: str) -> None:
        """Text *body* from a person's phone, and let the worker beat."""
        self._sids += 1
        form = form_of(self._settings, MessageSid=f"SM{self._sids:032x}", From=person.phone or "", Body=body)
        heard = await post_form(self._client, self._settings, SMS, form)
        assert heard.status_code == 204
        await self.beat()

    def new(self, person: Person) -> list[str]:
        """Return the texts that came to a person's phone since the last look at it."""
        found = [text.body for text in self._pretend.messages if text.to == person.phone]
        unread = found[self._read[person.phone or ""] :]
        self._read[person.phone or ""] = len(found)
        return unread

    def asked(self, person: Person) -> list[int]:
        """Return the numbers of the alerts that the person's new texts ask them to take."""
        return [int(match[1]) for body in self.new(person) if (match := NUMBER.search(body))]


@asynccontextmanager
async def town(settings: Settings) -> AsyncIterator[Town]:
    """Lend a town whose clock stands at the cast's time."""
    account = settings.carrier
    async with PretendTwilio(account.account_sid, account.tokens[0], callbacks=False) as pretend:
        # In production no other process's clock is followed: ours is set to the past.
        given = replace(settings, twilio_api_url=pretend.url, env="production")
        async with served(given) as client:
            carrier = runtime.carrier(client.app.state.runtime)
            try:
                yield Town(client, given, pretend, carrier)
            finally:
                await carrier.close()
