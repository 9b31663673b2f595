"""Messages leave once, against a real database and a pretend Twilio over HTTP."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.delivery import Lane
from checkin.core.people import Person
from checkin.flows.delivery import Report, Sender
from checkin.gateway.twilio import Twilio
from checkin.store.outbox import Letter
from checkin.store.pool import Connection, Pool
from tests import pretend_twilio
from tests.people import NOW, Cast
from tests.pretend_twilio import PretendTwilio

SENDER = Sender("+15005550006", 1000)
CALLBACKS = "https://checkin.example.org/webhooks/twilio/status"


async def queue(conn: Connection, to: Person, lane: Lane, count: int = 1, *, at: datetime = NOW) -> None:
    letters = [
        Letter(
            about=to.id,
            to=to.id,
            phone=to.phone or "",
            lane=lane,
            key=f"{lane}:{number}",
            body=f"{lane} {number}",
            not_before=at,
            expires_at=at + timedelta(hours=1),
        )
        for number in range(count)
    ]
    await store.outbox.enqueue(conn, letters, at)


def report(message: UUID, word: str, code: int | None = None) -> Report:
    return Report(message=message, attempt=None, sid="SM1", word=word, code=code)


async def statuses(conn: Connection) -> list[str]:
    return [row["status"] for row in await conn.fetch("select status from outbox order by created_at, id")]


async def send(pool: Pool, carrier: Twilio, now: datetime = NOW) -> None:
    while await flows.delivery.send_due(pool, carrier, SENDER, CALLBACKS, lambda: now):
        pass


async def test_a_queued_message_reaches_the_carrier_once_with_its_ids_in_the_callback(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentee, Lane.REPLY)

    await send(pool, twilio)

    row = await conn.fetchrow("select id, attempt_id, status, provider_sid from outbox")
    assert row is not None
    assert row["status"] == "sent"
    assert len(pretend.messages) == 1
    message = pretend.messages[0]
    assert message.form["To"] == people.mentee.phone
    assert message.form["StatusCallback"] == f"{CALLBACKS}?message={row['id']}&attempt={row['attempt_id']}"


@pytest.mark.parametrize(("lane", "seconds"), [(Lane.NUDGE, "3600"), (Lane.REPLY, "14400")])
async def test_the_carrier_is_told_how_long_it_may_keep_a_message(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio, lane: Lane, seconds: str
) -> None:
    await queue(conn, people.mentee, lane)
    await conn.execute("update outbox set expires_at = $1", NOW + timedelta(hours=4))

    await send(pool, twilio)

    assert [message.form["ValidityPeriod"] for message in pretend.messages] == [seconds]


async def test_four_senders_at_once_send_each_message_once(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE, 60)

    await asyncio.gather(*(send(pool, twilio) for _ in range(4)))

    bodies = [message.form["Body"] for message in pretend.messages]
    assert sorted(bodies) == sorted(f"nudge {number}" for number in range(60))


async def test_a_crisis_leaves_before_everything_that_waited_longer(conn: Connection, people: Cast) -> None:
    await queue(conn, people.mentee, Lane.NUDGE, 30, at=NOW - timedelta(minutes=30))
    for lane in (Lane.REPLY, Lane.ALERT, Lane.CRISIS):
        await queue(conn, people.mentee, lane)

    claimed = (await store.outbox.claim_due(conn, NOW, timedelta(minutes=2), 4)).readable

    assert [message.lane for message in claimed] == ["crisis", "alert", "reply", "nudge"]


@pytest.mark.parametrize(("lane", "posts"), [(Lane.ALERT, 2), (Lane.NUDGE, 1)])
async def test_after_a_lost_answer_without_a_list_an_alert_goes_again_and_a_nudge_does_not(
    pool: Pool,
    conn: Connection,
    people: Cast,
    pretend: PretendTwilio,
    hasty: Twilio,
    lane: Lane,
    posts: int,
) -> None:
    pretend.plan([pretend_twilio.TIMEOUT_AFTER])
    await queue(conn, people.mentor, lane)

    await send(pool, hasty)
    unsure = await statuses(conn)
    later = NOW + timedelta(minutes=2)
    await flows.delivery.settle_lapsed(pool, None, lambda: later)
    await send(pool, hasty, later)

    assert unsure == ["uncertain"]
    assert pretend.posts == posts
    assert await statuses(conn) == ["sent" if lane is Lane.ALERT else "uncertain"]


async def test_a_callback_settles_what_was_uncertain(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, hasty: Twilio
) -> None:
    pretend.plan([pretend_twilio.TIMEOUT_AFTER])
    await queue(conn, people.mentor, Lane.ALERT)
    await send(pool, hasty)
    message = await conn.fetchval("select id from outbox")

    known = await flows.delivery.hear_callback(conn, report(message, "sent"), SENDER.name, NOW)
    await flows.delivery.settle_lapsed(pool, None, lambda: NOW + timedelta(minutes=2))

    assert known
    assert await statuses(conn) == ["sent"]


async def test_a_lease_of_a_dead_sender_becomes_uncertain_not_queued(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)
    await store.outbox.claim_due(conn, NOW, timedelta(minutes=2), 10)

    await flows.delivery.settle_lapsed(pool, None, lambda: NOW + timedelta(minutes=3))

    assert await statuses(conn) == ["uncertain"]


async def test_busy_is_tried_again_later_and_sent_once(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    pretend.plan([pretend_twilio.error(429, 20429)])
    await queue(conn, people.mentee, Lane.REPLY)

    await send(pool, twilio)
    first = await statuses(conn)
    await send(pool, twilio, NOW + timedelta(minutes=3))

    assert first == ["queued"]
    assert await statuses(conn) == ["sent"]
    assert len(pretend.messages) == 1


async def test_a_carriers_opt_out_stops_texts_and_tells_the_mentor(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    pretend.plan([pretend_twilio.error(400, 21610)])
    await queue(conn, people.mentee, Lane.NUDGE)

    await send(pool, twilio)

    person = await store.people.by_id(conn, people.mentee.id)
    assert person is not None
    assert person.opted_out
    assert [alert.kind for alert in await store.alerts.open_for(conn, people.mentor.id, NOW)] == ["opted_out"]


@pytest.mark.parametrize("word", ["undelivered", "failed"])
async def test_an_alert_whose_message_does_not_arrive_moves_on_at_once(
    conn: Connection, people: Cast, word: str
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.trend, {}, NOW)
    await flows.alerts.move_due(conn, NOW)
    message = await conn.fetchval("select id from outbox")

    await flows.delivery.hear_callback(conn, report(message, word, 30003), SENDER.name, NOW)
    await flows.alerts.move_due(conn, NOW)

    roles = [row["role"] for row in await conn.fetch("select role from alert_steps order by step")]
    assert roles == ["mentor", "cover"]


async def test_an_earlier_attempts_failure_does_not_end_a_later_one(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    pretend.plan([pretend_twilio.error(429, 20429)])
    await queue(conn, people.mentee, Lane.REPLY)
    await send(pool, twilio)
    first = await conn.fetchrow("select id, attempt_id from outbox")
    await send(pool, twilio, NOW + timedelta(minutes=3))
    assert first is not None

    late = replace(report(first["id"], "failed"), attempt=first["attempt_id"])
    await flows.delivery.hear_callback(conn, late, SENDER.name, NOW)

    assert await statuses(conn) == ["sent"]


async def test_statuses_never_go_back(conn: Connection, people: Cast) -> None:
    await queue(conn, people.mentee, Lane.REPLY)
    message = await conn.fetchval("select id from outbox")

    for word in ("delivered", "sent", "queued", "huh", "failed", "delivered"):
        await flows.delivery.hear_callback(conn, report(message, word), SENDER.name, NOW)

    assert await statuses(conn) == ["delivered"]


async def test_what_is_too_late_expires_unsent(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await queue(conn, people.mentee, Lane.REPLY)

    await send(pool, twilio, NOW + timedelta(hours=1, seconds=1))

    assert await statuses(conn) == ["expired"]
    assert pretend.messages == []
