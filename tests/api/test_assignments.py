"""Who stands by whom over HTTP: given, lent, passed on, ended; and never two primaries at once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.people import Person
from checkin.store.pool import Connection
from tests.api.calls import INVALID, OK, Bearer, Client, Outcome, outcome
from tests.people import DAY, NOW, Cast
from tests.phones import sent_to, text

CONFLICT: Outcome = (409, "conflict")
ENDED: Outcome = (409, "already-ended")
ADDED: Outcome = (201, "")
Json = dict[str, Any]  # Any: JSON


FOR_EVER = "9999-12-31T23:59:59-05:00"


def of(mentee: Person) -> str:
    return f"/v1/mentees/{mentee.id}/assignments"


def new(mentor: Person, kind: str = "cover", starts: datetime | None = None, ends: datetime | None = None) -> Json:
    times = {"starts_at": starts, "ends_at": ends}
    return {"mentor_id": str(mentor.id), "kind": kind} | {
        key: moment.isoformat() for key, moment in times.items() if moment is not None
    }


async def primary(conn: Connection, people: Cast) -> UUID:
    found: UUID = await conn.fetchval("select id from assignments where mentor_id = $1", people.mentor.id)
    return found


async def taken_by_the_mentor(conn: Connection, people: Cast) -> None:
    """Let an alert be open that the mentor has."""
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW - timedelta(hours=1))
    await flows.alerts.move_due(conn, NOW - timedelta(hours=1))
    await text(conn, people.mentor, "OK")


async def test_cover_for_a_time_ends_by_itself(client: Client, people: Cast, bearer: Bearer) -> None:
    body = new(people.other_mentor, starts=NOW + DAY, ends=NOW + 3 * DAY)

    added = await client.post(of(people.mentee), json=body, headers=bearer(people.coordinator))
    seen = []
    for later in (0 * DAY, 2 * DAY, 2 * DAY):
        client.app.state.clock.ahead += later
        listed = (await client.get("/v1/mentees", headers=bearer(people.other_mentor))).json()["items"]
        seen.append([one["name"] for one in listed])

    assert outcome(added) == ADDED
    assert added.json()["mentor_name"] == "Eli"
    assert [sorted(names) for names in seen] == [["Dina"], ["Ana", "Dina"], ["Dina"]]


@pytest.mark.parametrize(("who", "texts"), [("other_mentor", 1), ("coordinator", 0)])
async def test_what_a_cover_had_taken_goes_on_when_their_time_is_over(
    conn: Connection, people: Cast, who: str, texts: int
) -> None:
    taker = getattr(people, who)
    await store.people.assign(
        conn, people.mentee.id, people.other_mentor.id, "cover", NOW - DAY, NOW + timedelta(hours=1)
    )
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW - timedelta(hours=1))
    [alert] = await store.alerts.open_for(conn, taker.id, NOW)
    await flows.alerts.acknowledge(conn, taker, alert.id, "app", NOW)

    during = await flows.assignments.hand_on(conn, NOW + timedelta(minutes=59))
    after = await flows.assignments.hand_on(conn, NOW + timedelta(hours=1))
    await flows.alerts.move_due(conn, NOW + timedelta(hours=1))

    assert (during.total(), after.total()) == (0, texts)
    assert len(await sent_to(conn, people.mentor)) == texts


async def test_assignments_are_listed_with_past_ones_and_those_to_come(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.coordinator)
    body = new(people.other_mentor, starts=NOW + DAY, ends=NOW + 3 * DAY)
    added = await client.post(of(people.mentee), json=body, headers=headers)

    listed = (await client.get(of(people.mentee), headers=headers)).json()["items"]

    assert listed[0] == added.json()
    assert sorted((one["kind"], one["mentor_name"]) for one in listed) == [
        ("cover", "Cleo"),
        ("cover", "Eli"),
        ("primary", "Ben"),
    ]


async def test_a_transfer_passes_mentee_and_open_alerts_on_in_one_moment(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await taken_by_the_mentor(conn, people)
    path = f"/v1/assignments/{await primary(conn, people)}/transfer"

    moved = await client.post(path, json={"mentor_id": str(people.other_mentor.id)}, headers=bearer(people.coordinator))
    await flows.alerts.move_due(conn, client.app.state.clock.now())

    rows = await conn.fetch(
        "select mentor_id, ends_at is null as stands from assignments where kind = 'primary' and mentee_id = $1",
        people.mentee.id,
    )
    assert (outcome(moved), moved.json()["kind"]) == (ADDED, "primary")
    assert {tuple(row) for row in rows} == {(people.mentor.id, False), (people.other_mentor.id, True)}
    assert len(await sent_to(conn, people.other_mentor)) == 1
    assert await sent_to(conn, people.cover) == []
    assert await store.alerts.open_for(conn, people.mentor.id, client.app.state.clock.now()) == []


async def test_an_assignment_that_ends_leaves_its_alerts_to_whoever_is_left(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await taken_by_the_mentor(conn, people)
    path, headers = f"/v1/assignments/{await primary(conn, people)}/ending", bearer(people.coordinator)

    ended = await client.post(path, headers=headers)
    again = await client.post(path, headers=headers)
    await flows.alerts.move_due(conn, client.app.state.clock.now())

    assert outcome(ended) == OK
    assert again.text == ended.text
    assert "ends_at" in ended.json()
    assert len(await sent_to(conn, people.cover)) == 1


async def test_what_has_not_begun_can_be_ended_and_never_begins(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.coordinator)
    added = await client.post(of(people.mentee), json=new(people.other_mentor, starts=NOW + DAY), headers=headers)

    ended = await client.post(f"/v1/assignments/{added.json()['id']}/ending", headers=headers)
    client.app.state.clock.ahead += 2 * DAY
    listed = await client.get("/v1/mentees", headers=bearer(people.other_mentor))

    assert outcome(ended) == OK
    assert [one["name"] for one in listed.json()["items"]] == ["Dina"]


async def test_calls_that_do_not_fit_are_refused(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    bad = {
        "a second primary": (new(people.other_mentor, "primary"), CONFLICT),
        "a primary to come beside one without an end": (new(people.cover, "primary", NOW + DAY), CONFLICT),
        "the same cover again": (new(people.cover), CONFLICT),
        "a mentee": (new(people.other_mentee), INVALID),
        "themselves": (new(people.mentee), INVALID),
        "somebody of another program": (new(people.stranger), INVALID),
        "nobody": ({"mentor_id": str(UUID(int=1)), "kind": "cover"}, INVALID),
        "in the past": (new(people.other_mentor, starts=NOW - DAY), INVALID),
        "ends before it starts": (new(people.other_mentor, starts=NOW + 2 * DAY, ends=NOW + DAY), INVALID),
        "ends in another age, as New York has it": (new(people.other_mentor) | {"ends_at": FOR_EVER}, INVALID),
        "starts in another age": (new(people.other_mentor) | {"starts_at": "9999-12-31T23:59:59.999999Z"}, INVALID),
        "starts in eleven years": (new(people.other_mentor, starts=NOW + 4018 * DAY), INVALID),
        "over already": (new(people.other_mentor, ends=NOW - DAY), INVALID),
        "of another kind": (new(people.other_mentor, "clinical_contact"), INVALID),
        "a time without a zone": (new(people.other_mentor) | {"ends_at": "2026-12-01T00:00:00"}, INVALID),
    }
    before = await conn.fetchval("select count(*) from assignments")
    headers = bearer(people.coordinator)

    found = {
        name: outcome(await client.post(of(people.mentee), json=body, headers=headers))
        for name, (body, _) in bad.items()
    }

    assert found == {name: expected for name, (_, expected) in bad.items()}
    assert await conn.fetchval("select count(*) from assignments") == before


async def test_what_the_same_coordinator_says_again_of_an_assignment_is_answered_as_it_stands(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers, held = bearer(people.coordinator), f"/v1/assignments/{await primary(conn, people)}"
    later = new(people.other_mentor, starts=NOW + DAY, ends=NOW + 2 * DAY)
    to = {"mentor_id": str(people.other_mentor.id)}
    calls: list[tuple[str, Json | None]] = [
        (of(people.mentee), later),
        (of(people.other_mentee), new(people.cover)),
        (f"{held}/transfer", to),
    ]

    first = [await client.post(path, json=body, headers=headers) for path, body in calls]
    calls.append((f"/v1/assignments/{first[0].json()['id']}/ending", None))
    first.append(await client.post(calls[-1][0], headers=headers))
    client.app.state.clock.ahead += timedelta(hours=1)
    again = [await client.post(path, json=body, headers=headers) for path, body in calls[1:]]
    different = [
        await client.post(of(people.other_mentee), json=new(people.cover, ends=NOW + DAY), headers=headers),
        await client.post(f"{held}/transfer", json={"mentor_id": str(people.cover.id)}, headers=headers),
        await client.post(f"{held}/ending", headers=headers),
    ]

    assert [one.text for one in again] == [one.text for one in first[1:]]
    assert [outcome(one) for one in different] == [CONFLICT, ENDED, ENDED]
    begun = "select count(*) from audit where action like 'assignment.%' and action not like '%.read'"
    assert await conn.fetchval(begun) == 4


async def test_of_twenty_transfers_at_once_one_is_done_and_one_primary_is_left(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    path, headers = f"/v1/assignments/{await primary(conn, people)}/transfer", bearer(people.coordinator)
    bodies = [{"mentor_id": str(one.id)} for one in (people.other_mentor, people.cover) * 10]

    answers = await asyncio.gather(*(client.post(path, json=body, headers=headers) for body in bodies))

    assert sorted(outcome(one) for one in answers) == [ADDED] * 10 + [ENDED] * 10
    assert len({one.text for one in answers if outcome(one) == ADDED}) == 1
    standing = "select count(*) from assignments where mentee_id = $1 and kind = 'primary' and ends_at is null"
    assert await conn.fetchval(standing, people.mentee.id) == 1


@pytest.mark.parametrize(("starts", "ends"), [(-90, -59), (-30, -20), (10, None), (-90, None)])
async def test_the_database_itself_refuses_two_primaries_at_once(
    conn: Connection, people: Cast, starts: int, ends: int | None
) -> None:
    with pytest.raises((asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError)):
        await store.people.assign(
            conn,
            people.mentee.id,
            people.other_mentor.id,
            "primary",
            NOW + starts * DAY,
            None if ends is None else NOW + ends * DAY,
        )


async def test_one_primary_after_the_other_is_fine(conn: Connection, people: Cast) -> None:
    begun = NOW - 60 * DAY

    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, "primary", begun - DAY, begun)

    found = await store.people.assigned(conn, people.mentee.id, NOW)
    assert [one.id for one in found["primary"]] == [people.mentor.id]
