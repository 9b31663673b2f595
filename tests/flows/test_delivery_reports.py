"""Reports that come before the answer, late or twice, and what the carrier's list says of them."""

from datetime import timedelta
from itertools import repeat
from uuid import uuid4

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from checkin import core, flows, store
from checkin.clock import Clock
from checkin.core.alerts import Kind
from checkin.core.delivery import Accepted, Answer, Busy, Lane, Uncertain
from checkin.flows.delivery import Report, Sender
from checkin.gateway.sms import Outgoing
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests import pretend_twilio
from tests.flows.test_delivery import CALLBACKS, queue
from tests.people import NOW, Cast
from tests.pretend_twilio import PretendTwilio

FAST = Sender("+15005550006", 1000)
WAITED = timedelta(minutes=2)


class Scripted:
    """A carrier with one answer after the other, that *reports* its queue full for the first before it answers."""

    def __init__(self, pool: Pool, answers: list[Answer], *, reports: bool = True) -> None:
        self._pool, self._answers, self._reports = pool, answers, reports
        self.reported: list[Report] = []
        self.sent = 0

    async def send(self, message: Outgoing) -> Answer:
        self.sent += 1
        if self.sent == 1 and self._reports:
            full = Report(message=message.message, attempt=message.attempt, sid="SM1", word="undelivered", code=30022)
            self.reported.append(full)
            async with self._pool.acquire() as conn:
                await flows.delivery.hear_callback(conn, full, FAST.name, NOW)
        return self._answers.pop(0)

    async def close(self) -> None:
        """Nothing was opened."""


async def test_a_bad_report_that_comes_before_the_answer_is_not_forgotten(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    await queue(conn, people.mentee, Lane.CRISIS)
    carrier = Scripted(pool, [Accepted("SM1"), Accepted("SM2")])

    await flows.delivery.send_due(pool, carrier, FAST, CALLBACKS, lambda: NOW)
    await flows.delivery.send_due(pool, carrier, FAST, CALLBACKS, lambda: NOW + WAITED)

    assert carrier.sent == 2
    row = await conn.fetchrow("select status, provider_sid from outbox")
    assert row is not None
    assert tuple(row) == ("sent", "SM2")


async def test_a_repeated_report_of_a_first_attempt_does_not_settle_the_second(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    await queue(conn, people.mentee, Lane.CRISIS)
    carrier = Scripted(pool, [Accepted("SM1"), Uncertain("timeout")])
    await flows.delivery.send_due(pool, carrier, FAST, CALLBACKS, lambda: NOW)
    await flows.delivery.send_due(pool, carrier, FAST, CALLBACKS, lambda: NOW + WAITED)

    await flows.delivery.hear_callback(conn, replace(carrier.reported[0], word="sent"), FAST.name, NOW + WAITED)

    assert await conn.fetchval("select status from outbox") == "uncertain"


async def test_the_list_holds_a_failed_first_attempt_and_not_the_second(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, hasty: Twilio
) -> None:
    now = Clock().now()
    pretend.plan([pretend_twilio.OK, pretend_twilio.TIMEOUT_BEFORE])
    await queue(conn, people.mentee, Lane.CRISIS, at=now)
    await flows.delivery.send_due(pool, hasty, FAST, CALLBACKS, lambda: now)
    row = await conn.fetchrow("select id, attempt_id, provider_sid from outbox")
    assert row is not None
    full = Report(message=row["id"], attempt=row["attempt_id"], sid=row["provider_sid"], word="undelivered", code=30022)
    await flows.delivery.hear_callback(conn, full, FAST.name, now)
    again = now + timedelta(minutes=1)
    await flows.delivery.send_due(pool, hasty, FAST, CALLBACKS, lambda: again)

    counts = await flows.delivery.settle_lapsed(pool, hasty, lambda: again + WAITED)

    assert counts == {"queued": 1}


async def test_what_the_list_says_did_not_arrive_moves_its_alert_on(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, hasty: Twilio
) -> None:
    now = Clock().now()
    pretend.plan([pretend_twilio.TIMEOUT_AFTER])
    await store.alerts.raise_for(conn, people.mentee.id, Kind.crisis, {}, now, core.alerts.Urgency.soon)
    await flows.alerts.move_due(conn, now)
    await flows.delivery.send_due(pool, hasty, FAST, CALLBACKS, lambda: now)
    pretend.messages[0].status, pretend.messages[0].error_code = "undelivered", 30005

    counts = await flows.delivery.settle_lapsed(pool, hasty, lambda: now + WAITED)
    await flows.alerts.move_due(conn, now + WAITED)

    assert counts == {"undelivered": 1}
    roles = [row["role"] for row in await conn.fetch("select role from alert_steps order by step")]
    assert roles[:2] == ["mentor", "cover"]
    found = await store.people.by_id(conn, people.mentor.id)
    assert found is not None
    assert found.unreachable


async def test_a_phone_out_of_reach_is_tried_again_though_the_carrier_was_busy_before_and_only_once(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    answers: list[Answer] = [Busy(20429, None), Accepted("SM2"), Busy(20429, None), Accepted("SM3")]
    carrier = Scripted(pool, answers, reports=False)
    await queue(conn, people.mentee, Lane.NUDGE)
    became = []

    for minute in (0, 1, 32, 33):
        now = NOW + timedelta(minutes=minute)
        await flows.delivery.send_due(pool, carrier, FAST, CALLBACKS, repeat(now).__next__)
        row = await conn.fetchrow("select id, attempt_id, status, provider_sid from outbox")
        assert row is not None
        if row["status"] == "sent":
            sid = row["provider_sid"]
            off = Report(message=row["id"], attempt=row["attempt_id"], sid=sid, word="undelivered", code=30003)
            await flows.delivery.hear_callback(conn, off, FAST.name, now)
        became.append(await conn.fetchval("select status from outbox"))

    assert became == ["queued", "queued", "queued", "undelivered"]


@pytest.mark.parametrize(
    ("of_ours", "word", "says"), [(True, "huh", True), (False, "sent", True), (True, "sent", False)]
)
async def test_a_report_we_can_make_nothing_of_is_in_the_log(
    conn: Connection, people: Cast, of_ours: bool, word: str, says: bool
) -> None:
    await queue(conn, people.mentee, Lane.REPLY)
    message = await conn.fetchval("select id from outbox") if of_ours else uuid4()
    said_of = Report(message=message, attempt=None, sid="SM1", word=word)

    with capture_logs() as said:
        await flows.delivery.hear_callback(conn, said_of, FAST.name, NOW)

    assert [line["message"] for line in said if line["event"] == "report.unknown"] == [str(message)] * says


@pytest.mark.parametrize(
    ("word", "kept"),
    [("huh", "huh"), ("a\nb\x1b[1m\u202eé", "a?b?[1m??"), ("x" * 500, "x" * 40), ("sent", None)],
    ids=["new", "unprintable", "long", "known"],
)
async def test_a_word_we_do_not_know_is_kept_in_the_log_as_it_came(
    conn: Connection, people: Cast, word: str, kept: str | None
) -> None:
    with capture_logs() as said:
        report = Report(message=uuid4(), attempt=None, sid="SM1", word=word)
        await flows.delivery.hear_callback(conn, report, FAST.name, NOW)

    assert [line.get("word") for line in said if line["event"] == "report.unknown"] == [kept]
