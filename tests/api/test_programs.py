"""A program's settings over HTTP: read, changed and begun by its coordinators; what is planned follows."""

import asyncio
from datetime import time, timedelta

import pytest

from checkin import flows, store
from checkin.core.people import Role
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection
from tests.api.calls import NOTHING, OK, UNKNOWN, Bearer, Client, Headers, Outcome, outcome
from tests.people import DAY, NOW, ZONE, Cast
from tests.phones import sent_to

STALE: Outcome = (412, "stale")
NOT_READ: Outcome = (428, "if-match-needed")
CONFLICT: Outcome = (409, "conflict")
NOBODY: Outcome = (409, "nobody-at-the-end")
AUDIT = """
    select actor_id, actor, about from audit where action = $1
"""
NEXT = """
    select next_nudge_at from nudge_plans where mentee_id = $1
"""


def settings(people: Cast) -> str:
    return f"/v1/programs/{people.program}"


async def tag(client: Client, people: Cast, headers: Headers) -> Headers:
    read = await client.get(settings(people), headers=headers)
    return headers | {"If-Match": read.headers["etag"]}


async def test_a_coordinator_finds_their_program_and_reads_what_it_has_chosen(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.coordinator)

    listed = await client.get("/v1/programs", headers=headers)
    read = await client.get(settings(people), headers=headers)
    same = await client.get(settings(people), headers=headers | {"If-None-Match": read.headers["etag"]})

    assert (outcome(listed), outcome(read), same.status_code) == (OK, OK, 304)
    assert listed.json()["items"] == [read.json()]
    assert read.json() == {
        "id": str(people.program),
        "name": "Harbor",
        "country": "US",
        "time_zone": ZONE,
        "texts_from": "08:00",
        "texts_until": "21:00",
        "pass_on_after": "4 h",
        "first_names": False,
        "begun_at": read.json()["begun_at"],
    }


async def test_what_is_changed_holds_and_is_written_down_once(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.coordinator)
    new = {"name": "Harbor House", "time_zone": "America/Chicago", "pass_on_after": "90 min", "first_names": True}
    new |= {"crisis_line": "call 555 0100", "country": "CA"}

    changed = await client.patch(settings(people), json=new, headers=await tag(client, people, headers))
    again = await client.patch(settings(people), json=new, headers=await tag(client, people, headers))

    assert (outcome(changed), outcome(again)) == (OK, OK)
    assert {name: changed.json()[name] for name in new} == new
    program = await store.people.program(conn, people.program)
    assert (program.name, program.crisis_line, program.pass_on_after) == (
        "Harbor House",
        "call 555 0100",
        timedelta(minutes=90),
    )
    rows = [tuple(row) for row in await conn.fetch(AUDIT, "program.changed")]
    assert rows == [(people.coordinator.id, "coordinator", str(people.program))]


async def test_an_empty_crisis_line_gives_way_to_the_countrys(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.coordinator)
    await client.patch(
        settings(people), json={"crisis_line": "call 555 0100"}, headers=await tag(client, people, headers)
    )

    changed = await client.patch(settings(people), json={"crisis_line": ""}, headers=await tag(client, people, headers))

    assert outcome(changed) == OK
    assert "crisis_line" not in changed.json()


async def test_other_hours_move_the_next_nudge_of_everybody_and_what_waits_keeps_to_them(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await flows.nudges.ask_due(conn, NOW + timedelta(hours=3, minutes=6))
    before = await conn.fetchval(NEXT, people.other_mentee.id)
    client.app.state.clock.ahead += timedelta(hours=3, minutes=7)
    headers = bearer(people.coordinator)

    changed = await client.patch(
        settings(people), json={"texts_until": "17:00"}, headers=await tag(client, people, headers)
    )

    after = await conn.fetchval(NEXT, people.other_mentee.id)
    assert outcome(changed) == OK
    assert (before.hour, after.hour) == (23, 21)
    waiting = await conn.fetch("select expires_at from outbox where lane = 'nudge' and status = 'queued'")
    assert waiting
    assert all(row["expires_at"] <= NOW + timedelta(hours=3, minutes=8) for row in waiting)


async def test_hours_that_leave_a_mentee_none_are_refused_and_nothing_changes(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await conn.execute(
        "update nudge_plans set quiet_from = $2, quiet_until = $3 where mentee_id = $1",
        people.mentee.id, time(8), time(20),
    )  # fmt: skip
    before = await conn.fetchval(NEXT, people.other_mentee.id)
    headers = bearer(people.coordinator)

    refused = await client.patch(
        settings(people), json={"texts_until": "19:00"}, headers=await tag(client, people, headers)
    )

    assert outcome(refused) == CONFLICT
    assert "(1 of them)" in refused.json()["detail"]
    assert (await client.get(settings(people), headers=headers)).json()["texts_until"] == "21:00"
    assert await conn.fetchval(NEXT, people.other_mentee.id) == before


async def test_a_change_says_what_it_was_made_from(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.coordinator)
    old = await tag(client, people, headers)
    await client.patch(settings(people), json={"first_names": True}, headers=old)

    blind = await client.patch(settings(people), json={"first_names": False}, headers=headers)
    stale = await client.patch(settings(people), json={"first_names": False}, headers=old)

    assert (outcome(blind), outcome(stale)) == (NOT_READ, STALE)


async def test_of_twenty_changes_at_once_from_the_same_state_one_stands(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = await tag(client, people, bearer(people.coordinator))

    answers = await asyncio.gather(
        *(client.patch(settings(people), json={"name": f"Harbor {n}"}, headers=headers) for n in range(20))
    )

    found = [outcome(one) for one in answers]
    assert (found.count(OK), found.count(STALE)) == (1, 19)
    assert len(await conn.fetch(AUDIT, "program.changed")) == 1


async def test_another_programs_name_cannot_be_taken(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = await tag(client, people, bearer(people.coordinator))

    taken = await client.patch(settings(people), json={"name": "Lighthouse"}, headers=headers)

    assert outcome(taken) == CONFLICT


async def pier(conn: Connection, people: Cast) -> None:
    """Let the cast's program be a draft again, with somebody invited to come."""
    await conn.execute("update programs set activated_at = null where id = $1", people.program)
    new = NewPerson(
        line=0,
        program="",
        name="Nia",
        phone="+12125550188",
        roles=frozenset({Role.mentee}),
        time_zone=ZONE,
        language="en",
    )
    await flows.people.add(conn, new, people.program, NOW)


async def test_a_draft_begins_once_however_often_it_is_told_to(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await pier(conn, people)
    path, headers = f"{settings(people)}/activation", bearer(people.coordinator)

    answers = await asyncio.gather(*(client.post(path, headers=headers) for _ in range(20)))

    assert {outcome(one) for one in answers} == {OK}
    assert len({one.content for one in answers}) == 1
    assert "begun_at" in answers[0].json()
    [nia] = await store.people.by_phone(conn, "+12125550188")
    assert len(await sent_to(conn, nia)) == 1
    assert len(await conn.fetch(AUDIT, "program.begun")) == 1


async def test_a_draft_with_nobody_at_the_end_is_told_what_is_missing(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await pier(conn, people)
    await conn.execute("update people set unreachable_at = $2 where id = $1", people.coordinator.id, NOW - DAY)

    refused = await client.post(f"{settings(people)}/activation", headers=bearer(people.coordinator))

    assert outcome(refused) == NOBODY
    assert "put somebody on call" in refused.json()["detail"]
    assert "begun_at" not in (await client.get(settings(people), headers=bearer(people.coordinator))).json()


@pytest.mark.parametrize("who", ["mentee", "mentor", "cover", "stranger"])
async def test_to_everybody_else_there_is_nothing(client: Client, people: Cast, bearer: Bearer, who: str) -> None:
    headers = bearer(getattr(people, who)) | {"If-Match": "*"}

    answers = [
        await client.get(settings(people), headers=headers),
        await client.patch(settings(people), json={"first_names": True}, headers=headers),
        await client.post(f"{settings(people)}/activation", headers=headers),
    ]

    assert [outcome(one) for one in answers] == [NOTHING] * 3
    assert outcome(await client.get(settings(people))) == UNKNOWN
