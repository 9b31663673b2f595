"""Lists end nowhere but at their end: what is open is on one of their pages, and in the feed, however much there is."""

from datetime import timedelta
from typing import Any

import pytest

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.help_requests import Topic
from checkin.core.people import Person
from checkin.store.pool import Connection
from tests.api.calls import INVALID, OK, Bearer, Client, Headers, miswritten, outcome
from tests.api.replicas import Replica
from tests.people import DAY, MONDAY, NOW, Cast

MINE, ASKED, ALERTS, MENTEES = "/v1/me/help-requests", "/v1/help-requests", "/v1/alerts", "/v1/mentees"
LISTS = (MINE, ASKED, ALERTS, MENTEES)
Json = dict[str, Any]  # Any: JSON


async def ask(conn: Connection, mentee: Person, count: int) -> None:
    """Let a mentee ask for *count* things, two in the same moment each, due on one of three days."""
    for number in range(count):
        at, due_on = NOW + timedelta(seconds=number // 2), MONDAY + (number % 3) * DAY
        await flows.help_requests.ask(conn, mentee, Topic.food, f"thing {number}", at, wanted=due_on)


async def pages(client: Client, path: str, headers: Headers, limit: int) -> list[list[Json]]:
    query, found = f"?limit={limit}", []
    while query:
        answered = await client.get(path + query, headers=headers)
        assert outcome(answered) == OK
        found.append(answered.json()["items"])
        more = answered.json().get("next_cursor")
        query = "" if more is None else f"?limit={limit}&cursor={more}"
    return found


async def stand_by_many(conn: Connection, people: Cast) -> None:
    """Let the mentor stand by both mentees, of whom each wants everything there is an alert for."""
    await store.people.assign(conn, people.other_mentee.id, people.mentor.id, "cover", NOW - DAY)
    for mentee in (people.mentee, people.other_mentee):
        for number, kind in enumerate(Kind):
            await store.alerts.raise_for(conn, mentee.id, kind, {"source": "app"}, NOW + timedelta(hours=number // 2))


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_hold_each_thing_once_and_in_the_order_of_the_whole(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, limit: int
) -> None:
    await stand_by_many(conn, people)
    await ask(conn, people.mentee, 7)
    readers = {path: bearer(people.mentee if path == MINE else people.mentor) for path in LISTS}

    whole = {path: (await client.get(path, headers=readers[path])).json() for path in LISTS}
    found = {path: await pages(client, path, readers[path], limit) for path in LISTS}

    assert {path: len(one["items"]) for path, one in whole.items()} == {
        MINE: 7,
        ASKED: 7,
        ALERTS: 2 * len(Kind),
        MENTEES: 2,
    }
    assert {path: {"items": [item for page in one for item in page]} for path, one in found.items()} == whole
    assert {len(page) for one in found.values() for page in one[:-1]} <= {limit}


async def test_what_is_open_is_told_however_much_there_is(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)
    copy = Replica(client, headers)
    await ask(conn, people.mentee, 101)
    await copy.catch_up()
    await client.post(MINE, json={"topic": "food", "words": "one more"}, headers=headers)

    news = await copy.catch_up()

    assert [(one["kind"], one["gone"]) for one in news] == [("help_request", False)]
    assert len(copy.kind("help_request")) == 102
    for path, reader in ((MINE, people.mentee), (ASKED, people.mentor), (ASKED, people.coordinator)):
        assert list(map(len, await pages(client, path, bearer(reader), 100))) == [100, 2]


@pytest.mark.parametrize(("moved", "days"), [(1, 5), (5, 0)])
async def test_what_is_moved_to_another_day_between_two_pages_is_on_one_of_them(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, moved: int, days: int
) -> None:
    await ask(conn, people.mentee, 6)
    headers = bearer(people.mentor)
    whole = [one["id"] for one in (await client.get(ASKED, headers=headers)).json()["items"]]
    first = (await client.get(f"{ASKED}?limit=2", headers=headers)).json()
    day = {"due_on": str(MONDAY + days * DAY)}
    taken = await client.post(f"{ASKED}/{whole[moved]}/taking", json=day, headers=headers)

    rest = (await client.get(f"{ASKED}?cursor={first['next_cursor']}", headers=headers)).json()

    assert outcome(taken) == OK
    assert [one["id"] for one in first["items"] + rest["items"]] == whole


@pytest.mark.parametrize("path", LISTS)
async def test_a_cursor_is_for_its_reader_and_its_list_and_good_to_the_letter(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, path: str
) -> None:
    await stand_by_many(conn, people)
    await ask(conn, people.mentee, 3)
    headers, other = bearer(people.mentee if path == MINE else people.mentor), bearer(people.cover)
    cursor = (await client.get(f"{path}?limit=1", headers=headers)).json()["next_cursor"]
    touched = (cursor[:-1], cursor + "A", cursor + "==", miswritten(cursor), cursor.swapcase(), "", "a", "====", "é")

    good = await client.get(f"{path}?cursor={cursor}", headers=headers)
    odd = [await client.get(f"{path}?cursor={one}", headers=headers) for one in touched]
    theirs = await client.get(f"{path}?cursor={cursor}", headers=other)
    elsewhere = [await client.get(f"{one}?cursor={cursor}", headers=headers) for one in LISTS if one != path]

    assert outcome(good) == OK
    assert [outcome(one) for one in (*odd, theirs, *elsewhere)] == [INVALID] * (len(touched) + len(LISTS))


@pytest.mark.parametrize("path", LISTS)
async def test_a_limit_that_is_none_is_refused(client: Client, people: Cast, bearer: Bearer, path: str) -> None:
    queries = ("limit=0", "limit=101", "limit=1.0", "limit=")

    found = [outcome(await client.get(f"{path}?{query}", headers=bearer(people.mentee))) for query in queries]

    assert found == [INVALID] * len(queries)
