"""Whoever hands an alert over is not asked next, and doing it twice changes nothing; so with opening one again."""

from datetime import datetime, timedelta

import pytest

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.store.pool import Connection
from tests.people import NOW, Cast
from tests.phones import sent_to, text, told

MORNING = NOW - timedelta(hours=6)
"""Monday, 09:00 in New York."""
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


async def raised(conn: Connection, people: Cast) -> int:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, MORNING)
    await flows.alerts.move_due(conn, MORNING)
    number: int = await conn.fetchval("select number from alerts")
    return number


async def reopened(conn: Connection, people: Cast, at: datetime) -> int:
    """Raise an alert that the mentor closes and opens again; returns its new number."""
    number = await raised(conn, people)
    await text(conn, people.mentor, f"CALLED {number}", at=MORNING + MINUTE)
    closed = await conn.fetchval("select id from alerts")
    return (await flows.alerts.reopen(conn, people.mentor, closed, "app", at)).number


async def passes(conn: Connection, person: Person, number: int, at: datetime) -> None:
    await text(conn, person, f"PASS {number}", at=at)
    await flows.alerts.move_due(conn, at + SECOND)


async def steps(conn: Connection) -> list[tuple[str, str, str | None]]:
    rows = await conn.fetch(
        """select s.role, s.result, s.became from alert_steps s join alerts a on a.id = s.alert_id
            where a.resolved_at is null order by s.step"""
    )
    return [(row["role"], row["result"], row["became"]) for row in rows]


@pytest.mark.parametrize("takes", [False, True])
async def test_a_hand_over_that_is_sent_again_changes_nothing(conn: Connection, people: Cast, takes: bool) -> None:
    number = await raised(conn, people)
    if takes:
        await text(conn, people.mentor, f"OK {number}", at=MORNING)

    for seconds in (60, 70, 180):
        await passes(conn, people.mentor, number, MORNING + seconds * SECOND)

    assert await steps(conn) == [("mentor", "asked", "taken" if takes else "passed"), ("cover", "asked", None)]
    assert (await sent_to(conn, people.mentor))[-2:] == [told(Text.alert_passed, number=number)] * 2
    assert await sent_to(conn, people.coordinator) == []


async def test_whoever_passed_it_on_and_took_it_later_may_pass_it_on_again(conn: Connection, people: Cast) -> None:
    number = await raised(conn, people)
    await passes(conn, people.mentor, number, MORNING + MINUTE)
    await text(conn, people.mentor, f"OK {number}", at=MORNING + 2 * MINUTE)

    await passes(conn, people.mentor, number, MORNING + 3 * MINUTE)

    assert (await steps(conn))[-1] == ("coordinator", "asked", None)


async def test_what_its_own_reader_opened_again_and_passes_on_goes_to_the_next(conn: Connection, people: Cast) -> None:
    number = await reopened(conn, people, MORNING + HOUR)

    await passes(conn, people.mentor, number, MORNING + 2 * HOUR)
    await passes(conn, people.mentor, number, MORNING + 3 * HOUR)

    assert await steps(conn) == [("mentor", "already", None), ("cover", "asked", None)]


async def test_passed_on_at_night_it_still_goes_to_the_next_in_the_morning(conn: Connection, people: Cast) -> None:
    number = await reopened(conn, people, MORNING + 11 * HOUR)

    await passes(conn, people.mentor, number, MORNING + 13 * HOUR)
    await flows.alerts.move_due(conn, MORNING + 23 * HOUR)

    assert await steps(conn) == [("mentor", "already", None), ("cover", "asked", None)]


async def test_whoever_passes_it_on_before_their_turn_is_passed_over(conn: Connection, people: Cast) -> None:
    number = await raised(conn, people)

    await passes(conn, people.cover, number, MORNING + MINUTE)
    await passes(conn, people.cover, number, MORNING + 2 * MINUTE)

    assert await steps(conn) == [
        ("mentor", "asked", "unanswered"),
        ("cover", "already", None),
        ("coordinator", "asked", None),
    ]


async def test_with_nobody_else_whoever_passes_it_on_is_asked_again(conn: Connection, people: Cast) -> None:
    number = await raised(conn, people)
    await conn.execute("update people set unreachable_at = now() where id <> $1", people.mentor.id)
    await text(conn, people.mentor, f"CALLED {number}", at=MORNING + MINUTE)
    closed = await conn.fetchval("select id from alerts")
    again = await flows.alerts.reopen(conn, people.mentor, closed, "app", MORNING + HOUR)

    await passes(conn, people.mentor, again.number, MORNING + 2 * HOUR)

    assert await steps(conn) == [("mentor", "asked", None)]


async def test_opened_again_twice_it_takes_up_its_causes_once(conn: Connection, people: Cast) -> None:
    number = await raised(conn, people)
    await text(conn, people.mentor, f"CALLED {number}", at=MORNING + MINUTE)
    closed = await conn.fetchval("select id from alerts")
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, MORNING + HOUR)

    found = [await flows.alerts.reopen(conn, people.mentor, closed, "app", MORNING + 2 * HOUR) for _ in range(3)]

    assert len({one.id for one in found}) == 1
    assert [one.evidence for one in found] == [[{}, {}, {"source": "reopened"}]] * 3
    assert {one.acknowledged_by for one in found} == {people.mentor.id}
