"""POSTs that a service may act on only once: they leave in time or not at all, and nothing is repeated."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TraceConfig,
)
from msgspec import Struct

from checkin.core.delivery import Busy, Uncertain

LONGEST_PAUSE: Final = timedelta(days=1)
LONGEST_ANSWER: Final = 64 * 1024


class Reply(Struct, frozen=True, kw_only=True):
    """What a service answered; *place* is where it says that it keeps what it took."""

    status: int
    text: str
    place: str | None
    retry_after: timedelta | None


class Posts:
    """POSTs to services; each ends within *timeout*, of which at most half goes into reaching them."""

    def __init__(self, timeout: timedelta) -> None:
        self._timeout = timeout.total_seconds()
        self._session: ClientSession | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply | Busy | Uncertain:
        """Post *body* once. `Busy` where nobody could be reached, `Uncertain` where the answer was lost."""
        if self._session is None:  # only now is there a running loop to bind it to
            self._session = opened()
        connect_within = self._timeout / 2
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._session.post(
                    url,
                    data=body,
                    headers=headers,
                    timeout=ClientTimeout(total=None, connect=connect_within),
                    allow_redirects=False,
                    trace_request_ctx=asyncio.get_running_loop().time() + connect_within,
                ) as response,
            ):
                text = (await response.content.read(LONGEST_ANSWER)).decode("utf-8", "replace")
                return Reply(
                    status=response.status,
                    text=text,
                    place=response.headers.get("Location"),
                    retry_after=seconds(response.headers.get("Retry-After")),
                )
        except (ClientConnectorError, ConnectionTimeoutError):
            return Busy(None, None)
        except TimeoutError:
            return Uncertain("timeout")
        except (ClientError, OSError, ValueError):
            return Uncertain("connection lost")

    async def close(self) -> None:
        """Close the connections; a later `post` opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def opened() -> ClientSession:
    """Return a session without a memory, in which no body is written after its request's `trace_request_ctx`."""
    trace = TraceConfig()
    trace.on_request_chunk_sent.append(_stay_in_time)
    return ClientSession(cookie_jar=DummyCookieJar(), trace_configs=[trace])


async def _stay_in_time(_: ClientSession, context: SimpleNamespace, __: object) -> None:
    """Refuse to write a body that is late: this process was stopped, and another may have sent the message since.

    Called before each write. A timeout alone comes too late: what is ready to be written goes before it.
    """
    if asyncio.get_running_loop().time() > context.trace_request_ctx:
        raise TimeoutError


def seconds(header: str | None) -> timedelta | None:
    """Return the seconds that a Retry-After names, a day at most; None where it holds no such number."""
    if header is None or not header.isascii() or not header.isdigit() or len(header) > 9:
        return None
    return min(timedelta(seconds=int(header)), LONGEST_PAUSE)
