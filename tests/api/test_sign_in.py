"""Signing in with a code by text: who gets one, what it opens, and what is never told."""

import asyncio
import re
from datetime import timedelta

import pytest

from checkin import core, flows
from checkin.core.texts import Text
from checkin.store.pool import Connection
from tests.api.calls import INVALID, OK, UNKNOWN, Client, outcome
from tests.api.signing import (
    ASKED,
    CODES,
    DEVICE,
    OTHER_DEVICE,
    TOKENS,
    TOO_OFTEN,
    WRONG,
    Json,
    ask,
    code_for,
    codes_of,
    headers_of,
    now_of,
    pass_time,
    sign_in,
)
from tests.people import Cast
from tests.phones import sent_to, told

NOBODY = "+12125559999"
MINUTE = timedelta(minutes=1)


async def test_a_code_by_text_signs_its_owner_in(client: Client, conn: Connection, people: Cast) -> None:
    tokens = await sign_in(client, conn, people.mentor)

    read = await client.get("/v1/alerts", headers=headers_of(tokens))
    assert outcome(read) == OK
    assert tokens["person_id"] == str(people.mentor.id)
    assert (tokens["roles"], tokens["expires_in"]) == (["mentor"], 900)
    trail = await conn.fetch("select action, actor_id, about from audit where person_id = $1", people.mentor.id)
    assert ("session.began", people.mentor.id, tokens["session_id"]) in [tuple(row) for row in trail]


async def test_the_text_is_in_the_readers_language_and_is_worth_five_minutes(
    client: Client, conn: Connection, people: Cast
) -> None:
    await ask(client, people.other_mentee.phone)

    (code,) = await codes_of(conn, client, people.other_mentee)

    (body,) = await sent_to(conn, people.other_mentee)
    row = await conn.fetchrow("select lane, expires_at - created_at as good_for from outbox")
    assert row is not None
    assert body == core.texts.render(Text.code, "es", code=code, program="Harbor")
    assert row["lane"] == "code"
    assert timedelta(minutes=4) < row["good_for"] <= timedelta(minutes=5)


async def test_the_answer_is_the_same_for_a_number_nobody_has(client: Client, conn: Connection, people: Cast) -> None:
    known, unknown = await ask(client, people.mentee.phone), await ask(client, NOBODY)

    sent = await flows.sign_in.send_codes(conn, now_of(client))

    assert outcome(known) == outcome(unknown) == ASKED
    assert known.json().keys() == unknown.json().keys()
    assert known.json()["expires_in"] == unknown.json()["expires_in"] == 300
    assert known.headers.keys() == unknown.headers.keys()
    assert known.headers["ratelimit"] == unknown.headers["ratelimit"] == '"number";r=4;t=86400'
    assert sent == {"asked": 2, "queued": 1}


async def test_a_request_does_the_same_work_whether_anybody_has_the_number(
    client: Client, conn: Connection, people: Cast
) -> None:
    """So that the time it takes tells nothing: whose number it is, is not looked at before the worker does."""
    seen = []
    for phone in (people.mentee.phone, NOBODY):
        await ask(client, phone)
        row = await conn.fetchrow(
            "select person_id, code_hash, phone is null, tries from sign_in_codes order by asked_at desc limit 1"
        )
        assert row is not None
        seen.append(tuple(row))

    assert seen == [(None, None, False, 0)] * 2
    assert await conn.fetchval("select count(*) from outbox") == 0


@pytest.mark.parametrize(
    "change",
    ["status = 'ended'", "status = 'invited'", "opted_out_at = now()"],
    ids=["has left", "has not said yes", "has sent STOP"],
)
async def test_who_takes_no_texts_gets_no_code_and_the_same_answer(
    client: Client, conn: Connection, people: Cast, change: str
) -> None:
    await conn.execute(f"update people set {change} where id = $1", people.mentee.id)

    answered = await ask(client, people.mentee.phone)

    assert outcome(answered) == ASKED
    assert await flows.sign_in.send_codes(conn, now_of(client)) == {"asked": 1, "queued": 0}


async def test_a_number_several_people_share_opens_nothing_and_the_coordinator_is_told(
    client: Client, conn: Connection, people: Cast
) -> None:
    await conn.execute(
        "update people set phone_hash = (select phone_hash from people where id = $1) where id = $2",
        people.mentee.id,
        people.other_mentee.id,
    )

    answered = await ask(client, people.mentee.phone)

    assert outcome(answered) == ASKED
    assert await flows.sign_in.send_codes(conn, now_of(client)) == {"asked": 1, "queued": 0}
    assert await sent_to(conn, people.coordinator) == [told(Text.shared_phone)]


@pytest.mark.parametrize(
    "written", ["+12125550101", "+1 (212) 555-0101", "+1.212.555.0101", " +1 212 555 01 01 ", "+1-212-555-0101"]
)
async def test_a_number_may_be_written_as_people_write_it(
    client: Client, conn: Connection, people: Cast, written: str
) -> None:
    answered = await ask(client, written)

    assert outcome(answered) == ASKED
    assert len(await codes_of(conn, client, people.mentee)) == 1


BAD_PHONES = (
    "2125550101", "+12125550101;ext=1", "+12125550101 ext 1", "+12125550101x1", "+1212555010📱", "tel:+12125550101",
    "+１２１２５５５０１０１", "+1212555010", "+", "+0000000000", "+121255501011234567", "+12125550101\n", "",
    "+1212KLONDIKE", "+12125550101\u0000", "+1 212 555 0101, +1 212 555 0102", "' or 1=1 --", "=cmd|'/c calc'!A1",
)  # fmt: skip


async def test_what_is_no_phone_is_refused_and_nothing_kept(client: Client, conn: Connection) -> None:
    found = {phone: outcome(await ask(client, phone)) for phone in BAD_PHONES}

    assert found == dict.fromkeys(BAD_PHONES, INVALID)
    assert await conn.fetchval("select count(*) from sign_in_codes") == 0


BAD_BODIES: tuple[Json, ...] = (
    {},
    {"phone": None},
    {"phone": 12125550101},
    {"phone": ["+12125550101"]},
    {"phone": "+12125550101", "role": "coordinator"},
    {"phone": "+12125550101", "device": "mine"},
    {"phone": "+12125550101", "device": None},
    {"phone": "+12125550101", "code": "000000"},
)


async def test_a_body_that_is_not_ours_is_refused(client: Client, conn: Connection) -> None:
    found = [outcome(await client.post(CODES, json=body)) for body in BAD_BODIES]

    assert found == [INVALID] * len(BAD_BODIES)
    assert await conn.fetchval("select count(*) from sign_in_codes") == 0


async def test_a_code_is_good_once(client: Client, conn: Connection, people: Cast) -> None:
    given = await code_for(client, conn, people.mentee)

    found = [outcome(await client.post(TOKENS, json=given)) for _ in range(3)]

    assert found == [OK, WRONG, WRONG]


async def test_of_20_who_use_a_code_at_once_one_is_signed_in(client: Client, conn: Connection, people: Cast) -> None:
    given = await code_for(client, conn, people.mentee)

    found = await asyncio.gather(*(client.post(TOKENS, json=given) for _ in range(20)))

    assert sorted(outcome(one) for one in found) == [OK, *[WRONG] * 19]
    assert await conn.fetchval("select count(*) from sessions") == 1


async def test_of_20_requests_at_once_one_is_taken_and_one_text_leaves(
    client: Client, conn: Connection, people: Cast
) -> None:
    found = await asyncio.gather(*(ask(client, people.mentee.phone) for _ in range(20)))

    sent = await flows.sign_in.send_codes(conn, now_of(client))
    assert sorted(outcome(one) for one in found) == [ASKED, *[TOO_OFTEN] * 19]
    assert sent == {"asked": 1, "queued": 1}
    assert await conn.fetchval("select count(*) from outbox") == 1


async def test_two_workers_send_one_code(client: Client, conn: Connection, people: Cast) -> None:
    await ask(client, people.mentee.phone)
    pool = client.app.state.pool

    async def work() -> dict[str, int]:
        async with pool.acquire() as own:
            return await flows.sign_in.send_codes(own, now_of(client))

    found = await asyncio.gather(work(), work(), work())

    assert sorted(found, key=len) == [{}, {}, {"asked": 1, "queued": 1}]
    assert await conn.fetchval("select count(*) from outbox") == 1


@pytest.mark.parametrize(("after", "expected"), [(4.9 * MINUTE, OK), (5 * MINUTE, WRONG)], ids=["in time", "too late"])
async def test_a_code_is_good_for_five_minutes(
    client: Client, conn: Connection, people: Cast, after: timedelta, expected: tuple[int, str]
) -> None:
    given = await code_for(client, conn, people.mentee)

    pass_time(client, after)

    assert outcome(await client.post(TOKENS, json=given)) == expected


async def test_a_code_that_was_asked_for_too_long_ago_is_not_sent(
    client: Client, conn: Connection, people: Cast
) -> None:
    await ask(client, people.mentee.phone)

    pass_time(client, 5 * MINUTE)

    assert await codes_of(conn, client, people.mentee) == []


async def test_five_wrong_codes_close_a_request(client: Client, conn: Connection, people: Cast) -> None:
    given = await code_for(client, conn, people.mentee)
    wrong = given | {"code": f"{(int(given['code']) + 1) % 10**6:06}"}

    found = [outcome(await client.post(TOKENS, json=wrong)) for _ in range(5)]

    assert [*found, outcome(await client.post(TOKENS, json=given))] == [WRONG] * 6


async def test_the_fifth_try_still_counts(client: Client, conn: Connection, people: Cast) -> None:
    given = await code_for(client, conn, people.mentee)
    wrong = given | {"code": f"{(int(given['code']) + 1) % 10**6:06}"}
    for _ in range(4):
        await client.post(TOKENS, json=wrong)

    assert outcome(await client.post(TOKENS, json=given)) == OK


async def test_a_code_answers_its_own_request_alone(client: Client, conn: Connection, people: Cast) -> None:
    mine = await code_for(client, conn, people.mentee)
    theirs = await code_for(client, conn, people.mentor)

    crossed = mine | {"code": theirs["code"]}, theirs | {"code": mine["code"]}

    assert [outcome(await client.post(TOKENS, json=one)) for one in crossed] == [WRONG, WRONG]


@pytest.mark.parametrize("device", [None, OTHER_DEVICE])
async def test_a_code_is_good_on_the_device_that_asked_alone(
    client: Client, conn: Connection, people: Cast, device: str | None
) -> None:
    given = await code_for(client, conn, people.mentee, device=DEVICE)
    elsewhere = {key: value for key, value in (given | {"device": device}).items() if value is not None}

    assert outcome(await client.post(TOKENS, json=elsewhere)) == WRONG
    assert outcome(await client.post(TOKENS, json=given)) == OK


async def test_all_bad_codes_get_the_same_answer(client: Client, conn: Connection, people: Cast) -> None:
    given = await code_for(client, conn, people.mentee)
    unsent = (await ask(client, NOBODY)).json()["request_id"]
    bad = [given | {"code": f"{(int(given['code']) + 1) % 10**6:06}"}]
    bad += [given | {"request_id": one} for one in (unsent, DEVICE, "00000000-0000-0000-0000-000000000000")]

    answers = [await client.post(TOKENS, json=one) for one in bad]

    told_of = [{key: value for key, value in one.json().items() if key != "instance"} for one in answers]
    assert [outcome(one) for one in answers] == [WRONG] * 4
    assert told_of == [told_of[0]] * 4


BAD_CODES = (
    "12345",
    "1234567",
    "12345a",
    "１２３４５６",
    "-12345",
    "12 345",
    "123456\n",
    "",
    "1e5",
    123456,
    None,
    ["123456"],
)


async def test_what_is_no_code_is_refused_and_not_counted(client: Client, conn: Connection, people: Cast) -> None:
    given = await code_for(client, conn, people.mentee)

    found = [outcome(await client.post(TOKENS, json=given | {"code": one})) for one in BAD_CODES]

    assert found == [INVALID] * len(BAD_CODES)
    assert outcome(await client.post(TOKENS, json=given)) == OK


async def test_whoever_left_between_code_and_sign_in_is_not_let_in(
    client: Client, conn: Connection, people: Cast
) -> None:
    given = await code_for(client, conn, people.mentee)
    await conn.execute("update people set status = 'ended' where id = $1", people.mentee.id)

    assert outcome(await client.post(TOKENS, json=given)) == WRONG


async def test_neither_codes_nor_tokens_nor_phones_are_readable_in_the_database(
    client: Client, conn: Connection, people: Cast
) -> None:
    await ask(client, NOBODY)
    given = await code_for(client, conn, people.mentee, device=DEVICE)
    tokens = (await client.post(TOKENS, json=given)).json()
    tables = ("sign_in_codes", "limited_uses", "sessions", "devices", "audit", "outbox")

    rows = [row["row"] for one in tables for row in await conn.fetch(f"select t::text as row from {one} t")]

    kept = "\n".join(rows)
    plain = kept + "".join(bytes.fromhex(one).decode("latin-1") for one in re.findall(r"\\x((?:[0-9a-f]{2})+)", kept))
    secrets = [NOBODY[1:], "2125550101", tokens["refresh_token"], tokens["access_token"]]
    assert [one for one in secrets if one in plain] == []
    assert not re.search(rf"\b{given['code']}\b", plain)


async def test_a_token_for_signing_in_is_not_one_for_reading(client: Client, conn: Connection, people: Cast) -> None:
    tokens = await sign_in(client, conn, people.mentee)

    headers = {"Authorization": f"Bearer {tokens['refresh_token']}"}

    assert outcome(await client.get("/v1/me/check-ins", headers=headers)) == UNKNOWN
