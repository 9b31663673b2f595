"""Nothing leaves for who has stopped, ended, paused or moved, wherever its message stands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import repeat

import pytest

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.consents import Purpose
from checkin.core.delivery import Accepted, Answer, Busy, Lane, Uncertain, Undelivered
from checkin.core.people import Person
from checkin.flows.assignments import OPERATOR
from checkin.flows.delivery import Report, Sender
from checkin.flows.roster import Edit
from checkin.gateway.sms import Outgoing
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


async def pause(conn: Connection, person: Person) -> None:
    await text(conn, person, "PAUSE 5", at=EVENING)
    await conn.execute("delete from outbox where lane = 'reply'")


async def move(conn: Connection, person: Person) -> None:
    await flows.roster.change(conn, person, Edit(phone="+12125550199"), EVENING, actor=None, role="operator")


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
    [claimed] = (await store.outbox.claim_due(conn, NOW, 2 * A_MINUTE, 1)).readable

    await conn.execute(f"update people set {column} where id = $1", people.mentee.id)

    assert not await store.outbox.still_ours(conn, claimed, NOW)


class Interrupted:
    """A carrier that answers *answer* to a first message, after its reader has done something else; then takes all."""

    def __init__(self, answer: Answer, happens: Callable[[], Awaitable[object]]) -> None:
        self._answer, self._happens = answer, happens
        self.sent: list[str] = []

    async def send(self, message: Outgoing) -> Answer:
        self.sent.append(message.to)
        if len(self.sent) > 1:
            return Accepted("SM2")
        await self._happens()
        return self._answer

    async def find(self, message: Outgoing, since: datetime) -> list[Accepted | Undelivered]:
        return []

    async def close(self) -> None:
        """Nothing was opened."""


async def not_reached(conn: Connection, at: datetime) -> None:
    """The carrier took the message, and reports that the phone could not be reached."""
    row = await conn.fetchrow("select id, attempt_id from outbox")
    assert row is not None
    said = Report(message=row["id"], attempt=row["attempt_id"], sid="SM1", word="undelivered", code=30003)
    await flows.delivery.hear_callback(conn, said, SENDER.name, at)


@pytest.mark.parametrize(
    "answer", [Busy(20429, None), Uncertain("timeout"), Accepted("SM1")], ids=["busy", "unsure", "taken"]
)
@pytest.mark.parametrize(
    ("happens", "then"),
    [(stop, None), (pause, None), (end, None), (move, "+12125550199")],
    ids=["stop", "pause", "end", "move"],
)
async def test_what_comes_back_from_the_carrier_does_not_go_again_to_who_left(
    pool: Pool, conn: Connection, people: Cast, answer: Answer, happens: Leave, then: str | None
) -> None:
    async with undecided(pool, conn):
        pass
    await conn.execute("delete from outbox where person_id <> $1", people.mentee.id)

    async def meanwhile() -> None:
        async with pool.acquire() as web:
            await happens(web, people.mentee)

    carrier = Interrupted(answer, meanwhile)

    await flows.delivery.send_due(pool, carrier, SENDER, CALLBACKS, lambda: EVENING)
    if answer == Accepted("SM1"):
        await not_reached(conn, EVENING)
    await store.senders.hear(conn, EVENING + A_MINUTE)
    for minutes in (2, 4, 32):
        then_again = repeat(EVENING + minutes * A_MINUTE).__next__
        await flows.delivery.settle_lapsed(pool, carrier, then_again)
        await flows.delivery.send_due(pool, carrier, SENDER, CALLBACKS, then_again)

    assert carrier.sent[1:] == ([] if then is None else [then])


async def test_a_claimed_message_is_handed_over_to_the_new_phone(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentee, Lane.REPLY, at=EVENING)
    [claimed] = (await store.outbox.claim_due(conn, EVENING, 2 * A_MINUTE, 1)).readable

    await move(conn, people.mentee)
    now = await flows.delivery.may_leave(pool, claimed, lambda: EVENING)
    await deliver(pool, twilio)

    assert now is None
    assert numbers(pretend) == ["+12125550199"]
    assert await conn.fetchval("select attempts from outbox") == 1


async def test_a_nudge_that_was_claimed_before_a_pause_expires(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    async with undecided(pool, conn):
        pass
    claimed = (await store.outbox.claim_due(conn, EVENING, 2 * A_MINUTE, 2)).readable
    [hers] = [message for message in claimed if message.person_id == people.mentee.id]

    await pause(conn, people.mentee)
    now = await flows.delivery.may_leave(pool, hers, lambda: EVENING + A_MINUTE)
    await deliver(pool, twilio)

    assert now is None
    assert await conn.fetchval("select status from outbox where person_id = $1", people.mentee.id) == "expired"


async def everything_for(conn: Connection, person: Person) -> None:
    await store.closings.cancel_to(conn, person.phone or "", EVENING)


async def only_to(conn: Connection, person: Person) -> None:
    await store.closings.cancel_to(conn, person.phone or "", EVENING, only=person.id)


async def let_go(conn: Connection, person: Person) -> None:
    await store.roster.end(conn, person.id, EVENING)


async def forward(conn: Connection, person: Person) -> None:
    await store.roster.forward(conn, person.id, "+12125550199")


async def doubt(conn: Connection, person: Person) -> None:
    await store.uncertain.doubt_due(conn, EVENING)


@pytest.mark.parametrize("lock", [everything_for, only_to, let_go, forward, doubt])
async def test_who_locks_several_messages_begins_with_the_oldest_so_that_no_two_wait_for_each_other(
    pool: Pool, conn: Connection, people: Cast, lock: Leave
) -> None:
    await queue(conn, people.mentee, Lane.REPLY, at=EVENING)
    await queue(conn, people.mentee, Lane.CODE, at=EVENING - A_MINUTE)  # older by its id, behind it in the table
    await conn.execute("update outbox set lane = 'reply' where lane = 'code'")
    async with pool.acquire() as web:
        async with pool.acquire() as other, other.transaction():
            await other.execute("select id from outbox order by id limit 1 for update")
            locking = asyncio.ensure_future(lock(web, people.mentee))
            await asyncio.wait({locking}, timeout=0.3)
            free = await conn.fetch("select id from outbox for update skip locked")
        await locking

    assert len(free) == 1


@pytest.mark.parametrize(
    "change",
    [
        "update outbox set status = 'claimed', claimed_until = not_before",
        "update outbox set expires_at = not_before + interval '1 second'",
        "update people set status = 'ended'",
    ],
    ids=["lapsed", "too late", "out"],
)
async def test_a_worker_waits_for_nobody_who_cancels(
    pool: Pool, conn: Connection, people: Cast, twilio: Twilio, change: str
) -> None:
    await queue(conn, people.mentee, Lane.REPLY, at=EVENING)
    await conn.execute(change)

    async with pool.acquire() as web, web.transaction():
        await store.closings.cancel_to(web, people.mentee.phone or "", EVENING)
        await asyncio.wait_for(deliver(pool, twilio), timeout=10)

    assert await conn.fetchval("select status from outbox") == "cancelled"
