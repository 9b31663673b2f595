"""Push services on loopback that believe nobody without proof, read what they get, and fail as told.

One server is Firebase (its token endpoint and HTTP v1) and a browser's push service with its browsers.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from msgspec import Struct

from checkin.core.pushes import Subscription

PROJECT = "harbor-1"
EMAIL = "push@harbor-1.iam.gserviceaccount.com"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)  # one for every test: making it is slow
Json = dict[str, Any]  # Any: JSON


class Fault(StrEnum):
    """What happens to one push instead of being taken; `taken_*` are taken all the same."""

    gone = "gone"
    invalid = "invalid"
    bad_token = "bad_token"  # what Firebase calls a token that never was one
    busy = "busy"
    unavailable = "unavailable"
    broken = "broken"
    unbelieved = "unbelieved"
    never = "never"
    reset = "reset"
    taken_never = "taken_never"
    taken_reset = "taken_reset"


RETRY_AFTER = 7
# status, and Firebase's word for it
ANSWERS: dict[Fault, tuple[int, str]] = {
    Fault.gone: (404, "UNREGISTERED"),
    Fault.bad_token: (400, "INVALID_ARGUMENT"),
    Fault.invalid: (400, ""),
    Fault.busy: (429, "QUOTA_EXCEEDED"),
    Fault.unavailable: (503, "UNAVAILABLE"),
    Fault.broken: (500, "INTERNAL"),
    Fault.unbelieved: (401, ""),
}


class Taken(Struct, frozen=True, kw_only=True):
    """A push that was taken: the device, what its app reads, and all that came over the wire in clear."""

    token: str
    payload: Json
    shown: str
    headers: dict[str, str]
    raw: bytes


class Browser(Struct, frozen=True):
    """Somebody's browser, with the keys that only it has."""

    key: ec.EllipticCurvePrivateKey
    secret: bytes
    subscription: Subscription

    def read(self, body: bytes) -> bytes:
        """Open an aes128gcm body, by the receiver's side of RFC 8291. Raises InvalidTag."""
        salt, record, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= record
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        info = b"WebPush: info\0" + raw_point(self.key) + sender
        material = expand(extract(self.secret, shared), info, 32)
        secret = extract(salt, material)
        key = expand(secret, b"Content-Encoding: aes128gcm\0", 16)
        padded = AESGCM(key).decrypt(expand(secret, b"Content-Encoding: nonce\0", 12), sealed, None)
        assert padded.rstrip(b"\0").endswith(b"\2")
        return padded.rstrip(b"\0")[:-1]


def extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, secret, hashlib.sha256)


def expand(key: bytes, info: bytes, length: int) -> bytes:
    return hmac.digest(key, info + b"\1", hashlib.sha256)[:length]


def raw_point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class PretendPush:
    """`async with PretendPush() as service`, then `service.account`, `service.browser()`, `service.origin`."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.posts = 0
        self.tokens_given = 0
        self.account_is_known = True
        self.token_fault: Fault | None = None
        self._faults: deque[Fault] = deque()
        self._browsers: dict[str, Browser] = {}
        self._access = ""
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/token", self._give_token)
        app.router.add_post("/v1/projects/{project}/messages:send", self._firebase)
        app.router.add_post("/browsers/{browser}", self._browser_service)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        await self._runner.cleanup()

    @property
    def account(self) -> str:
        """Return the key file of a service account that is known here."""
        pem = RSA_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        known = {"type": "service_account", "project_id": PROJECT, "client_email": EMAIL, "private_key": pem}
        return json.dumps(known | {"token_uri": f"{self.origin}/token"})

    def browser(self) -> Subscription:
        """Let a new browser subscribe."""
        key, secret, name = ec.generate_private_key(ec.SECP256R1()), uuid4().bytes, uuid4().hex
        endpoint = f"{self.origin}/browsers/{name}"
        found = Subscription(endpoint=endpoint, p256dh=unpadded(raw_point(key)), auth=unpadded(secret))
        self._browsers[name] = Browser(key, secret, found)
        return found

    def plan(self, faults: Iterable[Fault]) -> None:
        """Say what happens to the next pushes, one fault each; afterwards all is well again."""
        self._faults.extend(faults)

    async def _give_token(self, request: web.Request) -> web.Response:
        form = await request.post()
        audience = f"{self.origin}/token"
        claims = jwt.decode(str(form["assertion"]), RSA_KEY.public_key(), ["RS256"], audience=audience)
        good = claims["iss"] == EMAIL and claims["scope"].endswith("/auth/firebase.messaging")
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        if self.token_fault is Fault.never:
            await self._closing.wait()
        if self.token_fault is not None:
            return web.Response(status=ANSWERS[self.token_fault][0])
        if not good or not self.account_is_known:
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.tokens_given += 1
        self._access = uuid4().hex
        return web.json_response({"access_token": self._access, "expires_in": 3600, "token_type": "Bearer"})

    async def _firebase(self, request: web.Request) -> web.Response:
        self.posts += 1
        if request.match_info["project"] != PROJECT or request.headers["Authorization"] != f"Bearer {self._access}":
            return self._error(401, "")
        raw = await request.read()
        message = json.loads(raw)["message"]
        taken = Taken(
            token=message["token"],
            payload=message["data"],
            shown=message["notification"]["body"],
            headers={"TTL": message["android"]["ttl"].rstrip("s"), "topic": message["android"]["notification"]["tag"]},
            raw=raw,
        )
        return await self._end(request, taken, web.json_response({"name": f"projects/{PROJECT}/messages/{uuid4()}"}))

    async def _browser_service(self, request: web.Request) -> web.Response:
        self.posts += 1
        if not self._is_signed(request.headers["Authorization"]):
            return web.Response(status=401)
        assert request.headers["Content-Encoding"] == "aes128gcm"
        browser = self._browsers[request.match_info["browser"]]
        raw = await request.read()
        payload = json.loads(browser.read(raw))
        taken = Taken(
            token=browser.subscription.token(),
            payload={"id": payload["id"]},
            shown=payload["body"],
            headers={"TTL": request.headers["TTL"], "topic": request.headers["Topic"]},
            raw=browser.read(raw),
        )
        place = {"Location": f"{self.origin}/messages/{uuid4()}"}
        return await self._end(request, taken, web.Response(status=201, headers=place))

    def _is_signed(self, header: str) -> bool:
        """Check a VAPID header as RFC 8292 says: by the key it names, for this origin, for a day at most."""
        scheme, _, rest = header.partition(" ")
        fields = dict(part.strip().split("=", 1) for part in rest.split(","))
        point = base64.urlsafe_b64decode(fields["k"] + "=")
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims = jwt.decode(fields["t"], key, ["ES256"], audience=self.origin)
        assert urlsplit(claims["sub"]).scheme in ("mailto", "https")
        return scheme == "vapid" and self.account_is_known

    async def _end(self, request: web.Request, taken: Taken, well: web.Response) -> web.Response:
        fault = self._faults.popleft() if self._faults else None
        if fault in (None, Fault.taken_never, Fault.taken_reset):
            self.taken.append(taken)
        match fault:
            case None:
                return well
            case Fault.never | Fault.taken_never:
                await self._closing.wait()
                return well
            case Fault.reset | Fault.taken_reset:
                assert request.transport is not None
                request.transport.abort()
                return well
            case _:
                return self._error(*ANSWERS[fault])

    def _error(self, status: int, word: str) -> web.Response:
        error: Json = {"code": status, "message": "quotes what was sent", "details": []}
        if word:
            kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
            error["details"] = [{"@type": kind, "errorCode": word}]
        headers = {"Retry-After": str(RETRY_AFTER)} if status in (429, 503) else {}
        return web.json_response({"error": error}, status=status, headers=headers)
