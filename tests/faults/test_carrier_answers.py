"""Fault 7: answers that are slow, broken or missing; what was taken is never sent again, an alert is never lost."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from checkin import flows, runtime, store
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.delivery import Lane
from checkin.core.senders import FAILURES_TO_OPEN, Circuit
from checkin.flows.delivery import Sender
from checkin.gateway.twilio import Twilio
from checkin.jobs.departures import MOST, Departures
from checkin.runtime import Runtime
from checkin.store.pool import Connection, Pool
from tests import pretend_twilio
from tests.faults.counts import tell
from tests.flows.test_delivery import CALLBACKS, queue, statuses
from tests.people import Cast
from tests.pretend_twilio import PretendTwilio

MINUTE = timedelta(minutes=1)
SLOW = 9.0  # seconds; a worker gives the carrier ten
BEAT = 0.01
ENOUGH = 20  # messages of one batch
RATE = (
    30.0  # a second, to a carrier that takes ANSWERS_IN for each: ten times a toll-free number in a tenth of the time
)
ANSWERS_IN = 0.9
WAITING = 60
TICK = 0.1
ROOM = 8


class End(NamedTuple):
    """How a message ended, how often it was posted, and how many texts the phone has."""

    status: str
    posts: int
    texts: int


ONCE = End("sent", 1, 1)
AFTER_A_RETRY = End("sent", 2, 1)
GIVEN_UP = End("uncertain", 1, 0)
ANSWERS = {
    "429": (pretend_twilio.error(429), AFTER_A_RETRY, AFTER_A_RETRY),
    "429 with a time": (pretend_twilio.error(429, 20429, retry_after=30), AFTER_A_RETRY, AFTER_A_RETRY),
    "500 not kept": (pretend_twilio.error(500), GIVEN_UP, AFTER_A_RETRY),
    "500 kept": (pretend_twilio.error(500, 20500, kept=True), ONCE, ONCE),
    "503": (pretend_twilio.error(503, 20503), GIVEN_UP, AFTER_A_RETRY),
    "timeout before accepting": (pretend_twilio.TIMEOUT_BEFORE, GIVEN_UP, AFTER_A_RETRY),
    "timeout after accepting": (pretend_twilio.TIMEOUT_AFTER, ONCE, ONCE),
    "reset before accepting": (pretend_twilio.RESET_BEFORE, GIVEN_UP, AFTER_A_RETRY),
    "reset after accepting": (pretend_twilio.RESET_AFTER, ONCE, ONCE),
    "bad JSON": (pretend_twilio.BAD_JSON, ONCE, ONCE),
    "201 without id": (pretend_twilio.NO_ID, ONCE, ONCE),
    "slow but in time": (pretend_twilio.slow(0.1), ONCE, ONCE),
}


async def beat(pool: Pool, carrier: Twilio, sender: Sender, now: datetime) -> None:
    """Send what is due, and look up what is uncertain."""
    await flows.delivery.send_due(pool, carrier, sender, CALLBACKS, lambda: now)
    await flows.delivery.settle_lapsed(pool, carrier, lambda: now)


async def play(
    pool: Pool, conn: Connection, carrier: Twilio, sender: Sender, pretend: PretendTwilio, people: Cast, lane: Lane
) -> dict[str, End]:
    """Send one message under each answer; afterwards all is well at the carrier, and four minutes pass."""
    found = {}
    for name, (step, _, _) in ANSWERS.items():
        await conn.execute("delete from outbox")
        pretend.plan([step])
        pretend.messages.clear()
        posts, now = pretend.posts, Clock().now()
        await queue(conn, people.mentor, lane, at=now)
        await conn.execute("update outbox set expires_at = expires_at + interval '1 day'")
        for minute in range(5):
            await beat(pool, carrier, sender, now + minute * MINUTE)
        [status] = await statuses(conn)
        found[name] = End(status, pretend.posts - posts, len(pretend.messages))
    return found


@pytest.mark.parametrize("lane", [Lane.NUDGE, Lane.ALERT])
async def test_after_every_answer_an_alert_arrives_once_and_a_nudge_at_most_once(
    pool: Pool,
    conn: Connection,
    people: Cast,
    pretend: PretendTwilio,
    hasty: Twilio,
    settings: Settings,
    lane: Lane,
) -> None:
    sender = Sender(settings.carrier.sender, 1000)

    found = await play(pool, conn, hasty, sender, pretend, people, lane)

    texts = sum(end.texts for end in found.values())
    tell(7, answers=len(found), lane=lane, posts=pretend.posts, texts=texts)
    assert found == {name: alert if lane is Lane.ALERT else nudge for name, (_, nudge, alert) in ANSWERS.items()}


async def test_while_the_carrier_takes_nine_seconds_everything_else_goes_on(
    pool: Pool, conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio, settings: Settings
) -> None:
    sender = Sender(settings.carrier.sender, 1000)
    pretend.plan([pretend_twilio.slow(SLOW)] * ENOUGH)
    await queue(conn, people.mentee, Lane.REPLY, ENOUGH, at=Clock().now())
    began, beats, longest, looks = time.monotonic(), 0, 0.0, 0

    sending = asyncio.create_task(flows.delivery.send_due(pool, twilio, sender, CALLBACKS, Clock().now))
    while not sending.done():
        before = time.monotonic()
        await asyncio.sleep(BEAT)
        beats, longest = beats + 1, max(longest, time.monotonic() - before - BEAT)
        if beats % 10 == 0:
            async with pool.acquire() as own:
                looks += await own.fetchval("select 1")
    took = time.monotonic() - began
    counts = await sending

    tell(7, slow_sends=counts["sent"], seconds=round(took, 1), beats=beats, longest_gap_ms=round(longest * 1000))
    assert counts == {"sent": ENOUGH}
    assert took < 2 * SLOW, "they were sent one after the other"
    assert beats > took / BEAT / 4
    assert looks >= beats // 10


async def tick(
    departures: Departures, parts: Runtime, carrier: Twilio, times: int
) -> list[asyncio.Task[Mapping[str, int]]]:
    """Let the job beat every TICK, as the worker does, whatever has not ended of the beats before."""
    beats = []
    for _ in range(times):
        beats.append(asyncio.create_task(departures.beat(parts, carrier)))
        await asyncio.sleep(TICK)
    return beats


async def test_a_slow_carrier_is_given_as_many_messages_a_second_as_a_fast_one(
    conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio, settings: Settings
) -> None:
    pretend.plan([pretend_twilio.slow(ANSWERS_IN)] * WAITING)
    await queue(conn, people.mentor, Lane.ALERT, WAITING, at=Clock().now())

    async with runtime.running(replace(settings, sender_rate=RATE)) as parts:
        began = time.monotonic()
        beats = await tick(Departures(Lane.NUDGE, MOST), parts, twilio, round(WAITING / RATE / TICK) + 5)
        posts, took = pretend.posts, time.monotonic() - began
        settled = sum((Counter(counts) for counts in await asyncio.gather(*beats)), Counter())

    tell(7, waiting=WAITING, rate=RATE, answer_takes=ANSWERS_IN, handed_over=posts, seconds=round(took, 1))
    assert posts == WAITING
    assert settled == {"sent": WAITING}


async def test_no_more_is_under_way_than_a_process_can_hold(
    conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio, settings: Settings
) -> None:
    pretend.plan([pretend_twilio.slow(ANSWERS_IN)] * WAITING)
    await queue(conn, people.mentor, Lane.ALERT, WAITING, at=Clock().now())

    async with runtime.running(replace(settings, sender_rate=1000)) as parts:
        beats = await tick(Departures(Lane.NUDGE, ROOM), parts, twilio, 5)
        posts, under_way = pretend.posts, (await statuses(conn)).count("claimed")
        parts.stopping.set()
        settled = sum((Counter(counts) for counts in await asyncio.gather(*beats)), Counter())

    assert (posts, under_way) == (ROOM, ROOM)
    assert settled == {"sent": ROOM}


async def test_a_stopped_sender_hands_over_its_probe_alone_however_long_the_answer_takes(
    conn: Connection, people: Cast, pretend: PretendTwilio, twilio: Twilio, settings: Settings
) -> None:
    pretend.plan([pretend_twilio.slow(ANSWERS_IN)])
    await queue(conn, people.mentor, Lane.ALERT, WAITING, at=Clock().now())

    async with runtime.running(replace(settings, sender_rate=1000)) as parts:
        now = parts.clock.now()
        await store.senders.recognise(conn, settings.carrier.sender, 1, None, now - 2 * MINUTE)
        stopped = Circuit(failures=FAILURES_TO_OPEN, openings=1, open_until=now - MINUTE)
        await store.senders.turn(conn, settings.carrier.sender, stopped)
        beats = await tick(Departures(Lane.NUDGE, MOST), parts, twilio, 5)
        posts = pretend.posts
        parts.stopping.set()
        await asyncio.gather(*beats)

    assert posts == 1
