"""People over HTTP, for their coordinators: listed, invited, changed, let go."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from checkin import core, flows, store
from checkin.core.alerts import Kind
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.store.pool import Connection
from tests.api.calls import INVALID, OK, Bearer, Client, Headers, Outcome, outcome
from tests.api.signing import TOKENS, WRONG, code_for
from tests.people import DAY, NOW, ZONE, Cast
from tests.phones import sent_to, text, told

PEOPLE = "/v1/people"
CONFLICT: Outcome = (409, "conflict")
STALE: Outcome = (412, "stale")
NOT_READ: Outcome = (428, "if-match-needed")
NEW = {"name": "Hal", "phone": "(212) 555-0190", "roles": ["mentee"], "language": "es", "time_zone": ZONE}
Json = dict[str, Any]  # Any: JSON


async def tag(client: Client, headers: Headers, person: Person) -> Headers:
    """Return the headers of a change to a person as they are now."""
    read = await client.get(f"{PEOPLE}/{person.id}", headers=headers)
    return headers | {"If-Match": read.headers["etag"]}


async def patch(client: Client, bearer: Bearer, people: Cast, person: Person, change: Json) -> tuple[Outcome, Json]:
    headers = await tag(client, bearer(people.coordinator), person)
    answered = await client.patch(f"{PEOPLE}/{person.id}", json=change, headers=headers)
    body: Json = answered.json()
    return outcome(answered), body


async def test_pages_of_people_follow_one_another_and_end(client: Client, people: Cast, bearer: Bearer) -> None:
    headers, path, names = bearer(people.coordinator), f"{PEOPLE}?limit=4", []

    pages = 0
    while path:
        page = (await client.get(path, headers=headers)).json()
        names += [one["name"] for one in page["items"]]
        pages += 1
        path = f"{PEOPLE}?limit=4&cursor={page['next_cursor']}" if "next_cursor" in page else ""

    assert sorted(names) == ["Ana", "Ben", "Cleo", "Dina", "Eli", "Fay"]
    assert pages == 2


async def test_a_list_is_narrowed_by_role_and_status(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.coordinator)
    await client.post(PEOPLE, json=NEW, headers=headers)

    async def names(query: str) -> set[str]:
        return {one["name"] for one in (await client.get(f"{PEOPLE}?{query}", headers=headers)).json()["items"]}

    assert await names("role=mentee") == {"Ana", "Dina", "Hal"}
    assert await names("role=mentee&status=invited") == {"Hal"}
    assert await names("status=ended") == set()


async def test_each_person_shown_is_written_down_once_and_not_oneself(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await client.get(f"{PEOPLE}?role=mentor", headers=bearer(people.coordinator))
    await client.get(f"{PEOPLE}?role=coordinator", headers=bearer(people.coordinator))

    rows = await conn.fetch("select person_id, actor_id, actor from audit where action = 'person.read'")

    mentors = {people.mentor.id, people.cover.id, people.other_mentor.id}
    assert {row["person_id"] for row in rows} == mentors
    assert {(row["actor_id"], row["actor"]) for row in rows} == {(people.coordinator.id, "coordinator")}
    assert len(rows) == 3


async def test_an_invited_mentee_is_asked_by_text_and_begins_with_their_yes(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    answered = await client.post(PEOPLE, json=NEW, headers=bearer(people.coordinator))
    added = await store.people.by_id(conn, UUID(answered.json()["id"]))
    assert added is not None
    await text(conn, added, "si")
    after = await client.get(f"{PEOPLE}/{added.id}", headers=bearer(people.coordinator))

    assert (answered.status_code, answered.json()["status"]) == (201, "invited")
    assert answered.json()["phone"] == "+12125550190"
    assert told(Text.invite, "es") in await sent_to(conn, added)
    assert after.json()["status"] == "active"
    written = await conn.fetch("select actor, actor_id from audit where action = 'person.added' and at >= $1", NOW)
    assert [tuple(row) for row in written] == [("coordinator", people.coordinator.id)]


async def test_ten_invitations_of_one_phone_at_once_invite_once(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.coordinator)

    answers = await asyncio.gather(*(client.post(PEOPLE, json=NEW, headers=headers) for _ in range(10)))

    assert sorted(one.status_code for one in answers) == [201] + [409] * 9
    assert await conn.fetchval("select count(*) from outbox where dedupe_key = 'invite'") == 1


async def test_a_change_needs_the_state_it_was_made_from(client: Client, people: Cast, bearer: Bearer) -> None:
    path, headers = f"{PEOPLE}/{people.mentor.id}", bearer(people.coordinator)
    old = await tag(client, headers, people.mentor)

    blind = await client.patch(path, json={"name": "Benny"}, headers=headers)
    taken = await client.patch(path, json={"name": "Benny", "language": "es"}, headers=old)
    stale = await client.patch(path, json={"name": "Bert"}, headers=old)
    same = await client.get(path, headers=headers | {"If-None-Match": taken.headers["etag"]})

    assert [outcome(one) for one in (blind, taken, stale)] == [NOT_READ, OK, STALE]
    assert (taken.json()["name"], taken.json()["language"]) == ("Benny", "es")
    assert (same.status_code, same.content) == (304, b"")


async def test_of_ten_changes_at_once_from_one_state_one_is_taken(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = await tag(client, bearer(people.coordinator), people.mentor)
    path = f"{PEOPLE}/{people.mentor.id}"

    answers = await asyncio.gather(
        *(client.patch(path, json={"name": f"Ben {number}"}, headers=headers) for number in range(10))
    )

    assert sorted(outcome(one) for one in answers) == [OK] + [STALE] * 9


async def test_of_ten_choices_at_once_how_to_be_nudged_one_is_taken(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)
    read = await client.get("/v1/me", headers=headers)
    changes = [{"nudges_by": "push"}, {"name": "Anna"}] * 5

    answers = await asyncio.gather(
        *(client.patch("/v1/me", json=one, headers=headers | {"If-Match": read.headers["etag"]}) for one in changes)
    )

    assert sorted(outcome(one) for one in answers) == [OK] + [STALE] * 9


async def test_what_waits_for_the_old_phone_leaves_for_the_new_one(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
    await flows.alerts.move_due(conn, NOW)
    await conn.execute("update people set unreachable_at = $2 where id = $1", people.mentor.id, NOW)

    told_of = await patch(client, bearer, people, people.mentor, {"phone": "+1 212 555 0191"})

    row = await conn.fetchrow("select id, phone, phone_hash from outbox where person_id = $1", people.mentor.id)
    assert row is not None
    assert (told_of[0], told_of[1]["phone"], told_of[1]["unreachable"]) == (OK, "+12125550191", False)
    assert conn.vault.open("outbox.phone", row["id"], row["phone"]) == "+12125550191"
    assert row["phone_hash"] == store.people.phone_hash(conn, "+12125550191")
    assert await store.people.by_phone(conn, "+12125550102") == []


async def test_a_code_that_went_to_an_old_number_signs_nobody_in(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    given = await code_for(client, conn, people.mentee)
    path, headers = f"/v1/people/{people.mentee.id}", bearer(people.coordinator) | {"If-Match": "*"}

    changed = await client.patch(path, json={"phone": "+1 212 555 0142"}, headers=headers)

    assert outcome(changed) == OK
    assert outcome(await client.post(TOKENS, json=given)) == WRONG


async def test_an_invited_mentee_is_asked_again_at_a_new_phone(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    added = (await client.post(PEOPLE, json=NEW, headers=bearer(people.coordinator))).json()
    person = await store.people.by_id(conn, UUID(added["id"]))
    assert person is not None
    await conn.execute("update outbox set status = 'undelivered'")

    done, _ = await patch(client, bearer, people, person, {"phone": "+12125550192"})

    assert done == OK
    assert await sent_to(conn, person) == [told(Text.invite, "es")] * 2


async def test_a_mentee_who_moves_is_nudged_by_the_new_wall_clock(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await conn.execute("update nudge_plans set next_nudge_at = null")  # what is due already stays due

    done, _ = await patch(client, bearer, people, people.mentee, {"time_zone": "America/Los_Angeles"})

    at = await conn.fetchval("select next_nudge_at from nudge_plans where mentee_id = $1", people.mentee.id)
    assert done == OK
    assert core.wall.local(at, "America/Los_Angeles").hour == 18
    stays = [stay.zone for stay in await store.zones.history(conn, people.mentee.id)]
    assert stays == [ZONE, "America/Los_Angeles"]


async def test_roles_change_where_nobody_is_left_alone(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    found = {}
    for name, roles in {
        "coordinator": ["mentor"],
        "mentor": ["coordinator"],
        "mentee": ["mentor"],
        "cover": ["mentor", "mentee"],
        "other_mentor": ["mentor", "coordinator"],
    }.items():
        found[name], _ = await patch(client, bearer, people, getattr(people, name), {"roles": roles})

    assert found == {
        "coordinator": CONFLICT,
        "mentor": CONFLICT,
        "mentee": INVALID,
        "cover": INVALID,
        "other_mentor": OK,
    }
    assert await conn.fetchval("select roles from people where id = $1", people.other_mentor.id) == [
        "coordinator",
        "mentor",
    ]


async def test_a_mentor_who_goes_leaves_no_alert_behind(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW - timedelta(hours=1))
    await flows.alerts.move_due(conn, NOW - timedelta(hours=1))
    await text(conn, people.mentor, "OK")

    answered = await client.post(f"{PEOPLE}/{people.mentor.id}/ending", headers=bearer(people.coordinator))
    await flows.alerts.move_due(conn, client.app.state.clock.now())
    again = await client.post(f"{PEOPLE}/{people.mentor.id}/ending", headers=bearer(people.coordinator))

    assert (outcome(answered), answered.json()["status"]) == (OK, "ended")
    assert len(await sent_to(conn, people.cover)) == 1
    assert await store.alerts.open_for(conn, people.mentor.id, NOW + DAY) == []
    assert again.text == answered.text


async def test_a_mentee_who_goes_is_asked_nothing_more(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await text(conn, people.mentee, "7 5")
    waiting = await conn.fetchval("select count(*) from outbox where status = 'queued'")

    answered = await client.post(f"{PEOPLE}/{people.mentee.id}/ending", headers=bearer(people.coordinator))
    await flows.nudges.ask_due(conn, NOW + DAY)

    assert (outcome(answered), waiting) == (OK, 1)
    assert await sent_to(conn, people.mentee) == []
    assert await store.people.assigned(conn, people.mentee.id, NOW + DAY) == {}


async def test_the_last_coordinator_cannot_go(client: Client, people: Cast, bearer: Bearer) -> None:
    answered = await client.post(f"{PEOPLE}/{people.coordinator.id}/ending", headers=bearer(people.coordinator))

    assert outcome(answered) == CONFLICT
