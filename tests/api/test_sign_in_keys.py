"""A request for a code whose answer was lost is sent again under its Idempotency-Key, and counts once."""

import asyncio
from datetime import timedelta

import pytest
from httpx import Response

from checkin import store
from checkin.store.pool import Connection
from tests.api.calls import INVALID, OK, Client, outcome
from tests.api.signing import ASKED, CODES, DEVICE, OTHER_DEVICE, TOKENS, TOO_OFTEN, WRONG, Json, codes_of, pass_time
from tests.api.test_idempotency_keys import BAD_KEYS, with_key
from tests.people import Cast

NOBODY = "+12125559999"
SECOND = timedelta(seconds=1)


async def ask(client: Client, phone: str | None, key: str | bytes, **more: str) -> Response:
    return await client.post(CODES, json={"phone": phone, **more}, headers=with_key({}, key))


async def test_a_lost_answer_is_given_again_and_counts_once(client: Client, conn: Connection, people: Cast) -> None:
    first = await ask(client, people.mentee.phone, "key-1")
    again = []
    for wait in (0, 5, 55, 120, 100):
        pass_time(client, wait * SECOND)
        again.append(await ask(client, people.mentee.phone, "key-1"))
    [code] = await codes_of(conn, client, people.mentee)
    given = {"request_id": again[-1].json()["request_id"], "code": code}

    assert [outcome(one) for one in again] == [ASKED] * 5
    assert {one.json()["request_id"] for one in again} == {first.json()["request_id"]}
    assert (first.json()["expires_in"], 18 <= again[-1].json()["expires_in"] <= 20) == (300, True)
    assert await conn.fetchval("select count(*) from sign_in_codes") == 1
    assert await conn.fetchval("select count(distinct id) from limited_uses") == 3  # address, range and service
    assert outcome(await client.post(TOKENS, json=given)) == OK


async def test_a_number_nobody_has_is_answered_alike(client: Client, people: Cast) -> None:
    told: list[list[Json]] = []
    for phone in (people.mentee.phone, NOBODY):
        answers = [await ask(client, phone, "key-1") for _ in range(2)]
        answers.append(await ask(client, phone, "key-2"))
        same = answers[0].json()["request_id"] == answers[1].json().get("request_id")
        told.append([{"same": same, "status": one.status_code, "fields": sorted(one.json())} for one in answers])

    assert told[0] == told[1]
    assert [one["status"] for one in told[0]] == [202, 202, 429]


async def test_what_comes_again_does_not_wait_for_those_who_use_up_limits(
    client: Client, conn: Connection, people: Cast
) -> None:
    first = await ask(client, people.mentee.phone, "key-1")
    pass_time(client, 61 * SECOND)

    async with conn.transaction():
        await store.limits.lock(conn)
        again = await asyncio.wait_for(ask(client, people.mentee.phone, "key-1"), 20)

    assert again.json()["request_id"] == first.json()["request_id"]


@pytest.mark.parametrize("phone", ["known", NOBODY])
async def test_20_at_once_are_one_request(client: Client, conn: Connection, people: Cast, phone: str) -> None:
    number = people.mentee.phone if phone == "known" else phone

    answers = await asyncio.gather(*(ask(client, number, "key-1") for _ in range(20)))

    assert {outcome(one) for one in answers} == {ASKED}
    assert len({one.json()["request_id"] for one in answers}) == 1
    assert await conn.fetchval("select count(*) from sign_in_codes") == 1


async def test_a_key_is_its_phones_and_its_devices_own(client: Client, people: Cast) -> None:
    first = await ask(client, people.mentee.phone, "key-1", device=DEVICE)
    other_phone = await ask(client, people.mentor.phone, "key-1", device=DEVICE)
    other_key = await ask(client, people.mentee.phone, "key-2", device=DEVICE)
    other_device = await ask(client, people.mentee.phone, "key-1", device=OTHER_DEVICE)
    no_device = await ask(client, people.mentee.phone, "key-1")
    no_key = await client.post(CODES, json={"phone": people.mentee.phone, "device": DEVICE})
    written_otherwise = await ask(client, "+1 (212) 555-0101", "key-1", device=DEVICE)

    assert outcome(other_phone) == ASKED
    assert other_phone.json()["request_id"] != first.json()["request_id"]
    assert [outcome(one) for one in (other_key, other_device, no_device, no_key)] == [TOO_OFTEN] * 4
    assert written_otherwise.json()["request_id"] == first.json()["request_id"]


async def test_when_the_code_is_over_the_key_asks_for_a_new_one(client: Client, people: Cast) -> None:
    first = await ask(client, people.mentee.phone, "key-1")
    pass_time(client, 300 * SECOND)

    after = await ask(client, people.mentee.phone, "key-1")
    again = await ask(client, people.mentee.phone, "key-1")

    assert (outcome(first), outcome(after)) == (ASKED, ASKED)
    assert first.json()["request_id"] != after.json()["request_id"] == again.json()["request_id"]


@pytest.mark.parametrize("phone", ["known", NOBODY])
async def test_after_five_wrong_tries_the_key_asks_for_a_new_one(client: Client, people: Cast, phone: str) -> None:
    number = people.mentee.phone if phone == "known" else phone
    first = (await ask(client, number, "key-1")).json()["request_id"]
    given = {"request_id": first, "code": "042137"}
    tries = [await client.post(TOKENS, json=given) for _ in range(5)]

    at_once = await ask(client, number, "key-1")
    pass_time(client, 60 * SECOND)
    after = await ask(client, number, "key-1")

    assert [outcome(one) for one in tries] == [WRONG] * 5
    assert (outcome(at_once), outcome(after)) == (TOO_OFTEN, ASKED)
    assert after.json()["request_id"] != first


@pytest.mark.parametrize("wrong_tries", [0, 4])
async def test_a_duplicate_that_comes_after_signing_in_sends_nothing(
    client: Client, conn: Connection, people: Cast, wrong_tries: int
) -> None:
    first = (await ask(client, people.mentee.phone, "key-1")).json()["request_id"]
    [code] = await codes_of(conn, client, people.mentee)
    for tried in [code[:5] + str(9 - int(code[5]))] * wrong_tries + [code]:
        answered = await client.post(TOKENS, json={"request_id": first, "code": tried})
    pass_time(client, 120 * SECOND)

    again = await ask(client, people.mentee.phone, "key-1")

    assert outcome(answered) == OK
    assert (outcome(again), again.json()["request_id"]) == (ASKED, first)
    assert await codes_of(conn, client, people.mentee) == [code]


@pytest.mark.parametrize("bad", BAD_KEYS)
async def test_a_key_that_is_none_is_refused(client: Client, conn: Connection, people: Cast, bad: str) -> None:
    answered = await ask(client, people.mentee.phone, BAD_KEYS[bad])

    assert outcome(answered) == INVALID
    assert answered.json()["errors"][0]["pointer"] == "/idempotency_key"
    assert await conn.fetchval("select count(*) from sign_in_codes") == 0


async def test_nothing_readable_of_a_key_is_kept(client: Client, conn: Connection, people: Cast) -> None:
    await ask(client, people.mentee.phone, "canary-key")

    kept = await conn.fetchval("select key_hash from sign_in_codes")

    assert len(kept) == 32
    assert b"canary" not in kept
