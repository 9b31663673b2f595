"""Who changes a plan, ends or stops at the same moment as somebody else does not wait in a ring."""

import asyncio
from collections.abc import Awaitable
from datetime import time

import pytest

from checkin import flows, store
from checkin.core.errors import Crowded
from checkin.core.nudge_plans import Edit, Pause
from checkin.core.programs import Edit as ProgramEdit
from checkin.flows.assignments import OPERATOR
from checkin.store.pool import Connection, Pool
from tests.flows.test_nudges import EVENING
from tests.people import DAY, MONDAY, Cast

A_BREAK = Edit(pauses=(Pause(MONDAY, MONDAY + 3 * DAY),))


async def begun(doing: Awaitable[object]) -> asyncio.Future[object]:
    """Begin something that has to wait for what the test holds, and return it once it does."""
    future = asyncio.ensure_future(doing)
    await asyncio.wait({future}, timeout=0.5)
    return future


async def test_an_end_and_a_change_of_the_plan_do_not_wait_for_each_other(
    conn: Connection, people: Cast, pool: Pool
) -> None:
    mentee = people.mentee
    await flows.nudges.ask_due(conn, EVENING)
    async with pool.acquire() as app, pool.acquire() as desk:
        async with app.transaction():
            await store.nudge_plans.lock(app, mentee.id)
            ending = await begun(flows.roster.end(desk, mentee, EVENING, by=OPERATOR))
            await flows.nudge_plans.change(app, mentee, A_BREAK, EVENING, source="app", actor=mentee.id)
        await ending

    assert await conn.fetchval("select next_nudge_at from nudge_plans where mentee_id = $1", mentee.id) is None


async def test_a_stop_and_a_clock_put_right_do_not_wait_for_each_other(
    conn: Connection, people: Cast, pool: Pool
) -> None:
    await asked_on_one_phone(conn, people)
    await conn.execute(
        "update nudge_plans set next_nudge_at = $1::timestamptz + (mentee_id = $2)::int * interval '10 days'",
        EVENING + 50 * DAY,
        people.mentee.id,
    )
    async with pool.acquire() as worker, pool.acquire() as web:
        async with conn.transaction():
            await conn.execute(HOLD_THE_MENTEES, people.mentee.id)
            righting = await begun(flows.nudge_plans.replan_far(worker, EVENING))
            stopping = await begun(stop(web, people))
        await asyncio.gather(righting, stopping)

    assert await statuses(conn) == ["cancelled", "cancelled"]


async def test_a_stop_and_new_hours_of_the_program_do_not_wait_for_each_other(
    conn: Connection, people: Cast, pool: Pool
) -> None:
    await asked_on_one_phone(conn, people)
    seen = await store.programs.lock(conn, people.program)
    later = ProgramEdit(texts_from=time(9))
    async with pool.acquire() as desk, pool.acquire() as web:
        async with conn.transaction():
            await conn.execute(HOLD_THE_MENTEES, people.mentee.id)
            by = people.coordinator.id
            changing = await begun(flows.program_settings.change(desk, seen, later, EVENING, actor=by))
            stopping = await begun(stop(web, people))
        await asyncio.gather(changing, stopping)

    assert await statuses(conn) == ["cancelled", "cancelled"]


async def test_who_waits_for_a_worker_that_plans_is_told_so_when_it_takes_long(
    conn: Connection, people: Cast, pool: Pool
) -> None:
    async with pool.acquire() as worker, worker.transaction():
        await store.nudges.claim_due(worker, EVENING, 2)

        with pytest.raises(Crowded, match="try again in a minute"):
            await store.nudge_plans.is_due(conn, EVENING, patience=0.2)


HOLD_THE_MENTEES = "select id from outbox where mentee_id = $1 for update"


async def asked_on_one_phone(conn: Connection, people: Cast) -> None:
    """Ask both on the mentee's phone, whose own message is the newer one and whose plan comes first."""
    await conn.execute(
        "update nudge_plans set next_nudge_at = next_nudge_at - (mentee_id = $1)::int * interval '6 minutes'",
        people.other_mentee.id,
    )
    await flows.nudges.ask_due(conn, EVENING)
    await conn.execute(
        "update outbox set expires_at = expires_at + interval '8 hours',"  # a new plan closes it earlier
        " phone_hash = (select phone_hash from people where id = $1)",
        people.mentee.id,
    )


async def stop(conn: Connection, people: Cast) -> None:
    both = [people.mentee.id, people.other_mentee.id]
    async with conn.transaction():
        await flows.refusals.stop_texts(conn, both, people.mentee.phone or "", "sms", EVENING)


async def statuses(conn: Connection) -> list[str]:
    return [row["status"] for row in await conn.fetch("select status from outbox")]
