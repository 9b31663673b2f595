"""What happens between claim and send, and what the carrier's list settles."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from checkin import flows, store
from checkin.clock import Clock
from checkin.core.alerts import Kind
from checkin.core.delivery import Answer, Lane, Uncertain
from checkin.flows.delivery import Report, Sender
from checkin.gateway.sms import Outgoing
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests import pretend_twilio
from tests.flows.test_delivery import CALLBACKS, queue
from tests.people import NOW, Cast
from tests.phones import text
from tests.pretend_twilio import PretendTwilio

FAST = Sender("+15005550006", 1000)
WAITED = timedelta(minutes=2)
LATE = NOW + timedelta(hours=5, minutes=50)
"""Ten minutes before the mentor's hours are over."""


class Interposed(Pool):
    """The same connections; before the one that looks whether a claimed message is still ours, STOP is committed."""

    def __init__(self, pool: Pool, people: Cast) -> None:
        self._lent, self._people, self._lends = pool, people, 0

    @asynccontextmanager
    async def acquire(self, patience: float = 1) -> AsyncIterator[Connection]:
        self._lends += 1
        async with self._lent.acquire(patience) as conn:
            if self._lends == 2:
                await text(conn, self._people.mentee, "STOP")
            yield conn


class StopMeanwhile:
    """A carrier that takes the message while STOP is committed on our side."""

    def __init__(self, carrier: Twilio, conn: Connection, people: Cast) -> None:
        self._carrier, self._conn, self._people = carrier, conn, people

    async def send(self, message: Outgoing) -> Answer:
        answer = await self._carrier.send(message)
        await text(self._conn, self._people.mentee, "STOP")
        return answer

    async def close(self) -> None:
        await self._carrier.close()


class DeadLine:
    """A carrier that can neither be handed anything nor be asked what it has."""

    async def send(self, message: Outgoing) -> Answer:
        return Uncertain("connection lost")

    async def find(self, message: Outgoing, since: datetime) -> Uncertain:
        return Uncertain("connection lost")

    async def close(self) -> None:
        """Nothing was opened."""


async def nudge_status(conn: Connection) -> str:
    status: str = await conn.fetchval("select status from outbox where dedupe_key = 'nudge:0'")
    return status


async def test_stop_between_claim_and_send_leaves_the_message_unsent(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)

    counts = await flows.delivery.send_due(Interposed(pool, people), twilio, FAST, CALLBACKS, lambda: NOW)

    assert counts == {"withheld": 1}
    assert pretend.posts == 0
    assert await nudge_status(conn) == "cancelled"


async def test_stop_while_the_carrier_takes_the_message_leaves_it_recorded_as_sent(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)

    await flows.delivery.send_due(pool, StopMeanwhile(twilio, conn, people), FAST, CALLBACKS, lambda: NOW)

    assert len(pretend.messages) == 1
    assert await nudge_status(conn) == "sent"


@pytest.mark.parametrize(("word", "status"), [("sent", "sent"), ("undelivered", "cancelled")])
async def test_what_left_before_a_stop_and_is_reported_after_it_was_sent_also_when_its_sender_died(
    conn: Connection, people: Cast, word: str, status: str
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)
    [claimed] = (await store.outbox.claim_due(conn, NOW, WAITED, 1)).readable
    await text(conn, people.mentee, "STOP")

    report = Report(message=claimed.id, attempt=claimed.attempt_id, sid="SM1", word=word)
    await flows.delivery.hear_callback(conn, report, FAST.name, NOW)

    assert await nudge_status(conn) == status
    settled = await conn.fetchval("select settled_at from outbox where dedupe_key = 'nudge:0'")
    assert (settled is None) is (status == "sent")


async def test_a_sender_that_slept_through_its_lease_does_not_send(conn: Connection, people: Cast, pool: Pool) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)
    [claimed] = (await store.outbox.claim_due(conn, NOW, WAITED, 1)).readable

    asleep = await store.outbox.still_ours(conn, claimed, NOW + 2 * WAITED)
    await flows.delivery.settle_lapsed(pool, None, lambda: NOW + 2 * WAITED)
    taken_over = await store.outbox.still_ours(conn, claimed, NOW)

    assert (asleep, taken_over) == (False, False)


async def test_a_sender_that_is_stopped_after_it_looked_does_not_send_past_its_lease(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)
    times = iter([NOW, NOW])  # it claims and looks, and is stopped

    counts = await flows.delivery.send_due(pool, twilio, FAST, CALLBACKS, lambda: next(times, NOW + WAITED))

    assert counts == {"withheld": 1}
    assert pretend.posts == 0


@pytest.mark.parametrize("lane", [Lane.ALERT, Lane.NUDGE])
async def test_what_the_carriers_list_holds_was_sent_and_is_not_sent_again(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, hasty: Twilio, lane: Lane
) -> None:
    now = Clock().now()
    pretend.plan([pretend_twilio.TIMEOUT_AFTER])
    await queue(conn, people.mentor, lane, at=now)
    await flows.delivery.send_due(pool, hasty, FAST, CALLBACKS, lambda: now)

    counts = await flows.delivery.settle_lapsed(pool, hasty, lambda: now + WAITED)
    await flows.delivery.send_due(pool, hasty, FAST, CALLBACKS, lambda: now + WAITED)

    assert counts == {"found": 1}
    assert pretend.posts == 1
    row = await conn.fetchrow("select status, provider_sid from outbox")
    assert row is not None
    assert tuple(row) == ("sent", pretend.messages[0].sid)


@pytest.mark.parametrize(("lane", "became", "posts"), [(Lane.ALERT, "queued", 2), (Lane.NUDGE, "uncertain", 1)])
async def test_what_the_list_does_not_hold_goes_again_as_an_alert_and_is_given_up_as_a_nudge(
    pool: Pool,
    conn: Connection,
    people: Cast,
    pretend: PretendTwilio,
    hasty: Twilio,
    lane: Lane,
    became: str,
    posts: int,
) -> None:
    now = Clock().now()
    pretend.plan([pretend_twilio.TIMEOUT_BEFORE])
    await queue(conn, people.mentor, lane, at=now)
    await flows.delivery.send_due(pool, hasty, FAST, CALLBACKS, lambda: now)

    counts = await flows.delivery.settle_lapsed(pool, hasty, lambda: now + WAITED)
    await flows.delivery.send_due(pool, hasty, FAST, CALLBACKS, lambda: now + WAITED)

    assert counts == {became: 1}
    assert pretend.posts == posts


@pytest.mark.parametrize(("heard", "became"), [(timedelta(minutes=1), "queued"), (-timedelta(minutes=1), "uncertain")])
async def test_a_nudge_that_is_in_no_list_goes_again_only_if_the_carrier_has_reported_of_others_since(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, hasty: Twilio, heard: timedelta, became: str
) -> None:
    now = Clock().now()
    pretend.plan([pretend_twilio.OK, pretend_twilio.TIMEOUT_BEFORE])
    await queue(conn, people.mentor, Lane.ALERT, at=now)
    await queue(conn, people.mentee, Lane.NUDGE, at=now)
    await flows.delivery.send_due(pool, hasty, FAST, CALLBACKS, lambda: now)
    other = await conn.fetchval("select id from outbox where lane = 'alert'")
    report = Report(message=other, attempt=None, sid=pretend.messages[0].sid, word="sent")
    await flows.delivery.hear_callback(conn, report, FAST.name, now + heard)

    counts = await flows.delivery.settle_lapsed(pool, hasty, lambda: now + WAITED)

    assert counts == {became: 1}


async def test_a_nudge_is_given_up_when_the_carriers_list_cannot_be_read_whatever_it_reported(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)
    await flows.delivery.send_due(pool, DeadLine(), FAST, CALLBACKS, lambda: NOW)
    await store.senders.hear(conn, NOW + WAITED / 2)

    counts = await flows.delivery.settle_lapsed(pool, DeadLine(), lambda: NOW + WAITED)

    assert counts == {"uncertain": 1}


async def test_yesterdays_message_with_the_same_words_is_not_taken_for_todays(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, hasty: Twilio
) -> None:
    now = Clock().now()
    await queue(conn, people.mentor, Lane.ALERT, at=now)
    await flows.delivery.send_due(pool, hasty, FAST, CALLBACKS, lambda: now)
    pretend.plan([pretend_twilio.TIMEOUT_BEFORE])
    tomorrow = now + timedelta(days=1)
    await conn.execute("update outbox set dedupe_key = 'yesterday'")
    await queue(conn, people.mentor, Lane.ALERT, at=tomorrow)
    await flows.delivery.send_due(pool, hasty, FAST, CALLBACKS, lambda: tomorrow)

    counts = await flows.delivery.settle_lapsed(pool, hasty, lambda: tomorrow + WAITED)

    assert counts == {"queued": 1}


async def test_an_alert_whose_time_ends_while_it_is_uncertain_moves_on(
    conn: Connection, people: Cast, pool: Pool
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.trend, {}, NOW)
    await flows.alerts.move_due(conn, NOW)
    [claimed] = (await store.outbox.claim_due(conn, NOW, WAITED, 1)).readable
    late = claimed.expires_at + timedelta(minutes=2)
    await flows.delivery.settle_lapsed(pool, None, lambda: late)

    await flows.delivery.settle_lapsed(pool, None, lambda: late + WAITED)
    await flows.alerts.move_due(conn, late + WAITED)

    roles = [row["role"] for row in await conn.fetch("select role from alert_steps order by step")]
    assert roles[:2] == ["mentor", "cover"]


async def test_an_alert_whose_time_ends_in_the_queue_moves_on_at_once(
    conn: Connection, people: Cast, pool: Pool, twilio: Twilio
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, LATE)
    await flows.alerts.move_due(conn, LATE)
    over: datetime = await conn.fetchval("select expires_at from outbox")

    counts = await flows.delivery.send_due(pool, twilio, FAST, CALLBACKS, lambda: over)
    at_once = await flows.alerts.move_due(conn, over)
    morning = await conn.fetchval("select next_step_at from alerts")
    await flows.alerts.move_due(conn, morning)

    assert (counts, at_once) == ({"closed": 1}, {"waiting": 1})
    rows = await conn.fetch("select role, became from alert_steps order by step")
    assert [tuple(row) for row in rows] == [("mentor", "undelivered"), ("cover", None)]
