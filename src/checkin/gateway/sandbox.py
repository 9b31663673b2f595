"""The sandbox's carrier and push service: what they take lands on pretend phones."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import aiohttp

from checkin.core import pushes
from checkin.core.delivery import Accepted, Answer
from checkin.gateway import signatures
from checkin.gateway.push import Notice
from checkin.gateway.sms import Outgoing

Keep = Callable[[str, str, str], Awaitable[None]]
"""Puts a text on a phone: the carrier's id, the phone (E.164), the words."""

KeepPush = Callable[[str, UUID, str], Awaitable[None]]
"""Puts a push on its reader's phone: the service's id, the message's, the words."""


class Sandbox:
    """A `Carrier` that keeps every text on a pretend phone."""

    def __init__(self, account_sid: str, token: str, keep: Keep) -> None:
        self._account, self._token, self._keep = account_sid, token, keep
        self._reports: set[asyncio.Task[None]] = set()

    async def send(self, message: Outgoing) -> Answer:
        """Put the text on the phone, once an attempt, and report it delivered a moment later."""
        sid = f"SM{message.attempt.hex}"
        await self._keep(sid, message.to, message.body)
        report = asyncio.create_task(self._report(message.status_callback, sid))
        self._reports.add(report)
        report.add_done_callback(self._reports.discard)
        return Accepted(sid)

    async def close(self) -> None:
        """Let the last reports leave."""
        await asyncio.gather(*self._reports)

    async def _report(self, url: str, sid: str) -> None:
        fields = [("AccountSid", self._account), ("MessageSid", sid), ("MessageStatus", "delivered")]
        await post_signed(url, fields, self._token)


class Screens:
    """A `Pusher` that keeps every push on a pretend phone, whatever device it was for."""

    def __init__(self, keep: KeepPush) -> None:
        self._keep = keep

    async def push(self, notice: Notice) -> pushes.Answer:
        """Put the push on the phone, once an attempt."""
        sid = f"PU{notice.attempt.hex}"
        await self._keep(sid, notice.message, notice.words)
        return Accepted(sid)

    async def close(self) -> None:
        """Nothing was opened."""


async def post_signed(url: str, fields: list[tuple[str, str]], token: str) -> int | None:
    """Post a form as the carrier would, signed; returns the HTTP status, or None when nobody answered."""
    headers = {"X-Twilio-Signature": signatures.sign(url, fields, token)}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.post(url, data=fields, headers=headers) as response,
        ):
            return response.status
    except (aiohttp.ClientError, OSError, TimeoutError):
        return None


async def text_in(webhook: str, account_sid: str, token: str, *, phone: str, sender: str, body: str) -> int | None:
    """Text *body* from the pretend *phone* to us; returns the HTTP status of the webhook."""
    fields = [
        ("AccountSid", account_sid),
        ("MessageSid", f"SM{uuid4().hex}"),
        ("From", phone),
        ("To", sender),
        ("Body", body),
        ("NumMedia", "0"),
    ]
    return await post_signed(webhook, fields, token)
