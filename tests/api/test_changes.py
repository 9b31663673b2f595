"""The changes feed: all there is for somebody, then what is new, different or gone, each once."""

from datetime import timedelta
from uuid import uuid4

import pytest

from checkin import flows, store
from checkin.core.help_requests import Topic
from checkin.store.pool import Connection
from tests.api.calls import ANSWER, INVALID, OK, TODAY, Bearer, Client, Outcome, miswritten, outcome
from tests.api.replicas import CHANGES, Replica, server_state
from tests.people import DAY, MONDAY, NOW, STEADY, Cast, check_in_daily
from tests.phones import text

EXPIRED: Outcome = (410, "cursor-expired")


async def test_the_first_call_tells_all_there_is(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await check_in_daily(conn, people.mentee, STEADY)
    await flows.help_requests.ask(conn, people.mentee, Topic.food, "soup", NOW)
    copies = {name: Replica(client, bearer(getattr(people, name))) for name in ("mentee", "mentor", "coordinator")}

    for copy in copies.values():
        await copy.catch_up()

    kinds = {name: sorted(kind for kind, _ in copy.things) for name, copy in copies.items()}
    assert kinds == {
        "mentee": ["check_in"] * 7 + ["help_request", "me", "nudge_plan"],
        "mentor": ["alert", "me", "mentee"],
        "coordinator": ["alert", "me"],
    }
    for copy in copies.values():
        assert copy.things == await server_state(client, copy.headers)


async def test_what_is_told_once_is_told_no_more(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await check_in_daily(conn, people.mentee, STEADY)
    copy = Replica(client, bearer(people.mentee))
    await copy.catch_up()

    again = await copy.page()

    assert (again["items"], again["has_more"]) == ([], False)
    assert again["next_cursor"] == copy.cursors[-2][0]


async def test_each_change_is_told_however_it_came_in(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)
    copy = Replica(client, headers)
    await copy.catch_up()
    told = []

    await client.put(TODAY, json=ANSWER, headers=headers)
    told.append([one["kind"] for one in await copy.catch_up()])
    await text(conn, people.mentee, "3 2")
    told.append([one["kind"] for one in await copy.catch_up()])
    await client.patch("/v1/me/nudge-plan", json={"times": ["17:00"]}, headers=headers | {"If-Match": "*"})
    told.append([one["kind"] for one in await copy.catch_up()])
    await client.patch("/v1/me", json={"name": "Anna"}, headers=headers | {"If-Match": "*"})
    told.append([one["kind"] for one in await copy.catch_up()])
    await client.post("/v1/me/help-requests", json={"topic": "food"}, headers=headers)
    told.append([one["kind"] for one in await copy.catch_up()])

    assert told == [["check_in"], ["check_in"], ["nudge_plan"], ["me"], ["help_request"]]
    assert copy.things == await server_state(client, headers)


@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_pages_follow_each_other_to_the_end_whatever_changes_meanwhile(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, limit: int
) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 3)
    headers = bearer(people.mentee)
    copy = Replica(client, headers, limit=limit)

    await copy.page()
    await client.put(TODAY, json=ANSWER | {"mood": 0, "answered_at": "2026-11-16T14:30:00-05:00"}, headers=headers)
    await copy.catch_up()

    assert copy.kind("check_in")[str(MONDAY)]["mood"] == 0
    for number in range(len(copy.cursors)):
        other = copy.at(number)
        await other.catch_up()
        assert other.things == copy.things == await server_state(client, headers)


async def test_a_cover_that_ends_by_itself_leaves_a_tombstone(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await store.people.assign(
        conn, people.mentee.id, people.other_mentor.id, "cover", NOW - DAY, NOW + timedelta(hours=1)
    )
    await flows.help_requests.ask(conn, people.mentee, Topic.food, None, NOW)
    copy = Replica(client, bearer(people.other_mentor))
    await copy.catch_up()
    before = set(copy.kind("mentee")), len(copy.kind("alert"))

    client.app.state.clock.ahead += timedelta(hours=2)
    gone = await copy.catch_up()

    assert before == ({str(people.mentee.id), str(people.other_mentee.id)}, 1)
    assert sorted((one["kind"], one["gone"]) for one in gone) == [("alert", True), ("mentee", True)]
    assert copy.kind("mentee").keys() == {str(people.other_mentee.id)}


async def test_an_assignment_that_is_ended_and_made_again_comes_back(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    copy = Replica(client, bearer(people.mentor))
    await copy.catch_up()
    told = []

    assignment = await conn.fetchval("select id from assignments where mentor_id = $1", people.mentor.id)
    await client.post(f"/v1/assignments/{assignment}/ending", headers=bearer(people.coordinator))
    told.append([(one["kind"], one["gone"]) for one in await copy.catch_up()])
    await store.people.assign(conn, people.mentee.id, people.mentor.id, "primary", NOW + DAY)
    client.app.state.clock.ahead += DAY
    told.append([(one["kind"], one["gone"]) for one in await copy.catch_up()])

    assert told == [[("mentee", True)], [("mentee", False)]]
    assert [[(one["kind"], one["gone"]) for one in await copy.at(number).catch_up()] for number in range(1, 4)] == [
        [("mentee", False)],
        [("mentee", False)],
        [],
    ]


async def test_a_mentor_gets_the_change_of_a_name_and_the_look_is_written_down_once(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    looks = "select count(*) from audit where person_id = $1 and actor_id = $2 and action = 'mentee.listed'"
    copy = Replica(client, bearer(people.mentor))
    await copy.catch_up()
    await copy.catch_up()
    seen = [await conn.fetchval(looks, people.mentee.id, people.mentor.id)]
    headers = bearer(people.mentee) | {"If-Match": "*"}

    await client.patch("/v1/me", json={"name": "Anna"}, headers=headers)
    await copy.catch_up()

    seen.append(await conn.fetchval(looks, people.mentee.id, people.mentor.id))
    assert copy.kind("mentee")[str(people.mentee.id)]["name"] == "Anna"
    assert seen == [1, 2]


async def test_a_cursor_is_for_its_owner_and_good_to_the_letter(client: Client, people: Cast, bearer: Bearer) -> None:
    copy = Replica(client, bearer(people.mentee))
    await copy.catch_up()
    cursor = str(copy.cursors[-1][0])
    listing = "MjAyNi0xMS0xNg"
    touched = [
        cursor[:-1],
        cursor + "A",
        miswritten(cursor),
        cursor.swapcase(),
        listing,
        "a",
        "",
        "A" * 48,
        "%00",
        "😀",
    ]

    mine = await client.get(f"{CHANGES}?cursor={cursor}", headers=bearer(people.mentee))
    theirs = await client.get(f"{CHANGES}?cursor={cursor}", headers=bearer(people.other_mentee))
    found = [await client.get(f"{CHANGES}?cursor={one}", headers=bearer(people.mentee)) for one in touched]

    assert outcome(mine) == OK
    assert outcome(theirs) == INVALID
    assert [outcome(one) for one in found] == [INVALID] * len(touched)


async def test_a_cursor_from_before_a_forgotten_tombstone_has_expired_and_a_later_one_has_not(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    copy = Replica(client, bearer(people.other_mentor))
    await copy.catch_up()
    await conn.execute("update assignments set ends_at = $1 where mentor_id = $2", NOW, people.other_mentor.id)
    await copy.catch_up()

    kept = await flows.changes.forget(conn, NOW + 89 * DAY)
    good = await client.get(f"{CHANGES}?cursor={copy.cursors[1][0]}", headers=copy.headers)
    gone = await flows.changes.forget(conn, NOW + 91 * DAY)
    old = await client.get(f"{CHANGES}?cursor={copy.cursors[1][0]}", headers=copy.headers)
    later = await copy.at(2).catch_up()
    anew = Replica(client, copy.headers)
    await anew.catch_up()

    assert (kept, outcome(good)) == ({}, OK)
    assert (gone, outcome(old)) == ({"forgotten": 1}, EXPIRED)
    assert later == []
    assert anew.things == copy.things


@pytest.mark.parametrize("change", ["instance = 'elsewhere'", f"id = '{uuid4()}'", "version = 1"])
async def test_a_cursor_of_another_history_has_expired(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, change: str
) -> None:
    """As after a restore: elsewhere, into a database where the feed began anew, or from before the cursor was given."""
    await check_in_daily(conn, people.mentee, STEADY)
    copy = Replica(client, bearer(people.mentee))
    await copy.catch_up()
    await conn.execute(f"update feeds set {change}")

    refused = await client.get(f"{CHANGES}?cursor={copy.cursors[-1][0]}", headers=copy.headers)
    anew = Replica(client, copy.headers)
    await anew.catch_up()

    assert outcome(refused) == EXPIRED
    assert anew.things == copy.things


async def test_nothing_readable_of_what_was_told_is_kept(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    for person in (people.mentee, people.mentor):
        await Replica(client, bearer(person)).catch_up()

    kept = await conn.fetch("select kind, id, encode(tag, 'escape') as tag from feed_items")

    assert len(kept) == 4
    assert not [row for row in kept if "Ana" in row["tag"] or "Ben" in row["tag"]]


async def test_whoever_begins_anew_after_something_was_forgotten_gets_to_the_end(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    copy = Replica(client, bearer(people.mentor))
    await client.post("/v1/me/calls", headers=bearer(people.mentee))
    await copy.catch_up()
    alert = next(iter(copy.kind("alert")))
    await client.post(f"/v1/alerts/{alert}/outcome", json={"outcome": "talked"}, headers=copy.headers)
    await copy.catch_up()
    gone = await flows.changes.forget(conn, NOW + 91 * DAY)

    anew = Replica(client, copy.headers, limit=1)
    await anew.catch_up()

    assert gone == {"forgotten": 1}
    assert len(anew.things) > 1
    assert anew.things == copy.things == await server_state(client, copy.headers)
