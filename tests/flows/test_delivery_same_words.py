"""Messages to one phone with the same words: the carrier's list tells them apart by whose its ids are already."""

from datetime import datetime, timedelta

import pytest

from checkin import flows, store
from checkin.clock import Clock
from checkin.core.delivery import Lane
from checkin.core.people import Person
from checkin.flows.delivery import Sender
from checkin.gateway.twilio import Twilio
from checkin.store.outbox import Letter
from checkin.store.pool import Connection, Pool
from tests import pretend_twilio
from tests.flows.test_delivery import CALLBACKS
from tests.people import Cast
from tests.pretend_twilio import PretendTwilio

SENDER = Sender("+15005550006", 1000)
ONE_AT_A_TIME = Sender(SENDER.name, 1)
WAITED = timedelta(minutes=2)
NOT_WRITTEN_YET = """
    update outbox set status = 'claimed', provider_sid = null, claimed_until = $1 where status = 'sent'
"""
WRITTEN = """
    update outbox set status = 'sent', provider_sid = $1, claimed_until = null where status = 'claimed'
"""


async def queue_alike(conn: Connection, to: Person, lane: Lane, now: datetime, count: int = 2) -> None:
    letters = [
        Letter(
            about=to.id,
            to=to.id,
            phone=to.phone or "",
            lane=lane,
            key=f"alike:{number}",
            body="The same words for everybody.",
            not_before=now,
            expires_at=now + timedelta(hours=1),
        )
        for number in range(count)
    ]
    await store.outbox.enqueue(conn, letters, now)


async def sids(conn: Connection) -> list[str]:
    rows = await conn.fetch("select provider_sid from outbox where status = 'sent'")
    return sorted(row["provider_sid"] for row in rows)


@pytest.mark.parametrize("lane", [Lane.NUDGE, Lane.CRISIS])
async def test_a_lost_message_is_not_taken_for_the_one_with_the_same_words_that_arrived(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio, lane: Lane
) -> None:
    now = Clock().now()
    pretend.plan([pretend_twilio.OK, pretend_twilio.RESET_BEFORE])
    await queue_alike(conn, people.mentee, lane, now)
    await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: now)

    counts = await flows.delivery.settle_lapsed(pool, twilio, lambda: now + WAITED)

    assert counts == {"uncertain" if lane is Lane.NUDGE else "queued": 1}
    assert await sids(conn) == [message.sid for message in pretend.messages]


@pytest.mark.parametrize("taken", [0, 1, 2, 3])
async def test_of_those_that_are_looked_up_at_once_as_many_were_sent_as_arrived(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio, taken: int
) -> None:
    now = Clock().now()
    lost = [pretend_twilio.RESET_BEFORE] * (3 - taken)
    pretend.plan([pretend_twilio.RESET_AFTER] * taken + lost)
    await queue_alike(conn, people.mentee, Lane.NUDGE, now, count=3)
    await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: now)

    await flows.delivery.settle_lapsed(pool, twilio, lambda: now + WAITED)

    assert len(pretend.messages) == taken
    assert await sids(conn) == sorted(message.sid for message in pretend.messages)


async def test_while_another_is_being_sent_there_it_waits_to_be_told_apart(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio
) -> None:
    now = Clock().now()
    pretend.plan([pretend_twilio.RESET_BEFORE, pretend_twilio.OK])
    await queue_alike(conn, people.mentee, Lane.REPLY, now)
    await flows.delivery.send_due(pool, twilio, ONE_AT_A_TIME, CALLBACKS, lambda: now)
    await flows.delivery.send_due(pool, twilio, ONE_AT_A_TIME, CALLBACKS, lambda: now + WAITED)
    await conn.execute(NOT_WRITTEN_YET, now + 2 * WAITED)

    meanwhile = await flows.delivery.settle_lapsed(pool, twilio, lambda: now + WAITED)
    await conn.execute(WRITTEN, pretend.messages[0].sid)
    afterwards = await flows.delivery.settle_lapsed(pool, twilio, lambda: now + 2 * WAITED)

    assert (meanwhile, afterwards) == ({"waits": 1}, {"uncertain": 1})
