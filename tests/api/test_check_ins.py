"""A mentee's own check-ins over HTTP: written as often as a phone likes, read back, listed to the end."""

import asyncio
from datetime import timedelta

import pytest

from checkin.store.pool import Connection
from tests.api.calls import ANSWER, NOTHING, OK, TODAY, UNKNOWN, Bearer, Client, outcome
from tests.people import DAY, MONDAY, STEADY, ZONE, Cast, check_in_daily


def at(hour: int) -> dict[str, str]:
    return {"answered_at": f"2026-11-16T{hour:02}:00:00-05:00"}


async def test_a_check_in_comes_back_as_it_is_stored(client: Client, people: Cast, bearer: Bearer) -> None:
    said = ANSWER | {"note": "slept 4 hours", "note_shared": True}

    written = await client.put(TODAY, json=said, headers=bearer(people.mentee))
    read = await client.get(TODAY, headers=bearer(people.mentee))

    assert outcome(written) == outcome(read) == OK
    found = read.json()
    assert found == written.json()
    assert found.pop("received_at").startswith("2026-11-16T20:00:0")
    assert found == {
        "day": "2026-11-16",
        "mood": 7,
        "hope": 6,
        "skipped": False,
        "note": "slept 4 hours",
        "note_shared": True,
        "answered_at": "2026-11-16T19:00:00Z",
        "time_zone": ZONE,
        "source": "app",
    }


async def test_the_same_check_in_ten_times_at_once_is_one_row_and_one_answer(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)

    answers = await asyncio.gather(*(client.put(TODAY, json=ANSWER, headers=headers) for _ in range(10)))
    later = await client.put(TODAY, json=ANSWER, headers=headers)

    assert {outcome(one) for one in answers} == {OK}
    assert len({one.text for one in [*answers, later]}) == 1
    assert await conn.fetchval("select count(*) from check_ins") == 1
    assert await conn.fetchval("select count(*) from check_in_history") == 0
    assert await conn.fetchval("select count(*) from audit where action = 'check_in.recorded'") == 1


async def test_the_newer_answer_stands_whatever_comes_last(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)
    await client.put(TODAY, json=ANSWER | {"mood": 3} | at(9), headers=headers)

    corrected = await client.put(TODAY, json=ANSWER | {"mood": 8} | at(14), headers=headers)
    late = await client.put(TODAY, json=ANSWER | {"mood": 1} | at(12), headers=headers)

    assert corrected.json()["mood"] == 8
    assert late.json() == corrected.json()
    assert {row["mood"] for row in await conn.fetch("select mood from check_in_history")} == {1, 3}


async def test_different_answers_at_once_end_with_the_newest(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)
    said = [ANSWER | {"mood": hour - 4} | at(hour) for hour in (5, 14, 7, 11, 9, 6)]

    answers = await asyncio.gather(*(client.put(TODAY, json=one, headers=headers) for one in said))

    assert {outcome(one) for one in answers} == {OK}
    assert (await client.get(TODAY, headers=headers)).json()["mood"] == 10


async def test_a_skip_is_an_answer_without_scores(client: Client, people: Cast, bearer: Bearer) -> None:
    skipped = {"skipped": True, "answered_at": ANSWER["answered_at"], "time_zone": ZONE}

    answered = await client.put(TODAY, json=skipped, headers=bearer(people.mentee))

    assert outcome(answered) == OK
    assert answered.json()["skipped"] is True
    assert answered.json().keys().isdisjoint({"mood", "hope", "note"})


async def test_a_note_is_private_and_sealed_until_it_is_shared(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    answered = await client.put(TODAY, json=ANSWER | {"note": "canary"}, headers=bearer(people.mentee))

    others = (
        people.mentor,
        people.cover,
        people.coordinator,
        people.other_mentee,
        people.other_mentor,
        people.stranger,
    )
    found = [await client.get(TODAY, headers=bearer(person)) for person in others]
    assert answered.json()["note_shared"] is False
    assert {outcome(one) for one in found} == {NOTHING}
    assert b"canary" not in await conn.fetchval("select note from check_ins")


async def test_everybody_lists_their_own_alone(client: Client, people: Cast, bearer: Bearer) -> None:
    await client.put(TODAY, json=ANSWER, headers=bearer(people.mentee))

    listed = {}
    for name in ("mentee", "other_mentee", "mentor", "coordinator", "stranger"):
        answered = await client.get("/v1/me/check-ins", headers=bearer(getattr(people, name)))
        listed[name] = [one["day"] for one in answered.json()["items"]]

    assert listed == {name: [] for name in listed} | {"mentee": ["2026-11-16"]}


@pytest.mark.parametrize("limit", [100, 50, 7])
async def test_a_list_of_250_days_is_read_to_the_end_once_each(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, limit: int
) -> None:
    await check_in_daily(conn, people.mentee, (STEADY * 36)[:250])
    headers = bearer(people.mentee)

    days, sizes, query = [], [], f"limit={limit}"
    while query:
        page = (await client.get(f"/v1/me/check-ins?{query}", headers=headers)).json()
        sizes.append(len(page["items"]))
        days += [one["day"] for one in page["items"]]
        query = f"limit={limit}&cursor={page['next_cursor']}" if "next_cursor" in page else ""

    assert days == [str(MONDAY - back * DAY) for back in range(250)]
    assert sizes == [limit] * (250 // limit) + ([250 % limit] if 250 % limit else [])


async def test_a_page_holds_30_where_nothing_is_said(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 5)

    page = (await client.get("/v1/me/check-ins", headers=bearer(people.mentee))).json()

    assert len(page["items"]) == 30


async def test_only_active_mentees_check_in(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    await conn.execute("update people set status = 'ended' where id = $1", people.other_mentee.id)
    others = (people.mentor, people.coordinator, people.stranger, people.other_mentee)

    found = [outcome(await client.put(TODAY, json=ANSWER, headers=bearer(person))) for person in others]

    assert found == [NOTHING, NOTHING, NOTHING, UNKNOWN]
    assert await conn.fetchval("select count(*) from check_ins") == 0


async def test_days_and_times_at_the_edge_of_reach(client: Client, people: Cast, bearer: Bearer) -> None:
    """The clock stands at 15:00 on Monday the 16th in New York, 09:00 on Tuesday the 17th on Kiritimati."""
    now = "2026-11-16T20:00:00+00:00"
    calls = {
        "30 days ago": (MONDAY - 30 * DAY, now, ZONE, 200),
        "31 days ago": (MONDAY - 31 * DAY, now, ZONE, 400),
        "tomorrow, which is today on Kiritimati": (MONDAY + DAY, now, "Pacific/Kiritimati", 200),
        "tomorrow": (MONDAY + DAY, now, ZONE, 400),
        "a phone nine minutes ahead": (MONDAY, "2026-11-16T20:09:00Z", ZONE, 200),
        "a phone an hour ahead": (MONDAY, "2026-11-16T21:00:00Z", ZONE, 400),
        "answered 29 days ago": (MONDAY - 29 * DAY, "2026-10-18T20:00:00Z", ZONE, 200),
        "answered 31 days ago": (MONDAY - 31 * DAY, "2026-10-16T20:00:00Z", ZONE, 400),
    }

    found = {}
    for name, (day, answered_at, zone, _) in calls.items():
        said = {"mood": 5, "hope": 5, "answered_at": answered_at, "time_zone": zone}
        answered = await client.put(f"/v1/me/check-ins/{day}", json=said, headers=bearer(people.mentee))
        found[name] = answered.status_code

    assert found == {name: status for name, (*_, status) in calls.items()}


async def test_a_day_stays_writable_while_the_clock_moves(client: Client, people: Cast, bearer: Bearer) -> None:
    client.app.state.clock.ahead += timedelta(days=29)

    answered = await client.put(TODAY, json=ANSWER, headers=bearer(people.mentee))

    assert outcome(answered) == OK
