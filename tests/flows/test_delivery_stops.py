"""Nothing leaves for who has stopped, ended, paused or moved, wherever its message stands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.consents import Purpose
from checkin.core.delivery import Lane
from checkin.core.people import Person
from checkin.flows.assignments import OPERATOR
from checkin.flows.delivery import Sender
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests.flows.test_delivery import CALLBACKS, queue
from tests.flows.test_nudges import EVENING
from tests.people import DAY, NOW, Cast
from tests.phones import text
from tests.pretend_twilio import PretendTwilio

SENDER = Sender("+15005550006", 1000)
A_MINUTE = timedelta(minutes=1)

Leave = Callable[[Connection, Person], Awaitable[object]]


async def stop(conn: Connection, person: Person) -> None:
    await text(conn, person, "STOP", at=EVENING)


async def stop_in_the_app(conn: Connection, person: Person) -> None:
    await flows.consents.take_back(conn, person, Purpose.check_ins_by_sms, EVENING)


async def end(conn: Connection, person: Person) -> None:
    await flows.roster.end(conn, person, EVENING, by=OPERATOR)


def numbers(pretend: PretendTwilio) -> list[str]:
    return [message.form["To"] for message in pretend.messages]


async def deliver(pool: Pool, twilio: Twilio) -> None:
    await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: EVENING + A_MINUTE)
    await flows.delivery.settle_lapsed(pool, twilio, lambda: EVENING + A_MINUTE)


@asynccontextmanager
async def undecided(pool: Pool, conn: Connection) -> AsyncIterator[Connection]:
    """A nudge tick of this evening that has decided and not committed yet."""
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await conn.execute("delete from outbox")
    async with pool.acquire() as tick, tick.transaction():
        await flows.nudges.ask_due(tick, EVENING)
        yield tick


@pytest.mark.parametrize("leave", [stop, stop_in_the_app, end])
async def test_no_nudge_goes_to_who_left_while_it_was_decided(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio, leave: Leave
) -> None:
    async with undecided(pool, conn):
        left = asyncio.ensure_future(leave(conn, people.mentee))
        await asyncio.wait({left}, timeout=0.5)  # one who ends waits for the tick
    await left

    await deliver(pool, twilio)

    assert people.mentee.phone not in numbers(pretend)
    assert people.other_mentee.phone in numbers(pretend)
    nudge = "select status from outbox where person_id = $1 and lane = 'nudge'"
    assert await conn.fetchval(nudge, people.mentee.id) == "cancelled"


async def test_an_alert_for_a_mentor_who_stopped_while_it_was_raised_goes_to_the_next_at_once(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.trend, {}, EVENING)
    async with pool.acquire() as tick, tick.transaction():
        await flows.alerts.move_due(tick, EVENING)
        await stop(conn, people.mentor)

    await deliver(pool, twilio)
    await flows.alerts.move_due(conn, EVENING + A_MINUTE)
    await deliver(pool, twilio)

    assert people.mentor.phone not in numbers(pretend)
    assert people.cover.phone in numbers(pretend)


@pytest.mark.parametrize(
    ("leave", "lane", "goes"),
    [
        (stop, Lane.CODE, False),
        (stop, Lane.CRISIS, False),
        (stop_in_the_app, Lane.CODE, True),
        (stop_in_the_app, Lane.CRISIS, False),
        (end, Lane.CODE, False),
        (end, Lane.REPLY, False),
        (end, Lane.CRISIS, True),
    ],
)
async def test_what_still_goes_to_who_has_left(
    pool: Pool,
    conn: Connection,
    people: Cast,
    pretend: PretendTwilio,
    twilio: Twilio,
    leave: Leave,
    lane: Lane,
    goes: bool,
) -> None:
    await leave(conn, people.mentee)
    await queue(conn, people.mentee, lane, at=EVENING)

    await deliver(pool, twilio)

    assert (people.mentee.phone in numbers(pretend)) is goes


@pytest.mark.parametrize("column", ["opted_out_at = now()", "status = 'ended'"])
async def test_a_claimed_message_is_not_handed_over_once_its_reader_is_out(
    conn: Connection, people: Cast, column: str
) -> None:
    await queue(conn, people.mentee, Lane.REPLY)
    [claimed] = await store.outbox.claim_due(conn, NOW, 2 * A_MINUTE, 1)

    await conn.execute(f"update people set {column} where id = $1", people.mentee.id)

    assert not await store.outbox.still_ours(conn, claimed, NOW)
