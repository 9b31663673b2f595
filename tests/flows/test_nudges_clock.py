"""A clock that ran ahead and was put right leaves nobody without their nudges."""

from datetime import date, time, timedelta

import pytest
from structlog.testing import capture_logs

from checkin import flows, store
from checkin.core.nudge_plans import Edit, Pause
from checkin.core.texts import Text
from checkin.flows.assignments import OPERATOR
from checkin.store.pool import Connection
from tests.flows.test_nudges import EVENING
from tests.people import DAY, MONDAY, Cast, answer
from tests.phones import sent_to, told

HOUR = timedelta(hours=1)


async def answered(conn: Connection, people: Cast, day: date) -> None:
    for mentee in (people.mentee, people.other_mentee):
        at = EVENING + (day - MONDAY)
        await flows.check_ins.record(conn, mentee.id, answer(day, 7, 5, at=at), at)


async def sent_days(conn: Connection, people: Cast) -> list[date]:
    rows = await conn.fetch(
        "select day from nudges where mentee_id = $1 and decision = 'sent' order by day", people.mentee.id
    )
    return [row["day"] for row in rows]


@pytest.mark.parametrize("ahead", [1, 4, 13, 90])
async def test_who_was_planned_by_a_clock_that_ran_ahead_is_asked_again_by_the_right_one(
    conn: Connection, people: Cast, ahead: int
) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await flows.nudges.ask_due(conn, EVENING + ahead * DAY)

    replanned = await flows.nudge_plans.replan_far(conn, EVENING - HOUR)
    again = await flows.nudge_plans.replan_far(conn, EVENING - HOUR)
    for day in range(ahead + 1):
        await flows.nudges.ask_due(conn, EVENING + day * DAY)
        await conn.execute("update outbox set status = 'delivered'")
        await answered(conn, people, MONDAY + day * DAY)

    assert replanned == {"replanned": 2}
    assert again == {}
    assert await sent_days(conn, people) == [MONDAY + day * DAY for day in range(-1, ahead + 1)]


async def test_the_day_is_not_lost_to_a_clock_that_was_some_hours_ahead(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await flows.nudges.ask_due(conn, EVENING + 4 * HOUR)

    await flows.nudge_plans.replan_far(conn, EVENING)
    await flows.nudges.ask_due(conn, EVENING)

    assert MONDAY in await sent_days(conn, people)


@pytest.mark.parametrize("status", ["claimed", "uncertain", "sent", "delivered", "undelivered"])
async def test_what_left_by_a_wrong_clock_is_not_sent_again(conn: Connection, people: Cast, status: str) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await conn.execute("update outbox set status = 'delivered'")
    await flows.nudges.ask_due(conn, EVENING + DAY)
    await conn.execute(
        "update outbox set status = $1, attempts = 1, claimed_until = $2 where status = 'queued'", status, EVENING
    )

    await flows.nudge_plans.replan_far(conn, EVENING - HOUR)
    await flows.nudges.ask_due(conn, EVENING)
    await flows.nudges.ask_due(conn, EVENING + DAY)

    assert await sent_days(conn, people) == [MONDAY - DAY, MONDAY, MONDAY + DAY]
    assert len(await sent_to(conn, people.mentee)) == 3


async def test_what_still_waits_from_a_wrong_clock_goes_once(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING + DAY)

    await flows.nudge_plans.replan_far(conn, EVENING - HOUR)
    waiting = await sent_to(conn, people.mentee)
    await flows.nudges.ask_due(conn, EVENING)

    assert waiting == []
    assert await sent_to(conn, people.mentee) == [told(Text.nudge)]


async def test_who_has_ended_is_not_planned_anew(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING + DAY)
    await flows.roster.end(conn, people.mentee, EVENING, by=OPERATOR)

    replanned = await flows.nudge_plans.replan_far(conn, EVENING - HOUR)

    assert replanned == {"replanned": 1}
    assert await conn.fetchval("select next_nudge_at from nudge_plans where mentee_id = $1", people.mentee.id) is None


@pytest.mark.parametrize("apart", [7, 59])
async def test_workers_whose_clocks_differ_by_less_than_an_hour_undo_nothing_of_each_other(
    conn: Connection, people: Cast, apart: int
) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await store.holidays.save(conn, people.program, MONDAY, "Founders' day")
    undone = 0

    for minutes in range(0, 300, 5):
        slow = EVENING - HOUR + timedelta(minutes=minutes)
        undone += bool(await flows.nudge_plans.replan_far(conn, slow))
        await flows.nudges.ask_due(conn, slow + timedelta(minutes=apart))

    assert undone == 0
    assert await decisions(conn, people) == ["holiday"]


async def test_workers_whose_clocks_differ_by_hours_leave_every_slot_its_row(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await store.holidays.save(conn, people.program, MONDAY, "Founders' day")

    for minutes in range(0, 600, 5):
        slow = EVENING - 5 * HOUR + timedelta(minutes=minutes)
        await flows.nudge_plans.replan_far(conn, slow)
        await flows.nudges.ask_due(conn, slow + 4 * HOUR)

    assert await decisions(conn, people) == ["holiday"]


async def test_a_slot_that_is_closed_by_the_right_clock_keeps_its_row(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await flows.nudges.ask_due(conn, EVENING + DAY - HOUR)

    replanned = await flows.nudge_plans.replan_far(conn, EVENING + 4 * HOUR)

    assert replanned == {}
    assert await decisions(conn, people) == ["expired"]


@pytest.mark.parametrize("broken", ["time_zone = 'America/Atlantis'", "phone = set_byte(phone, 0, 0)"])
async def test_who_cannot_be_read_is_put_right_once_and_left_until_tomorrow(
    conn: Connection, people: Cast, broken: str
) -> None:
    await flows.nudges.ask_due(conn, EVENING + 13 * DAY)
    await conn.execute(f"update people set {broken} where id = $1", people.mentee.id)

    replanned = await flows.nudge_plans.replan_far(conn, EVENING - HOUR)
    again = await flows.nudge_plans.replan_far(conn, EVENING - HOUR)
    with capture_logs() as said:
        await flows.nudges.ask_due(conn, EVENING + DAY)

    assert (replanned, again) == ({"replanned": 2}, {})
    assert len(await decisions(conn, people)) <= 1  # today's may stand where nobody knows when today is
    assert [line["mentee"] for line in said if line["event"] == "nudge.put_off"] == [str(people.mentee.id)]


async def decisions(conn: Connection, people: Cast) -> list[str]:
    query = "select decision from nudges where mentee_id = $1 and day >= $2 order by day"
    rows = await conn.fetch(query, people.mentee.id, MONDAY)
    return [row["decision"] for row in rows]


@pytest.mark.parametrize("hours", [-5, -1, 1, 5])
async def test_a_change_of_the_zones_rules_costs_nobody_a_day(conn: Connection, people: Cast, hours: int) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await conn.execute("update nudge_plans set next_nudge_at = next_nudge_at + $1 * interval '1 hour'", hours)

    for passed in range(-6, 7):
        await flows.nudges.ask_due(conn, EVENING + passed * HOUR)

    rows = await conn.fetch("select decision from nudges where mentee_id = $1 and day = $2", people.mentee.id, MONDAY)
    assert [row["decision"] for row in rows] == ["expired" if hours == 5 else "sent"]


async def test_a_nudge_and_its_reminder_are_not_mixed_up_by_a_change_of_the_zones_rules(
    conn: Connection, people: Cast
) -> None:
    await conn.execute("update nudge_plans set times = $1", [time(12), time(18)])
    await flows.nudges.ask_due(conn, EVENING - 6 * HOUR)
    await conn.execute("update nudge_plans set next_nudge_at = next_nudge_at + interval '30 minutes'")

    await flows.nudges.ask_due(conn, EVENING + HOUR)

    rows = await conn.fetch(
        "select kind, decision from nudges where mentee_id = $1 and day = $2 order by due_at", people.mentee.id, MONDAY
    )
    assert [tuple(row) for row in rows] == [("nudge", "sent"), ("reminder", "sent")]


@pytest.mark.parametrize(
    "edit",
    [
        Edit(weekdays=(2,)),
        Edit(weekdays=(1, 3)),
        Edit(pauses=(Pause(MONDAY, MONDAY + 200 * DAY),)),
        Edit(pauses=(Pause(MONDAY + DAY, MONDAY + 3 * DAY), Pause(MONDAY + 3 * DAY, MONDAY + 300 * DAY))),
    ],
)
async def test_a_plan_that_comes_seldom_is_left_as_it_is(conn: Connection, people: Cast, edit: Edit) -> None:
    await flows.nudges.ask_due(conn, EVENING)
    await flows.nudge_plans.change(conn, people.mentee, edit, EVENING, source="app", actor=people.mentee.id)

    assert await flows.nudge_plans.replan_far(conn, EVENING) == {}
