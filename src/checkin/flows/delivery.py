"""Messages leave: claimed under a lease, handed to the carrier outside any transaction, settled one by one."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from checkin import core, store
from checkin.core.alerts import Kind
from checkin.core.delivery import Again, Decision, Dropped, Lane, Remedy, Sent, Status, Unsure
from checkin.core.people import Role
from checkin.gateway.sms import LONGEST_VALIDITY, Carrier, Outgoing
from checkin.store.outbox import Claimed
from checkin.store.pool import Connection, Pool

BATCH = 20
LEASE = timedelta(minutes=2)
A_SECOND = timedelta(seconds=1)


async def send_due(pool: Pool, carrier: Carrier, callbacks: str, tell_time: Callable[[], datetime]) -> Counter[str]:
    """Send one batch of due messages; returns counts by what became of them.

    *callbacks* is the address the carrier reports to. Messages whose time is over, or whose nudge was answered
    meanwhile, are closed first. A process that dies in here leaves leases that `settle_lapsed` takes up.
    """
    async with pool.acquire() as conn:
        now = tell_time()
        closed = await store.outbox.close_stale(conn, now)
        messages = await store.outbox.claim_due(conn, now, LEASE, BATCH)
    counts: Counter[str] = Counter(closed=closed) if closed else Counter()
    counts.update(await asyncio.gather(*(_send(pool, carrier, callbacks, tell_time, one) for one in messages)))
    return counts


async def _send(
    pool: Pool, carrier: Carrier, callbacks: str, tell_time: Callable[[], datetime], message: Claimed
) -> str:
    left = message.expires_at - tell_time()
    outgoing = Outgoing(
        message=message.id,
        attempt=message.attempt_id,
        to=message.phone,
        body=message.body,
        status_callback=f"{callbacks}?message={message.id}&attempt={message.attempt_id}",
        valid_for=timedelta(seconds=int(min(max(left, A_SECOND), LONGEST_VALIDITY).total_seconds())),
    )
    answer = await carrier.send(outgoing)
    now = tell_time()
    jitter = random.random()  # noqa: S311 - spreads retries, guards nothing
    decision = core.delivery.after(answer, message.lane, message.attempts, now, message.expires_at, jitter)
    async with pool.acquire(patience=30) as conn, conn.transaction():
        return await _settle(conn, message, decision, now)


async def _settle(conn: Connection, message: Claimed, decision: Decision, now: datetime) -> str:
    match decision:
        case Sent(sid):
            await store.outbox.mark_sent(conn, message, sid, now)
            return "sent"
        case Again(at, _, code):
            await store.outbox.queue_again(conn, message, at, code)
            return "again"
        case Unsure(check_at):
            await store.outbox.mark_uncertain(conn, message, check_at)
            return "uncertain"
        case Dropped(remedy, code):
            await store.outbox.mark_failed(conn, message, code, now)
            await _remedy(conn, message.mentee_id, message.id, message.person_id, message.lane, remedy, now)
            return "failed"
        case other:
            assert_never(other)


async def _remedy(
    conn: Connection, about: UUID, message_id: UUID, person_id: UUID | None, lane: Lane, remedy: Remedy, now: datetime
) -> None:
    """Carry out what a final refusal asks for; an alert's message that will not arrive moves the alert on at once."""
    person = None if person_id is None else await store.people.by_id(conn, person_id)
    if person is not None and person.phone is not None:
        kind: Kind | None = None
        if remedy is Remedy.STOP_SMS:
            await stop_texts(conn, [person.id], person.phone, now)
            kind = Kind.opted_out
        elif remedy is Remedy.SUSPEND_NUMBER:
            await store.people.mark_unreachable(conn, person.id, now)
            kind = Kind.unreachable
        if kind is not None and Role.mentee in person.roles:
            await store.alerts.raise_for(conn, person.id, kind, {"source": "carrier"}, now)
    if core.delivery.moves_on(lane):
        await store.alerts.move_after_failure(conn, about, message_id, now)


async def stop_texts(conn: Connection, people: list[UUID], phone: str, now: datetime) -> None:
    """Honour an opt-out: nothing that has not left goes to *phone* any more."""
    await store.people.opt_out(conn, people, now)
    await store.outbox.cancel_to(conn, phone, now)


async def settle_lapsed(conn: Connection, now: datetime) -> Counter[str]:
    """Take up what a dead sender left, and decide what no callback has settled; returns counts by status."""
    async with conn.transaction():
        return Counter(await store.outbox.settle_lapsed(conn, now, core.delivery.HEARING_TIME))


async def hear_callback(
    conn: Connection, message_id: UUID, attempt_id: UUID | None, sid: str, word: str, code: int | None, now: datetime
) -> bool:
    """Believe what the carrier reports of a message, never backwards. False for a message we never sent.

    That an earlier attempt went out is believed of the message; that it failed is not: a later one is on its way.
    """
    async with conn.transaction():
        standing = await store.outbox.lock(conn, message_id)
        if standing is None:
            return False
        status = core.delivery.advance(standing.status, word)
        failed = status in (Status.UNDELIVERED, Status.FAILED)
        if status is standing.status or (failed and attempt_id != standing.attempt_id):
            return True
        await store.outbox.reported(conn, standing.mentee_id, message_id, status, sid, code, now)
        if failed:
            remedy = core.delivery.remedy(code, None)
            await _remedy(conn, standing.mentee_id, message_id, standing.person_id, standing.lane, remedy, now)
        return True
