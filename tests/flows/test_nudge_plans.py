"""Plans that change: edits, pauses that end by themselves, holidays, and what is written down of all this."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta

import pytest

from checkin import core, flows, store
from checkin.core.errors import BadInput, Stale
from checkin.core.nudge_plans import Break, Edit, Pause, Standing
from checkin.core.people import Person
from checkin.store.pool import Connection, Pool
from tests.people import DAY, MONDAY, NOW, Cast
from tests.phones import text

EVENING = NOW + timedelta(hours=3, minutes=6)
"""18:06 in New York."""
MORNING = NOW + timedelta(hours=12, minutes=1)
"""03:01 in New York the next day, when Monday has just ended."""


@pytest.fixture(autouse=True)
async def alone(conn: Connection, people: Cast) -> None:
    """Only Ana is asked, and nothing is due any more."""
    await conn.execute("update nudge_plans set next_nudge_at = null where mentee_id <> $1", people.mentee.id)
    await flows.nudges.ask_due(conn, NOW)
    await conn.execute("delete from nudges")


async def change(conn: Connection, mentee: Person, edit: Edit, now: datetime = NOW) -> Standing:
    return await flows.nudge_plans.change(conn, mentee, edit, now, source="app", actor=mentee.id)


async def next_at(conn: Connection) -> datetime:
    moment: datetime = await conn.fetchval("select min(next_nudge_at) from nudge_plans")
    return moment.astimezone(UTC)


async def decisions(conn: Connection) -> list[tuple[int, str]]:
    rows = await conn.fetch("select day, decision from nudges where kind = 'nudge' order by day")
    return [((row["day"] - MONDAY).days, row["decision"]) for row in rows]


async def test_a_change_of_time_moves_the_next_nudge(conn: Connection, people: Cast) -> None:
    await change(conn, people.mentee, Edit(times=(time(20),), weekdays=(2,)))

    at = core.wall.local(await next_at(conn), people.mentee.time_zone)
    assert (at.date(), at.hour) == (MONDAY + DAY, 20)


async def test_a_later_time_after_todays_nudge_does_not_ask_again_today(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING)

    await change(conn, people.mentee, Edit(times=(time(20),)), EVENING)
    await flows.nudges.ask_due(conn, EVENING + timedelta(hours=2))

    assert await decisions(conn) == [(0, "sent")]
    assert core.wall.local_day(await next_at(conn), people.mentee.time_zone) == MONDAY + DAY


async def test_what_was_due_when_the_plan_changed_still_has_its_row(conn: Connection, people: Cast) -> None:
    await change(conn, people.mentee, Edit(quiet_from=time(20)), EVENING)

    await flows.nudges.ask_due(conn, EVENING)

    assert await decisions(conn) == [(0, "sent")]


async def test_a_change_from_a_plan_that_stands_no_more_is_refused_whole(conn: Connection, people: Cast) -> None:
    seen = await flows.nudge_plans.standing(conn, people.mentee, NOW)
    await change(conn, people.mentee, Edit(times=(time(9),)))

    with pytest.raises(Stale):
        await flows.nudge_plans.change(
            conn, people.mentee, Edit(weekdays=(1,)), NOW, source="app", actor=None, seen=seen
        )

    after = await flows.nudge_plans.standing(conn, people.mentee, NOW)
    assert (after.plan.times, len(after.plan.weekdays)) == ((time(9),), 7)


async def test_of_changes_made_at_once_from_the_same_plan_one_is_taken(pool: Pool, people: Cast) -> None:
    async with pool.acquire() as conn:
        seen = await flows.nudge_plans.standing(conn, people.mentee, NOW)

    async def change_to(hour: int) -> bool:
        async with pool.acquire(patience=10) as own:
            edit = Edit(times=(time(hour),))
            try:
                await flows.nudge_plans.change(own, people.mentee, edit, NOW, source="app", actor=None, seen=seen)
            except Stale:
                return False
            return True

    taken = await asyncio.gather(*(change_to(hour) for hour in (9, 10, 11, 12, 13)))

    assert sum(taken) == 1


async def test_a_change_is_audited_once_and_one_that_changes_nothing_is_not(conn: Connection, people: Cast) -> None:
    await change(conn, people.mentee, Edit(times=(time(9),)))
    await change(conn, people.mentee, Edit(times=(time(9),)))

    rows = await conn.fetch("select actor_id, actor from audit where action = 'nudge_plan.changed'")
    assert [tuple(row) for row in rows] == [(people.mentee.id, "mentee")]


async def test_a_pause_that_begins_later_holds_on_its_days_and_ends_by_itself(conn: Connection, people: Cast) -> None:
    await change(conn, people.mentee, Edit(pauses=(Pause(MONDAY + 2 * DAY, MONDAY + 5 * DAY),)))

    for day in range(7):
        await flows.nudges.ask_due(conn, EVENING + day * DAY)

    assert await decisions(conn) == [
        (0, "sent"), (1, "sent"), (2, "paused"), (3, "paused"), (4, "paused"), (5, "sent"), (6, "sent")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "edit",
    [
        Edit(quiet_from=time(18)),
        Edit(zone="Europe/London"),
        Edit(pauses=(Pause(MONDAY, MONDAY + DAY),)),
    ],
    ids=["quiet hours", "night in the new zone", "pause"],
)
async def test_a_nudge_that_waits_to_be_sent_does_not_leave_against_the_new_plan(
    conn: Connection, people: Cast, edit: Edit
) -> None:
    await flows.nudges.ask_due(conn, EVENING)

    await change(conn, people.mentee, edit, EVENING)

    left = await conn.fetchval("select expires_at from outbox where lane = 'nudge'") - EVENING
    assert left <= core.nudges.MOMENT


async def test_a_nudge_that_waits_to_be_sent_keeps_its_time_in_hours_that_stay_open(
    conn: Connection, people: Cast
) -> None:
    await flows.nudges.ask_due(conn, EVENING)
    before = await conn.fetchval("select expires_at from outbox where lane = 'nudge'")

    await change(conn, people.mentee, Edit(times=(time(9),)), EVENING)

    assert await conn.fetchval("select expires_at from outbox where lane = 'nudge'") == before


async def test_a_pause_by_text_ends_by_itself(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "pause 3 days")

    for day in range(5):
        await flows.nudges.ask_due(conn, EVENING + day * DAY)

    assert await decisions(conn) == [(0, "paused"), (1, "paused"), (2, "paused"), (3, "sent"), (4, "sent")]
    assert await conn.fetchval("select source from pauses") == "sms"


async def test_every_day_of_a_pause_says_until_when(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "pause 3 days")

    for day in range(3):
        await flows.nudges.ask_due(conn, EVENING + day * DAY)

    rows = await store.nudges.told(conn, people.mentee.id, None, 3)
    assert {(row.decision, row.paused_until) for row in rows} == {("paused", MONDAY + 3 * DAY)}


async def test_resume_ends_the_pause_under_way_and_leaves_the_one_to_come(conn: Connection, people: Cast) -> None:
    holidays = Pause(MONDAY + 30 * DAY, MONDAY + 40 * DAY)
    await change(conn, people.mentee, Edit(pauses=(holidays,)))
    await text(conn, people.mentee, "pause 3 days")

    await text(conn, people.mentee, "resume")

    standing = await flows.nudge_plans.standing(conn, people.mentee, NOW)
    assert standing.pauses == (holidays,)
    assert core.wall.local_day(await next_at(conn), people.mentee.time_zone) == MONDAY
    assert await conn.fetchval("select count(*) from pauses where ended_at is not null") == 1


async def test_a_second_pause_by_text_takes_the_place_of_the_first(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "pause 7 days")

    await text(conn, people.mentee, "pause 2 days")

    standing = await flows.nudge_plans.standing(conn, people.mentee, NOW)
    assert standing.pauses == (Pause(MONDAY, MONDAY + 2 * DAY),)


async def test_a_row_says_until_when_it_was_paused_whatever_came_after(conn: Connection, people: Cast) -> None:
    await change(conn, people.mentee, Edit(pauses=(Pause(MONDAY, MONDAY + 4 * DAY),)))
    await conn.execute("update nudge_plans set next_nudge_at = $1 where mentee_id = $2", EVENING, people.mentee.id)
    await conn.execute("update nudge_plans set times = '{18:06}'")
    await flows.nudges.ask_due(conn, EVENING + timedelta(minutes=9))
    await change(conn, people.mentee, Edit(pauses=()), EVENING + DAY)

    (row,) = await store.nudges.on_day(conn, people.mentee.id, MONDAY)

    assert (row.decision, row.paused_until) == ("paused", MONDAY + 4 * DAY)


async def test_a_holiday_has_a_row_with_its_name_and_no_nudge(conn: Connection, people: Cast) -> None:
    await flows.holidays.add(conn, people.program, MONDAY, "Founders' day", NOW)
    await flows.holidays.add(conn, people.other_program, MONDAY + DAY, "Elsewhere", NOW)

    for day in range(2):
        await flows.nudges.ask_due(conn, EVENING + day * DAY)

    assert await decisions(conn) == [(0, "holiday"), (1, "sent")]
    (row,) = await store.nudges.on_day(conn, people.mentee.id, MONDAY)
    assert row.holiday == "Founders' day"


async def test_holidays_are_no_days_of_silence(conn: Connection, people: Cast) -> None:
    for day in range(9):
        await flows.holidays.add(conn, people.program, MONDAY + day * DAY, "Holiday", NOW)

    for day in range(12):
        await flows.nudges.ask_due(conn, EVENING + day * DAY)
        await conn.execute("update outbox set status = 'delivered' where lane = 'nudge'")
        await flows.nudges.ask_due(conn, MORNING + day * DAY)

    assert [day for day, decision in await decisions(conn) if decision == "sent"] == [9, 10, 11]
    assert await conn.fetchval("select count(*) from alerts") == 0


@pytest.mark.parametrize("day", [MONDAY - DAY, date(2020, 1, 1)])
async def test_holidays_that_have_been_stay_as_they_were(conn: Connection, people: Cast, day: date) -> None:
    with pytest.raises(BadInput):
        await flows.holidays.add(conn, people.program, day, "Too late", NOW)
    with pytest.raises(BadInput):
        await flows.holidays.remove(conn, people.program, day, NOW)


@pytest.mark.parametrize("name", ["", "x" * 81])
async def test_a_holiday_needs_a_name(conn: Connection, people: Cast, name: str) -> None:
    with pytest.raises(BadInput):
        await flows.holidays.add(conn, people.program, MONDAY, name, NOW)


async def test_the_preview_goes_round_pauses_and_holidays_and_names_them(conn: Connection, people: Cast) -> None:
    await flows.holidays.add(conn, people.program, MONDAY + DAY, "Thanksgiving", NOW)
    await change(conn, people.mentee, Edit(pauses=(Pause(MONDAY + 3 * DAY, MONDAY + 6 * DAY),)))

    coming = await flows.nudge_plans.preview(conn, people.mentee, NOW, 14)

    shown = [(slot.day - MONDAY).days for slot, _ in coming.nudges]
    assert shown == [0, 2, 6, 8, 10, 12, *range(19, 19 + 8 * 7, 7)]
    assert coming.breaks == [
        Break(MONDAY + DAY, MONDAY + DAY, "Thanksgiving"),
        Break(MONDAY + 3 * DAY, MONDAY + 5 * DAY, None),
    ]


@pytest.mark.parametrize("day_before", [0, 1, 2, 4])
async def test_the_preview_is_what_comes_to_somebody_who_never_answers(
    conn: Connection, people: Cast, day_before: int
) -> None:
    for day in range(day_before + 1):
        await flows.nudges.ask_due(conn, EVENING + day * DAY)
        await conn.execute("update outbox set status = 'delivered' where status = 'queued'")

    coming = await flows.nudge_plans.preview(conn, people.mentee, EVENING + day_before * DAY, 14)
    for day in range(day_before + 1, 105):
        await flows.nudges.ask_due(conn, EVENING + day * DAY)
        await conn.execute("update outbox set status = 'delivered' where status = 'queued'")

    rows = await conn.fetch(
        "select day from nudges where mentee_id = $1 and decision = 'sent' and day > $2 order by day limit 14",
        people.mentee.id,
        MONDAY + day_before * DAY,
    )
    assert [slot.day for slot, _ in coming.nudges] == [row["day"] for row in rows]
