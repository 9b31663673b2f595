"""More danger while an alert is open is told as urgently as the first, however long somebody has had it."""

from datetime import datetime, timedelta

import pytest

from checkin import flows
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.store.pool import Connection
from tests.people import NOW, Cast
from tests.phones import sent_to, text, told

MORNING = NOW - timedelta(hours=6)
"""Monday, 09:00 in New York."""
NIGHT = NOW + timedelta(hours=8)
"""23:00 in New York."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PLAIN = "i want to kill myself"
INDIRECT = "i can't do this anymore"
DENIED = "not suicidal, just tired"
WORSE = "i took all my pills"


async def taken(conn: Connection, mentee: Person, mentor: Person, at: datetime, words: str = PLAIN) -> int:
    """Let *mentor* have the alert that *words* raise, and return its number."""
    await text(conn, mentee, words, at=at)
    await flows.alerts.move_due(conn, at)
    await text(conn, mentor, "OK", at=at)
    number: int = await conn.fetchval("select number from alerts")
    return number


async def move(conn: Connection, since: datetime, until: datetime, every: timedelta = MINUTE) -> list[datetime]:
    """Let the clock run; returns when somebody was asked."""
    found = []
    at = since
    while at <= until:
        if (await flows.alerts.move_due(conn, at))["asked"]:
            found.append(at)
        at += every
    return found


@pytest.mark.parametrize("first", [PLAIN, INDIRECT])
async def test_danger_after_somebody_was_asked_how_it_went_starts_the_clock_anew(
    conn: Connection, people: Cast, first: str
) -> None:
    await taken(conn, people.mentee, people.mentor, MORNING, first)
    again = MORNING + 48 * HOUR
    await move(conn, again, again)

    await text(conn, people.mentee, WORSE, at=again + 10 * MINUTE)
    asked = await move(conn, again + 10 * MINUTE, again + 10 * MINUTE)

    assert asked == [again + 10 * MINUTE]
    rows = await conn.fetch("select role from alert_steps where at = $1 and result = 'asked'", asked[0])
    assert [row["role"] for row in rows] == ["mentor", "coordinator"]


@pytest.mark.parametrize("after", [47 * HOUR + 55 * MINUTE, 47 * HOUR + 57 * MINUTE, 49 * HOUR])
async def test_danger_at_night_does_not_wait_for_the_morning_because_somebody_had_it_for_two_days(
    conn: Connection, people: Cast, after: timedelta
) -> None:
    number = await taken(conn, people.mentee, people.mentor, NIGHT)
    await move(conn, NIGHT + 48 * HOUR, min(NIGHT + 48 * HOUR, NIGHT + after))

    danger = NIGHT + after
    await text(conn, people.mentee, WORSE, at=danger)
    asked = await move(conn, danger, danger + 5 * MINUTE)

    assert asked[:1] == [danger]
    assert (await sent_to(conn, people.mentor))[-1] == told(Text.crisis_alert, number=number)


async def test_denied_words_wake_nobody_who_has_a_crisis(conn: Connection, people: Cast) -> None:
    await taken(conn, people.mentee, people.mentor, NOW)

    await text(conn, people.mentee, DENIED, at=NIGHT)
    asked = await move(conn, NIGHT, NIGHT + 10 * MINUTE)

    assert asked == []


async def test_denied_words_after_somebody_was_asked_how_it_went_change_nothing(conn: Connection, people: Cast) -> None:
    await taken(conn, people.mentee, people.mentor, MORNING)
    again = MORNING + 48 * HOUR
    await move(conn, again, again)

    await text(conn, people.mentee, DENIED, at=again + 10 * MINUTE)
    asked = await move(conn, again + 10 * MINUTE, again + 20 * MINUTE)

    assert asked == []


async def test_danger_while_the_next_person_is_due_in_minutes_goes_on_up_the_chain(
    conn: Connection, people: Cast
) -> None:
    await text(conn, people.mentee, PLAIN, at=NIGHT)
    await move(conn, NIGHT, NIGHT)

    await text(conn, people.mentee, WORSE, at=NIGHT + MINUTE)
    asked = await move(conn, NIGHT + MINUTE, NIGHT + 10 * MINUTE)

    assert asked == [NIGHT + 5 * MINUTE, NIGHT + 10 * MINUTE]
