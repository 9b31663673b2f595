"""Messages leave: claimed under a lease, handed to the carrier outside any transaction, settled one by one."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, assert_never
from uuid import UUID

import structlog
from msgspec import Struct
from msgspec.structs import replace

from checkin import core, store
from checkin.core.alerts import Kind
from checkin.core.delivery import (
    Accepted,
    Again,
    Bucket,
    Decision,
    Dropped,
    Lane,
    Remedy,
    Sent,
    Status,
    Uncertain,
    Unsure,
)
from checkin.core.people import Role
from checkin.gateway.sms import LONGEST_VALIDITY, Carrier, Ledger, Outgoing
from checkin.store.outbox import Claimed
from checkin.store.pool import Connection, Pool

BATCH = 20
LEASE = timedelta(minutes=2)
A_SECOND = timedelta(seconds=1)
CLOCKS_DIFFER = timedelta(minutes=1)  # between the carrier and us, at most

log = structlog.get_logger()


class Sender(Struct, frozen=True):
    """Our number or messaging service at the carrier, and how many messages a second it may send."""

    name: str
    rate: float


async def send_due(
    pool: Pool, carrier: Carrier, sender: Sender, callbacks: str, tell_time: Callable[[], datetime]
) -> Counter[str]:
    """Send one batch of due messages, at most what *sender* may send now; returns counts by what became of them.

    *callbacks* is the address the carrier reports to. Messages whose time is over, or whose nudge was answered
    meanwhile, are closed first. A process that dies in here leaves leases that `settle_lapsed` takes up.
    """
    async with pool.acquire() as conn:
        now = tell_time()
        closed = await store.outbox.close_stale(conn, now)
        messages = await _claim(conn, sender, now)
    counts: Counter[str] = Counter(closed=closed) if closed else Counter()
    line = Line(pool, carrier, sender, callbacks, tell_time)
    counts.update(await asyncio.gather(*(_send(line, one) for one in messages)))
    return counts


class Line(NamedTuple):
    """What every message of a batch leaves through."""

    pool: Pool
    carrier: Carrier
    sender: Sender
    callbacks: str
    tell_time: Callable[[], datetime]


async def _claim(conn: Connection, sender: Sender, now: datetime) -> list[Claimed]:
    """Claim what the sender has tokens for; nothing while it is paused or its circuit is open."""
    identity = await store.senders.identity(conn)
    async with conn.transaction():
        if await store.senders.recognise(conn, sender.name, sender.rate, identity, now):
            log.warning("sender.paused", reason="moved")
        standing = await store.senders.lock(conn, sender.name)
        bucket = core.delivery.fill(standing.bucket, sender.rate, now)
        room = core.delivery.room(bucket, standing.circuit, BATCH, now)
        if standing.paused_because is not None or room == 0:
            return []
        messages = await store.outbox.claim_due(conn, now, LEASE, room)
        if messages:
            left = Bucket(max(bucket.tokens - len(messages), 0), bucket.filled_at)
            await store.senders.take(conn, sender.name, left)
            if standing.circuit.open_until is not None:
                probe = replace(standing.circuit, open_until=now + LEASE, probe=messages[0].attempt_id)
                await store.senders.turn(conn, sender.name, probe)
    return messages


async def _send(line: Line, message: Claimed) -> str:
    """Hand a message over, unless it was cancelled or taken over since it was claimed, and settle it."""
    async with line.pool.acquire(patience=30) as conn:
        if not await store.outbox.still_ours(conn, message, line.tell_time()):
            return "withheld"
    now = line.tell_time()
    answer = await line.carrier.send(_outgoing(message, line.callbacks, now))
    now = line.tell_time()
    jitter = random.random()  # noqa: S311 - spreads retries, guards nothing
    decision = core.delivery.after(answer, message.lane, message.attempts, now, message.expires_at, jitter)
    async with line.pool.acquire(patience=30) as conn:
        async with conn.transaction():
            became = await _settle(conn, message, decision, now)
        await _learn(conn, line.sender, message, decision, now)
    return became


def _outgoing(message: Claimed, callbacks: str, now: datetime) -> Outgoing:
    left = max(message.expires_at - now, A_SECOND)
    return Outgoing(
        message=message.id,
        attempt=message.attempt_id,
        to=message.phone,
        body=message.body,
        status_callback=f"{callbacks}?message={message.id}&attempt={message.attempt_id}",
        valid_for=timedelta(seconds=int(min(left, LONGEST_VALIDITY).total_seconds())),
    )


async def _learn(conn: Connection, sender: Sender, message: Claimed, decision: Decision, now: datetime) -> None:
    """Open or close the sender's circuit by what the carrier's answer says about our set-up."""
    works = core.delivery.says_about_set_up(decision)
    if works is None:
        return
    if works:
        if await store.senders.close_circuit(conn, sender.name):
            log.info("sender.works")
        return
    async with conn.transaction():
        standing = await store.senders.lock(conn, sender.name)
        circuit = core.delivery.after_setup_error(standing.circuit, message.attempt_id, now)
        if circuit != standing.circuit:
            await store.senders.turn(conn, sender.name, circuit)
    if circuit.openings > standing.circuit.openings and circuit.open_until is not None:
        seconds = round((circuit.open_until - now).total_seconds())
        code = decision.code if isinstance(decision, Again | Dropped) else None
        log.error("sender.stopped", code=code, seconds=seconds, openings=circuit.openings)


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
            await stop_texts(conn, [person.id], person.phone, "carrier", now)
            kind = Kind.opted_out
        elif remedy is Remedy.SUSPEND_NUMBER:
            await store.people.mark_unreachable(conn, person.id, now)
            kind = Kind.unreachable
        if kind is not None and Role.mentee in person.roles:
            await store.alerts.raise_for(conn, person.id, kind, {"source": "carrier"}, now)
    if core.delivery.moves_on(lane):
        await store.alerts.move_after_failure(conn, about, message_id, now)


async def stop_texts(conn: Connection, people: list[UUID], phone: str, source: str, now: datetime) -> None:
    """Honour an opt-out: nothing that has not left goes to *phone* any more, and the consent is withdrawn."""
    await store.consents.opt_out(conn, people, source, now)
    await store.outbox.cancel_to(conn, phone, now)


async def settle_lapsed(pool: Pool, ledger: Ledger | None, tell_time: Callable[[], datetime]) -> Counter[str]:
    """Take up what a dead sender left, and decide what no callback has settled; returns counts by what became of it.

    The carrier's *ledger* is asked first, where it has one: what it holds was sent. A carrier that cannot be asked
    counts as one that does not hold it.
    """
    async with pool.acquire() as conn:
        claimed = await store.uncertain.claim(conn, tell_time(), core.delivery.HEARING_TIME, LEASE, BATCH)
    return Counter(await asyncio.gather(*(_look_up(pool, ledger, tell_time, one) for one in claimed)))


async def _look_up(pool: Pool, ledger: Ledger | None, tell_time: Callable[[], datetime], message: Claimed) -> str:
    found: Accepted | Uncertain | None = None
    if ledger is not None:
        found = await ledger.find(_outgoing(message, "", tell_time()), message.claimed_at - CLOCKS_DIFFER)
    now = tell_time()
    async with pool.acquire(patience=30) as conn, conn.transaction():
        if isinstance(found, Accepted):
            await store.outbox.mark_sent(conn, message, found.sid, now)
            return "found"
        match core.delivery.after_silence(message.lane, now, message.expires_at):
            case Again(at):
                return await store.uncertain.settle(conn, message, at, now) or "settled"
            case Dropped(remedy):
                given_up = await store.uncertain.settle(conn, message, None, now)
                if given_up:
                    await _remedy(conn, message.mentee_id, message.id, message.person_id, message.lane, remedy, now)
                return given_up or "settled"
            case other:
                assert_never(other)


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
