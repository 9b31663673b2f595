"""The nudge tick across changes of clocks, and with a clock that jumps: one nudge a local day, inside the wall."""

import asyncio
from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest

from checkin import core, flows, store
from checkin.core.people import Role
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection, Pool
from tests.core.test_nudges_dst import MOVING, STILL, TIMES, days_to_look_at
from tests.people import DAY, NOW, Cast

HOUR = timedelta(hours=1)
AROUND = 2  # days before and after a change
DAYTIME = (time(8), time(21))
ALWAYS = (time(0), time(23, 59, 59))


async def enrol(conn: Connection, zone: str, open_hours: tuple[time, time], now: datetime) -> None:
    """Add a mentee for each of the times, in a programme whose wall is *open_hours*, without quiet hours beyond it."""
    program = await store.people.add_program(conn, "Wall", "US", zone, now)
    await conn.execute("update programs set texts_from = $1, texts_until = $2", *open_hours)
    for number, at in enumerate(TIMES):
        row = NewPerson(
            line=0,
            program="",
            name="Ana",
            phone=f"+1212555{number:04}",
            roles=frozenset({Role.mentee}),
            time_zone=zone,
            language="en",
            nudge_at=(at,),
            consented=True,
        )
        mentee = await flows.people.add(conn, row, program, now)
        await conn.execute("update nudge_plans set quiet_from = quiet_until where mentee_id = $1", mentee.id)
        plan = await store.nudges.plan_of(conn, mentee.id)
        assert plan is not None
        slot = core.nudges.next_due(plan, now)
        assert slot is not None
        await store.nudges.plan_next(conn, [(mentee.id, slot.at)])


async def tick_twice(pool: Pool, now: datetime) -> None:
    """Tick in two workers at once."""

    async def tick() -> None:
        async with pool.acquire(patience=10) as own:
            await flows.nudges.ask_due(own, now)

    await asyncio.gather(tick(), tick())


@pytest.mark.parametrize("open_hours", [DAYTIME, ALWAYS], ids=["daytime", "always"])
@pytest.mark.parametrize("zone", MOVING + STILL)
async def test_two_workers_ask_once_a_local_day_inside_the_wall(
    pool: Pool, conn: Connection, zone: str, open_hours: tuple[time, time]
) -> None:
    changes = [day for day in days_to_look_at(zone) if day.year == 2027][:2]
    days = [[change + n * DAY for n in range(-AROUND, AROUND + 1)] for change in changes]
    await enrol(conn, zone, open_hours, core.wall.instant(days[0][0], time(0), zone) - HOUR)

    for around in days:
        last = core.wall.instant(around[-1] + DAY, time(0), zone)
        moment = core.wall.instant(around[0], time(0), zone)
        await conn.execute("update nudge_plans set next_nudge_at = greatest(next_nudge_at, $1)", moment - HOUR)
        while moment < last:
            await tick_twice(pool, moment)
            moment += HOUR / 2

    sent = await conn.fetch("select mentee_id, day, decided_at from nudges where decision = 'sent'")
    asked = Counter((row["mentee_id"], row["day"]) for row in sent)
    looked_at = [day for around in days for day in around]
    shown = [core.wall.local(row["decided_at"], zone) for row in sent]
    assert sorted(day for _, day in asked) == sorted(looked_at * len(TIMES))
    assert set(asked.values()) == {1}
    assert [moment.date() for moment in shown] == [row["day"] for row in sent]
    assert all(open_hours[0] <= moment.time() < open_hours[1] for moment in shown)
    assert await conn.fetchval("select count(*) from outbox where lane = 'nudge'") == len(sent)


@pytest.mark.parametrize(
    "step", [HOUR, -HOUR, 3 * HOUR, -3 * HOUR, 90 * DAY, -DAY], ids=["+1h", "-1h", "+3h", "-3h", "+90d", "-1d"]
)
@pytest.mark.parametrize("hour", [17, 18, 19, 23])
async def test_a_clock_that_jumps_makes_no_second_nudge_and_no_burst(
    conn: Connection, people: Cast, step: timedelta, hour: int
) -> None:
    start = core.wall.instant(date(2026, 11, 17), time(0), people.mentee.time_zone)
    await flows.nudges.ask_due(conn, NOW)
    moments = [start + n * HOUR / 2 for n in range(2 * hour + 1)]
    moments += [moments[-1] + step + n * HOUR / 2 for n in range(2 * 48)]

    for moment in moments:
        counts = await flows.nudges.ask_due(conn, moment)
        assert counts["sent"] <= 2, "one for each of the two mentees"

    days = await conn.fetch("select mentee_id, day from outbox where lane = 'nudge'")
    decided = [
        core.wall.local_day(row["decided_at"], people.mentee.time_zone)
        for row in await conn.fetch("select decided_at from nudges where decision = 'sent'")
    ]
    assert len({tuple(row) for row in days}) == len(days)
    assert set(Counter(decided).values()) == {2}
