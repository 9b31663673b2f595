"""Oneself and one's mentees over HTTP: own entry, own usual, and what a mentor sees of a mentee."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from checkin import flows, store
from checkin.core.people import Person
from checkin.core.pushes import Way
from checkin.store.pool import Connection
from tests.api.calls import OK, Bearer, Client, Headers, Outcome, outcome
from tests.people import DAY, FALLING, MONDAY, NOW, STEADY, Cast, answer, check_in_daily

ME, TREND = "/v1/me", "/v1/me/trend"
STALE: Outcome = (412, "stale")
NOT_READ: Outcome = (428, "if-match-needed")
Json = dict[str, Any]  # Any: JSON


async def tag(client: Client, headers: Headers) -> Headers:
    return headers | {"If-Match": (await client.get(ME, headers=headers)).headers["etag"]}


async def noted(conn: Connection, mentee: Person, note: str, *, back: int, shared: bool) -> None:
    said = replace(answer(MONDAY - back * DAY, 7, 6, note=note), note_shared=shared)
    await flows.check_ins.record(conn, mentee.id, said, said.answered_at)


async def test_one_reads_ones_own_entry(client: Client, people: Cast, bearer: Bearer) -> None:
    answered = await client.get(ME, headers=bearer(people.mentee))

    assert outcome(answered) == OK
    assert answered.json() == {
        "id": str(people.mentee.id),
        "name": "Ana",
        "phone": "+12125550101",
        "roles": ["mentee"],
        "status": "active",
        "language": "en",
        "time_zone": "America/New_York",
        "opted_out": False,
        "unreachable": False,
        "nudges_by": "sms",
    }


async def test_one_changes_name_language_and_zone_of_ones_own(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    change = {"name": "  Ana María ", "language": "es", "time_zone": "America/Chicago"}
    headers = await tag(client, bearer(people.mentee))

    answered = await client.patch(ME, json=change, headers=headers)
    stale = await client.patch(ME, json={"name": "A"}, headers=headers)
    blind = await client.patch(ME, json={"name": "A"}, headers=bearer(people.mentee))

    assert [outcome(one) for one in (answered, stale, blind)] == [OK, STALE, NOT_READ]
    assert {key: answered.json()[key] for key in change} == change | {"name": "Ana María"}
    written = await conn.fetch("select actor, actor_id from audit where action = 'person.changed'")
    assert [tuple(row) for row in written] == [("mentee", people.mentee.id)]


async def test_one_chooses_how_one_is_asked(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    headers = await tag(client, bearer(people.mentee))

    answered = await client.patch(ME, json={"nudges_by": "push"}, headers=headers)
    again = await client.patch(ME, json={"nudges_by": "push"}, headers=await tag(client, bearer(people.mentee)))
    stale = await client.patch(ME, json={"nudges_by": "sms"}, headers=headers)

    assert [outcome(one) for one in (answered, again, stale)] == [OK, OK, STALE]
    assert answered.json()["nudges_by"] == (await client.get(ME, headers=headers)).json()["nudges_by"] == "push"
    assert await store.pushes.choice(conn, people.mentee.id) is Way.push
    assert await store.pushes.choice(conn, people.other_mentee.id) is Way.sms
    assert await conn.fetchval("select count(*) from audit where action = 'person.changed'") == 1


async def test_a_change_to_what_stands_is_no_change(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = await tag(client, bearer(people.mentee))

    answered = await client.patch(ME, json={"name": "Ana"}, headers=headers)

    assert answered.headers["etag"] == headers["If-Match"]
    assert await conn.fetchval("select count(*) from audit where action = 'person.changed'") == 0


async def test_the_usual_is_told_once_it_is_learned(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)
    fresh = (await client.get(TREND, headers=headers)).json()
    await check_in_daily(conn, people.mentee, STEADY[:3], until=MONDAY - 25 * DAY)
    learning = (await client.get(TREND, headers=headers)).json()
    await check_in_daily(conn, people.mentee, STEADY * 3)
    learned = (await client.get(TREND, headers=headers)).json()

    assert (fresh["answers"], fresh["learning"], "usual_mood" in fresh) == (0, True, False)
    assert learning["sentence"] == "We are still learning Ana's usual range (3 reports so far)."
    assert (learned["answers"], learned["learning"], learned["latest_day"]) == (24, False, str(MONDAY))
    assert 6 < learned["usual_mood"] < 8
    assert "sentence" not in learned


async def test_a_fall_is_told_in_the_alerts_own_sentence(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)
    [alert] = (await client.get("/v1/alerts", headers=bearer(people.mentor))).json()["items"]

    mine = await client.get(TREND, headers=bearer(people.mentee))
    seen = await client.get(f"/v1/mentees/{people.mentee.id}", headers=bearer(people.mentor))

    assert mine.json()["sentence"] == alert["sentence"]
    assert seen.json()["trend"] == mine.json()


async def test_a_mentor_lists_whom_they_stand_by_now(client: Client, people: Cast, bearer: Bearer) -> None:
    found = {}
    for name in ("mentor", "cover", "other_mentor", "coordinator", "mentee"):
        listed = await client.get("/v1/mentees", headers=bearer(getattr(people, name)))
        found[name] = [one["name"] for one in listed.json()["items"]]

    assert found == {"mentor": ["Ana"], "cover": ["Ana"], "other_mentor": ["Dina"], "coordinator": [], "mentee": []}


@pytest.mark.parametrize(
    ("name", "reads"), [("mentor", ["yes", None]), ("cover", ["yes", None]), ("coordinator", [None, None])]
)
async def test_notes_are_read_as_they_are_shared_and_by_mentors_only(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, name: str, reads: list[str | None]
) -> None:
    await noted(conn, people.mentee, "yes", back=0, shared=True)
    await noted(conn, people.mentee, "no", back=1, shared=False)

    seen = await client.get(f"/v1/mentees/{people.mentee.id}", headers=bearer(getattr(people, name)))

    days = seen.json()["check_ins"]
    assert [one["day"] for one in days] == [str(MONDAY), str(MONDAY - DAY)]
    assert [one.get("note") for one in days] == reads
    assert [(one["mood"], one["hope"]) for one in days] == [(7, 6), (7, 6)]


async def test_a_coordinator_who_is_a_mentor_too_reads_only_their_own_mentees_notes(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await conn.execute("update people set roles = array['coordinator', 'mentor'] where id = $1", people.other_mentor.id)
    for mentee in (people.mentee, people.other_mentee):
        await noted(conn, mentee, "yes", back=0, shared=True)

    found = []
    for mentee in (people.mentee, people.other_mentee):
        seen = await client.get(f"/v1/mentees/{mentee.id}", headers=bearer(people.other_mentor))
        found.append(seen.json()["check_ins"][0].get("note"))

    assert found == [None, "yes"]


async def test_each_look_is_written_down(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    await client.get("/v1/mentees", headers=bearer(people.cover))
    await client.get(f"/v1/mentees/{people.mentee.id}", headers=bearer(people.coordinator))
    await client.get(f"/v1/mentees/{people.mentee.id}", headers=bearer(people.other_mentor))

    rows = await conn.fetch(
        "select actor_id, actor, action from audit where person_id = $1 and action like 'mentee.%' order by id",
        people.mentee.id,
    )

    assert {tuple(row) for row in rows} == {
        (people.cover.id, "mentor", "mentee.listed"),
        (people.coordinator.id, "coordinator", "mentee.read"),
    }
    assert await conn.fetchval("select max(at) from audit") >= datetime(2026, 11, 16, 20, tzinfo=UTC) == NOW
