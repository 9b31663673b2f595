"""Check-ins kept offline and sent together: each is answered for itself, and sending them again does no harm."""

import asyncio
import json
from typing import Any

import pytest

from checkin.store.pool import Connection
from tests.api.calls import ANSWER, AWAY, BUSY, INVALID, JSON, NOTHING, OK, TODAY, Bearer, Client, outcome, saying
from tests.api.test_bad_bodies import BODIES
from tests.people import DAY, MONDAY, ZONE, Cast

BATCH = "/v1/me/check-ins/batch"
Json = dict[str, Any]  # Any: JSON


def said(back: int, hour: int = 14, **fields: object) -> Json:
    """Return what was said about the day *back* days ago, at *hour* of that day in New York."""
    day = MONDAY - back * DAY
    return {**ANSWER, "day": str(day), "answered_at": f"{day}T{hour:02}:00:00-05:00", **fields}


async def send(client: Client, headers: dict[str, str], *items: Json) -> list[Json]:
    answered = await client.post(BATCH, json={"items": items}, headers=headers)
    assert outcome(answered) == OK
    found: list[Json] = answered.json()["items"]
    return found


async def test_each_item_is_answered_in_the_order_it_was_sent(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)
    await client.put(TODAY, json=ANSWER, headers=headers)

    found = await send(
        client,
        headers,
        said(0),
        said(1, mood=3),
        said(0, 9, mood=1),
        said(2) | {"mood": "7"},
        said(3) | {"colour": "blue"},
        said(40),
        said(1, mood=3),
    )

    assert [one["outcome"] for one in found] == [
        "unchanged",
        "stored",
        "superseded",
        "invalid",
        "invalid",
        "invalid",
        "unchanged",
    ]
    assert [one["check_in"]["mood"] for one in found if "check_in" in one] == [7, 3, 7, 3]
    assert all(one.keys() == {"outcome", "problem" if one["outcome"] == "invalid" else "check_in"} for one in found)


async def test_an_invalid_item_says_where_and_why(client: Client, people: Cast, bearer: Bearer) -> None:
    found = await send(client, bearer(people.mentee), said(0), said(1) | {"mood": "7"}, said(40))

    [_, mood, far] = found
    assert mood["problem"] == {
        "type": "/problems/invalid",
        "title": "The request is not of the form it needs",
        "status": 400,
        "detail": "Expected `int`, got `str`",
        "errors": [{"pointer": "/items/1/mood", "detail": "Expected `int`, got `str`"}],
    }
    assert (far["problem"]["type"], far["problem"]["errors"][0]["pointer"]) == (
        "/problems/day-out-of-reach",
        "/items/2",
    )


SYNTAX = {
    "note with a raw NUL",
    "note with a raw line break",
    "note in Latin-1",
    "note with an overlong slash",
    "single quotes",
    "a comment",
    "a trailing comma",
    "truncated",
    "truncated in a text",
    "two bodies",
    "empty",
    "blank",
    "UTF-16",
    "a byte order mark",
    "noise",
    "a form",
    "15,000 [",
    "10,000 {",
    "15,000 [ and ]",
}
"""What makes the whole no JSON, or nothing that may be read."""


def spoiled() -> dict[str, bytes]:
    """Return every body that is refused by itself, with a day where it takes one, by its name in the other table."""
    return {
        name: body.replace(b"{", b'{"day": "2026-11-15", ', 1)
        for name, (body, (status, _)) in BODIES.items()
        if status == 400 and name not in {*SYNTAX, "a day"}
    }


async def test_whatever_an_item_is_it_spoils_no_other(client: Client, people: Cast, bearer: Bearer) -> None:
    good = json.dumps(said(0)).encode()
    found = {}

    for name, body in spoiled().items():
        whole = b'{"items": [' + body + b", " + good + b"]}"
        answered = await client.post(BATCH, content=whole, headers=bearer(people.mentee) | JSON)
        items = answered.json().get("items", []) if answered.status_code == 200 else []
        found[name] = outcome(answered), items[0]["outcome"] if items else "", len(items)
        if answered.status_code == 200:
            assert items[1]["outcome"] in ("stored", "unchanged")

    no_json = {name for name, (told, _, _) in found.items() if told == INVALID}
    assert {name for name in found if name not in no_json} > {'mood "7"', "mood twice", "note with an escaped NUL"}
    assert {name: one for name, one in found.items() if name not in no_json} == dict.fromkeys(
        found.keys() - no_json, (OK, "invalid", 2)
    )
    assert no_json <= NO_JSON


NO_JSON = {f"mood {value}" for value in ("07", "+7", "0x7", "", "７")} | {"15,000 [ in a field"}
"""What no reader of JSON takes, wherever it stands."""
WHOLES: dict[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "a list": b"[" + saying() + b"]",
    "no items": b"{}",
    "items null": b'{"items": null}',
    "items an empty object": b'{"items": {}}',
    "items an object": b'{"items": {"a": 1}}',
    "one check-in without its list": b'{"items": ' + saying() + b"}",
    "an empty list": b'{"items": []}',
    "101 items": b'{"items": [' + b", ".join([b"1"] * 101) + b"]}",
    "items twice": b'{"items": [1], "items": [1]}',
    "items twice, once escaped": b'{"items": [1], "item\\u0073": [1]}',
    "an unknown field": b'{"items": [1], "mentee_id": "0193d5b2-7c00-7aaa-8bbb-00000000000a"}',
    "truncated": b'{"items": [1',
    "15,000 [": b'{"items": ' + b"[" * 15_000,
    "bad UTF-8": b'{"items": ["\xe9"]}',
}


@pytest.mark.parametrize("name", WHOLES)
async def test_a_body_that_is_no_batch_is_refused_as_a_whole(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, name: str
) -> None:
    answered = await client.post(BATCH, content=WHOLES[name], headers=bearer(people.mentee) | JSON)

    assert outcome(answered) == INVALID
    assert await conn.fetchval("select count(*) from check_ins") == 0


async def test_a_hundred_items_that_are_nothing_are_a_hundred_answers(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    odd: list[object] = [None, 7, "x", [], {}, [[1]], {"day": 1}, 10**400, True, {"items": []}]
    answered = await client.post(BATCH, json={"items": odd * 10}, headers=bearer(people.mentee))

    assert [one["outcome"] for one in answered.json()["items"]] == ["invalid"] * 100


async def test_a_batch_is_for_active_mentees(client: Client, people: Cast, bearer: Bearer) -> None:
    others = (people.mentor, people.coordinator, people.stranger)

    found = [await client.post(BATCH, json={"items": [said(0)]}, headers=bearer(one)) for one in others]

    assert [outcome(one) for one in found] == [NOTHING] * 3


async def test_the_same_batch_20_times_at_once_is_one_row_a_day(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers, items = bearer(people.mentee), [said(back, mood=back) for back in range(5)]

    answers = await asyncio.gather(*(send(client, headers, *items) for _ in range(20)))
    later = await send(client, headers, *items)

    assert {json.dumps([one["check_in"] for one in found]) for found in [*answers, later]} == {
        json.dumps([one["check_in"] for one in later])
    }
    assert {one["outcome"] for found in answers for one in found} <= {"stored", "unchanged"}
    assert await conn.fetchval("select count(*) from check_ins") == 5
    assert await conn.fetchval("select count(*) from check_in_history") == 0
    assert await conn.fetchval("select count(*) from audit where action = 'check_in.recorded'") == 5


async def test_a_database_that_stops_in_the_middle_loses_nothing_when_the_batch_is_sent_again(
    client: Client, impatient: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers, items = bearer(people.mentee), [said(back) for back in (3, 2, 1)]
    other = conn.transaction()
    await other.start()
    await conn.execute(
        "insert into check_ins (mentee_id, day, id, mood, answered_at, received_at, time_zone, source)"
        " values ($1, $2, gen_random_uuid(), 1, now(), now(), $3, 'app')",
        people.mentee.id,
        MONDAY - 2 * DAY,
        ZONE,
    )

    failed = await impatient.post(BATCH, json={"items": items}, headers=headers)
    await other.rollback()
    again = await send(client, headers, *items)

    assert outcome(failed) == AWAY
    assert [one["outcome"] for one in again] == ["unchanged", "stored", "stored"]


async def test_danger_in_the_note_of_an_answer_that_comes_too_late_is_heard_once(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)
    await client.put(TODAY, json=ANSWER, headers=headers)

    for _ in range(3):
        found = await send(client, headers, said(0, 9, note="i want to die"))

    assert found[0]["outcome"] == "superseded"
    raised = await conn.fetch("select kind, jsonb_array_length(evidence) as causes from alerts")
    assert [(row["kind"], row["causes"]) for row in raised] == [("crisis", 1)]


async def test_a_batch_and_the_same_answers_put_one_by_one_end_alike(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    days = [said(back, mood=back % 3, hope=back % 4) for back in range(20)]

    await send(client, bearer(people.mentee), *days)
    for one in sorted(days, key=lambda one: one["day"]):
        rest = {name: value for name, value in one.items() if name != "day"}
        await client.put(f"/v1/me/check-ins/{one['day']}", json=rest, headers=bearer(people.other_mentee))

    trails = await conn.fetch("select trail from trend_states where version > 0")
    assert len(trails) == 2
    assert trails[0] == trails[1]


async def test_a_batch_that_broke_off_in_the_middle_may_be_sent_again_as_a_whole(
    client: Client, impatient: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers, batch = bearer(people.mentee), [said(1), said(0, 15, mood=3)]
    await client.put(TODAY, json=ANSWER, headers=headers)
    impatient.patience = 0

    async with conn.transaction():
        await conn.execute("select id from check_ins for update")
        broke_off = await impatient.post(BATCH, json={"items": batch}, headers=headers)
    page = (await client.get(broke_off.json()["type"])).text
    again = await send(client, headers, *batch)

    assert outcome(broke_off) in (AWAY, BUSY)
    assert "or of a batch a part" in page
    assert [one["outcome"] for one in again] == ["unchanged", "stored"]
