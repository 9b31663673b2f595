"""Who is asked about alerts, who is on call, and holidays, as a program's coordinators set them over HTTP."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from checkin import core, flows, store
from checkin.store.pool import Connection
from tests.api.calls import INVALID, NOTHING, OK, TAKEN, Bearer, Client, Headers, Outcome, outcome
from tests.people import DAY, MONDAY, NOW, Cast

STALE: Outcome = (412, "stale")
NOT_READ: Outcome = (428, "if-match-needed")
NOBODY: Outcome = (409, "nobody-at-the-end")
CLINIC = core.routing.ready_made("clinic-attached")
AUDIT = """
    select person_id, actor_id, actor from audit where action = $1
"""


def at(people: Cast, rest: str) -> str:
    return f"/v1/programs/{people.program}/{rest}"


async def tag(client: Client, people: Cast, headers: Headers) -> Headers:
    read = await client.get(at(people, "routing"), headers=headers)
    return headers | {"If-Match": read.headers["etag"]}


async def test_the_usual_rules_are_read_until_the_program_has_its_own(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.coordinator)

    usual = await client.get(at(people, "routing"), headers=headers)
    given = await client.put(at(people, "routing"), json={"source": CLINIC}, headers=await tag(client, people, headers))
    read = await client.get(at(people, "routing"), headers=headers)

    assert (outcome(usual), outcome(given)) == (OK, OK)
    assert usual.json() == {"source": core.routing.ready_made("mentor-first"), "own": False}
    assert read.json() == given.json() == {"source": CLINIC, "own": True}
    assert await store.routing.source(conn, people.program) == CLINIC
    assert len(await conn.fetch(AUDIT, "routing.changed")) == 1


async def test_every_mistake_is_named_by_its_line_and_nothing_changes(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    source = '[[now.step]]\nask = ["mentor", "captain"]\nwait = "soon"\n'
    headers = await tag(client, people, bearer(people.coordinator))

    refused = await client.put(at(people, "routing"), json={"source": source}, headers=headers)

    assert outcome(refused) == INVALID
    errors = refused.json()["errors"]
    assert [(one["line"], one["pointer"]) for one in errors if one["line"] > 1] == [
        (2, "/source"),
        (2, "/source"),
        (3, "/source"),
    ]
    assert "captain is not a place" in errors[-3]["detail"] + errors[-2]["detail"]
    assert await store.routing.source(conn, people.program) is None


@pytest.mark.parametrize(
    "source",
    [
        "a = " + "[" * 9000,
        "a = " + "1" * 9000,
        "x" * 20_000,
        "\r",
        "[[now.step]]\nask = [" + '"x",' * 4000 + "]",
        "\x1b[0m",
    ],
    ids=["nested", "long number", "long word", "return", "many places", "escape"],
)
async def test_a_hostile_file_is_told_in_a_short_answer(
    client: Client, people: Cast, bearer: Bearer, source: str
) -> None:
    headers = await tag(client, people, bearer(people.coordinator))

    refused = await client.put(at(people, "routing"), json={"source": source}, headers=headers)

    assert outcome(refused) == INVALID
    assert 1 <= len(refused.json()["errors"]) <= 100
    assert len(refused.content) < 64_000


async def test_rules_are_put_in_the_place_of_those_that_were_read(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.coordinator)
    old = await tag(client, people, headers)

    answers = await asyncio.gather(
        *(client.put(at(people, "routing"), json={"source": f"# {n}\n{CLINIC}"}, headers=old) for n in range(20))
    )
    blind = await client.put(at(people, "routing"), json={"source": CLINIC}, headers=headers)

    found = [outcome(one) for one in answers]
    assert (found.count(OK), found.count(STALE), outcome(blind)) == (1, 19, NOT_READ)


async def test_rules_that_end_with_nobody_are_refused(client: Client, people: Cast, bearer: Bearer) -> None:
    source = core.routing.ready_made("mentor-first").replace(
        '[[hours.step]]\nask = ["coordinator", "on_call"]', '[[hours.step]]\nask = ["on_call"]'
    )
    headers = await tag(client, people, bearer(people.coordinator))

    refused = await client.put(at(people, "routing"), json={"source": source}, headers=headers)

    assert outcome(refused) == NOBODY


async def test_somebody_is_put_on_call_once_and_taken_off(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    path, headers = at(people, f"on-call/{people.mentor.id}"), bearer(people.coordinator)

    put = await asyncio.gather(*(client.put(path, headers=headers) for _ in range(20)))
    listed = await client.get(at(people, "on-call"), headers=headers)
    off = await asyncio.gather(*(client.delete(path, headers=headers) for _ in range(20)))

    assert ({outcome(one) for one in put}, {outcome(one) for one in off}) == ({OK}, {TAKEN})
    assert len({one.content for one in put}) == 1
    assert [one["name"] for one in listed.json()["items"]] == ["Ben"]
    assert (await client.get(at(people, "on-call"), headers=headers)).json() == {"items": []}
    expected = [(people.mentor.id, people.coordinator.id, "coordinator")]
    for action in ("on_call.began", "on_call.ended"):
        assert [tuple(row) for row in await conn.fetch(AUDIT, action)] == expected


async def test_of_the_last_two_at_the_end_taken_off_at_once_one_stays(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await conn.execute("update people set unreachable_at = $2 where id = $1", people.coordinator.id, NOW - DAY)
    headers = bearer(people.coordinator)
    both = [at(people, f"on-call/{one.id}") for one in (people.mentor, people.cover)]
    for path in both:
        await client.put(path, headers=headers)

    answers = await asyncio.gather(*(client.delete(path, headers=headers) for path in both))

    assert sorted(outcome(one) for one in answers) == [TAKEN, NOBODY]
    assert len((await client.get(at(people, "on-call"), headers=headers)).json()["items"]) == 1


async def test_only_the_programs_own_mentors_and_coordinators_are_on_call(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.coordinator)
    await conn.execute("update people set status = 'ended' where id = $1", people.cover.id)
    asked = {people.mentee.id: INVALID, people.stranger.id: NOTHING, people.cover.id: NOTHING, uuid4(): NOTHING}

    found = {one: outcome(await client.put(at(people, f"on-call/{one}"), headers=headers)) for one in asked}

    assert found == asked


async def test_a_holiday_is_set_renamed_and_taken_back_once_each(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    day, headers = MONDAY + 10 * DAY, bearer(people.coordinator)
    path = at(people, f"holidays/{day}")
    names = []

    for name in ("Thanksgiving", " Day of thanks "):
        answers = await asyncio.gather(*(client.put(path, json={"name": name}, headers=headers) for _ in range(20)))
        assert {outcome(one) for one in answers} == {OK}
        names.append((await client.get(at(people, "holidays"), headers=headers)).json()["items"])
    off = await asyncio.gather(*(client.delete(path, headers=headers) for _ in range(20)))

    assert names == [[{"day": str(day), "name": name}] for name in ("Thanksgiving", "Day of thanks")]
    assert {outcome(one) for one in off} == {TAKEN}
    assert (await client.get(at(people, "holidays"), headers=headers)).json() == {"items": []}
    assert len(await conn.fetch(AUDIT, "holidays.changed")) == 3


async def test_nobody_is_nudged_on_a_holiday_that_was_set(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await client.put(at(people, f"holidays/{MONDAY}"), json={"name": "Today"}, headers=bearer(people.coordinator))

    await flows.nudges.ask_due(conn, NOW + timedelta(hours=3, minutes=6))

    rows = await conn.fetch("select decision from nudges where day = $1", MONDAY)
    assert [row["decision"] for row in rows] == ["holiday", "holiday"]
