"""Twilio as the carrier of text messages."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
)
from msgspec import Struct
from twilio.base.exceptions import TwilioException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from checkin.core import delivery
from checkin.core.delivery import Accepted, Answer, Busy, Refused, Uncertain, Undelivered
from checkin.gateway import posts
from checkin.gateway.sms import Outgoing

API_URL = "https://api.twilio.com"
NOT_ACCEPTED = frozenset({20429, 14107})
"""Rate limits: Twilio says that such a request was not processed."""

LATEST_MESSAGES = 50


class Twilio:
    """A `Carrier` and `Ledger` for one account and one sender.

    *sender* is a number in E.164, a short code or a messaging service (MG…). Every call ends within *timeout*,
    of which at most half goes into reaching Twilio. No message is ever handed over twice in here.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        sender: str,
        *,
        api_url: str = API_URL,
        timeout: timedelta = timedelta(seconds=10),
    ) -> None:
        self._timeout = timeout.total_seconds()
        self._transport = _Transport(api_url, self._timeout / 2)
        self._messages = Client(account_sid, auth_token, http_client=self._transport).messages
        is_service = sender.startswith("MG") and len(sender) == 34
        self._sender = {"messaging_service_sid" if is_service else "from_": sender}

    async def send(self, message: Outgoing) -> Answer:
        """Hand *message* to Twilio in one request; see `Carrier.send`."""
        try:
            async with asyncio.timeout(self._timeout):
                taken = await self._messages.create_async(
                    to=message.to,
                    body=message.body,
                    status_callback=message.status_callback,
                    validity_period=int(message.valid_for.total_seconds()),
                    **self._sender,
                )
        except _RejectionError as rejected:
            return _answer(rejected)
        except (ClientConnectorError, ConnectionTimeoutError):
            return Busy(None, None)
        except (ClientError, OSError, *_UNREADABLE) as error:
            return Uncertain(_reason(error))
        if not isinstance(taken.sid, str) or not taken.sid:
            return Uncertain("no id")
        return Accepted(taken.sid)

    async def find(self, message: Outgoing, since: datetime) -> list[Accepted | Undelivered] | Uncertain:
        """Look *message* up among the latest ones to its number; see `Ledger.find`.

        Twilio's list does not tell the callback address, so the text decides; a trial account puts words before it.
        """
        try:
            async with asyncio.timeout(self._timeout):
                listed = await self._messages.list_async(to=message.to, limit=LATEST_MESSAGES)
            return _alike(message, listed, since.replace(microsecond=0))
        except _RejectionError as rejected:
            return Uncertain(f"http {rejected.status}")
        except (ClientError, OSError, *_UNREADABLE) as error:
            return Uncertain(_reason(error))

    async def close(self) -> None:
        """Close the connections; a later `send` opens new ones."""
        await self._transport.close()


class _Transport(AsyncTwilioHttpClient):  # type: ignore[misc]  # twilio is not typed
    """The client's own transport, quiet and patient for as long as we say.

    The original logs addresses and queries, keeps the last request with its text, waits for ever to connect,
    and ends with an exception that quotes the phone number but has no Retry-After.
    """

    def __init__(self, api_url: str, connect_within: float) -> None:
        super().__init__(pool_connections=False)
        self.session: ClientSession | None = None
        self._api_url = api_url.rstrip("/")
        self._connect_within = connect_within
        self._patience = ClientTimeout(total=None, connect=connect_within)

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_: object,
    ) -> Response:
        """Make one request and return a response below 300; raises `_RejectionError` for the others."""
        if self.session is None:  # only now is there a running loop to bind it to
            self.session = posts.opened()
        async with self.session.request(
            method,
            self._moved(url),
            params=_known(params),
            data=data,
            headers={**(headers or {}), **_authorization(auth)},
            timeout=self._patience,
            allow_redirects=False,
            trace_request_ctx=asyncio.get_running_loop().time() + self._connect_within,
        ) as response:
            text = await response.text(errors="replace")
            if response.status >= 300:
                raise _RejectionError(response.status, text, response.headers.get("Retry-After"))
            return Response(response.status, text, response.headers)

    async def close(self) -> None:
        """Close the session, if one was opened."""
        session, self.session = self.session, None
        if session is not None:
            await session.close()

    def _moved(self, url: str) -> str:
        parts = urlsplit(url)
        return f"{self._api_url}{parts.path}" + (f"?{parts.query}" if parts.query else "")


class _RejectionError(Exception):
    """An answer of 300 or above, without a word of what the carrier said: its sentences quote the number."""

    def __init__(self, status: int, text: str, retry_after: str | None) -> None:
        super().__init__(status)
        self.status = status
        self.code = _code(text)
        self.retry_after = posts.seconds(retry_after)


class _Problem(Struct):
    code: int | None = None


# What the client stumbles over when a 2xx holds no JSON, or JSON of another shape.
_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, TwilioException)


def _answer(rejected: _RejectionError) -> Answer:
    if rejected.status == 429 or rejected.code in NOT_ACCEPTED:
        return Busy(rejected.code, rejected.retry_after)
    if rejected.status >= 500 or rejected.status == 408:
        return Uncertain(f"http {rejected.status}")
    return Refused(rejected.code, rejected.status)


def _alike(message: Outgoing, listed: list[MessageInstance], earliest: datetime) -> list[Accepted | Undelivered]:
    found: list[Accepted | Undelivered] = []
    for known in reversed(listed):
        if not known.sid or known.sid == message.failed_sid or message.body not in (known.body or ""):
            continue
        if known.date_created >= earliest:
            arrives = delivery.did_arrive(str(known.status))
            found.append(Accepted(known.sid) if arrives else Undelivered(known.sid, known.error_code))
    return found


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    return "unreadable" if isinstance(error, _UNREADABLE) else "connection lost"


def _code(text: str) -> int | None:
    try:
        return msgspec.json.decode(text, type=_Problem).code
    except msgspec.DecodeError:
        return None


def _authorization(auth: tuple[str, str] | None) -> dict[str, str]:
    if auth is None:
        return {}
    return {"Authorization": "Basic " + b64encode(":".join(auth).encode()).decode()}


def _known(params: Mapping[str, object] | None) -> dict[str, Any] | None:  # Any: aiohttp takes str, int and float
    return None if params is None else {name: value for name, value in params.items() if value is not None}
