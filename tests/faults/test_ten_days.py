"""Fault 4: three schedulers and two senders at once, for ten days; each mentee is asked once a local day."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from checkin import flows, store
from checkin.core.nudges import Plan
from checkin.core.people import Person, Role, Status
from checkin.flows.delivery import Sender
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests.faults.counts import tell
from tests.faults.zones import ZONES
from tests.pretend_twilio import PretendTwilio

START = datetime(2026, 10, 28, 6, 0, tzinfo=UTC)
"""Between the last evening in Honolulu and the first in London. America's clocks change on the fifth day."""
DAYS = 10
STEP = timedelta(hours=2)
MENTEES = 500
SCHEDULERS, SENDERS = 3, 2
SENDER = Sender("+15005550006", 10_000)
CALLBACKS = "https://checkin.example.org/webhooks/twilio/status"

A_WHILE = timedelta(seconds=10)
PUT_OFF = 60  # times that a carrier on a busy machine may not be reached, before what waits counts as lost

WAITING = """
    select exists (select 1 from outbox where status = 'queued')
"""

ANSWER = """
    insert into check_ins (mentee_id, day, id, mood, hope, answered_at, received_at, time_zone, source)
    select n.mentee_id, n.day, gen_random_uuid(), 6, 6, $1, $1, p.time_zone, 'app'
      from nudges n
      join people p on p.id = n.mentee_id
     where n.decision = 'sent'
        on conflict do nothing
"""


async def enrol(conn: Connection) -> None:
    """Add the mentees, all asked at 18:00; the first due time only makes the tick work the right one out."""
    program = await store.people.add_program(conn, "Harbor", "US", "UTC", START)
    for number in range(MENTEES):
        zone = ZONES[number % len(ZONES)]
        mentee = Person(
            id=store.ids.new_id(START),
            program_id=program,
            roles=frozenset({Role.mentee}),
            status=Status.active,
            name="Ana",
            phone=f"+1212{5550000 + number}",
            language="en",
            time_zone=zone,
        )
        await store.people.add(conn, mentee, START)
        await store.nudges.add_plan(conn, Plan(mentee=mentee.id, zone=zone), START + timedelta(minutes=1))


async def test_three_schedulers_and_two_senders_ask_each_mentee_once_a_local_day(
    pool: Pool, conn: Connection, pretend: PretendTwilio, twilio: Twilio
) -> None:
    await enrol(conn)

    async def schedule(now: datetime) -> None:
        async with pool.acquire(patience=30) as own:
            while await flows.nudges.ask_due(own, now):
                pass

    async def send(now: datetime) -> None:
        while await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: now):
            pass

    for step in range(DAYS * timedelta(days=1) // STEP + 1):
        now = START + step * STEP
        await asyncio.gather(*(schedule(now) for _ in range(SCHEDULERS)), *(send(now) for _ in range(SENDERS)))
        for late in range(PUT_OFF):
            await send(now + late * A_WHILE)
            if not await conn.fetchval(WAITING):
                break
        await conn.execute(ANSWER, now)

    asked = await conn.fetch("select mentee_id, day, count(*) from outbox group by 1, 2")
    phones = Counter(message.to for message in pretend.messages)
    tell(4, mentees=MENTEES, days=DAYS, messages=len(pretend.messages))
    assert {row["count"] for row in asked} == {1}
    assert len(asked) == MENTEES * DAYS
    assert set(phones.values()) == {DAYS}
    assert len(phones) == MENTEES
