"""A clock that ran ahead and was put right leaves nobody without their nudges."""

from datetime import date, timedelta

import pytest

from checkin import flows
from checkin.core.nudge_plans import Edit, Pause
from checkin.store.pool import Connection
from tests.flows.test_nudges import EVENING
from tests.people import DAY, MONDAY, Cast


async def sent_days(conn: Connection, people: Cast) -> list[date]:
    rows = await conn.fetch(
        "select day from nudges where mentee_id = $1 and decision = 'sent' order by day", people.mentee.id
    )
    return [row["day"] for row in rows]


@pytest.mark.parametrize("ahead", [4, 90])
async def test_who_was_planned_by_a_clock_that_ran_ahead_is_asked_again_by_the_right_one(
    conn: Connection, people: Cast, ahead: int
) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await flows.nudges.ask_due(conn, EVENING + ahead * DAY)
    await conn.execute("delete from nudges where day between $1 and $2", MONDAY, MONDAY + 2 * DAY)

    replanned = await flows.nudge_plans.replan_far(conn, EVENING - timedelta(hours=1))
    again = await flows.nudge_plans.replan_far(conn, EVENING - timedelta(hours=1))
    await flows.nudges.ask_due(conn, EVENING)

    assert replanned == {"replanned": 2}
    assert again == {}
    assert MONDAY in await sent_days(conn, people)


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
