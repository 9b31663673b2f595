"""Two answers at once, by the app and by text: one has the alert, and the other is told that somebody does."""

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import count

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.flows.inbound import InboundText
from checkin.store.alerts import OpenAlert
from checkin.store.pool import Connection, Pool
from tests.people import NOW, Cast
from tests.phones import sent_to, told

TRIES = 200
SIDS = count(1)


async def by_app(pool: Pool, person: Person, alert: OpenAlert) -> OpenAlert:
    async with pool.acquire(patience=10) as conn:
        return await flows.alerts.acknowledge(conn, person, alert.id, "app", NOW)


async def by_text(pool: Pool, person: Person, alert: OpenAlert) -> None:
    incoming = InboundText(sid=f"SMrace{next(SIDS)}", phone=person.phone or "", body=f"OK {alert.number}")
    async with pool.acquire(patience=10) as conn:
        await flows.inbound.receive(conn, incoming, NOW)


async def test_of_two_at_once_one_has_it_and_the_other_is_told(
    pool: Pool, people: Cast, record_property: Callable[[str, object], None]
) -> None:
    winners = []
    for number in range(TRIES):
        async with pool.acquire(patience=10) as conn:
            await conn.execute("delete from outbox")
            await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
            [alert] = await store.alerts.open_for(conn, people.mentor.id, NOW)
        app, sms = by_app(pool, people.cover, alert), by_text(pool, people.mentor, alert)

        answers = await asyncio.gather(*((app, sms) if number % 2 else (sms, app)))

        seen = answers[0] if number % 2 else answers[1]
        assert isinstance(seen, OpenAlert)
        async with pool.acquire(patience=10) as conn:
            [stands] = await store.alerts.open_for(conn, people.mentor.id, NOW)
            winner = people.mentor if stands.acknowledged_by == people.mentor.id else people.cover
            said = Text.alert_yours if winner is people.mentor else Text.alert_taken
            assert seen.acknowledged_by == stands.acknowledged_by == winner.id
            assert await sent_to(conn, people.mentor) == [told(said, number=alert.number)]
            await conn.execute("delete from alerts")
        winners.append(winner.name)

    assert len(winners) == TRIES
    record_property("won", dict(Counter(winners)))


async def test_an_answer_and_the_word_that_its_text_did_not_arrive_do_not_wait_for_each_other(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
    await flows.alerts.move_due(conn, NOW)
    [alert] = await store.alerts.open_for(conn, people.mentor.id, NOW)
    async with pool.acquire() as web, web.transaction():
        await store.alerts.lock(web, alert.mentee_id, alert.id)
        lost = asyncio.ensure_future(not_arrived(pool))
        await asyncio.wait({lost}, timeout=0.3)
        await flows.alerts.take(web, people.mentor, alert, "sms", NOW)
    await lost

    [stands] = await store.alerts.open_for(conn, people.mentor.id, NOW)
    assert stands.acknowledged_by == people.mentor.id


async def not_arrived(pool: Pool) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await store.alert_steps.undelivered(conn, [await conn.fetchval("select id from outbox")], NOW)
