"""The browsers' own push services (RFC 8030), told apart by the address in a subscription."""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from checkin.core import pushes
from checkin.core.delivery import Accepted, Busy, Uncertain
from checkin.core.pushes import Answer, Gone, Misconfigured, Rejected
from checkin.gateway import sealing
from checkin.gateway.posts import Posts, Reply
from checkin.gateway.push import Notice

SERVICES: Final = "fcm.googleapis.com, push.services.mozilla.com, push.apple.com, notify.windows.com"
"""Where the common browsers take pushes; a subscription may name any address, and we post to no other."""
GOOD_FOR: Final = timedelta(hours=12)  # what we sign ourselves for, a day at most (RFC 8292)


def new_key() -> str:
    """Return a fresh private key in base64url, as its setting takes it."""
    secret = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return sealing.base64url(secret.to_bytes(32, "big"))


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """Return the key that `new_key` wrote. Raises ValueError."""
    raw = sealing.from_base64url(text)
    if len(raw) != 32:
        raise ValueError("not 32 bytes")
    return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())


def public_key(key: ec.EllipticCurvePrivateKey) -> str:
    """Return what browsers call the `applicationServerKey`."""
    return sealing.base64url(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def is_known(endpoint: str, services: Sequence[str]) -> bool:
    """Say whether *endpoint* is an https address at one of *services*: a domain with all below it, or an origin."""
    try:
        parts = urlsplit(endpoint)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError:  # a port that is not a number, brackets that do not close
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    if origin in services:
        return True
    at_home = any(host == one or host.endswith(f".{one}") for one in services if "://" not in one)
    return at_home and parts.scheme == "https" and parts.port in (None, 443) and parts.username is None


class WebPush:
    """A `Pusher` to browsers, signed by our *key* (VAPID, RFC 8292).

    *contact* is a mailto: or https: address at which a service reaches whoever runs this. Posts to *services* alone.
    """

    def __init__(
        self,
        key: str,
        contact: str,
        services: Sequence[str],
        tell_time: Callable[[], datetime],
        *,
        timeout: timedelta = timedelta(seconds=10),
    ) -> None:
        self._key = private_key(key)
        self._contact, self._services, self._now = contact, services, tell_time
        self._posts = Posts(timeout)

    async def push(self, notice: Notice) -> Answer:
        """Hand *notice* to the subscription's service in one request; see `Pusher.push`."""
        try:
            subscription = pushes.subscription(notice.token)
            body = sealing.seal(_payload(notice), subscription.p256dh, subscription.auth)
        except ValueError:  # keys that are none: this browser can never be reached
            return Gone()
        if not is_known(subscription.endpoint, self._services):
            return Rejected(0)
        reply = await self._posts.post(subscription.endpoint, self._headers(notice, subscription.endpoint), body)
        return _answer(reply, notice) if isinstance(reply, Reply) else reply

    async def close(self) -> None:
        """Close the connections; a later `push` opens new ones."""
        await self._posts.close()

    def _headers(self, notice: Notice, endpoint: str) -> dict[str, str]:
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((self._now() + GOOD_FOR).timestamp()),
            "sub": self._contact,
        }
        signed = jwt.encode(claims, self._key, algorithm="ES256")
        return {
            "Authorization": f"vapid t={signed},k={public_key(self._key)}",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(notice.valid_for.total_seconds())),
            "Topic": base64.urlsafe_b64encode(notice.message.bytes).decode().rstrip("="),
            "Urgency": "high" if notice.urgent else "normal",
        }


def _payload(notice: Notice) -> bytes:
    return msgspec.json.encode({"id": str(notice.message), "body": notice.words})


def _answer(reply: Reply, notice: Notice) -> Answer:
    """Read a push service's answer (RFC 8030, section 7.3 and RFC 8292, section 4.2)."""
    if reply.status in (200, 201, 202, 204):
        return Accepted((reply.place or "")[-128:] or notice.attempt.hex)
    if reply.status in (404, 410):
        return Gone()
    if reply.status == 429 or (reply.status >= 500 and reply.retry_after is not None):
        return Busy(None, reply.retry_after)
    if reply.status >= 500 or reply.status == 408:
        return Uncertain(f"http {reply.status}")
    return Misconfigured(reply.status) if reply.status in (401, 403) else Rejected(reply.status)
