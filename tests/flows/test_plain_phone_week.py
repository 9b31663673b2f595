"""A mentor with nothing but a phone that texts handles a week of alerts, and each of them ends with an outcome."""

from collections.abc import AsyncIterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from checkin import store
from checkin.config import Settings
from checkin.core.people import Person
from checkin.store.pool import Connection
from tests.people import DAY, MONDAY, NOW, STEADY, ZONE, Cast, check_in_daily
from tests.plain_phones import Town, town

FIRST = MONDAY
"""The Monday before: nudges that nobody answers from then on are a silence on Wednesday of the week."""
WEEK = MONDAY + 7 * DAY
LOW = "2 2 not my day"


def on(weekday: int, hour: int, minute: int = 0) -> datetime:
    """Return a wall time of the mentor's in the week; Monday is 0."""
    return at(WEEK + weekday * DAY, hour, minute)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZoneInfo(ZONE))


@pytest.fixture
async def phones(settings: Settings, conn: Connection, people: Cast) -> AsyncIterator[Town]:
    """The town on Monday of the week: the mentor stands by both mentees, one of whom has stopped answering."""
    began = NOW - 60 * DAY
    await conn.execute("delete from assignments where mentor_id = $1", people.other_mentor.id)
    await store.people.assign(conn, people.other_mentee.id, people.mentor.id, "primary", began)
    await check_in_daily(conn, people.mentee, STEADY * 6, until=FIRST - DAY)
    await conn.execute("update nudge_plans set next_nudge_at = $1", at(FIRST, 18))
    async with town(settings) as running:
        for day in range(7):
            await running.go_to(at(FIRST + day * DAY, 19))
            await running.text(people.mentee, "7 6")
        yield running


async def number_asked(phones: Town, person: Person) -> int:
    """Return the number of the one alert a person is asked about in their new texts."""
    [number] = phones.asked(person)
    return number


async def outcomes(conn: Connection) -> list[tuple[str, str | None, str]]:
    """Return each alert's kind, outcome and who has it, in the order they were raised."""
    rows = await conn.fetch("select kind, outcome, owner_id from alerts order by raised_at, id")
    people = await store.people.names(conn, [row["owner_id"] for row in rows])
    return [(row["kind"], row["outcome"], people[row["owner_id"]]) for row in rows]


async def test_a_week_of_alerts_by_text_alone_leaves_nothing_open(phones: Town, conn: Connection, people: Cast) -> None:
    await monday_somebody_asks_to_be_called(phones, people)
    await tuesday_somebody_needs_a_bus_pass(phones, people)
    await wednesday_somebody_is_silent_and_goes_to_the_coordinator(phones, people)
    await thursday_somebody_has_been_falling(phones, people)
    await friday_danger_while_the_mentor_is_away(phones, people)
    await sunday_danger_at_night_with_the_mentor_back(phones, people)
    await phones.go_to(on(8, 12))

    assert await outcomes(conn) == [
        ("call_me", "talked", "Ben"),
        ("practical_help", "talked", "Ben"),
        ("silence", "referred", "Fay"),
        ("trend", "safe", "Ben"),
        ("crisis", "safe", "Cleo"),
        ("crisis", "referred", "Ben"),
    ]
    assert await conn.fetchval("select count(*) from alerts where resolved_at is null") == 0
    assert await conn.fetchval("select count(*) from alert_steps where result = 'asked' and became is null") == 0
    assert phones.asked(people.mentor) == phones.asked(people.cover) == phones.asked(people.coordinator) == []


async def monday_somebody_asks_to_be_called(phones: Town, people: Cast) -> None:
    """OK, then NOANSWER late in the afternoon: asked again the next morning, not at night."""
    await phones.go_to(on(0, 15))
    phones.new(people.mentor)
    await phones.text(people.mentee, "please call me")
    assert len(phones.asked(people.mentor)) == 1
    await phones.text(people.mentor, "OK")
    await phones.go_to(on(0, 18, 30))
    await phones.text(people.mentor, "noanswer")
    await phones.text(people.mentee, LOW)
    phones.new(people.mentor)
    await phones.go_to(on(1, 7, 30))
    assert phones.asked(people.mentor) == []
    await phones.go_to(on(1, 8, 30))
    number = await number_asked(phones, people.mentor)
    await phones.text(people.mentor, f"called {number} she has a cold")


async def tuesday_somebody_needs_a_bus_pass(phones: Town, people: Cast) -> None:
    """MSG: a message was left, so the same person is asked again after four hours."""
    await phones.go_to(on(1, 10))
    phones.new(people.mentor)
    await phones.text(people.mentee, "need bus pass")
    number = await number_asked(phones, people.mentor)
    await phones.text(people.mentor, f"MSG {number}")
    await phones.go_to(on(1, 13, 30))
    assert phones.asked(people.mentor) == []
    await phones.go_to(on(1, 14, 30))
    assert await number_asked(phones, people.mentor) == number
    await phones.text(people.mentor, "CALLED")
    await phones.go_to(on(1, 18, 30))
    await phones.text(people.mentee, LOW)


async def wednesday_somebody_is_silent_and_goes_to_the_coordinator(phones: Town, people: Cast) -> None:
    """SNOOZE in the morning, PASS at noon; the coordinator has nothing but a phone either."""
    phones.new(people.mentor)
    await phones.go_to(on(2, 8, 30))
    number = await number_asked(phones, people.mentor)
    await phones.text(people.mentor, f"snooze {number}")
    await phones.go_to(on(2, 13))
    assert await number_asked(phones, people.mentor) == number
    phones.new(people.coordinator)
    await phones.text(people.mentor, f"Pass {number}")
    assert await number_asked(phones, people.coordinator) == number
    await phones.text(people.coordinator, f"OK {number}")
    await phones.text(people.coordinator, f"Referred {number}")


async def thursday_somebody_has_been_falling(phones: Town, people: Cast) -> None:
    """The fall is found in the evening, while the mentor's hours last."""
    phones.new(people.mentor)
    for weekday in (2, 3):
        await phones.go_to(on(weekday, 18, 30))
        await phones.text(people.mentee, LOW)
    number = await number_asked(phones, people.mentor)
    await phones.text(people.mentor, f"#{number} ok")
    await phones.go_to(on(3, 20))
    await phones.text(people.mentor, f"SAFE {number}")


async def friday_danger_while_the_mentor_is_away(phones: Town, people: Cast) -> None:
    """Cover and coordinator are asked at once; who has it says so by text."""
    await phones.text(people.mentor, "AWAY 2 days")
    await phones.go_to(on(4, 10))
    for person in (people.mentor, people.cover, people.coordinator):
        phones.new(person)
    await phones.text(people.mentee, "i want to kill myself")
    number = await number_asked(phones, people.cover)
    assert (phones.asked(people.mentor), phones.asked(people.coordinator)) == ([], [number])
    await phones.text(people.cover, f"OK {number}")
    await phones.go_to(on(4, 11))
    await phones.text(people.cover, f"SAFE {number}")


async def sunday_danger_at_night_with_the_mentor_back(phones: Town, people: Cast) -> None:
    """BACK a day early; a crisis comes through the night, and nobody else is woken once the mentor has it."""
    await phones.go_to(on(5, 9))
    await phones.text(people.mentor, "BACK")
    await phones.go_to(on(6, 23, 30))
    for person in (people.mentor, people.cover, people.coordinator):
        phones.new(person)
    await phones.text(people.mentee, "i can't do this anymore")
    number = await number_asked(phones, people.mentor)
    await phones.text(people.mentor, f"OK {number}")
    await phones.go_to(on(7, 0, 30))
    await phones.text(people.mentor, f"REFERRED {number} to the clinic")
    assert phones.asked(people.cover) == phones.asked(people.coordinator) == []
