"""Whatever push services and carrier do, and whenever a sender dies: no nudge arrives twice, and none is just lost."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from checkin import flows
from checkin.core.delivery import Lane
from checkin.core.people import Person
from checkin.core.pushes import Provider
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests import pretend_twilio
from tests.flows.pushing import DUE, Both, add_device, both_ways
from tests.flows.test_delivery import queue
from tests.people import Cast
from tests.pretend_push import Fault
from tests.pretend_twilio import PretendTwilio

WAVES, A_WAVE = 6, 6  # nudges fall due over six minutes
BEATS = 16
DEATHS = (2, 4)  # minutes in which a sender dies in the middle of what it does
MINUTE = timedelta(minutes=1)
FAULTS = [one for one in Fault if one is not Fault.never]  # each of those costs a second
MOST_FAULTS = 12


async def arrivals(pretend: PretendTwilio, ways: Both) -> Counter[str]:
    """Return how often each message arrived, either way."""
    pushed = [taken.payload["id"] for taken in ways.service.taken]
    callbacks = [text.status_callback or "" for text in pretend.messages]
    texted = [parse_qs(urlsplit(one).query)["message"][0] for one in callbacks]
    return Counter(pushed + texted)


async def beat_that_dies(ways: Both, minute: int, after: float) -> None:
    """Beat, and be cut off in the middle of it, as a worker that is killed is."""
    beat = asyncio.create_task(ways.beat(DUE + minute * MINUTE))
    await asyncio.wait([beat], timeout=after)
    beat.cancel()
    await asyncio.gather(beat, return_exceptions=True)


async def queue_wave(conn: Connection, mentee: Person, minute: int) -> None:
    """Queue nudges that go by push and fall due in that minute."""
    await queue(conn, mentee, Lane.NUDGE, A_WAVE, at=DUE + minute * MINUTE)
    await conn.execute("update outbox set way = 'push', dedupe_key = id::text where dedupe_key like 'nudge:%'")


@pytest.mark.parametrize("seed", range(5))
async def test_no_nudge_arrives_twice_and_of_what_did_not_arrive_it_is_said_that_nobody_knows(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio, seed: int
) -> None:
    dice = random.Random(seed)
    async with both_ways(pool, twilio) as ways:
        ways.service.plan(dice.choices([*FAULTS, Fault.busy, Fault.invalid, Fault.gone], k=MOST_FAULTS))
        pretend.plan(dice.choices([pretend_twilio.OK, pretend_twilio.RESET_AFTER, pretend_twilio.error(429)], k=8))
        for minute in range(BEATS):
            if minute < WAVES:  # the app starts again, and registers its token anew
                await add_device(conn, people.mentee, f"phone-{minute}-000", at=DUE)
                await add_device(conn, people.mentee, ways.service.browser().token(), Provider.web_push, at=DUE)
                await queue_wave(conn, people.mentee, minute)
            if minute in DEATHS:
                await beat_that_dies(ways, minute, dice.uniform(0, 0.2))
            await ways.beat(DUE + minute * MINUTE)
            await flows.delivery.settle_lapsed(pool, None, clock_at(minute))
        found = await arrivals(pretend, ways)

    rows = await conn.fetch("select id::text, status from outbox")
    missing = {row["id"]: row["status"] for row in rows if row["id"] not in found}
    assert len(rows) == WAVES * A_WAVE
    assert set(found.values()) == {1}
    assert set(missing.values()) <= {"uncertain"}
    assert len(missing) <= MOST_FAULTS + len(DEATHS) * A_WAVE
    assert {row["status"] for row in rows} <= {"sent", "uncertain"}


def clock_at(minute: int) -> Callable[[], datetime]:
    return lambda: DUE + minute * MINUTE
