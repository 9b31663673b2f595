"""When the database is away, or everything is busy: 503 with Retry-After, soon, and back as soon as it is back."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import uuid4

import asyncpg
import pytest
from httpx import Response

from checkin.config import Settings
from checkin.embedded import Embedded
from checkin.store.pool import Connection
from tests.api.calls import (
    ANSWER,
    AWAY,
    BUSY,
    OK,
    SMS,
    STATUS,
    TODAY,
    Bearer,
    Client,
    Outcome,
    outcome,
    post_form,
    text,
)
from tests.api.signing import CODES, TOKENS
from tests.people import MONDAY, Cast

PROMPT = 6.0  # seconds; two are meant, the rest is for a machine that does other things besides
DATED = ANSWER | {"day": str(MONDAY)}


async def everything(
    client: Client, settings: Settings, people: Cast, bearer: Bearer
) -> dict[str, tuple[Outcome, bool]]:
    """Make every call that needs the database; returns what was answered, and whether that was prompt."""
    mentee, mentor = bearer(people.mentee), bearer(people.mentor)
    calls: dict[str, Callable[[], Awaitable[Response]]] = {
        "put": lambda: client.put(TODAY, json=ANSWER, headers=mentee),
        "get": lambda: client.get(TODAY, headers=mentee),
        "batch": lambda: client.post("/v1/me/check-ins/batch", json={"items": [DATED]}, headers=mentee),
        "changes": lambda: client.get("/v1/changes", headers=mentee),
        "with a key": lambda: client.post("/v1/me/calls", headers=mentee | {"Idempotency-Key": "key-1"}),
        "list": lambda: client.get("/v1/me/check-ins", headers=mentee),
        "alerts": lambda: client.get("/v1/alerts", headers=mentor),
        "acknowledge": lambda: client.post(f"/v1/alerts/{uuid4()}/acknowledgement", headers=mentor),
        "sms": lambda: post_form(client, settings, SMS, text(settings)),
        "status": lambda: post_form(client, settings, f"{STATUS}?message={uuid4()}", text(settings)),
        "ask for a code": lambda: client.post(CODES, json={"phone": people.mentee.phone}),
        "sign in": lambda: client.post(TOKENS, json={"request_id": str(uuid4()), "code": "000000"}),
        "devices": lambda: client.delete(f"/v1/me/devices/{uuid4()}", headers=mentee),
        "ready": lambda: client.get("/health/ready"),
    }
    found = {}
    for name, call in calls.items():
        began = time.monotonic()
        found[name] = outcome(await call()), time.monotonic() - began < PROMPT
    return found


async def test_a_database_that_is_gone_is_503_within_two_seconds(
    client: Client, settings: Settings, server: Embedded, people: Cast, bearer: Bearer
) -> None:
    name = settings.database_url.partition("?")[0].rpartition("/")[2]
    admin = await asyncpg.connect(server.url("postgres"))
    await admin.execute(f"drop database {name} with (force)")

    found = [await everything(client, settings, people, bearer) for _ in range(2)]
    alive = await client.get("/health/live")

    await admin.execute(f"create database {name}")
    await admin.close()
    assert found == [dict.fromkeys(found[0], (AWAY, True))] * 2
    assert outcome(alive) == OK


async def test_connections_that_were_cut_are_made_anew(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await client.get(TODAY, headers=bearer(people.mentee))
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> $1"
    await conn.execute(cut, conn.get_server_pid())

    found = []
    for _ in range(20):
        found.append(outcome(await client.put(TODAY, json=ANSWER, headers=bearer(people.mentee))))
        await asyncio.sleep(0.05)

    assert set(found) <= {OK, AWAY}
    assert found[-15:] == [OK] * 15


async def test_a_closed_pool_is_503(client: Client, settings: Settings, people: Cast, bearer: Bearer) -> None:
    await client.app.state.pool.close()

    found = await everything(client, settings, people, bearer)

    assert found == dict.fromkeys(found, (AWAY, True))


async def test_a_read_only_database_is_503_for_writes_alone(
    client: Client, settings: Settings, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    name = settings.database_url.partition("?")[0].rpartition("/")[2]
    await conn.execute(f"alter database {name} set default_transaction_read_only = on")
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()"
    await conn.execute(cut, name)
    await asyncio.sleep(0.2)

    found = await everything(client, settings, people, bearer)

    reads = dict.fromkeys(("get", "list", "ready", "alerts", "acknowledge"))
    assert {call: answered for call, (answered, _) in found.items() if call not in reads} == {
        "put": AWAY,
        "batch": AWAY,
        "changes": AWAY,
        "with a key": AWAY,
        "sms": AWAY,
        "status": AWAY,
        "ask for a code": AWAY,
        "sign in": AWAY,
        "devices": AWAY,
    }
    assert found["list"] == found["ready"] == (OK, True)


@pytest.mark.parametrize("path", ["api", "webhook"])
async def test_when_every_connection_is_taken_the_answer_comes_within_two_seconds(
    client: Client, settings: Settings, people: Cast, bearer: Bearer, path: str
) -> None:
    pool, client.patience = client.app.state.pool, 0
    async with AsyncExitStack() as stack:
        for _ in range(settings.pool_size):
            await stack.enter_async_context(pool.acquire())
        began = time.monotonic()

        if path == "api":
            answered = await client.put(TODAY, json=ANSWER, headers=bearer(people.mentee))
        else:
            answered = await post_form(client, settings, SMS, text(settings))

        took = time.monotonic() - began
    after = await client.put(TODAY, json=ANSWER, headers=bearer(people.mentee))

    assert outcome(answered) == BUSY
    assert took < PROMPT
    assert outcome(after) == OK
