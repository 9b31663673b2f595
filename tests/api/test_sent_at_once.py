"""Every write of the OpenAPI document is sent 20 times at once: it is done once, and everybody gets one answer."""

import asyncio
from collections import Counter
from typing import Final
from uuid import UUID

import pytest
from httpx import Response
from msgspec.structs import replace

from checkin import flows
from checkin.core.alerts import Outcome
from checkin.store.pool import Connection
from tests.api.access_table import ACCESS, WHO, Json
from tests.api.calls import Bearer, Client, outcome
from tests.api.test_access import OPERATIONS, World, build, call
from tests.people import DAY, MONDAY, NOW, Cast

TIMES: Final = 20
KEY_IN_USE: Final = (409, "key-in-use")
STALE: Final = (412, "stale")
OTHERWISE: Final = {
    "sendCheckIns": frozenset[str](),  # says of each item that it is stored, and unchanged afterwards
    "putDevice": frozenset({"devices"}),  # says when the device was seen last, which is each time
    "requestCode": frozenset[str](),  # says for how many seconds the code is good
}
"""Writes whose answers differ, and where something is written each time; they are done once like the others."""
LEFT_OUT: Final = {
    "createTokens": "a code signs in once",
    "refreshTokens": "a refresh token is good once, and within its grace: tests/api/test_sessions.py",
    "signOut": "the session that asks is gone with the first",
    "receiveSms": "the carrier's: tests/flows/test_inbound.py",
    "receiveStatus": "the carrier's: tests/flows/test_delivery_reports.py",
}
AFTER: Final = {"deleteDevice": "putDevice", "deleteHoliday": "putHoliday", "deleteOnCall": "putOnCall"}
"""What has to be done before there is something to do."""
WRITES_NOTHING: Final = {"tryAlertRules": "it only counts what other rules would have done"}
AGREED: Final[Json] = {"given": True, "version": "{version}"}
LEAVE: Final[Json] = {"leave_add": [{"first_day": f"{MONDAY + 3 * DAY}", "last_day": f"{MONDAY + 5 * DAY}"}]}
LEAVE_NOW: Final[Json] = {"leave_add": [{"first_day": f"{MONDAY}", "last_day": f"{MONDAY + 5 * DAY}"}]}
SAID: Final[dict[str, tuple[Json, ...]]] = {
    "putConsent": (AGREED, {"given": False}),
    "recordAlertOutcome": ({"outcome": "no_answer"}, {"outcome": "talked"}),
    "changeAvailability": ({"limit": 5}, LEAVE, LEAVE_NOW, {"leave_end": ["{leave_id}"]}),
}
"""What is sent where that in the operation's row is not all there is to do."""
WRITES: Final = {name for name, (method, _, _) in OPERATIONS.items() if method != "get"}


def parameters(name: str) -> set[str]:
    return {one["name"] for one in OPERATIONS[name][2].get("parameters", [])}


def caller(name: str) -> str:
    """Return somebody for whom the operation's row says that it works."""
    works = [who for who in reversed(WHO) if ACCESS[name].statuses[who] < 300]
    return works[0] if works else "coordinator"


@pytest.fixture
async def world(conn: Connection, people: Cast) -> World:
    """What `test_access` builds, with somebody who may be on call and a session that can be ended."""
    built = await build(conn, people)
    async with conn.transaction():
        begun = await flows.sessions.begin(conn, people.coordinator, None, NOW)
    return replace(built, ids={**built.ids, "session_id": str(begun.session)})


CASES: Final = [(name, said) for name in sorted(WRITES - LEFT_OUT.keys()) for said in SAID.get(name, (None,))]


async def prepare(
    client: Client, conn: Connection, bearer: Bearer, world: World, name: str, said: Json | None
) -> World:
    """Let there be what *name* is about, and return the world in which it is called."""
    if name in ("putOnCall", "deleteOnCall"):
        world = replace(world, ids={**world.ids, "person_id": world.ids["other_mentor"]})
    if name in AFTER:
        before = await call(client, bearer, world, AFTER[name], caller(name))
        assert before.status_code < 300
    if name == "reopenAlert":
        actor = world.who[caller(name)]
        await flows.answers.record_outcome(conn, actor, UUID(world.ids["alert_id"]), "app", Outcome.talked, None, NOW)
    if name == "activateProgram":
        await conn.execute("update programs set activated_at = null")
    if name == "putConsent":
        consents = (await call(client, bearer, world, "listConsents", caller(name))).json()["items"]
        [version] = [one["version"] for one in consents if one["purpose"] == world.ids["purpose"]]
        world = replace(world, ids={**world.ids, "version": version})
        if said != AGREED:
            assert (await call(client, bearer, world, name, caller(name), said=AGREED)).status_code == 200
    if said is not None and "leave_end" in said:
        [leave] = (await call(client, bearer, world, name, caller(name), said=LEAVE)).json()["leave"]
        world = replace(world, ids={**world.ids, "leave_id": leave["id"]})
    return world


async def send(client: Client, bearer: Bearer, world: World, name: str, said: Json | None) -> Response:
    """Send the call as an app does: with a key where it takes one, and again while that is in use."""
    more = {"Idempotency-Key": "the same"} if "Idempotency-Key" in parameters(name) else {}
    for _ in range(100):
        answered = await call(client, bearer, world, name, caller(name), more, said)
        if outcome(answered) != KEY_IN_USE:
            break
        await asyncio.sleep(0.1)
    return answered


async def written(conn: Connection) -> dict[str, str]:
    """Return what stands in each table, as a digest; looks are written down each time, and left out."""
    tables = await conn.fetch("select tablename from pg_tables where schemaname = 'public'")
    found = {}
    for (table,) in tables:
        where = "where action not like '%.read'" if table == "audit" else ""
        found[table] = await conn.fetchval(
            f"select md5(string_agg(t::text, ' ' order by t::text)) from {table} t {where}"
        )
    return found


async def done(conn: Connection) -> Counter[tuple[object, ...]]:
    """Count what was done, by who did what to what, and what was sent, by to whom and what about."""
    acts = await conn.fetch("select person_id, actor_id, action, about from audit where action not like '%.read'")
    texts = await conn.fetch("select mentee_id, person_id, lane from outbox")
    return Counter([tuple(row) for row in acts] + [tuple(row) for row in texts])


def test_every_write_is_sent_or_left_out_for_a_reason() -> None:
    assert LEFT_OUT.keys() | OTHERWISE.keys() | SAID.keys() | WRITES_NOTHING.keys() <= WRITES
    assert WRITES - LEFT_OUT.keys() >= AFTER.keys()


@pytest.mark.parametrize(("name", "said"), CASES)
async def test_a_write_sent_twenty_times_at_once_is_done_once_and_answered_alike(
    client: Client, conn: Connection, bearer: Bearer, world: World, name: str, said: Json | None
) -> None:
    world = await prepare(client, conn, bearer, world, name, said)
    before, stood = await done(conn), await written(conn)

    answers = await asyncio.gather(*(send(client, bearer, world, name, said) for _ in range(TIMES)))
    acts, stands = await done(conn) - before, await written(conn)
    again = await send(client, bearer, world, name, said)

    may_be_stale = {STALE} if "If-Match" in parameters(name) else set()
    told = [(one.status_code, one.text) for one in (*answers, again) if outcome(one) not in may_be_stale]
    assert {status for status, _ in told} <= {200, 201, 202, 204}
    assert len({*told}) == 1 or name in OTHERWISE
    changed = {table for table in stands if stands[table] != stood[table]} - {"kept_answers"}
    assert bool(changed) == (name not in WRITES_NOTHING)
    assert {act: times for act, times in acts.items() if times > 1} == {}
    after = await written(conn)
    assert {table for table in stands if after[table] != stands[table]} <= OTHERWISE.get(name, frozenset())
