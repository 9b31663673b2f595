"""Calls as the tests of the HTTP surface make them, and what is to be said of every answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from httpx import Response
from litestar import Litestar

from checkin import gateway
from checkin.api import app, auth
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.people import Person
from tests.api.documented import is_told_of
from tests.people import MONDAY, NOW, ZONE


class Client(httpx.AsyncClient):
    """Calls an application in the test's own event loop, so that calls made at once are at once.

    Every answer is held against the document. Comes again, *patience* times, when everything is busy and nothing was
    done, as the problem says: many calls at once on a machine that does other things besides must not be taken for a
    fault.
    """

    def __init__(self, app: Litestar) -> None:
        asgi: Any = app  # Any: Litestar and httpx spell the same protocol differently
        super().__init__(transport=httpx.ASGITransport(asgi), base_url="https://checkin.example.org")
        self.app = app
        self.patience = 10

    async def send(self, request: httpx.Request, **how: Any) -> Response:  # Any: httpx's own options
        for _ in range(self.patience):
            response = await self._answer(request, **how)
            if response.status_code != 503 or outcome(response) != BUSY:
                return response
            await asyncio.sleep(int(response.headers["retry-after"]) / 10)
        return await self._answer(request, **how)

    async def _answer(self, request: httpx.Request, **how: Any) -> Response:  # Any: as above
        response = await super().send(request, **how)
        assert is_told_of(response), f"the document lacks: {request.method} {request.url.path}, {outcome(response)}"
        return response


Headers = dict[str, str]
Bearer = Callable[[Person], Headers]
Outcome = tuple[int, str]

OK: Outcome = (200, "")
TAKEN: Outcome = (204, "")
INVALID: Outcome = (400, "invalid")
OUT_OF_REACH: Outcome = (400, "day-out-of-reach")
UNKNOWN: Outcome = (401, "unauthorized")
FORGED: Outcome = (403, "forbidden")
NOTHING: Outcome = (404, "not-found")
NO_METHOD: Outcome = (405, "method-not-allowed")
TOO_LARGE: Outcome = (413, "too-large")
WRONG_TYPE: Outcome = (415, "unsupported-media-type")
AWAY: Outcome = (503, "unavailable")
BUSY: Outcome = (503, "busy")

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SMS = "/webhooks/twilio/sms"
STATUS = "/webhooks/twilio/status"
PATIENT = 30.0  # seconds a statement may take, lest a stall of a busy machine look like a database that is away
TODAY = f"/v1/me/check-ins/{MONDAY}"
ANSWER = {"mood": 7, "hope": 6, "answered_at": "2026-11-16T14:00:00-05:00", "time_zone": ZONE}


@asynccontextmanager
async def served(settings: Settings, *, statement_limit: float = PATIENT) -> AsyncIterator[Client]:
    """Start the application, with the cast's time on its clock, and lend a client of it."""
    started, done = asyncio.Event(), asyncio.Event()
    application = app.build(settings, statement_limit=statement_limit)

    async def live() -> None:  # Litestar wants to be stopped by the task that started it
        async with application.lifespan():
            started.set()
            await done.wait()

    living = asyncio.create_task(live())
    await asyncio.wait([living, asyncio.ensure_future(started.wait())], return_when=asyncio.FIRST_COMPLETED)
    if not started.is_set():
        await living
    application.state.clock.ahead = NOW - Clock().now()
    try:
        async with Client(application) as client:
            yield client
    finally:
        done.set()
        await living


def bearer_of(secret: str) -> Bearer:
    """Return what makes the headers of a signed-in person."""

    def signed_in(person: Person) -> Headers:
        return {"Authorization": f"Bearer {auth.mint(person.id, secret, Clock().now(), timedelta(hours=2))}"}

    return signed_in


def saying(**raw: str) -> bytes:
    """Return a check-in's body in which fields are replaced by, or added as, *raw* JSON."""
    fields = {name: json.dumps(value) for name, value in ANSWER.items()} | raw
    return ("{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}").encode()


def outcome(response: Response) -> Outcome:
    """Return an answer's status and the kind of problem it tells, after a look at the shape every problem has."""
    assert response.headers["x-request-id"]
    if response.status_code < 400 or response.request.method == "HEAD":
        return response.status_code, ""
    problem: dict[str, Any] = response.json()  # Any: JSON
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == response.status_code
    assert problem["title"]
    assert problem["instance"] == response.headers["x-request-id"]
    if response.status_code == 503:
        assert int(response.headers["retry-after"]) > 0
    if response.status_code == 401:
        assert response.headers["www-authenticate"] == "Bearer"
    return response.status_code, problem["type"].removeprefix("/problems/")


def text(settings: Settings, **fields: str) -> dict[str, str]:
    """Return the fields of an inbound text as Twilio sends them; *fields* replace or add some."""
    return {
        "AccountSid": settings.carrier.account_sid,
        "MessageSid": "SM" + "a" * 32,
        "From": "+12125550101",
        "To": settings.carrier.sender,
        "Body": "7 6",
        "NumMedia": "0",
        "FromCity": "",
    } | fields


async def post_form(
    client: Client,
    settings: Settings,
    path: str,
    fields: Mapping[str, str] | list[tuple[str, str]],
    *,
    token: str | None = None,
    headers: Headers | None = None,
) -> Response:
    """Post a form as the carrier does, signed for our public address."""
    pairs = list(fields.items()) if isinstance(fields, Mapping) else fields
    signature = gateway.signatures.sign(settings.public_url + path, pairs, token or settings.carrier.tokens[0])
    signed = {**FORM, "X-Twilio-Signature": signature, **(headers or {})}
    return await client.post(path, content=urlencode(pairs).encode(), headers=signed)


def miswritten(word: str) -> str:
    """Return *word* with another first letter, whatever it begins with."""
    return ("B" if word[0] == "A" else "A") + word[1:]
