"""Fault 7: reports of texts that did not arrive bring one more attempt, and stop a sender that is set up wrongly."""

from datetime import timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from checkin import flows, store
from checkin.config import Settings
from checkin.core.delivery import Lane
from checkin.flows.delivery import Report, Sender
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests.faults.counts import tell
from tests.flows.test_delivery import CALLBACKS, queue, statuses
from tests.people import NOW, Cast
from tests.phones import text
from tests.pretend_twilio import PretendTwilio

SECOND = timedelta(seconds=1)
HALF_AN_HOUR = timedelta(minutes=30)
UNREACHABLE, UNREGISTERED = 30003, 30034


class Line:
    """A sender at one message a second, and what the carrier reports of its texts."""

    def __init__(self, pool: Pool, conn: Connection, carrier: Twilio, sender: str) -> None:
        self._pool, self._conn, self._carrier = pool, conn, carrier
        self.sender = Sender(sender, 1)

    async def send(self, at: timedelta) -> list[UUID]:
        """Let one beat send; returns the attempts that the carrier accepted."""
        now = NOW + at
        await flows.delivery.send_due(self._pool, self._carrier, self.sender, CALLBACKS, lambda: now)
        rows = await self._conn.fetch("select attempt_id from outbox where sent_at = $1 and status = 'sent'", now)
        return [row["attempt_id"] for row in rows]

    async def hear(self, attempt: UUID, word: str, code: int | None, at: timedelta) -> None:
        row = await self._conn.fetchrow("select id, provider_sid from outbox where attempt_id = $1", attempt)
        assert row is not None
        report = Report(message=row["id"], attempt=attempt, sid=row["provider_sid"], word=word, code=code)
        await flows.delivery.hear_callback(self._conn, report, self.sender.name, NOW + at)


@pytest.fixture
def line(pool: Pool, conn: Connection, twilio: Twilio, settings: Settings) -> Line:
    return Line(pool, conn, twilio, settings.carrier.sender)


async def test_an_unreachable_handset_is_texted_once_more_and_no_third_time(
    line: Line, conn: Connection, people: Cast, pretend: PretendTwilio
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)
    [first] = await line.send(SECOND)

    await line.hear(first, "undelivered", UNREACHABLE, 2 * SECOND)
    await line.hear(first, "undelivered", UNREACHABLE, 3 * SECOND)
    too_soon = await line.send(HALF_AN_HOUR)
    [second] = await line.send(HALF_AN_HOUR + 2 * SECOND)
    await line.hear(second, "undelivered", UNREACHABLE, HALF_AN_HOUR + 3 * SECOND)
    later = await line.send(HALF_AN_HOUR + timedelta(minutes=29))

    assert (too_soon, later) == ([], [])
    assert pretend.posts == 2
    assert await statuses(conn) == ["undelivered"]


async def test_a_report_that_comes_after_a_worse_one_does_not_take_the_retry_away(
    line: Line, conn: Connection, people: Cast, pretend: PretendTwilio
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)
    [first] = await line.send(SECOND)
    await line.hear(first, "undelivered", UNREACHABLE, 2 * SECOND)

    await line.hear(first, "sent", None, 3 * SECOND)
    retried = await line.send(HALF_AN_HOUR + 3 * SECOND)

    assert len(retried) == 1


async def test_what_arrives_after_all_is_not_sent_again(
    line: Line, conn: Connection, people: Cast, pretend: PretendTwilio
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)
    [first] = await line.send(SECOND)
    await line.hear(first, "undelivered", UNREACHABLE, 2 * SECOND)

    await line.hear(first, "delivered", None, 3 * SECOND)
    await line.send(HALF_AN_HOUR + 3 * SECOND)

    assert pretend.posts == 1
    assert await statuses(conn) == ["delivered"]


@pytest.mark.parametrize("stops_first", [True, False])
async def test_nobody_who_opted_out_is_texted_again_after_a_report(
    line: Line, conn: Connection, people: Cast, pretend: PretendTwilio, stops_first: bool
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)
    [first] = await line.send(SECOND)

    if stops_first:
        await text(conn, people.mentee, "STOP")
    await line.hear(first, "undelivered", UNREACHABLE, 2 * SECOND)
    if not stops_first:
        await text(conn, people.mentee, "STOP")
    await line.send(HALF_AN_HOUR + 3 * SECOND)

    assert [message.body for message in pretend.messages if message.body.startswith("nudge")] == ["nudge 0"]
    assert "queued" not in await conn.fetchval("select array_agg(status) from outbox where lane = 'nudge'")


async def test_five_reports_of_a_broken_set_up_stop_the_sender_though_each_text_was_accepted(
    line: Line, conn: Connection, people: Cast, pretend: PretendTwilio
) -> None:
    await queue(conn, people.mentee, Lane.REPLY, 50)

    with capture_logs() as said:
        for second in range(20):
            for attempt in await line.send(second * SECOND):
                await line.hear(attempt, "undelivered", UNREGISTERED, second * SECOND)

    stopped = [(one["code"], one["seconds"]) for one in said if one["event"] == "sender.stopped"]
    tell(7, accepted_until_the_circuit_opened=pretend.posts, waiting=(await statuses(conn)).count("queued"))
    assert pretend.posts == 5
    assert stopped == [(UNREGISTERED, 60)]
    assert await statuses(conn) == ["queued"] * 50


async def stop_by_reports(line: Line, conn: Connection, people: Cast) -> timedelta:
    """Let five reports stop the sender; returns when its probe may go."""
    await queue(conn, people.mentee, Lane.REPLY, 50)
    for second in range(5):
        for attempt in await line.send(second * SECOND):
            await line.hear(attempt, "undelivered", UNREGISTERED, second * SECOND)
    return timedelta(seconds=65)


async def test_a_probe_that_is_reported_too_stops_the_sender_for_longer(
    line: Line, conn: Connection, people: Cast, pretend: PretendTwilio
) -> None:
    at = await stop_by_reports(line, conn, people)
    [probe] = await line.send(at)

    await line.hear(probe, "undelivered", UNREGISTERED, at + 5 * SECOND)
    within = [await line.send(at + 6 * SECOND), await line.send(at + timedelta(seconds=120))]

    assert within == [[], []]
    assert len(await line.send(at + timedelta(seconds=126))) == 1


@pytest.mark.parametrize("heard", ["delivered", None])
async def test_a_probe_that_arrives_or_of_which_nothing_bad_is_heard_lets_the_sender_go_on(
    line: Line, conn: Connection, people: Cast, pretend: PretendTwilio, heard: str | None
) -> None:
    at = await stop_by_reports(line, conn, people)
    [probe] = await line.send(at)
    while_on_trial = await line.send(at + 2 * SECOND)

    if heard:
        await line.hear(probe, heard, None, at + 3 * SECOND)
    resumed = at + (4 if heard else 61) * SECOND
    sent = [len(await line.send(resumed + second * SECOND)) for second in range(4)]

    circuit = await store.senders.circuit_of(conn, line.sender.name)
    assert while_on_trial == []
    assert min(sent) == 1
    assert circuit is not None
    assert circuit.open_until is None


async def test_a_clock_that_is_set_back_a_day_does_not_keep_the_sender_stopped(
    line: Line, conn: Connection, people: Cast, pretend: PretendTwilio
) -> None:
    await stop_by_reports(line, conn, people)
    yesterday = timedelta(days=-1)
    await queue(conn, people.mentor, Lane.ALERT, at=NOW + yesterday)

    probed = await line.send(yesterday + SECOND)

    assert len(probed) == 1
