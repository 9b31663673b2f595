"""What every request passes through keeps nothing behind, and a read takes nothing in."""

import gc
import weakref
from collections.abc import AsyncIterator

from litestar.handlers import HTTPRouteHandler

from checkin.config import Settings
from tests.api.calls import Bearer, Client, outcome, served
from tests.people import Cast

QUERY = "/v1/me/check-ins?limit={}"


def handlers() -> int:
    gc.collect()
    return sum(isinstance(one, HTTPRouteHandler) for one in gc.get_objects())


async def test_requests_leave_no_copies_of_their_handlers(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)
    await client.get(QUERY.format(30), headers=headers)
    before = handlers()

    for limit in range(1, 30):
        assert (await client.get(QUERY.format(limit), headers=headers)).status_code == 200

    assert handlers() == before


async def test_an_application_that_has_ended_is_forgotten(settings: Settings, people: Cast, bearer: Bearer) -> None:
    async def live() -> "weakref.ref[object]":
        async with served(settings) as client:
            assert (await client.get(QUERY.format(1), headers=bearer(people.mentee))).status_code == 200
            return weakref.ref(client.app)

    first, _ = await live(), await live()  # the latest may stand in a frame or a context for a while

    gc.collect()
    assert first() is None


async def test_a_read_with_a_body_is_refused_unread(client: Client, people: Cast, bearer: Bearer) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(70):
            sent += 1
            yield b" " * 1024

    headers = bearer(people.mentee)
    chunked = await client.request("GET", "/v1/me", content=chunks(), headers=headers)
    large = await client.request("GET", "/v1/me", content=b" " * 65_537, headers=headers)
    head = await client.request("HEAD", "/v1/me", content=b"{}", headers=headers)
    none = await client.request("GET", "/v1/me", headers=headers | {"Content-Length": "0"})

    assert [outcome(one)[0] for one in (chunked, large, head, none)] == [400, 400, 400, 200]
    assert sent <= 1
