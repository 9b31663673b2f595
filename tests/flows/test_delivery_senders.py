"""A sender keeps to its rate, stops when its set-up is broken, and waits while it is paused."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from checkin import core, flows, store
from checkin.core.delivery import Lane
from checkin.core.senders import Bucket, Circuit
from checkin.flows.delivery import Sender
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests import pretend_twilio
from tests.flows.test_delivery import CALLBACKS, queue, statuses
from tests.people import NOW, Cast
from tests.pretend_twilio import PretendTwilio

LONG_CODE = Sender("+15005550006", 1)
FAST = Sender("+15005550006", 1000)
SECOND = timedelta(seconds=1)
BROKEN = pretend_twilio.error(401, 20003)


async def beat(pool: Pool, carrier: Twilio, at: datetime, sender: Sender = LONG_CODE) -> None:
    await flows.delivery.send_due(pool, carrier, sender, CALLBACKS, lambda: at)


def bodies(pretend: PretendTwilio) -> list[str]:
    return [message.form["Body"] for message in pretend.messages]


async def test_an_alert_behind_five_thousand_nudges_at_one_a_second_leaves_next(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE, 5000)
    for second in range(3):
        await beat(pool, twilio, NOW + second * SECOND)
    before = len(pretend.messages)

    await queue(conn, people.mentor, Lane.ALERT, at=NOW + 2 * SECOND)
    await beat(pool, twilio, NOW + 3 * SECOND)

    assert before == 3
    assert bodies(pretend)[3:] == ["alert 0"]


async def test_four_workers_share_one_senders_rate(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE, 100)

    for second in range(10):
        await asyncio.gather(*(beat(pool, twilio, NOW + second * SECOND) for _ in range(4)))

    assert len(pretend.messages) == 10


async def test_a_sender_that_was_idle_for_a_day_does_not_burst(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await beat(pool, twilio, NOW - timedelta(days=1))
    await queue(conn, people.mentee, Lane.NUDGE, 50)

    for _ in range(5):
        await beat(pool, twilio, NOW)

    assert len(pretend.messages) == 2


async def test_a_clock_that_is_set_back_a_day_does_not_stop_the_sender(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await beat(pool, twilio, NOW + timedelta(days=1))
    await queue(conn, people.mentee, Lane.NUDGE, 50)

    for second in range(5):
        await beat(pool, twilio, NOW + second * SECOND)

    assert len(pretend.messages) >= 5


def test_clocks_that_differ_by_a_second_do_not_make_tokens() -> None:
    bucket = Bucket(0, NOW)

    for number in range(100):
        at = NOW + SECOND if number % 2 else NOW
        bucket = core.senders.fill(bucket, 1, at)

    assert bucket.tokens == 1


async def test_five_set_up_errors_in_a_row_stop_the_sender_and_say_so_once(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE, 30)
    pretend.plan([BROKEN] * 20)

    with capture_logs() as said:
        await beat(pool, twilio, NOW, FAST)
        await beat(pool, twilio, NOW + 30 * SECOND, FAST)

    assert pretend.posts == 20  # one batch was under way; nothing followed
    assert await statuses(conn) == ["queued"] * 30
    stopped = [(line["code"], line["seconds"]) for line in said if line["event"] == "sender.stopped"]
    assert stopped == [(20003, 60)]


async def test_one_probe_opens_the_circuit_for_longer_or_closes_it(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE, 40)
    pretend.plan([BROKEN] * 21)
    await beat(pool, twilio, NOW, FAST)

    await asyncio.gather(*(beat(pool, twilio, NOW + 61 * SECOND, FAST) for _ in range(3)))
    probed = pretend.posts
    await beat(pool, twilio, NOW + 125 * SECOND, FAST)  # the second opening lasts for two minutes
    still = pretend.posts
    await beat(pool, twilio, NOW + 182 * SECOND, FAST)
    closed = pretend.posts
    await beat(pool, twilio, NOW + 183 * SECOND, FAST)

    assert (probed, still, closed) == (21, 21, 22)
    assert pretend.posts == 42


async def test_four_set_up_errors_then_a_success_then_four_more_do_not_stop_the_sender(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    pretend.plan([BROKEN] * 4)
    await queue(conn, people.mentee, Lane.REPLY, 4)
    await beat(pool, twilio, NOW, FAST)
    await queue(conn, people.mentor, Lane.REPLY, 1)
    await beat(pool, twilio, NOW, FAST)
    pretend.plan([BROKEN] * 4)
    await queue(conn, people.cover, Lane.REPLY, 4)

    await beat(pool, twilio, NOW, FAST)

    [standing] = await store.senders.all_of_them(conn)
    assert (standing.circuit.failures, standing.circuit.open_until) == (4, None)


async def test_nothing_leaves_while_paused_and_everything_after(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentor, Lane.CRISIS)
    await store.senders.pause(conn, FAST.name, None, NOW)

    await beat(pool, twilio, NOW, FAST)
    paused = len(pretend.messages)
    await store.senders.resume(conn, FAST.name, None)
    await beat(pool, twilio, NOW + SECOND, FAST)

    assert paused == 0
    assert bodies(pretend) == ["crisis 0"]


@pytest.mark.parametrize("name", [FAST.name, "+15005550099"])
async def test_a_restored_copy_starts_paused_whatever_its_sender_and_says_so_once(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio, name: str
) -> None:
    await queue(conn, people.mentor, Lane.ALERT)
    await store.senders.recognise(conn, FAST.name, 1, "another/5", NOW)
    sender = Sender(name, 1000)

    with capture_logs() as said:
        await beat(pool, twilio, NOW, sender)
        await beat(pool, twilio, NOW + SECOND, sender)

    assert pretend.messages == []
    assert [line["reason"] for line in said if line["event"] == "sender.paused"] == ["moved"]


async def test_a_restored_copy_that_is_resumed_knows_itself_from_then_on(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentor, Lane.ALERT)
    await store.senders.recognise(conn, FAST.name, 1, "another/5", NOW)
    await beat(pool, twilio, NOW, FAST)

    await store.senders.resume(conn, FAST.name, await store.senders.identity(conn))
    await beat(pool, twilio, NOW + SECOND, FAST)
    await beat(pool, twilio, NOW + 2 * SECOND, FAST)

    assert bodies(pretend) == ["alert 0"]


def test_a_circuit_opens_for_a_minute_then_twice_as_long_up_to_fifteen() -> None:
    circuit = Circuit(failures=4)
    waits = []

    for _ in range(7):
        attempt = uuid4()
        circuit = core.senders.after_refusal(replace(circuit, probe=attempt), attempt, NOW)
        assert circuit.open_until is not None
        waits.append((circuit.open_until - NOW) / timedelta(minutes=1))

    assert waits == [1, 2, 4, 8, 15, 15, 15]


async def test_a_report_does_not_wait_for_whoever_is_claiming(pool: Pool, conn: Connection) -> None:
    await store.senders.recognise(conn, FAST.name, 1, None, NOW)
    async with pool.acquire() as claiming, claiming.transaction():
        await store.senders.lock(claiming, FAST.name)

        await asyncio.wait_for(store.senders.hear(conn, NOW), 1)

        assert not await store.senders.heard_since(conn, NOW, NOW)


async def test_reports_are_written_down_about_once_a_second(conn: Connection) -> None:
    await store.senders.recognise(conn, FAST.name, 1, None, NOW)
    await store.senders.hear(conn, NOW)

    await store.senders.hear(conn, NOW + SECOND)
    soon = await store.senders.heard_since(conn, NOW + SECOND, NOW + SECOND)
    await store.senders.hear(conn, NOW + 2 * SECOND)

    assert not soon
    assert await store.senders.heard_since(conn, NOW + 2 * SECOND, NOW + 2 * SECOND)


async def test_a_report_that_a_clock_running_ahead_wrote_down_proves_nothing_and_the_next_one_does(
    conn: Connection,
) -> None:
    await store.senders.recognise(conn, FAST.name, 1, None, NOW)
    await store.senders.hear(conn, NOW + timedelta(days=90))

    before = await store.senders.heard_since(conn, NOW, NOW + SECOND)
    await store.senders.hear(conn, NOW + SECOND)
    after = await store.senders.heard_since(conn, NOW, NOW + SECOND)

    assert (before, after) == (False, True)
    assert not await store.senders.heard_since(conn, NOW + timedelta(days=30), NOW + timedelta(days=30))


async def test_who_has_the_senders_row_has_it_for_twenty_seconds_at_most(conn: Connection) -> None:
    ends = "select current_setting('transaction_timeout')"
    before = await conn.fetchval(ends)

    async with conn.transaction():
        await store.senders.recognise(conn, FAST.name, 1, None, NOW)
        begun = await conn.fetchval(ends)
    async with conn.transaction():
        await store.senders.lock(conn, FAST.name)
        locked = await conn.fetchval(ends)

    assert (before, begun, locked, await conn.fetchval(ends)) == ("5min", "20s", "20s", "5min")
