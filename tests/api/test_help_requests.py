"""Asking for help and for a call over HTTP, and what those see whose business it is."""

import asyncio
from typing import Any

from checkin.store.pool import Connection
from tests.api.calls import OK, Bearer, Client, Outcome, outcome
from tests.people import DAY, MONDAY, NOW, Cast

MINE, THEIRS = "/v1/me/help-requests", "/v1/help-requests"
ENDED: Outcome = (409, "already-ended")
NEED = {"topic": "transport", "words": "a bus pass"}
Json = dict[str, Any]  # Any: JSON


async def ask(client: Client, people: Cast, bearer: Bearer, **fields: str) -> Json:
    answered = await client.post(MINE, json=NEED | fields, headers=bearer(people.mentee))
    assert outcome(answered) == OK
    asked: Json = answered.json()
    return asked


async def test_a_request_is_kept_and_read_by_whoever_asked(client: Client, people: Cast, bearer: Bearer) -> None:
    asked = await ask(client, people, bearer, due_on=str(MONDAY + 2 * DAY))

    listed = await client.get(MINE, headers=bearer(people.mentee))

    assert listed.json() == {"items": [asked]}
    told = {key: value for key, value in asked.items() if key not in ("id", "asked_at")}
    assert told == NEED | {"status": "open", "due_on": "2026-11-18"}


async def test_the_mentor_takes_it_and_says_what_became_of_it(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    asked = await ask(client, people, bearer)
    path, headers = f"{THEIRS}/{asked['id']}", bearer(people.mentor)

    taken = await client.post(f"{path}/taking", json={"due_on": "2026-11-20"}, headers=headers)
    listed = await client.get(THEIRS, headers=headers)
    ended = await client.post(f"{path}/outcome", json={"outcome": "helped", "note": "at the desk"}, headers=headers)
    over = await client.get(THEIRS, headers=headers)
    mine = await client.get(MINE, headers=bearer(people.mentee))

    assert listed.json() == {"items": [taken.json()]}
    assert {key: taken.json()[key] for key in ("status", "yours", "due_on", "mentee_name", "owner_id")} == {
        "status": "taken",
        "yours": True,
        "due_on": "2026-11-20",
        "mentee_name": "Ana",
        "owner_id": str(people.mentor.id),
    }
    assert (ended.json()["status"], ended.json()["outcome"], ended.json()["note"]) == ("done", "helped", "at the desk")
    assert over.json() == {"items": []}
    assert (mine.json()["items"][0]["outcome"], "note" in mine.json()["items"][0]) == ("helped", False)
    assert await conn.fetchval("select outcome from alerts") == "talked"


async def test_twenty_of_each_at_once_are_one(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)

    asked = await asyncio.gather(*(client.post(MINE, json=NEED, headers=headers) for _ in range(20)))
    calls = await asyncio.gather(*(client.post("/v1/me/calls", headers=headers) for _ in range(20)))
    path = f"{THEIRS}/{asked[0].json()['id']}/outcome"
    takers = (people.mentor, people.cover, people.coordinator) * 4
    ends = await asyncio.gather(*(client.post(path, json={"outcome": "helped"}, headers=bearer(one)) for one in takers))

    assert {outcome(one) for one in asked + calls} == {OK}
    assert len({one.text for one in asked}) == len({one.text for one in calls}) == 1
    assert sorted(outcome(one) for one in ends) == [OK] * 4 + [ENDED] * 8
    assert len({one.text for one in ends if outcome(one) == OK}) == 1
    kinds = await conn.fetch("select kind, jsonb_array_length(evidence) as causes from alerts order by kind")
    assert [tuple(row) for row in kinds] == [("call_me", 1), ("practical_help", 1)]


async def test_the_same_end_again_is_answered_to_who_wrote_it_alone(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    path = f"{THEIRS}/{(await ask(client, people, bearer))['id']}"
    said = {"outcome": "helped", "note": "at the desk"}
    first = await client.post(f"{path}/outcome", json=said, headers=bearer(people.mentor))

    again = await client.post(f"{path}/outcome", json=said, headers=bearer(people.mentor))
    others = [
        await client.post(f"{path}/outcome", json=said, headers=bearer(people.cover)),
        await client.post(f"{path}/outcome", json={"outcome": "helped"}, headers=bearer(people.mentor)),
        await client.post(f"{path}/outcome", json=said | {"outcome": "referred"}, headers=bearer(people.mentor)),
        await client.post(f"{path}/taking", json={}, headers=bearer(people.mentor)),
    ]

    assert again.text == first.text
    assert [outcome(one) for one in others] == [ENDED] * 4
    assert await conn.fetchval("select count(*) from audit where action = 'help.ended'") == 1


async def test_every_look_and_change_is_written_down(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    asked = await ask(client, people, bearer)
    await client.get(THEIRS, headers=bearer(people.coordinator))
    await client.post(f"{THEIRS}/{asked['id']}/outcome", json={"outcome": "helped"}, headers=bearer(people.mentor))

    rows = await conn.fetch(
        "select actor, action, about from audit where person_id = $1 and at >= $2 and about = $3 order by at, action",
        people.mentee.id,
        NOW,
        asked["id"],
    )

    assert [(row["actor"], row["action"]) for row in rows] == [
        ("mentee", "help.asked"),
        ("coordinator", "help.read"),
        ("mentor", "help.ended"),
        ("mentor", "help.read"),
    ]
