"""Why a mentee was nudged or not, and when they will be, as the coordinators of their programme read it."""

from datetime import timedelta
from uuid import uuid4

from checkin import flows
from checkin.core.nudges import Kind
from checkin.store.pool import Connection
from tests.api.calls import INVALID, NOTHING, OK, Bearer, Client, outcome
from tests.people import DAY, MONDAY, NOW, Cast, answer

EVENING = NOW + timedelta(hours=3, minutes=6)
"""18:06 in New York."""
ROW = """
    insert into nudges (mentee_id, day, kind, due_at, decided_at, decision) values ($1, $2, $3, $4, $4, 'weekly')
"""
LOOKS = """
    select actor_id, actor, action from audit where person_id = $1 and action = 'nudges.read'
"""


def nudges(people: Cast) -> str:
    return f"/v1/mentees/{people.mentee.id}/nudges"


async def test_a_coordinator_reads_what_the_mentee_reads_in_their_own_language(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, 7, 5), NOW)
    await flows.nudges.ask_due(conn, EVENING)
    await conn.execute("update people set language = 'es' where id = $1", people.coordinator.id)
    own = (await client.get("/v1/me/nudges", headers=bearer(people.mentee))).json()

    read = await client.get(nudges(people), headers=bearer(people.coordinator))

    assert outcome(read) == OK
    facts, same = [
        [{key: value for key, value in one.items() if key != "sentence"} for one in page["items"]]
        for page in (read.json(), own)
    ]
    assert facts == same
    assert own["items"][0]["sentence"] == "Not sent: answered in the app 13:00."
    assert read.json()["items"][0]["sentence"] != own["items"][0]["sentence"]


async def test_a_coordinator_looks_ahead_as_the_mentee_does(client: Client, people: Cast, bearer: Bearer) -> None:
    own = await client.get("/v1/me/nudges/preview", headers=bearer(people.mentee))

    ahead = await client.get(f"{nudges(people)}/preview", headers=bearer(people.coordinator))

    assert outcome(ahead) == OK
    assert ahead.json() == own.json()
    assert len(ahead.json()["items"]) == 14


async def test_each_look_is_in_the_mentees_log_and_a_refused_one_is_not(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    for person in (people.coordinator, people.mentor, people.stranger):
        await client.get(nudges(people), headers=bearer(person))
        await client.get(f"{nudges(people)}/preview", headers=bearer(person))

    found = [tuple(row) for row in await conn.fetch(LOOKS, people.mentee.id)]

    assert found == [(people.coordinator.id, "coordinator", "nudges.read")] * 2


async def test_every_row_is_listed_once_and_a_cursor_is_good_for_one_mentee_and_one_reader(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    rows = [(str(MONDAY - n * DAY), kind) for n in range(3) for kind in (Kind.reminder, Kind.nudge)]
    for mentee in (people.mentee, people.other_mentee):
        for n in range(3):
            for kind in Kind:
                await conn.execute(ROW, mentee.id, MONDAY - n * DAY, kind, NOW)
    headers = bearer(people.coordinator)

    found, query = [], {"limit": "4"}
    for _ in range(2):
        page = (await client.get(nudges(people), params=query, headers=headers)).json()
        found += [(one["day"], one["kind"]) for one in page["items"]]
        query |= {"cursor": page["next_cursor"]} if "next_cursor" in page else {}
    other = f"/v1/mentees/{people.other_mentee.id}/nudges"
    misused = [
        await client.get(other, params=query, headers=headers),
        await client.get("/v1/me/nudges", params=query, headers=headers),
        await client.get("/v1/me/nudges", params=query, headers=bearer(people.mentee)),
    ]

    assert found == rows
    assert [outcome(one) for one in misused] == [INVALID] * 3


async def test_hostile_queries_and_ids_are_refused(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.coordinator)
    queries = ("limit=0", "limit=101", "limit=1.0", "limit=x", "cursor=", "cursor=x", "cursor=%00", "day=2026-11-16")
    ids = (str(uuid4()), "41", "%00", "..%2f..", str(people.mentor.id), str(people.stranger.id))

    asked = {one: outcome(await client.get(f"{nudges(people)}?{one}", headers=headers)) for one in queries}
    sought = {one: outcome(await client.get(f"/v1/mentees/{one}/nudges", headers=headers)) for one in ids}
    ahead = {one: outcome(await client.get(f"/v1/mentees/{one}/nudges/preview", headers=headers)) for one in ids}

    assert asked == dict.fromkeys(queries, INVALID)
    assert (sought, ahead) == (dict.fromkeys(ids, NOTHING), dict.fromkeys(ids, NOTHING))
