"""Who changes a plan, ends or stops at the same moment as somebody else does not wait in a ring."""

import asyncio
from collections.abc import Awaitable

from checkin import flows, store
from checkin.core.nudge_plans import Edit, Pause
from checkin.flows.programs import OPERATOR
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
