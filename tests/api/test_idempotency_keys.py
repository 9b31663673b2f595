"""A POST with an Idempotency-Key is done once, and answered alike for a day."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from checkin import flows
from checkin.core.people import Person
from checkin.store.pool import Connection, Pool
from tests.api.access_table import SOMEBODY
from tests.api.calls import AWAY, INVALID, NOTHING, OK, Bearer, Client, Headers, Outcome, outcome
from tests.people import NOW, ZONE, Cast

CREATED: Outcome = (201, "")
REUSED: Outcome = (422, "key-reused")
IN_USE: Outcome = (409, "key-in-use")
CONFLICT: Outcome = (409, "conflict")
CALLS: dict[str, tuple[str, str, dict[str, Any] | None, str]] = {
    "invitePerson": ("coordinator", "/v1/people", SOMEBODY, "select count(*) from people where phone_hash is not null"),
    "askForCall": ("mentee", "/v1/me/calls", None, "select count(*) from alerts"),
    "askForHelp": ("mentee", "/v1/me/help-requests", {"topic": "food"}, "select count(*) from help_requests"),
}
"""Every operation that takes a key: who calls it, where, with what, and what it adds one of."""
BAD_KEYS: dict[str, str | bytes] = {
    "empty": "",
    "129 characters": "k" * 129,
    "not ASCII": "kéy".encode(),
    "emoji": "😀".encode(),
    "a tab": "a\tb",
    "a delete": "a\x7f",
}


def with_key(headers: Headers, key: str | bytes) -> dict[bytes, bytes]:
    plain = {name.encode(): value.encode() for name, value in headers.items()}
    return {**plain, b"Idempotency-Key": key.encode() if isinstance(key, str) else key}


async def call(client: Client, bearer: Bearer, people: Cast, name: str, key: str | bytes, **other: Any) -> Response:
    who, path, body, _ = CALLS[name]
    person: Person = getattr(people, other.pop("who", who))
    body = None if body is None else body | other
    return await client.post(path, json=body, headers=with_key(bearer(person), key))


@pytest.mark.parametrize("name", CALLS)
async def test_the_same_key_has_the_same_answer_and_does_nothing_more(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, name: str
) -> None:
    before = await conn.fetchval(CALLS[name][3])

    answers = [await call(client, bearer, people, name, "key-1") for _ in range(3)]

    assert {outcome(one) for one in answers} <= {OK, CREATED}
    assert {(one.status_code, one.content, one.headers["content-type"]) for one in answers} == {
        (answers[0].status_code, answers[0].content, answers[0].headers["content-type"])
    }
    assert await conn.fetchval(CALLS[name][3]) == before + 1


@pytest.mark.parametrize("name", CALLS)
async def test_20_at_once_are_one_and_each_is_told_the_same_or_to_wait(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, name: str
) -> None:
    before = await conn.fetchval(CALLS[name][3])

    answers = await asyncio.gather(*(call(client, bearer, people, name, "key-1") for _ in range(20)))
    later = await call(client, bearer, people, name, "key-1")

    done = [one for one in answers if outcome(one) in (OK, CREATED)]
    assert {outcome(one) for one in answers if one not in done} <= {IN_USE, (503, "busy")}
    assert {one.content for one in done} == {later.content}
    assert await conn.fetchval(CALLS[name][3]) == before + 1


async def test_another_body_under_the_same_key_is_refused(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    first = await call(client, bearer, people, "askForHelp", "key-1")
    other = await call(client, bearer, people, "askForHelp", "key-1", words="soup")
    again = await call(client, bearer, people, "askForHelp", "key-1")

    assert [outcome(one) for one in (first, other, again)] == [OK, REUSED, OK]
    assert again.content == first.content
    assert await conn.fetchval("select count(*) from help_requests") == 1


async def test_the_same_body_written_otherwise_is_the_same(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = with_key(bearer(people.mentee) | {"Content-Type": "application/json"}, "key-1")
    bodies = (b'{"topic":"food","words":"so"}', b'{ "words": "s\\u006f",\n "topic": "food" }')

    answers = [await client.post("/v1/me/help-requests", content=one, headers=headers) for one in bodies]

    assert [outcome(one) for one in answers] == [OK, OK]
    assert answers[0].content == answers[1].content


async def test_a_key_is_its_persons_and_its_operations_own(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    answers = [
        await call(client, bearer, people, "askForCall", "key-1"),
        await call(client, bearer, people, "askForHelp", "key-1"),
        await call(client, bearer, people, "askForHelp", "key-1", who="other_mentee", words="soup"),
    ]

    assert [outcome(one) for one in answers] == [OK] * 3
    assert await conn.fetchval("select count(*) from help_requests") == 2


async def test_a_call_under_way_is_told_so(client: Client, pool: Pool, people: Cast, bearer: Bearer) -> None:
    async with pool.acquire() as other, other.transaction():
        await other.execute("select 1 from people where id = $1 for update", people.mentee.id)
        first = asyncio.create_task(call(client, bearer, people, "askForHelp", "key-1"))
        for _ in range(1000):
            if await other.fetchval("select exists (select 1 from pg_locks where locktype = 'advisory')"):
                break
            await asyncio.sleep(0.001)

        second = await call(client, bearer, people, "askForHelp", "key-1")
    done = await first
    third = await call(client, bearer, people, "askForHelp", "key-1")

    assert outcome(second) == IN_USE
    assert outcome(done) == outcome(third) == OK
    assert third.content == done.content


async def test_a_refusal_is_kept_under_its_own_requests_id(client: Client, people: Cast, bearer: Bearer) -> None:
    taken = {"phone": "+12125550101", "roles": ["mentor"]}

    first = await call(client, bearer, people, "invitePerson", "key-1", **taken)
    again = await call(client, bearer, people, "invitePerson", "key-1", **taken)
    new = await call(client, bearer, people, "invitePerson", "key-2")

    assert [outcome(one) for one in (first, again, new)] == [CONFLICT, CONFLICT, CREATED]
    assert first.json() | {"instance": ""} == again.json() | {"instance": ""}


async def test_after_a_failure_of_ours_the_key_is_as_new(
    client: Client, impatient: Client, pool: Pool, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    async with pool.acquire() as other, other.transaction():
        await other.execute("select 1 from people where id = $1 for update", people.mentee.id)
        failed = await call(impatient, bearer, people, "askForHelp", "key-1")
    kept = await conn.fetchval("select count(*) from kept_answers")

    again = await call(client, bearer, people, "askForHelp", "key-1", words="soup")

    assert (outcome(failed), kept, outcome(again)) == (AWAY, 0, OK)


async def test_a_key_is_new_after_a_day_and_its_answer_is_forgotten(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await call(client, bearer, people, "askForHelp", "key-1")
    client.app.state.clock.ahead += timedelta(hours=23)
    within = await call(client, bearer, people, "askForHelp", "key-1", words="soup")
    client.app.state.clock.ahead += timedelta(hours=2)
    after = await call(client, bearer, people, "askForHelp", "key-1", words="soup")

    early = await flows.kept_answers.forget(conn, NOW + timedelta(hours=30))
    late = await flows.kept_answers.forget(conn, NOW + timedelta(hours=50))

    assert (outcome(within), outcome(after)) == (REUSED, OK)
    assert (early, late) == ({}, {"forgotten": 1})


async def test_whoever_may_not_call_any_more_gets_no_old_answer(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await call(client, bearer, people, "invitePerson", "key-1")
    await conn.execute("update people set roles = '{mentor}' where id = $1", people.coordinator.id)

    again = await call(client, bearer, people, "invitePerson", "key-1")

    assert outcome(again) == NOTHING


@pytest.mark.parametrize("bad", BAD_KEYS)
async def test_a_key_that_is_none_is_refused(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, bad: str
) -> None:
    answered = await call(client, bearer, people, "askForCall", BAD_KEYS[bad])

    assert outcome(answered) == INVALID
    assert answered.json()["errors"][0]["pointer"] == "/idempotency_key"
    assert await conn.fetchval("select count(*) from alerts") == 0


async def test_nothing_readable_of_an_answer_or_a_key_is_kept(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await call(client, bearer, people, "invitePerson", "canary-key")

    [row] = await conn.fetch("select id, said_hash, body from kept_answers")

    assert not [
        word for word in (b"Hal", b"12125550190", b"canary", ZONE.encode()) if word in row["said_hash"] + row["body"]
    ]
    assert b"Hal" in conn.vault.open("kept_answers.body", row["id"], row["body"]).encode()
