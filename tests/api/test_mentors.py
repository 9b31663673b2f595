"""Availability and load over HTTP: strict, for the people they are for, and nothing for anybody else."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.store.pool import Connection
from tests.api.calls import INVALID, JSON, NOTHING, OK, UNKNOWN, Bearer, Client, outcome
from tests.people import NOW, Cast
from tests.phones import text

PATH, LOAD = "/v1/me/availability", "/v1/mentors/load"
HOURS = [{"weekday": 1, "opens": "09:00", "closes": "17:00"}, {"weekday": 5, "opens": "20:00", "closes": "02:00"}]
NOBODY = "0193d5b2-7c00-7aaa-8bbb-0000000000ff"
Json = dict[str, Any]  # Any: JSON


async def read_by(client: Client, headers: dict[str, str]) -> dict[str, str]:
    """Return the headers of a change by somebody who has read what stands."""
    return headers | {"If-Match": (await client.get(PATH, headers=headers)).headers["etag"]}


async def test_without_a_choice_the_hours_are_the_programs(client: Client, people: Cast, bearer: Bearer) -> None:
    answered = await client.get(PATH, headers=bearer(people.mentor))

    assert outcome(answered) == OK
    hours = [{"weekday": day, "opens": "08:00", "closes": "21:00"} for day in range(1, 8)]
    assert answered.json() == {"hours": hours, "hours_chosen": False, "leave": []}


async def test_what_is_chosen_stands_and_can_be_taken_back(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentor)
    leave = {"first_day": "2026-12-24", "last_day": "2026-12-26", "cover_id": str(people.other_mentor.id)}
    change = {"hours": HOURS, "digest_at": "12:30", "limit": 3, "leave_add": [leave]}

    chosen = await client.patch(PATH, headers=await read_by(client, headers), json=change)
    read = await client.get(PATH, headers=headers)
    ended = [one["id"] for one in chosen.json()["leave"]]
    take_back = {"take_back": ["hours", "limit"], "leave_end": ended}
    back = await client.patch(PATH, headers=await read_by(client, headers), json=take_back)

    assert outcome(chosen) == OK
    stands = chosen.json()
    [days] = stands.pop("leave")
    assert stands == {"hours": HOURS, "hours_chosen": True, "digest_at": "12:30", "limit": 3}
    assert days["starts_at"] == "2026-12-24T00:00:00-05:00"
    assert days["ends_at"] == "2026-12-27T00:00:00-05:00"
    assert days["cover_id"] == str(people.other_mentor.id)
    assert (read.json(), read.headers["etag"]) == (chosen.json(), chosen.headers["etag"])
    left = back.json()
    assert (left["hours_chosen"], left["digest_at"], "limit" in left, left["leave"]) == (False, "12:30", False, [])


@pytest.mark.parametrize(
    "body",
    [
        '{"hours": []}',
        '{"hours": null}',
        '{"hours": [{"weekday": 0, "opens": "09:00", "closes": "10:00"}]}',
        '{"hours": [{"weekday": 8, "opens": "09:00", "closes": "10:00"}]}',
        '{"hours": [{"weekday": "1", "opens": "09:00", "closes": "10:00"}]}',
        '{"hours": [{"weekday": 1, "opens": "9:00", "closes": "10:00"}]}',
        '{"hours": [{"weekday": 1, "opens": "09:00", "closes": "24:00"}]}',
        '{"hours": [{"weekday": 1, "opens": "09:00", "closes": "10:00", "zone": "UTC"}]}',
        '{"hours": [' + ", ".join(['{"weekday": 1, "opens": "09:00", "closes": "10:00"}'] * 2) + "]}",
        '{"digest_at": "03:00"}',
        '{"digest_at": "noon"}',
        '{"limit": 0}',
        '{"limit": 101}',
        '{"limit": 3.0}',
        '{"limit": true}',
        '{"limit": 3, "take_back": ["limit"]}',
        '{"take_back": ["role"]}',
        '{"role": "coordinator"}',
        f'{{"mentor_id": "{NOBODY}"}}',
        '{"leave_add": [{"first_day": "2020-01-01", "last_day": "2020-01-02"}]}',
        '{"leave_add": [{"first_day": "2026-12-26", "last_day": "2026-12-24"}]}',
        '{"leave_add": [{"first_day": "9999-12-30", "last_day": "9999-12-31"}]}',
        f'{{"leave_add": [{{"first_day": "2026-12-26", "last_day": "2026-12-27", "cover_id": "{NOBODY}"}}]}}',
        f'{{"leave_end": ["{NOBODY}"]}}',
        '{"leave_end": ["x"]}',
        "[]",
        "",
    ],
)
async def test_what_is_not_of_the_form_is_refused_and_changes_nothing(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, body: str
) -> None:
    headers = bearer(people.mentor) | JSON | {"If-Match": "*"}

    answered = await client.patch(PATH, headers=headers, content=body)

    assert outcome(answered) == INVALID
    assert await conn.fetchval("select count(*) from availability") == 0
    assert await conn.fetchval("select count(*) from absences") == 0


async def test_a_change_made_blindly_or_from_an_older_state_is_refused(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    leave = {"leave_add": [{"first_day": "2026-12-24", "last_day": "2026-12-26"}]}
    headers = bearer(people.mentor)
    older = await read_by(client, headers)

    blind = await client.patch(PATH, headers=headers, json=leave)
    first = await client.patch(PATH, headers=older, json=leave)
    again = await client.patch(PATH, headers=older, json=leave)

    assert outcome(blind) == (428, "if-match-needed")
    assert outcome(first) == OK
    assert outcome(again) == (412, "stale")
    assert await conn.fetchval("select count(*) from absences") == 1


async def test_of_two_changes_at_once_one_is_made(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = await read_by(client, bearer(people.mentor))
    changes = [{"limit": limit} for limit in range(1, 11)]

    answers = await asyncio.gather(*(client.patch(PATH, headers=headers, json=change) for change in changes))

    assert sorted(one.status_code for one in answers) == [200] + [412] * 9
    [made] = [one for one in answers if one.status_code == 200]
    assert await conn.fetchval("select alert_limit from availability") == made.json()["limit"]


async def test_what_a_client_has_already_is_not_sent_again(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentor)
    read = await client.get(PATH, headers=headers)

    again = await client.get(PATH, headers=headers | {"If-None-Match": read.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("first", ["2026-11-16", "2026-12-24"])
async def test_leave_that_stands_or_is_over_is_not_added_or_ended_again(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, first: str
) -> None:
    headers = bearer(people.mentor) | {"If-Match": "*"}
    leave = {"leave_add": [{"first_day": first, "last_day": "2026-12-26"}] * 2}

    added = [await client.patch(PATH, headers=headers, json=leave) for _ in range(3)]
    ending = {"leave_end": [one["id"] for one in added[0].json()["leave"]] * 2}
    ended = [await client.patch(PATH, headers=headers, json=ending) for _ in range(3)]
    anew = await client.patch(PATH, headers=headers, json=leave)

    assert [len(one.json()["leave"]) for one in (*added, *ended, anew)] == [1, 1, 1, 0, 0, 0, 1]
    assert len({one.headers["etag"] for one in added}) == 1
    assert await conn.fetchval("select count(*) from audit where action = 'availability.changed'") == 3


async def test_leave_of_other_days_or_cover_is_added(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentor) | {"If-Match": "*"}
    days: Json = {"first_day": "2026-12-24", "last_day": "2026-12-26"}
    others: list[Json] = [{"first_day": "2026-12-23"}, {"last_day": "2026-12-27"}, {"cover_id": str(people.cover.id)}]

    added = await client.patch(PATH, headers=headers, json={"leave_add": [days, *(days | one for one in others)]})
    [first, *_] = [one["id"] for one in added.json()["leave"]]
    again = await client.patch(PATH, headers=headers, json={"leave_end": [first], "leave_add": [days]})

    assert len(added.json()["leave"]) == 4
    assert len(again.json()["leave"]) == 3


@pytest.mark.parametrize("name", ["mentee", "other_mentee"])
async def test_a_mentee_finds_nothing_here(client: Client, people: Cast, bearer: Bearer, name: str) -> None:
    headers = bearer(getattr(people, name))

    assert outcome(await client.get(PATH, headers=headers)) == NOTHING
    assert outcome(await client.patch(PATH, headers=headers, json={"limit": 3})) == NOTHING
    assert outcome(await client.get(LOAD, headers=headers)) == NOTHING


async def test_nobody_else_can_end_anothers_leave(client: Client, people: Cast, bearer: Bearer) -> None:
    leave = {"first_day": "2026-12-24", "last_day": "2026-12-26"}
    headers = bearer(people.mentor) | {"If-Match": "*"}
    added = await client.patch(PATH, headers=headers, json={"leave_add": [leave]})
    ids = [one["id"] for one in added.json()["leave"]]

    headers = bearer(people.other_mentor) | {"If-Match": "*"}
    refused = await client.patch(PATH, headers=headers, json={"leave_end": ids})

    assert outcome(refused) == INVALID
    assert (await client.get(PATH, headers=bearer(people.mentor))).json() == added.json()


async def test_without_a_token_nothing_is_told(client: Client) -> None:
    assert outcome(await client.get(PATH)) == outcome(await client.get(LOAD)) == UNKNOWN


async def test_a_coordinator_sees_what_each_mentor_carries(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    night = NOW - timedelta(hours=11)  # 04:00 in New York
    await text(conn, people.mentee, "i want to kill myself", at=night)
    await flows.alerts.move_due(conn, night)
    await text(conn, people.mentor, "OK", at=night + timedelta(minutes=4))
    await store.alerts.raise_for(conn, people.other_mentee.id, Kind.call_me, {}, NOW)

    answered = await client.get(LOAD, headers=bearer(people.coordinator))

    assert outcome(answered) == OK
    found = {one.pop("name"): one for one in answered.json()["items"]}
    assert found.keys() == {"Ben", "Cleo", "Eli"}
    assert found["Ben"] == {
        "mentor_id": str(people.mentor.id),
        "mentees": 1,
        "open_alerts": 1,
        "median_answer_seconds": 240,
        "outside_hours": 1,
    }
    assert found["Cleo"] == {
        "mentor_id": str(people.cover.id),
        "mentees": 0,
        "open_alerts": 0,
        "outside_hours": 0,
    }


@pytest.mark.parametrize("name", ["mentor", "cover", "other_mentor"])
async def test_a_mentor_does_not_see_what_others_carry(client: Client, people: Cast, bearer: Bearer, name: str) -> None:
    assert outcome(await client.get(LOAD, headers=bearer(getattr(people, name)))) == NOTHING


async def test_another_programs_coordinator_sees_their_own(client: Client, people: Cast, bearer: Bearer) -> None:
    answered = await client.get(LOAD, headers=bearer(people.stranger))

    assert answered.json() == {"items": []}


async def test_a_closed_alert_is_opened_again_by_whose_business_it_is(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
    [alert] = await store.alerts.open_for(conn, people.mentor.id, NOW)
    await text(conn, people.mentor, f"CALLED {alert.number}", at=NOW)
    path = f"/v1/alerts/{alert.id}/reopening"

    refused = await client.post(path, headers=bearer(people.other_mentor))
    answered = await client.post(path, headers=bearer(people.coordinator))

    assert (outcome(refused), outcome(answered)) == (NOTHING, OK)
    again: Json = answered.json()
    assert (again["follows_id"], again["yours"], again["taken_by"]) == (str(alert.id), True, "Fay")
