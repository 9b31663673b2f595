"""Refresh tokens are good once; a stolen one ends the session; and everybody sees and ends their own sessions."""

import asyncio
import base64
from datetime import timedelta
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from checkin.store.pool import Connection
from tests.api.calls import ANSWER, INVALID, NOTHING, OK, TAKEN, TODAY, UNKNOWN, Bearer, Client, outcome
from tests.api.signing import (
    DEVICE,
    OTHER_DEVICE,
    REFRESH,
    SESSION,
    SESSIONS,
    SIGNED_OUT,
    TOKENS,
    Json,
    code_for,
    headers_of,
    pass_time,
    refresh,
    sign_in,
)
from tests.people import Cast

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
READ = "/v1/me/check-ins"


async def reads(client: Client, tokens: Json) -> tuple[int, str]:
    return outcome(await client.get(READ, headers=headers_of(tokens)))


async def test_a_refresh_token_gives_the_next_ones(client: Client, conn: Connection, people: Cast) -> None:
    tokens = await sign_in(client, conn, people.mentee)
    seen = {tokens["refresh_token"]}

    for _ in range(5):
        pass_time(client, 900 * SECOND)
        tokens = (await refresh(client, tokens["refresh_token"])).json()
        seen.add(tokens["refresh_token"])
        assert await reads(client, tokens) == OK

    assert len(seen) == 6
    assert await conn.fetchval("select array_agg(generation) from sessions") == [5]


async def test_a_retry_within_the_grace_gives_an_answer_that_works(
    client: Client, conn: Connection, people: Cast
) -> None:
    first = (await sign_in(client, conn, people.mentee))["refresh_token"]
    lost = (await refresh(client, first)).json()
    pass_time(client, 25 * SECOND)

    again = await refresh(client, first)

    assert outcome(again) == OK
    assert again.json()["refresh_token"] == lost["refresh_token"]
    assert await reads(client, again.json()) == OK
    assert outcome(await refresh(client, again.json()["refresh_token"])) == OK


async def test_a_replay_after_the_grace_ends_the_session_and_is_written_down(
    client: Client, conn: Connection, people: Cast
) -> None:
    stolen = (await sign_in(client, conn, people.mentee))["refresh_token"]
    newest = (await refresh(client, stolen)).json()
    pass_time(client, 31 * SECOND)

    with capture_logs() as logs:
        replayed = await refresh(client, stolen)

    assert outcome(replayed) == outcome(await refresh(client, newest["refresh_token"])) == SIGNED_OUT
    assert await reads(client, newest) == UNKNOWN
    rows = await conn.fetch("select actor, about from audit where action = 'session.reused'")
    assert [(row["actor"], row["about"]) for row in rows] == [("system", newest["session_id"])]
    assert [line["event"] for line in logs] == ["session.reused"]


async def test_a_token_from_long_ago_ends_the_session_too(client: Client, conn: Connection, people: Cast) -> None:
    stolen = (await sign_in(client, conn, people.mentee))["refresh_token"]
    token = stolen
    for _ in range(4):
        token = (await refresh(client, token)).json()["refresh_token"]

    replayed = await refresh(client, stolen)

    assert outcome(replayed) == outcome(await refresh(client, token)) == SIGNED_OUT


async def test_another_session_of_the_person_goes_on(client: Client, conn: Connection, people: Cast) -> None:
    stolen = await sign_in(client, conn, people.mentee)
    other = await sign_in(client, conn, people.mentee)
    await refresh(client, stolen["refresh_token"])
    pass_time(client, 31 * SECOND)
    await refresh(client, stolen["refresh_token"])

    assert (await reads(client, other), await reads(client, stolen)) == (OK, UNKNOWN)


async def test_refreshes_at_once_are_one_family(client: Client, conn: Connection, people: Cast) -> None:
    token = (await sign_in(client, conn, people.mentee))["refresh_token"]

    found = await asyncio.gather(*(refresh(client, token) for _ in range(20)))

    assert [outcome(one) for one in found] == [OK] * 20
    assert len({one.json()["refresh_token"] for one in found}) == 1
    assert await conn.fetchval("select array_agg(generation) from sessions") == [1]
    assert outcome(await refresh(client, found[-1].json()["refresh_token"])) == OK


def touched(token: str) -> dict[str, str]:
    """Return what a refresh token is not, by what was done to it."""
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))

    def coded(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    flipped = {f"byte {at} changed": raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(0, len(raw), 7)}
    return {
        **{name: coded(data) for name, data in flipped.items()},
        "the next generation": coded(raw[:32] + (1).to_bytes(4) + raw[36:]),
        "another person": coded(uuid4().bytes + raw[16:]),
        "another session": coded(raw[:16] + uuid4().bytes + raw[32:]),
        "cut": token[:-1],
        "cut in half": token[: len(token) // 2],
        "longer": token + "A",
        "in padding": token + "==",
        "zeros": coded(bytes(len(raw))),
        "in small letters": token.lower(),
        "a word": "refresh",
        "dots": "a.b.c",
        "not ASCII": token[:-1] + "é",
        "a line break": token + "\n",
    }


async def test_a_touched_refresh_token_is_refused_and_ends_nothing(
    client: Client, conn: Connection, people: Cast
) -> None:
    tokens = await sign_in(client, conn, people.mentee)
    bad = {**touched(tokens["refresh_token"]), "an access token": tokens["access_token"][:200]}

    answers = {name: await refresh(client, token) for name, token in bad.items()}

    assert {name: outcome(one) for name, one in answers.items()} == dict.fromkeys(bad, SIGNED_OUT)
    assert outcome(await refresh(client, tokens["refresh_token"])) == OK


BAD_BODIES: tuple[Json, ...] = (
    {},
    {"refresh_token": ""},
    {"refresh_token": None},
    {"refresh_token": 7},
    {"refresh_token": "x" * 201},
    {"refresh_token": "x", "person_id": "x"},
)


async def test_a_refresh_that_is_not_of_our_form_is_refused(client: Client) -> None:
    assert [outcome(await client.post(REFRESH, json=body)) for body in BAD_BODIES] == [INVALID] * len(BAD_BODIES)


@pytest.mark.parametrize(("after", "expected"), [(59 * DAY, OK), (60 * DAY, SIGNED_OUT)])
async def test_a_session_ends_after_60_days_without_a_renewal(
    client: Client, conn: Connection, people: Cast, after: timedelta, expected: tuple[int, str]
) -> None:
    tokens = await sign_in(client, conn, people.mentee)

    pass_time(client, after)

    assert outcome(await refresh(client, tokens["refresh_token"])) == expected


async def test_whoever_has_left_is_not_renewed(client: Client, conn: Connection, people: Cast) -> None:
    tokens = await sign_in(client, conn, people.mentee)
    await conn.execute("update people set status = 'ended' where id = $1", people.mentee.id)

    assert outcome(await refresh(client, tokens["refresh_token"])) == SIGNED_OUT
    assert await reads(client, tokens) == UNKNOWN


async def test_signing_out_ends_this_session_and_no_other(client: Client, conn: Connection, people: Cast) -> None:
    mine = await sign_in(client, conn, people.mentee)
    other = await sign_in(client, conn, people.mentee)

    signed_out = await client.delete(SESSION, headers=headers_of(mine))

    assert outcome(signed_out) == TAKEN
    assert (await reads(client, mine), await reads(client, other)) == (UNKNOWN, OK)
    assert outcome(await refresh(client, mine["refresh_token"])) == SIGNED_OUT
    assert outcome(await client.delete(SESSION, headers=headers_of(mine))) == UNKNOWN


async def test_a_session_that_has_ended_writes_no_check_in(client: Client, conn: Connection, people: Cast) -> None:
    signed_out, ended, stolen = [await sign_in(client, conn, people.mentee) for _ in range(3)]
    written = await client.put(TODAY, json=ANSWER, headers=headers_of(ended))
    await client.delete(SESSION, headers=headers_of(signed_out))
    await client.delete(f"{SESSIONS}/{ended['session_id']}", headers=headers_of(stolen))
    await refresh(client, stolen["refresh_token"])
    pass_time(client, 31 * SECOND)
    await refresh(client, stolen["refresh_token"])

    later = ANSWER | {"mood": 0, "answered_at": "2026-11-16T14:00:20-05:00"}
    refused = [await client.put(TODAY, json=later, headers=headers_of(one)) for one in (signed_out, ended, stolen)]

    assert outcome(written) == OK
    assert [outcome(one) for one in refused] == [UNKNOWN] * 3
    assert await conn.fetchval("select array_agg(mood) from check_ins") == [7]


async def test_a_token_made_by_hand_has_no_session_to_end(client: Client, people: Cast, bearer: Bearer) -> None:
    assert outcome(await client.delete(SESSION, headers=bearer(people.mentee))) == NOTHING


@pytest.mark.parametrize("named", [{"device": DEVICE}, {}], ids=["named at signing in", "told of later"])
async def test_signing_out_forgets_the_device(
    client: Client, conn: Connection, people: Cast, named: dict[str, str]
) -> None:
    tokens = await sign_in(client, conn, people.mentee, **named)
    path = f"/v1/me/devices/{DEVICE}"
    await client.put(path, json={"platform": "ios", "app_version": "1"}, headers=headers_of(tokens))

    await client.delete(SESSION, headers=headers_of(tokens))

    assert await conn.fetchval("select count(*) from devices") == 0


async def test_sessions_are_seen_and_ended_by_their_owner(client: Client, conn: Connection, people: Cast) -> None:
    mine = await sign_in(client, conn, people.mentee, device=DEVICE)
    other = await sign_in(client, conn, people.mentee, device=OTHER_DEVICE)
    theirs = await sign_in(client, conn, people.mentor)

    listed = (await client.get(SESSIONS, headers=headers_of(mine))).json()["items"]
    foreign = await client.delete(f"{SESSIONS}/{other['session_id']}", headers=headers_of(theirs))
    ended = [await client.delete(f"{SESSIONS}/{other['session_id']}", headers=headers_of(mine)) for _ in range(2)]

    assert [(one["id"], one["device"], one["current"]) for one in listed] == [
        (other["session_id"], OTHER_DEVICE, False),
        (mine["session_id"], DEVICE, True),
    ]
    assert outcome(foreign) == NOTHING
    assert [outcome(one) for one in ended] == [TAKEN, TAKEN]
    assert (await reads(client, other), await reads(client, mine)) == (UNKNOWN, OK)
    assert len((await client.get(SESSIONS, headers=headers_of(mine))).json()["items"]) == 1


async def test_a_session_is_ended_once_by_20_at_once(client: Client, conn: Connection, people: Cast) -> None:
    mine = await sign_in(client, conn, people.mentee)
    other = await sign_in(client, conn, people.mentee)
    path = f"{SESSIONS}/{other['session_id']}"

    found = await asyncio.gather(*(client.delete(path, headers=headers_of(mine)) for _ in range(20)))

    assert [outcome(one) for one in found] == [TAKEN] * 20
    assert await conn.fetchval("select count(*) from audit where action = 'session.ended'") == 1


async def test_signing_out_20_times_at_once_signs_out_once(client: Client, conn: Connection, people: Cast) -> None:
    tokens = await sign_in(client, conn, people.mentee)

    found = await asyncio.gather(*(client.delete(SESSION, headers=headers_of(tokens)) for _ in range(20)))

    assert {outcome(one) for one in found} <= {TAKEN, UNKNOWN}  # whoever comes when it is ended is not signed in
    assert TAKEN in {outcome(one) for one in found}
    assert await conn.fetchval("select count(*) from audit where action = 'session.ended'") == 1


async def test_signing_in_again_on_a_device_ends_what_it_had(client: Client, conn: Connection, people: Cast) -> None:
    before = await sign_in(client, conn, people.mentee, device=DEVICE)

    after = await sign_in(client, conn, people.mentee, device=DEVICE)

    assert (await reads(client, before), await reads(client, after)) == (UNKNOWN, OK)


async def test_the_session_used_longest_ago_ends_for_the_21st(client: Client, conn: Connection, people: Cast) -> None:
    first = await sign_in(client, conn, people.mentee)
    device = {"platform": "ios", "app_version": "1"}
    await client.put(f"/v1/me/devices/{DEVICE}", json=device, headers=headers_of(first))
    for _ in range(20):
        pass_time(client, 5 * 3600 * SECOND)
        last = await client.post(TOKENS, json=await code_for(client, conn, people.mentee))

    listed = (await client.get(SESSIONS, headers=headers_of(last.json()))).json()["items"]

    assert len(listed) == 20
    assert await reads(client, first) == UNKNOWN
    assert await conn.fetchval("select count(*) from devices") == 0


async def test_tokens_are_not_kept_on_their_way(client: Client, conn: Connection, people: Cast) -> None:
    answered = await client.post(TOKENS, json=await code_for(client, conn, people.mentee))

    assert answered.headers["cache-control"] == "no-store"
