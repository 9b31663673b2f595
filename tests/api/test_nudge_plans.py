"""Nudge plans over HTTP: a mentee's own, and for the coordinators of their programme."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from checkin import core
from checkin.core.people import Person
from checkin.store.pool import Connection
from tests.api.calls import NOTHING, OK, UNKNOWN, Bearer, Client, Headers, Outcome, outcome
from tests.people import DAY, MONDAY, NOW, Cast

PLAN = "/v1/me/nudge-plan"
STALE: Outcome = (412, "stale")
NOT_READ: Outcome = (428, "if-match-needed")
STANDARD = {
    "times": ["18:00"],
    "weekdays": [1, 2, 3, 4, 5, 6, 7],
    "quiet_from": "21:00",
    "quiet_until": "08:00",
    "time_zone": "America/New_York",
    "pauses": [],
}
Json = dict[str, Any]  # Any: JSON


async def tag(client: Client, headers: Headers, path: str = PLAN) -> Headers:
    """Return the headers of a change to the plan as it is now."""
    read = await client.get(path, headers=headers)
    return headers | {"If-Match": read.headers["etag"]}


def of(mentee: Person) -> str:
    return f"/v1/mentees/{mentee.id}/nudge-plan"


async def test_a_plan_is_read_with_its_etag(client: Client, people: Cast, bearer: Bearer) -> None:
    answered = await client.get(PLAN, headers=bearer(people.mentee))

    assert outcome(answered) == OK
    assert answered.json() == STANDARD
    assert answered.headers["etag"].startswith('"')


async def test_who_has_the_plan_as_it_is_gets_304_without_a_body(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)
    etag = (await client.get(PLAN, headers=headers)).headers["etag"]

    same = [await client.get(PLAN, headers=headers | {"If-None-Match": one}) for one in (etag, f'"x", W/{etag}', "*")]
    other = await client.get(PLAN, headers=headers | {"If-None-Match": '"x"'})

    assert [(one.status_code, one.content, one.headers["etag"]) for one in same] == [(304, b"", etag)] * 3
    assert outcome(other) == OK


@pytest.mark.parametrize("content_type", ["application/merge-patch+json", "application/json"])
async def test_a_patch_changes_what_it_names_and_moves_the_nudge(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, content_type: str
) -> None:
    await conn.execute("update nudge_plans set next_nudge_at = $1", NOW + DAY)
    headers = await tag(client, bearer(people.mentee)) | {"Content-Type": content_type}

    answered = await client.patch(PLAN, content=b'{"times": ["19:30", "09:00"], "weekdays": [5, 1]}', headers=headers)

    assert outcome(answered) == OK
    assert answered.json() == STANDARD | {"times": ["09:00", "19:30"], "weekdays": [1, 5]}
    assert answered.json() == (await client.get(PLAN, headers=bearer(people.mentee))).json()
    assert answered.headers["etag"] != headers["If-Match"]
    at = await conn.fetchval("select next_nudge_at from nudge_plans where mentee_id = $1", people.mentee.id)
    assert core.wall.local_day(at, people.mentee.time_zone) == MONDAY  # the reminder's hour; the nudge's has passed


async def test_a_move_changes_the_zone_and_keeps_the_old_one(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = await tag(client, bearer(people.mentee))

    answered = await client.patch(PLAN, json={"time_zone": "Pacific/Honolulu"}, headers=headers)

    assert answered.json()["time_zone"] == "Pacific/Honolulu"
    rows = await conn.fetch("select zone, source from zone_history order by since")
    assert [tuple(row) for row in rows] == [("America/New_York", "enrolment"), ("Pacific/Honolulu", "app")]


async def test_pauses_are_replaced_as_a_whole(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    kept = {"starts_on": str(MONDAY + 9 * DAY), "until": str(MONDAY + 12 * DAY)}
    dropped = {"starts_on": str(MONDAY), "until": str(MONDAY + 2 * DAY)}
    headers = bearer(people.mentee)
    await client.patch(PLAN, json={"pauses": [kept, dropped]}, headers=await tag(client, headers))

    answered = await client.patch(PLAN, json={"pauses": [kept]}, headers=await tag(client, headers))

    assert answered.json()["pauses"] == [kept]
    rows = await conn.fetch("select starts_on, source, ended_at is null as stands from pauses order by starts_on")
    assert [tuple(row) for row in rows] == [(MONDAY, "app", False), (MONDAY + 9 * DAY, "app", True)]


async def test_a_patch_without_if_match_is_428_and_one_from_an_older_plan_412(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)
    old = await tag(client, headers)
    await client.patch(PLAN, json={"times": ["09:00"]}, headers=old)

    blind = await client.patch(PLAN, json={"times": ["10:00"]}, headers=headers)
    stale = await client.patch(PLAN, json={"times": ["10:00"]}, headers=old)
    whatever = await client.patch(PLAN, json={"weekdays": [1]}, headers=headers | {"If-Match": "*"})

    assert (outcome(blind), outcome(stale), outcome(whatever)) == (NOT_READ, STALE, OK)
    assert whatever.json() == STANDARD | {"times": ["09:00"], "weekdays": [1]}


async def test_of_twenty_patches_at_once_from_one_plan_one_is_taken(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    headers = await tag(client, bearer(people.mentee))

    answers = await asyncio.gather(
        *(client.patch(PLAN, json={"times": [f"{n:02}:15"]}, headers=headers) for n in range(20))
    )

    assert sorted({outcome(one) for one in answers}) == [OK, STALE]
    taken = [one.json()["times"] for one in answers if one.status_code == 200]
    assert taken == [(await client.get(PLAN, headers=bearer(people.mentee))).json()["times"]]


async def test_the_same_empty_patch_any_number_of_times_changes_nothing(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    headers = await tag(client, bearer(people.mentee))

    answers = [await client.patch(PLAN, json={}, headers=headers) for _ in range(3)]

    assert [(outcome(one), one.json()) for one in answers] == [(OK, STANDARD)] * 3


async def test_a_coordinator_reads_and_changes_the_plans_of_their_programme(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    path = of(people.mentee)
    headers = await tag(client, bearer(people.coordinator), path)

    answered = await client.patch(path, json={"time_zone": "Europe/London"}, headers=headers)

    assert outcome(answered) == OK
    assert answered.json() == (await client.get(PLAN, headers=bearer(people.mentee))).json()
    rows = await conn.fetch("select actor_id, actor, action from audit where action like 'nudge_plan.%' order by id")
    assert [tuple(row) for row in rows] == [
        (people.coordinator.id, "coordinator", "nudge_plan.read"),
        (people.coordinator.id, "coordinator", "nudge_plan.changed"),
    ]
    assert await conn.fetchval("select source from zone_history order by since desc limit 1") == "coordinator"


async def test_nobody_else_finds_a_plan_there(client: Client, people: Cast, bearer: Bearer) -> None:
    others = (people.mentor, people.other_mentor, people.stranger, people.mentee)
    found = []

    for person in others:
        headers = bearer(person) | {"If-Match": "*"}
        found.append(outcome(await client.get(of(people.mentee), headers=headers)))
        found.append(outcome(await client.patch(of(people.mentee), json={"times": ["09:00"]}, headers=headers)))

    headers = bearer(people.coordinator) | {"If-Match": "*"}
    nobody = [f"/v1/mentees/{one}/nudge-plan" for one in (uuid4(), people.mentor.id, people.coordinator.id, "x", "%00")]
    unknown = [outcome(await client.get(path, headers=headers)) for path in nobody]
    assert found == [NOTHING] * 8
    assert unknown == [NOTHING] * 5
    assert (await client.get(PLAN, headers=bearer(people.mentee))).json() == STANDARD


async def test_a_coordinator_who_is_not_active_yet_finds_nothing(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await conn.execute("update people set status = 'invited' where id = $1", people.coordinator.id)

    assert outcome(await client.get(of(people.mentee), headers=bearer(people.coordinator))) == NOTHING


async def test_whoever_is_no_mentee_has_no_plan(client: Client, people: Cast, bearer: Bearer) -> None:
    others = (people.mentor, people.coordinator, people.stranger)

    found = [outcome(await client.get(PLAN, headers=bearer(person))) for person in others]

    assert found == [NOTHING] * 3


@pytest.mark.parametrize("path", [PLAN, "/v1/mentees/0193d5b2-7c00-7aaa-8bbb-000000000041/nudge-plan"])
async def test_without_a_token_there_is_no_plan(client: Client, path: str) -> None:
    assert outcome(await client.get(path)) == UNKNOWN
    assert outcome(await client.patch(path, json={})) == UNKNOWN


async def test_the_preview_names_pauses_and_holidays(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    day = MONDAY + 10 * DAY
    await conn.execute(
        "insert into holidays (program_id, day, name) values ($1, $2, 'Thanksgiving')", people.program, day
    )
    pause = {"starts_on": str(MONDAY + DAY), "until": str(MONDAY + 3 * DAY)}
    await client.patch(PLAN, json={"pauses": [pause]}, headers=await tag(client, bearer(people.mentee)))

    preview: Json = (await client.get("/v1/me/nudges/preview", headers=bearer(people.mentee))).json()

    shown = [0, 3, 4, 6, 8, 11, *range(18, 18 + 8 * 7, 7)]
    assert [one["day"] for one in preview["items"]] == [str(MONDAY + timedelta(days=n)) for n in shown]
    assert preview["breaks"] == [
        {"kind": "pause", "first_day": str(MONDAY + DAY), "last_day": str(MONDAY + 2 * DAY)},
        {"kind": "holiday", "first_day": str(day), "last_day": str(day), "name": "Thanksgiving"},
    ]


async def test_a_row_is_told_in_the_language_of_the_mentee(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await conn.execute(
        "insert into holidays (program_id, day, name) values ($1, $2, 'Navidad')", people.program, MONDAY
    )
    await conn.execute(
        "insert into nudges (mentee_id, day, kind, due_at, decided_at, decision) values ($1, $2, 'nudge', $3, $3, $4)",
        people.other_mentee.id, MONDAY, NOW, "holiday",
    )  # fmt: skip

    (row,) = (await client.get("/v1/me/nudges", headers=bearer(people.other_mentee))).json()["items"]

    assert row["sentence"] == "No se envió: día festivo: Navidad."
