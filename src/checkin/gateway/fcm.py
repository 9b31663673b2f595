"""Firebase Cloud Messaging as the service that takes pushes to iPhones, Androids and browsers.

https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import Meta, Struct

from checkin.core.delivery import Accepted, Busy, Uncertain
from checkin.core.pushes import Answer, Gone, Misconfigured, Rejected
from checkin.gateway.posts import Posts, Reply
from checkin.gateway.push import Notice

API_URL: Final = "https://fcm.googleapis.com"
SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOD_FOR: Final = timedelta(hours=1)  # what an assertion is signed for
RENEWED_BEFORE: Final = timedelta(minutes=5)
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}

_Filled = Annotated[str, Meta(min_length=1)]


class Account(Struct, frozen=True, kw_only=True):
    """What the key file of a Google service account says."""

    project_id: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    client_email: _Filled
    private_key: _Filled
    token_uri: _Filled = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address


def account(key_file: str) -> Account:
    """Read a service account's key file, JSON as Firebase gives it out. Raises ValueError for anything else."""
    found = msgspec.json.decode(key_file, type=Account)
    if not isinstance(load_pem_private_key(found.private_key.encode(), None), RSAPrivateKey):
        raise ValueError("not an RSA key")
    return found


class Fcm:
    """A `Pusher` for one Firebase project. Every push ends within twice *timeout*: it may need an access token."""

    def __init__(
        self,
        known: Account,
        tell_time: Callable[[], datetime],
        *,
        api_url: str = API_URL,
        timeout: timedelta = timedelta(seconds=10),
    ) -> None:
        self._url = f"{api_url.rstrip('/')}/v1/projects/{known.project_id}/messages:send"
        self._posts = Posts(timeout)
        self._access = _Access(known, tell_time, self._posts)

    async def push(self, notice: Notice) -> Answer:
        """Hand *notice* to FCM in one request; see `Pusher.push`."""
        token = await self._access.token()
        if not isinstance(token, str):
            return token
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        reply = await self._posts.post(self._url, headers, msgspec.json.encode(_request(notice, self._access.now())))
        if not isinstance(reply, Reply):
            return reply
        if reply.status == 401:
            self._access.forget(token)
        return read(reply)

    async def close(self) -> None:
        """Close the connections; a later `push` opens new ones."""
        await self._posts.close()


class _Granted(Struct, frozen=True):
    access_token: _Filled
    expires_in: Annotated[int, Meta(ge=1, le=86_400)]


class _Access:
    """The access token that Google gives a service account, kept until shortly before it ends."""

    def __init__(self, known: Account, tell_time: Callable[[], datetime], posts: Posts) -> None:
        self._account, self._posts, self.now = known, posts, tell_time
        self._asking: asyncio.Task[str | Misconfigured | Busy] | None = None
        self._token: str | None = None
        self._good_until: datetime | None = None

    async def token(self) -> str | Misconfigured | Busy:
        """Return a token, or why there is none; whoever comes while one is asked for shares the answer."""
        if self._token is not None and self._good_until is not None and self.now() < self._good_until:
            return self._token
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> str | Misconfigured | Busy:
        """Ask for a token once. Without one no push was sent, whatever happened to this request."""
        reply = await self._posts.post(self._account.token_uri, FORM, self._assertion())
        if isinstance(reply, Uncertain):
            return Busy(None, None)
        if isinstance(reply, Busy):
            return reply
        if reply.status == 429 or reply.status >= 500:
            return Busy(None, reply.retry_after)
        try:
            granted = msgspec.json.decode(reply.text, type=_Granted)
        except msgspec.DecodeError:
            return Misconfigured(reply.status)
        self._token = granted.access_token
        self._good_until = self.now() + timedelta(seconds=granted.expires_in) - RENEWED_BEFORE
        return self._token

    def forget(self, token: str) -> None:
        """Ask for a new token next time, unless somebody has since."""
        if self._token == token:
            self._token = None

    def _assertion(self) -> bytes:
        """Return the form that asks for a token (RFC 7523)."""
        now = self.now()
        claims = {
            "iss": self._account.client_email,
            "scope": SCOPE,
            "aud": self._account.token_uri,
            "iat": int(now.timestamp()),
            "exp": int((now + GOOD_FOR).timestamp()),
        }
        signed = jwt.encode(claims, self._account.private_key, algorithm="RS256")
        return urlencode({"grant_type": GRANT, "assertion": signed}).encode()


def _request(notice: Notice, now: datetime) -> dict[str, object]:
    """Return the push for every platform; a second one of the same message takes the first one's place."""
    message, seconds = str(notice.message), int(notice.valid_for.total_seconds())
    apns = {
        "apns-collapse-id": message,
        "apns-expiration": str(int(now.timestamp()) + seconds),
        "apns-priority": "10" if notice.urgent else "5",
    }
    return {
        "message": {
            "token": notice.token,
            "data": {"id": message},
            "notification": {"body": notice.words},
            "android": {
                "ttl": f"{seconds}s",
                "priority": "HIGH" if notice.urgent else "NORMAL",
                "notification": {"tag": message},
            },
            "apns": {"headers": apns, "payload": {"aps": {"sound": "default"}}},
            "webpush": {"headers": {"TTL": str(seconds), "Urgency": "high" if notice.urgent else "normal"}},
        }
    }


class _Detail(Struct, frozen=True):
    errorCode: str = ""  # noqa: N815 - Google's name for it
    fieldViolations: list[dict[str, object]] = []  # noqa: N815


class _Error(Struct, frozen=True):
    details: list[_Detail] = []


class _Taken(Struct, frozen=True):
    name: str = ""
    error: _Error = _Error()


def read(reply: Reply) -> Answer:
    """Read FCM's answer. https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode"""
    try:
        said = msgspec.json.decode(reply.text, type=_Taken)
    except msgspec.DecodeError:
        said = _Taken()
    if reply.status == 200:
        return Accepted(said.name) if said.name else Uncertain("no id")
    code = next((one.errorCode for one in said.error.details if one.errorCode), "")
    wrong = [violation.get("field") for one in said.error.details for violation in one.fieldViolations]
    if code == "UNREGISTERED" or "message.token" in wrong or (code == "INVALID_ARGUMENT" and not wrong):
        return Gone()
    if reply.status == 429 or (reply.status >= 500 and reply.retry_after is not None):
        return Busy(None, reply.retry_after)
    if reply.status >= 500 or reply.status == 408:
        return Uncertain(f"http {reply.status}")
    if code == "SENDER_ID_MISMATCH" or reply.status in (400, 413):
        return Rejected(reply.status)
    return Misconfigured(reply.status)
