"""One row that nobody can read does not hold up the others."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.delivery import Lane
from checkin.flows.delivery import Sender
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests.flows.test_delivery import CALLBACKS, queue
from tests.flows.test_nudges import EVENING
from tests.people import DAY, NOW, Cast
from tests.pretend_twilio import PretendTwilio

SENDER = Sender("+15005550006", 1000)
DAMAGED = "set_byte(phone, 0, get_byte(phone, 0) # 1)"


async def statuses(conn: Connection) -> dict[str, str]:
    return {row["lane"]: row["status"] for row in await conn.fetch("select lane, status from outbox")}


async def damage(conn: Connection, lane: Lane) -> None:
    await conn.execute(f"update outbox set phone = {DAMAGED} where lane = $1", lane)


async def test_a_message_that_cannot_be_read_is_failed_and_the_others_leave(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    for lane in (Lane.CRISIS, Lane.REPLY):
        await queue(conn, people.mentor, lane)
    await damage(conn, Lane.REPLY)

    with capture_logs() as said:
        await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: NOW)

    assert await statuses(conn) == {"crisis": "sent", "reply": "failed"}
    reply = await conn.fetchval("select id from outbox where lane = 'reply'")
    assert [line["message"] for line in said if line["event"] == "message.unreadable"] == [str(reply)]


async def test_an_alert_that_cannot_be_read_goes_to_the_next_person(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.trend, {}, NOW)
    await flows.alerts.move_due(conn, NOW)
    await damage(conn, Lane.ALERT)

    await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: NOW)
    await flows.alerts.move_due(conn, NOW)

    roles = [row["role"] for row in await conn.fetch("select role from alert_steps order by step")]
    assert roles == ["mentor", "cover"]


async def test_what_a_dead_sender_left_unreadable_is_failed(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    for lane in (Lane.CRISIS, Lane.REPLY):
        await queue(conn, people.mentor, lane)
    await store.outbox.claim_due(conn, NOW, timedelta(minutes=2), 2)
    await damage(conn, Lane.REPLY)

    for minutes in (2, 4):
        now = NOW + timedelta(minutes=minutes)
        await flows.delivery.settle_lapsed(pool, twilio, iter([now] * 9).__next__)

    assert await statuses(conn) == {"crisis": "queued", "reply": "failed"}


@pytest.mark.parametrize("broken", ["time_zone = 'America/Atlantis'", f"phone = {DAMAGED}"])
async def test_a_mentee_who_cannot_be_read_is_left_until_tomorrow_and_the_others_are_asked(
    conn: Connection, people: Cast, broken: str
) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await conn.execute(f"update people set {broken} where id = $1", people.mentee.id)

    with capture_logs() as said:
        counts = await flows.nudges.ask_due(conn, EVENING)

    assert counts["sent"] == 1
    assert [line["mentee"] for line in said if line["event"] == "nudge.put_off"] == [str(people.mentee.id)]
    next_at = "select next_nudge_at from nudge_plans where mentee_id = $1"
    assert await conn.fetchval(next_at, people.mentee.id) == EVENING + DAY
