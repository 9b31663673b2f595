"""The alerts' ledger: every step says who, when, through what and what became of it; nothing is left unresolved."""

from datetime import timedelta

import pytest

from checkin import flows, store
from checkin.core.alerts import ASKED_AGAIN_AFTER, Kind, Outcome
from checkin.core.errors import UnknownAlert
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.store.alerts import OpenAlert
from checkin.store.pool import Connection
from tests.people import FALLING, MONDAY, NOW, STEADY, Cast, check_in_daily
from tests.phones import sent_to, text, told

MORNING = NOW - timedelta(hours=6)
NIGHT = NOW + timedelta(hours=8)
"""09:00 and 23:00 in New York."""
PLAIN = "i want to kill myself"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def raised(conn: Connection, people: Cast, kind: Kind = Kind.call_me) -> int:
    """Raise an alert for the mentee in the morning, ask about it, and return its number."""
    await store.alerts.raise_for(conn, people.mentee.id, kind, {}, MORNING)
    await flows.alerts.move_due(conn, MORNING)
    number: int = await conn.fetchval("select number from alerts order by raised_at desc limit 1")
    return number


async def ledger(conn: Connection) -> list[tuple[str, str, str | None]]:
    rows = await conn.fetch("select role, result, became from alert_steps order by step")
    return [(row["role"], row["result"], row["became"]) for row in rows]


async def asked(conn: Connection) -> list[str]:
    return [role for role, result, _ in await ledger(conn) if result == "asked"]


async def open_alert(conn: Connection, person: Person) -> OpenAlert:
    return (await store.alerts.open_for(conn, person.id, MORNING))[0]


async def test_after_two_days_whoever_has_it_is_asked_how_it_went_and_again_two_days_later(
    conn: Connection, people: Cast
) -> None:
    number = await raised(conn, people)

    for days in (0, 2, 4):
        await flows.alerts.move_due(conn, MORNING + days * DAY)
        await text(conn, people.mentor, f"OK {number}", at=MORNING + days * DAY)

    again = told(Text.alert_again, number=number)
    assert (await sent_to(conn, people.mentor)).count(again) == 2
    assert await asked(conn) == ["mentor"] * 3


async def test_asked_how_it_went_and_silent_it_goes_to_the_next(conn: Connection, people: Cast) -> None:
    await raised(conn, people)
    await text(conn, people.mentor, "OK", at=MORNING)

    await flows.alerts.move_due(conn, MORNING + 2 * DAY)
    await flows.alerts.move_due(conn, MORNING + 2 * DAY + 4 * HOUR)

    assert await ledger(conn) == [
        ("mentor", "asked", "taken"),
        ("mentor", "asked", "unanswered"),
        ("cover", "asked", None),
    ]


async def test_more_danger_comes_back_in_five_minutes_to_whoever_has_it_as_urgently(
    conn: Connection, people: Cast
) -> None:
    await text(conn, people.mentee, PLAIN, at=NIGHT)
    await flows.alerts.move_due(conn, NIGHT)
    await text(conn, people.mentor, "OK", at=NIGHT + MINUTE)

    await text(conn, people.mentee, PLAIN, at=NIGHT + 2 * MINUTE)
    await flows.alerts.move_due(conn, NIGHT + 7 * MINUTE)

    number = await conn.fetchval("select number from alerts")
    assert (await sent_to(conn, people.mentor))[-1] == told(Text.crisis_alert, number=number)
    assert await asked(conn) == ["mentor", "coordinator", "mentor"]


async def test_a_crisis_that_somebody_has_had_for_two_days_is_asked_about_in_the_morning_and_not_as_urgent(
    conn: Connection, people: Cast
) -> None:
    await text(conn, people.mentee, PLAIN, at=NIGHT)
    await flows.alerts.move_due(conn, NIGHT)
    await text(conn, people.mentor, "OK", at=NIGHT)

    at_night = await flows.alerts.move_due(conn, NIGHT + 2 * DAY)
    in_the_morning = await flows.alerts.move_due(conn, NIGHT + 2 * DAY + 9 * HOUR)

    number = await conn.fetchval("select number from alerts")
    assert (at_night["waiting"], in_the_morning["asked"]) == (1, 1)
    assert (await sent_to(conn, people.mentor))[-1] == told(Text.alert_again, number=number)


async def test_each_step_says_what_became_of_it_and_through_what(conn: Connection, people: Cast) -> None:
    number = await raised(conn, people)
    await text(conn, people.mentor, f"PASS {number}", at=MORNING + MINUTE)
    await flows.alerts.move_due(conn, MORNING + MINUTE)
    await flows.alerts.move_due(conn, MORNING + 5 * HOUR)
    await text(conn, people.coordinator, f"CALLED {number}", at=MORNING + 6 * HOUR)

    rows = await conn.fetch("select became, became_through, became_at, through from alert_steps order by step")

    assert [(row["became"], row["became_through"]) for row in rows] == [
        ("passed", "sms"),
        ("unanswered", None),
        ("closed", "sms"),
    ]
    assert [row["became_at"] for row in rows] == [MORNING + MINUTE, MORNING + 5 * HOUR, MORNING + 6 * HOUR]
    assert {row["through"] for row in rows} == {"sms"}


async def test_a_late_answer_is_an_answer(conn: Connection, people: Cast) -> None:
    number = await raised(conn, people)
    await flows.alerts.move_due(conn, MORNING + 4 * HOUR)

    await text(conn, people.mentor, f"OK {number}", at=MORNING + 5 * HOUR)

    assert await ledger(conn) == [("mentor", "asked", "taken"), ("cover", "asked", "taken_by_other")]


async def test_a_crisis_reaches_the_on_call_after_ten_minutes_and_everybody_there_every_fifteen(
    conn: Connection, people: Cast
) -> None:
    await store.routing.put_on_call(conn, people.other_mentor, NOW)
    await text(conn, people.mentee, PLAIN, at=NIGHT)

    seen = []
    for minutes in (0, 4, 5, 9, 10, 24, 25, 39, 40):
        before = len(await asked(conn))
        await flows.alerts.move_due(conn, NIGHT + minutes * MINUTE)
        seen.append((minutes, (await asked(conn))[before:]))

    assert seen == [
        (0, ["mentor", "coordinator"]),
        (4, []),
        (5, ["cover"]),
        (9, []),
        (10, ["on_call"]),
        (24, []),
        (25, ["coordinator", "on_call"]),
        (39, []),
        (40, ["coordinator", "on_call"]),
    ]


async def test_whoever_is_on_call_and_was_asked_may_take_it(conn: Connection, people: Cast) -> None:
    await store.routing.put_on_call(conn, people.other_mentor, NOW)
    await text(conn, people.mentee, PLAIN, at=NIGHT)
    for minutes in (0, 5, 10):
        await flows.alerts.move_due(conn, NIGHT + minutes * MINUTE)

    await text(conn, people.other_mentor, "OK", at=NIGHT + 11 * MINUTE)

    number = await conn.fetchval("select number from alerts")
    assert (await sent_to(conn, people.other_mentor))[-1] == told(Text.alert_yours, number=number)


async def test_on_call_and_not_asked_it_is_nobody_elses_business(conn: Connection, people: Cast) -> None:
    await store.routing.put_on_call(conn, people.other_mentor, NOW)
    await raised(conn, people)

    assert await store.alerts.open_for(conn, people.other_mentor.id, MORNING) == []


async def test_several_on_call_are_asked_in_turn(conn: Connection, people: Cast) -> None:
    for number, person in enumerate((people.other_mentor, people.cover)):
        await store.routing.put_on_call(conn, person, NOW + number * MINUTE)
    await conn.execute("update assignments set ends_at = $1", NOW)
    await text(conn, people.mentee, PLAIN, at=NIGHT)

    for minutes in (0, 15, 30, 45):
        await flows.alerts.move_due(conn, NIGHT + minutes * MINUTE)

    rows = await conn.fetch("select person_id from alert_steps where role = 'on_call' order by step")
    first, second = people.other_mentor.id, people.cover.id
    assert [row["person_id"] for row in rows] == [first, second, first, second][: len(rows)]
    assert len(rows) >= 3


async def test_indirect_danger_goes_on_every_quarter_of_an_hour(conn: Connection, people: Cast) -> None:
    await store.routing.put_on_call(conn, people.other_mentor, NOW)
    await text(conn, people.mentee, "everyone would be better off without me", at=NIGHT)

    for minutes in (0, 14, 15, 29, 30, 44, 45):
        await flows.alerts.move_due(conn, NIGHT + minutes * MINUTE)

    assert await asked(conn) == ["mentor", "cover", "coordinator", "on_call"]


async def test_what_was_closed_and_comes_back_is_a_new_alert_that_follows_it(conn: Connection, people: Cast) -> None:
    number = await raised(conn, people)
    await text(conn, people.mentor, f"CALLED {number}", at=MORNING)
    old = await conn.fetchval("select id from alerts")

    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, MORNING + 13 * DAY)

    assert (await open_alert(conn, people.mentor)).follows_id == old


async def test_what_was_closed_long_ago_is_over(conn: Connection, people: Cast) -> None:
    number = await raised(conn, people)
    await text(conn, people.mentor, f"CALLED {number}", at=MORNING)

    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, MORNING + 15 * DAY)

    assert (await open_alert(conn, people.mentor)).follows_id is None


async def test_whoever_wants_it_open_again_has_it_under_a_new_number(conn: Connection, people: Cast) -> None:
    number = await raised(conn, people)
    closed = await open_alert(conn, people.mentor)
    await text(conn, people.mentor, f"CALLED {number}", at=MORNING)

    again = await flows.alerts.reopen(conn, people.coordinator, closed.id, "app", MORNING + DAY)

    assert again.id != closed.id
    assert again.number != number
    assert (again.follows_id, again.acknowledged_by) == (closed.id, people.coordinator.id)
    assert again.evidence == [*closed.evidence, {"source": "reopened"}]


async def test_what_is_open_or_somebody_elses_cannot_be_opened_again(conn: Connection, people: Cast) -> None:
    await raised(conn, people)
    alert = await open_alert(conn, people.mentor)

    with pytest.raises(UnknownAlert):
        await flows.alerts.reopen(conn, people.mentor, alert.id, "app", MORNING)
    async with conn.transaction():
        await flows.alerts.close(conn, people.mentor, alert, "app", Outcome.talked, None, MORNING)
    with pytest.raises(UnknownAlert):
        await flows.alerts.reopen(conn, people.other_mentor, alert.id, "app", MORNING)


async def test_put_off_on_leave_it_goes_to_the_cover_not_back(conn: Connection, people: Cast) -> None:
    await raised(conn, people)
    await text(conn, people.mentor, "SNOOZE", at=MORNING)
    await text(conn, people.mentor, "AWAY 7", at=MORNING + MINUTE)

    await flows.alerts.move_due(conn, MORNING + ASKED_AGAIN_AFTER)

    assert await asked(conn) == ["mentor", "cover"]


async def test_what_waits_for_somebody_who_goes_on_leave_moves_on_at_once(conn: Connection, people: Cast) -> None:
    await raised(conn, people)

    await text(conn, people.mentor, "AWAY 7", at=MORNING + MINUTE)
    await flows.alerts.move_due(conn, MORNING + MINUTE)

    assert await asked(conn) == ["mentor", "cover"]


async def test_a_fall_is_still_low_until_reports_are_usual_again(conn: Connection, people: Cast) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)

    low = await flows.looks.still_low_since(conn, people.mentee.id, MONDAY)
    await check_in_daily(conn, people.mentee, STEADY, until=MONDAY + 7 * DAY)
    later = await flows.looks.still_low_since(conn, people.mentee.id, MONDAY + 7 * DAY)

    assert low is not None
    assert MONDAY - 7 * DAY < low <= MONDAY
    assert later is None


async def test_a_fall_that_was_opened_again_twice_is_still_known(conn: Connection, people: Cast) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)
    low = await flows.looks.still_low_since(conn, people.mentee.id, MONDAY)

    for _ in range(2):
        alert = await open_alert(conn, people.mentor)
        async with conn.transaction():
            await flows.alerts.close(conn, people.mentor, alert, "app", Outcome.talked, None, NOW)
        await flows.alerts.reopen(conn, people.mentor, alert.id, "app", NOW)

    assert await flows.looks.still_low_since(conn, people.mentee.id, MONDAY) == low
