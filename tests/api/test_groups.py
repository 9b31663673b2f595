"""The group view over HTTP: numbers for its members, names for whoever facilitates it, nothing for anybody else."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec import Struct

from checkin import core, flows, store
from checkin.core.people import Person, Role
from checkin.flows.assignments import By
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection
from tests.api.calls import NOTHING, OK, Bearer, Client, outcome
from tests.people import DAY, MONDAY, NOW, ZONE, Cast, answer

PATH = "/v1/me/group"
LONG_AGO = NOW - 60 * DAY
YESTERDAY = MONDAY - DAY
Json = dict[str, Any]  # Any: JSON


class Circle(Struct, frozen=True):
    """A facilitator and the seven they stand by."""

    facilitator: Person
    members: list[Person]


async def add(conn: Connection, people: Cast, number: int, role: Role) -> Person:
    row = NewPerson(
        line=0,
        program="",
        name=f"canary-{number}",
        phone=f"+1212555{number:04}",
        roles=frozenset({role}),
        time_zone=ZONE,
        language="en",
        consented=True,
    )
    return await flows.people.add(conn, row, people.program, LONG_AGO)


@pytest.fixture
async def circle(conn: Connection, people: Cast) -> Circle:
    """A group of seven in a program that asks facilitators."""
    await flows.programs.set_routing(conn, people.program, core.routing.ready_made("group-facilitator"), LONG_AGO)
    facilitator = await add(conn, people, 170, Role.mentor)
    members = [await add(conn, people, 171 + number, Role.mentee) for number in range(7)]
    for member in members:
        await store.people.assign(conn, member.id, facilitator.id, "facilitator", LONG_AGO)
    return Circle(facilitator, members)


async def check_in(conn: Connection, people: list[Person], *scores: tuple[int | None, int | None]) -> None:
    """Let each of *people* answer yesterday, in turn."""
    for person, (mood, hope) in zip(people, scores, strict=False):
        said = answer(YESTERDAY, mood, hope, note="canary-note")
        await flows.check_ins.record(conn, person.id, said, said.answered_at)


async def read(client: Client, headers: dict[str, str]) -> list[Json]:
    """Return the days of the caller's group, the newest first."""
    answered = await client.get(PATH, headers=headers)
    assert outcome(answered) == OK
    days: list[Json] = answered.json()["days"]
    return days


async def test_members_see_how_their_group_is_and_nobody_in_it(
    client: Client, conn: Connection, circle: Circle, bearer: Bearer
) -> None:
    await check_in(conn, circle.members, (7, 6), (5, 5), (8, 7), (3, 4), (6, 6), (9, 8))

    answered = await client.get(PATH, headers=bearer(circle.members[6]))

    assert answered.json()["members"] == 7
    assert [one["day"] for one in answered.json()["days"]] == [str(MONDAY - back * DAY) for back in range(7)]
    today, yesterday, *before = answered.json()["days"]
    assert yesterday == {"day": str(YESTERDAY), "answered": 6, "share": 0.86, "mean_mood": 6.5, "mean_hope": 6.0}
    assert [today.keys(), *(one.keys() for one in before)] == [{"day"}] * 6
    assert "canary" not in answered.text
    assert not [one for one in circle.members if str(one.id) in answered.text]


async def test_everybody_in_a_group_is_told_the_same(
    client: Client, conn: Connection, circle: Circle, bearer: Bearer
) -> None:
    await check_in(conn, circle.members, (7, 6), (5, 5), (8, 7), (3, 4), (6, 6), (9, 8))

    told = [(await client.get(PATH, headers=bearer(one))).text for one in circle.members]

    assert len(set(told)) == 1


async def test_of_four_answers_not_even_the_number_is_told(
    client: Client, conn: Connection, circle: Circle, bearer: Bearer
) -> None:
    await check_in(conn, circle.members, (7, 6), (5, 5), (8, 7), (3, 4))

    days = await read(client, bearer(circle.members[0]))

    assert days[1] == {"day": str(YESTERDAY)}


async def test_each_score_needs_five_of_its_own(
    client: Client, conn: Connection, circle: Circle, bearer: Bearer
) -> None:
    await check_in(conn, circle.members, (7, 6), (5, 5), (8, 7), (3, 4), (6, None), (None, None))

    days = await read(client, bearer(circle.members[0]))

    assert days[1] == {"day": str(YESTERDAY), "answered": 6, "share": 0.86, "mean_mood": 6.0}


async def test_other_groups_and_people_without_one_do_not_count(
    client: Client, conn: Connection, people: Cast, circle: Circle, bearer: Bearer
) -> None:
    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, "facilitator", LONG_AGO)
    await check_in(conn, circle.members, (7, 6), (5, 5), (8, 7), (3, 4))
    await check_in(conn, [people.mentee, people.other_mentee], (0, 0), (0, 0))

    answered = await client.get(PATH, headers=bearer(people.mentee))
    days = await read(client, bearer(circle.members[0]))

    assert (answered.json()["members"], answered.json()["days"][1]) == (1, {"day": str(YESTERDAY)})
    assert days[1] == {"day": str(YESTERDAY)}


async def test_somebody_who_leaves_changes_nothing_of_the_days_before(
    client: Client, conn: Connection, circle: Circle, bearer: Bearer
) -> None:
    await check_in(conn, circle.members, (7, 6), (5, 5), (8, 7), (3, 4), (6, 6), (9, 0))
    headers = bearer(circle.members[0])
    before = await read(client, headers)

    await flows.roster.end(conn, circle.members[5], NOW, by=By(None))
    client.app.state.clock.ahead += timedelta(minutes=1)

    after = await client.get(PATH, headers=headers)
    assert (after.json()["members"], after.json()["days"]) == (6, before)


@pytest.mark.parametrize("who", ["mentee", "other_mentee", "mentor", "coordinator", "stranger"])
async def test_who_is_in_no_group_finds_nothing(
    client: Client, people: Cast, circle: Circle, bearer: Bearer, who: str
) -> None:
    assert outcome(await client.get(PATH, headers=bearer(getattr(people, who)))) == NOTHING
    assert outcome(await client.get(PATH, headers=bearer(circle.facilitator))) == NOTHING


async def test_a_program_that_asks_no_facilitator_has_no_groups(
    client: Client, conn: Connection, people: Cast, circle: Circle, bearer: Bearer
) -> None:
    await flows.programs.set_routing(conn, people.program, core.routing.ready_made("mentor-first"), NOW)

    assert outcome(await client.get(PATH, headers=bearer(circle.members[0]))) == NOTHING


async def test_a_coordinator_brings_somebody_into_a_group_and_takes_them_out(
    client: Client, people: Cast, circle: Circle, bearer: Bearer
) -> None:
    headers, joins = bearer(people.coordinator), {"mentor_id": str(circle.facilitator.id), "kind": "facilitator"}

    added = await client.post(f"/v1/mentees/{people.mentee.id}/assignments", json=joins, headers=headers)
    inside = await client.get(PATH, headers=bearer(people.mentee))
    client.app.state.clock.ahead += timedelta(minutes=1)
    ended = await client.post(f"/v1/assignments/{added.json()['id']}/ending", headers=headers)
    outside = await client.get(PATH, headers=bearer(people.mentee))

    assert (added.status_code, outcome(inside), outcome(ended), outcome(outside)) == (201, OK, OK, NOTHING)
    assert inside.json()["members"] == 8


async def test_the_facilitator_sees_the_members_by_name_and_reads_no_notes(
    client: Client, conn: Connection, circle: Circle, bearer: Bearer
) -> None:
    await check_in(conn, circle.members, (7, 6))
    await conn.execute("update check_ins set note_shared = true")
    headers = bearer(circle.facilitator)

    listed = await client.get("/v1/mentees", headers=headers)
    seen = await client.get(f"/v1/mentees/{circle.members[0].id}", headers=headers)

    assert {one["name"] for one in listed.json()["items"]} == {one.name for one in circle.members}
    assert seen.json()["check_ins"] == [{"day": str(YESTERDAY), "mood": 7, "hope": 6, "skipped": False}]
    looks = await conn.fetch("select person_id, action from audit where actor_id = $1", circle.facilitator.id)
    assert {(row["person_id"], row["action"]) for row in looks} == {
        *((one.id, "mentee.listed") for one in circle.members),
        (circle.members[0].id, "mentee.read"),
    }


async def test_who_facilitated_once_sees_nobody(
    client: Client, conn: Connection, circle: Circle, bearer: Bearer
) -> None:
    await conn.execute("update assignments set ends_at = $1 where kind = 'facilitator'", NOW - DAY)
    headers = bearer(circle.facilitator)

    assert (await client.get("/v1/mentees", headers=headers)).json() == {"items": []}
    assert outcome(await client.get(f"/v1/mentees/{circle.members[0].id}", headers=headers)) == NOTHING
    assert outcome(await client.get(PATH, headers=bearer(circle.members[0]))) == NOTHING
