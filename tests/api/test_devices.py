"""A person's devices: told by the app, a few a person, a push token with its latest owner alone."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from checkin import flows, store
from checkin.api import auth
from checkin.clock import Clock
from checkin.core.pushes import Provider, Subscription
from checkin.store.pool import Connection
from tests.api.calls import INVALID, NOTHING, OK, TAKEN, UNKNOWN, Bearer, Client, Headers, outcome
from tests.api.signing import (
    DEVICE,
    OTHER_DEVICE,
    SESSION,
    SIGNED_OUT,
    Json,
    headers_of,
    now_of,
    pass_time,
    sign_in,
)
from tests.people import Cast

PHONE: Json = {"platform": "ios", "app_version": "1.4.0", "push_token": "a" * 64}
SUBSCRIPTION: Json = {
    "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABh",
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
BROWSER: Json = {"platform": "web", "app_version": "1.4.0", "web_push": SUBSCRIPTION}


def at(device: str) -> str:
    return f"/v1/me/devices/{device}"


async def test_a_device_is_kept_read_and_forgotten(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)

    put = await client.put(at(DEVICE), json=PHONE, headers=headers)
    read = await client.get(at(DEVICE), headers=headers)
    gone = [outcome(await client.delete(at(DEVICE), headers=headers)) for _ in range(2)]

    assert outcome(put) == outcome(read) == OK
    assert put.json() == read.json()
    assert {key: put.json()[key] for key in ("id", "platform", "app_version", "takes_push")} == {
        "id": DEVICE,
        "platform": "ios",
        "app_version": "1.4.0",
        "takes_push": True,
    }
    assert gone == [TAKEN, TAKEN]
    assert outcome(await client.get(at(DEVICE), headers=headers)) == NOTHING


async def test_what_is_new_about_a_device_takes_the_place_of_the_old(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await client.put(at(DEVICE), json=PHONE, headers=bearer(people.mentee))

    await client.put(at(DEVICE), json={"platform": "ios", "app_version": "1.5.0"}, headers=bearer(people.mentee))

    (device,) = await store.devices.of_person(conn, people.mentee.id)
    assert (device.app_version, device.push_token) == ("1.5.0", None)


async def test_a_push_token_is_with_its_latest_owner_alone(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await client.put(at(DEVICE), json=PHONE, headers=bearer(people.mentee))

    await client.put(at(OTHER_DEVICE), json=PHONE, headers=bearer(people.mentor))

    (device,) = await store.devices.of_person(conn, people.mentor.id)
    assert device.push_token == PHONE["push_token"]
    assert await store.devices.of_person(conn, people.mentee.id) == []


async def test_two_people_may_have_made_the_same_id(client: Client, people: Cast, bearer: Bearer) -> None:
    other = PHONE | {"push_token": "b" * 64, "platform": "android"}
    await client.put(at(DEVICE), json=PHONE, headers=bearer(people.mentee))
    await client.put(at(DEVICE), json=other, headers=bearer(people.mentor))

    mine = await client.get(at(DEVICE), headers=bearer(people.mentee))
    await client.delete(at(DEVICE), headers=bearer(people.mentor))

    assert mine.json()["platform"] == "ios"
    assert outcome(await client.get(at(DEVICE), headers=bearer(people.mentee))) == OK


async def test_of_eleven_devices_the_one_seen_longest_ago_is_forgotten(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    ids = [str(uuid4()) for _ in range(11)]
    for number, one in enumerate(ids):
        await client.put(at(one), json=PHONE | {"push_token": f"push-token-{number}"}, headers=bearer(people.mentee))
        pass_time(client, timedelta(seconds=1))

    kept = {str(device.id) for device in await store.devices.of_person(conn, people.mentee.id)}

    assert kept == set(ids[1:])


async def test_the_same_put_20_times_at_once_is_one_device(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    found = await asyncio.gather(
        *(client.put(at(DEVICE), json=PHONE, headers=bearer(people.mentee)) for _ in range(20))
    )

    assert [outcome(one) for one in found] == [OK] * 20
    assert await conn.fetchval("select count(*) from devices") == 1


async def test_a_token_sent_by_many_people_at_once_ends_with_one(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    others = (people.mentee, people.mentor, people.cover, people.coordinator)

    found = await asyncio.gather(*(client.put(at(DEVICE), json=PHONE, headers=bearer(person)) for person in others * 5))

    assert [outcome(one) for one in found] == [OK] * 20
    assert await conn.fetchval("select count(*) from devices") == 1


async def test_a_browser_takes_pushes_by_its_subscription(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    renewed = SUBSCRIPTION | {"auth": "A" * 22}
    headers = bearer(people.mentee)

    put = await client.put(at(DEVICE), json=BROWSER, headers=headers)
    again = await client.put(at(OTHER_DEVICE), json=BROWSER | {"web_push": renewed}, headers=headers)

    (device,) = await store.devices.of_person(conn, people.mentee.id)
    assert put.json()["takes_push"] is again.json()["takes_push"] is True
    assert device.push_provider is Provider.web_push
    assert device.push_token == Subscription(**renewed).token()
    assert str(device.id) == OTHER_DEVICE  # the same browser under another id, with a new key


async def test_a_browsers_subscription_is_with_its_latest_owner_alone(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await client.put(at(DEVICE), json=BROWSER, headers=bearer(people.mentee))

    await client.put(at(OTHER_DEVICE), json=BROWSER, headers=bearer(people.mentor))

    assert await store.devices.of_person(conn, people.mentee.id) == []
    assert len(await store.devices.of_person(conn, people.mentor.id)) == 1


OTHER_PHONE = PHONE | {"push_token": "b" * 64}


async def test_signing_out_forgets_every_device_that_was_told_of(
    client: Client, conn: Connection, people: Cast
) -> None:
    tokens = await sign_in(client, conn, people.mentee, device=DEVICE)
    await client.put(at(DEVICE), json=PHONE, headers=headers_of(tokens))
    await client.put(at(OTHER_DEVICE), json=OTHER_PHONE, headers=headers_of(tokens))

    await client.delete(SESSION, headers=headers_of(tokens))

    assert await store.devices.of_person(conn, people.mentee.id) == []


async def test_a_device_told_of_while_it_signs_out_is_not_kept(client: Client, conn: Connection, people: Cast) -> None:
    for _ in range(10):
        signed = await flows.sessions.begin(conn, people.mentee, None, now_of(client))
        headers = session_headers(client, people, signed.session)

        told, _ = await asyncio.gather(
            client.put(at(str(uuid4())), json=PHONE, headers=headers), client.delete(SESSION, headers=headers)
        )

        assert outcome(told) in (OK, UNKNOWN, SIGNED_OUT)
        assert await store.devices.of_person(conn, people.mentee.id) == []


async def test_a_device_is_in_the_session_it_was_told_of_in_last(
    client: Client, conn: Connection, people: Cast
) -> None:
    before = await sign_in(client, conn, people.mentee)
    after = await sign_in(client, conn, people.mentee)
    for tokens in (before, after):
        await client.put(at(DEVICE), json=PHONE, headers=headers_of(tokens))

    await client.delete(SESSION, headers=headers_of(before))
    kept = await store.devices.of_person(conn, people.mentee.id)
    await client.delete(SESSION, headers=headers_of(after))

    assert [str(device.id) for device in kept] == [DEVICE]
    assert await store.devices.of_person(conn, people.mentee.id) == []


async def test_signing_in_anew_takes_the_device_along_and_forgets_the_others_it_had(
    client: Client, conn: Connection, people: Cast
) -> None:
    before = await sign_in(client, conn, people.mentee, device=DEVICE)
    await client.put(at(DEVICE), json=PHONE, headers=headers_of(before))
    await client.put(at(OTHER_DEVICE), json=OTHER_PHONE, headers=headers_of(before))

    after = await sign_in(client, conn, people.mentee, device=DEVICE)
    kept = await store.devices.of_person(conn, people.mentee.id)
    await client.delete(SESSION, headers=headers_of(after))

    assert [str(device.id) for device in kept] == [DEVICE]
    assert await store.devices.of_person(conn, people.mentee.id) == []


async def test_a_token_without_a_session_leaves_a_device_in_its_session(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    tokens = await sign_in(client, conn, people.mentee)
    for headers in (headers_of(tokens), bearer(people.mentee)):
        await client.put(at(DEVICE), json=PHONE, headers=headers)

    await client.delete(SESSION, headers=headers_of(tokens))

    assert await store.devices.of_person(conn, people.mentee.id) == []


async def test_a_device_whose_session_ran_out_takes_no_push_until_it_is_told_of_again(
    client: Client, conn: Connection, people: Cast
) -> None:
    before = await sign_in(client, conn, people.mentee)
    await client.put(at(DEVICE), json=PHONE, headers=headers_of(before))
    pass_time(client, timedelta(days=61))
    after = headers_of(await sign_in(client, conn, people.mentee))

    over = await client.get(at(DEVICE), headers=after)
    put = await client.put(at(DEVICE), json=PHONE, headers=after)
    read = await client.get(at(DEVICE), headers=after)

    assert [one.json()["takes_push"] for one in (over, put, read)] == [False, True, True]


def session_headers(client: Client, people: Cast, session: UUID) -> Headers:
    secret = client.app.state.settings.token_secret
    return {"Authorization": f"Bearer {auth.mint(people.mentee.id, secret, Clock().now(), session=session)}"}


BAD: dict[str, Json] = {
    "no platform": {"app_version": "1"},
    "another platform": PHONE | {"platform": "symbian"},
    "no version": {"platform": "ios"},
    "an empty version": PHONE | {"app_version": ""},
    "a long version": PHONE | {"app_version": "1" * 33},
    "a version with NUL": PHONE | {"app_version": "1\0"},
    "a short token": PHONE | {"push_token": "a" * 7},
    "a long token": PHONE | {"push_token": "a" * 513},
    "a token with a blank": PHONE | {"push_token": "a" * 64 + " b"},
    "a token with CRLF": PHONE | {"push_token": "a" * 64 + "\r\nX: y"},
    "a token of emoji": PHONE | {"push_token": "🙂" * 10},
    "token null": PHONE | {"push_token": None},
    "somebody else's": PHONE | {"person_id": "0193d5b2-7c00-7aaa-8bbb-00000000000a"},
    "an id": PHONE | {"id": DEVICE},
    "both ways": PHONE | {"web_push": SUBSCRIPTION},
    "a subscription null": BROWSER | {"web_push": None},
    "a subscription in words": BROWSER | {"web_push": "https://fcm.googleapis.com/fcm/send/abc"},
    "no endpoint": BROWSER | {"web_push": {"p256dh": SUBSCRIPTION["p256dh"], "auth": SUBSCRIPTION["auth"]}},
    "nested keys": BROWSER | {"web_push": {"endpoint": SUBSCRIPTION["endpoint"], "keys": SUBSCRIPTION}},
    **{
        f"leads to {endpoint[:60]}": BROWSER | {"web_push": SUBSCRIPTION | {"endpoint": endpoint}}
        for endpoint in (
            "http://fcm.googleapis.com/fcm/send/abc",
            "https://169.254.169.254/latest/meta-data",
            "https://localhost:8000/metrics",
            "https://fcm.googleapis.com.example.org/abc",
            "https://fcm.googleapis.com@10.0.0.1/abc",
            "https://fcm.googleapis.com:22/abc",
            "https://[::1",
            "file:///etc/passwd",
            "https://fcm.googleapis.com/" + "a" * 1024,
            "https://fcm.googleapis.com/a b",
            "https://fcm.googleapis.com/a\r\nHost: x",
            "https://fcm.googleapis.com/\0",
            "",
        )
    },
    **{
        f"{field} of {value[:10]!r}": BROWSER | {"web_push": SUBSCRIPTION | {field: value}}
        for field, value in (
            ("p256dh", "A" * 87),
            ("p256dh", "B" * 87),
            ("p256dh", SUBSCRIPTION["p256dh"][:-1]),
            ("p256dh", "+" * 87),
            ("auth", "A" * 21),
            ("auth", "A" * 25),
            ("auth", "é" * 22),
            ("auth", ""),
        )
    },
}


async def test_what_is_no_device_is_refused(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)

    found = {name: outcome(await client.put(at(DEVICE), json=body, headers=headers)) for name, body in BAD.items()}
    unknown = [outcome(await client.put(at(one), json=PHONE, headers=headers)) for one in ("1", "x", "%00", "..%2f")]

    assert found == dict.fromkeys(BAD, INVALID)
    assert unknown == [NOTHING] * 4
    assert await conn.fetchval("select count(*) from devices") == 0


async def test_a_push_token_is_not_readable_in_the_database_nor_told(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    put = await client.put(at(DEVICE), json=PHONE, headers=bearer(people.mentee))

    row = await conn.fetchrow("select push_token, push_token_hash from devices")
    assert row is not None
    assert PHONE["push_token"].encode() not in row["push_token"] + row["push_token_hash"]
    assert PHONE["push_token"] not in put.text
