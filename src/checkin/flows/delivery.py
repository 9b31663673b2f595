"""Messages leave: claimed under a lease, handed to the carrier outside any transaction, settled one by one."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, assert_never
from uuid import UUID

from msgspec import Struct

from checkin import core, store
from checkin.core.delivery import (
    Accepted,
    Again,
    Busy,
    Decision,
    Dropped,
    Lane,
    Refused,
    Sent,
    Status,
    Uncertain,
    Undelivered,
    Unsure,
)
from checkin.core.pushes import Way
from checkin.flows import circuits, claims, refusals, unknowns
from checkin.flows.claims import BATCH, LEASE
from checkin.gateway.sms import LONGEST_VALIDITY, Carrier, Ledger, Outgoing
from checkin.store.claims import Claimed
from checkin.store.pool import Connection, Pool
from checkin.store.reports import Standing

A_SECOND = timedelta(seconds=1)
NOT_ARRIVED = frozenset({Status.UNDELIVERED, Status.FAILED})
CLOCKS_DIFFER = timedelta(minutes=1)  # between the carrier and us, at most


class Sender(Struct, frozen=True):
    """Our number or messaging service at the carrier, and how many messages a second it may send."""

    name: str
    rate: float


async def send_due(
    pool: Pool,
    carrier: Carrier,
    sender: Sender,
    callbacks: str,
    tell_time: Callable[[], datetime],
    until: Lane = Lane.NUDGE,
) -> Counter[str]:
    """Send one batch of due messages, at most what *sender* may send now; returns counts by what became of them.

    No lane after *until* is sent, so that danger need not wait for a carrier that is slow to answer something else.

    *callbacks* is the address the carrier reports to. Messages whose time is over, or whose nudge was answered
    meanwhile, are closed first; an alert among them goes to the next person. A process that dies in here leaves
    leases that `settle_lapsed` takes up.
    """
    line = Line(pool, carrier, sender, callbacks, tell_time)
    counts, messages = await take_due(line, until)
    counts.update(await asyncio.gather(*(send(line, one) for one in messages)))
    return counts


async def _close_stale(conn: Connection, now: datetime) -> int:
    async with conn.transaction():
        closed, unheard = await store.closings.close_stale(conn, now)
        await store.alert_steps.undelivered(conn, unheard, now)
    return closed


class Report(Struct, frozen=True, kw_only=True):
    """What the carrier says became of *attempt* at *message*: its id for it, its word, and an error code if it has one.

    Without a message it is of none of ours, and without an attempt of one that we do not know of.
    """

    message: UUID | None
    attempt: UUID | None
    sid: str
    word: str
    code: int | None = None


class Line(NamedTuple):
    """What every message of a batch leaves through."""

    pool: Pool
    carrier: Carrier
    sender: Sender
    callbacks: str
    tell_time: Callable[[], datetime]


async def take_due(line: Line, until: Lane, most: int = BATCH) -> tuple[Counter[str], list[Claimed]]:
    """Claim up to *most* messages for `send`, as `send_due` says; returns counts of those that were closed, too."""
    async with line.pool.acquire() as conn:
        now = line.tell_time()
        closed = await _close_stale(conn, now)
        messages = await claims.claim(conn, line.sender.name, line.sender.rate, now, until, most)
    return Counter(closed=closed) if closed else Counter(), messages


async def send(line: Line, message: Claimed) -> str:
    """Hand a message over, unless it was cancelled or taken over since it was claimed, and settle it."""
    now = await may_leave(line.pool, message, line.tell_time)
    if now is None:
        return "withheld"
    answer = await line.carrier.send(_outgoing(message, line.callbacks, now))
    now = line.tell_time()
    jitter = random.random()  # noqa: S311 - spreads retries, guards nothing
    decision = core.delivery.after(answer, message.lane, message.attempts, now, message.expires_at, jitter)
    async with line.pool.acquire(patience=30) as conn:
        async with conn.transaction():
            became = await _settle(conn, message, decision, now)
        await circuits.hear_answer(conn, line.sender.name, message.attempt_id, decision, now)
        if isinstance(answer, Refused | Busy):
            await unknowns.hear_code(conn, answer.code, now)
    return became


async def may_leave(pool: Pool, message: Claimed, tell_time: Callable[[], datetime]) -> datetime | None:
    """Return the time if a claimed message may still be handed over; if not, put it back where it is still ours."""
    async with pool.acquire(patience=30) as conn:
        if not await store.outbox.still_ours(conn, message, tell_time()):
            async with conn.transaction():
                await store.reports.lock_readers(conn, message.id)
                await store.outbox.put_back(conn, message, tell_time())
                await readdress(conn, message)
            return None
    now = tell_time()
    return None if now >= message.claimed_at + LEASE else now  # stopped in between, others may have taken over


def _outgoing(message: Claimed, callbacks: str, now: datetime) -> Outgoing:
    validity = core.delivery.validity(message.lane, now, message.expires_at)
    return Outgoing(
        message=message.id,
        attempt=message.attempt_id,
        to=message.phone,
        body=message.body,
        status_callback=f"{callbacks}?message={message.id}&attempt={message.attempt_id}",
        failed_sid=message.provider_sid,
        valid_for=timedelta(seconds=int(min(max(validity, A_SECOND), LONGEST_VALIDITY).total_seconds())),
    )


async def _settle(conn: Connection, message: Claimed, decision: Decision, now: datetime) -> str:
    if isinstance(decision, Dropped):
        await store.reports.lock_readers(conn, message.id)
        await store.outbox.mark_failed(conn, message, decision.code, now)
        await refusals.carry_out(conn, message, decision, now)
        return "failed"
    return await settle(conn, message, decision, now)


async def settle(conn: Connection, message: Claimed, decision: Sent | Again | Unsure, now: datetime) -> str:
    """Write down what became of an attempt, by text or by push, that left the message its way; returns what it did."""
    match decision:
        case Sent(sid):
            await store.outbox.mark_sent(conn, message, sid, now)
            return "sent"
        case Again(at, _, code):
            await store.reports.lock_readers(conn, message.id)
            await store.outbox.queue_again(conn, message, at, code)
            await readdress(conn, message)
            return "again"
        case Unsure(check_at):
            await store.outbox.mark_uncertain(conn, message, check_at)
            return "uncertain"
        case other:
            assert_never(other)


async def readdress(conn: Connection, message: Claimed | Standing) -> None:
    """Let a message that is queued once more go to the phone its reader has now; `lock_readers` has locked them."""
    person = None if message.person_id is None else await store.people.by_id(conn, message.person_id)
    if person is None or person.phone is None:
        return
    if store.people.phone_hash(conn, person.phone) != message.phone_hash:
        await store.roster.forward(conn, person.id, person.phone)


async def settle_lapsed(pool: Pool, ledger: Ledger | None, tell_time: Callable[[], datetime]) -> Counter[str]:
    """Take up what a dead sender left, and decide what no callback has settled; returns counts by what became of it.

    The carrier's *ledger* is asked first, where it has one: what it holds was sent, unless it is another message
    with the same words. A carrier that cannot be asked counts as one that does not hold it. What the ledger does
    not hold was surely not taken if the carrier has reported of others since, or if it was never attempted here, in
    a restored copy. What waits for readers who are out is cancelled, and an alert it asked about goes to the next
    person.
    """
    async with pool.acquire() as conn, conn.transaction():
        now = tell_time()
        out = await store.closings.cancel_out(conn, now)
        await store.alert_steps.undelivered(conn, out, now)
        taken = await store.uncertain.claim(conn, now, core.delivery.HEARING_TIME, LEASE, BATCH)
        claimed = await claims.readable(conn, taken, now)
    counts: Counter[str] = Counter(cancelled=len(out)) if out else Counter()
    counts.update(await asyncio.gather(*(_look_up(pool, ledger, tell_time, one) for one in claimed)))
    return counts


async def _look_up(pool: Pool, ledger: Ledger | None, tell_time: Callable[[], datetime], message: Claimed) -> str:
    listed: list[Accepted | Undelivered] | Uncertain = Uncertain("nobody to ask")
    if ledger is not None and message.way is Way.sms:  # nobody can be asked what became of a push
        listed = await ledger.find(_outgoing(message, "", tell_time()), message.claimed_at - CLOCKS_DIFFER)
    now = tell_time()
    async with pool.acquire(patience=30) as conn, conn.transaction():
        await store.reports.lock_readers(conn, message.id)
        if isinstance(listed, Uncertain):
            return await _after_silence(conn, message, now, not_taken=False)
        under_way = await store.uncertain.lock_phone(conn, message)
        others = await store.uncertain.of_others(conn, [one.sid for one in listed], message)
        found = next((one for one in listed if one.sid not in others), None)
        if found is None:
            heard = message.attempts == 0 or await store.senders.heard_since(conn, message.claimed_at, now)
            return await _after_silence(conn, message, now, not_taken=heard)
        # What is being sent there now may have the same words, and nobody has written down yet that it was taken.
        return "waits" if under_way else await _after_find(conn, message, found, now)


async def _after_find(conn: Connection, message: Claimed, found: Accepted | Undelivered, now: datetime) -> str:
    if isinstance(found, Accepted):
        await store.outbox.mark_sent(conn, message, found.sid, now)
        return "found"
    standing = await store.reports.lock(conn, message.id)
    if standing is None:
        return "settled"
    word = Status.UNDELIVERED
    report = Report(message=message.id, attempt=message.attempt_id, sid=found.sid, word=word, code=found.code)
    return (await _believe(conn, standing, report, now))[0]


async def _after_silence(conn: Connection, message: Claimed, now: datetime, *, not_taken: bool) -> str:
    match core.delivery.after_silence(message.lane, now, message.expires_at, not_taken):
        case Again(at):
            became = await store.uncertain.settle(conn, message, at, now)
            await readdress(conn, message)
            return became or "settled"
        case Dropped() as dropped:
            given_up = await store.uncertain.settle(conn, message, None, now)
            if given_up:
                await refusals.carry_out(conn, message, dropped, now)
            return given_up or "settled"
        case other:
            assert_never(other)


async def hear_callback(conn: Connection, report: Report, sender: str, now: datetime) -> bool:
    """Believe what the carrier reports of a message, never backwards. False for a message we never sent.

    That an earlier attempt went out is believed of the message; that it failed is not: a later one is on its way.
    What did not arrive is tried again where its error code allows, and counts against the *sender*'s circuit where
    the code means our set-up.
    """
    await store.senders.hear(conn, now)
    async with conn.transaction():
        if not core.delivery.did_arrive(report.word):
            await store.reports.lock_readers(conn, report.message)
        standing = await store.reports.lock(conn, report.message)
        became = None if standing is None else await _believe(conn, standing, report, now)
    await unknowns.hear_report(conn, report.message, report.word, report.code, now, ours=standing is not None)
    if standing is None or became is None:
        return False
    status, decision = became
    if status is standing.status:
        return True
    if status is Status.DELIVERED:
        await store.people.reached(conn, standing.phone_hash)
    if report.attempt is not None:
        arrived = status is Status.DELIVERED
        await circuits.hear_report(conn, sender, report.attempt, decision, report.code, now, arrived=arrived)
    return True


async def _believe(
    conn: Connection, standing: Standing, report: Report, now: datetime
) -> tuple[Status, Decision | None]:
    """Write down what a report makes of a message; returns that, and what follows where it did not arrive."""
    of_latest = report.attempt is not None and report.attempt == standing.attempt_id
    status = core.delivery.advance(standing.status, report.word, of_latest=of_latest)
    failed = status in NOT_ARRIVED
    if (
        status is standing.status
        or (failed and report.attempt != standing.attempt_id)
        or (status is not Status.DELIVERED and _is_tried_again(standing, report))
    ):
        return standing.status, None
    await store.reports.reported(conn, standing.mentee_id, standing.id, status, report.sid, report.code, now)
    return status, await _after_report(conn, standing, report, now) if failed else None


def _is_tried_again(standing: Standing, report: Report) -> bool:
    """Say whether the report is about an attempt that was reported as failed, and has a successor on its way."""
    on_its_way = standing.status in (Status.QUEUED, Status.CLAIMED, Status.UNCERTAIN)
    return on_its_way and report.sid == standing.provider_sid


async def _after_report(conn: Connection, standing: Standing, report: Report, now: datetime) -> Decision:
    """Try a message again, or not, after it was reported as failed; an alert moves on at once in any case."""
    jitter = random.random()  # noqa: S311 - spreads retries, guards nothing
    decision = core.delivery.after_failure(
        report.code,
        None,
        standing.lane,
        standing.attempts,
        now,
        standing.expires_at,
        jitter,
        before=standing.error_code,
    )
    if isinstance(decision, Dropped):
        await refusals.carry_out(conn, standing, decision, now)
        return decision
    person = None if standing.person_id is None else await store.people.by_id(conn, standing.person_id)
    if isinstance(decision, Again) and not (person is not None and (person.opted_out or person.unreachable)):
        await store.reports.retry(conn, standing, decision.at, report.sid, report.code)
        await readdress(conn, standing)
    if core.delivery.moves_on(standing.lane):
        await store.alert_steps.undelivered(conn, [standing.id], now)
    return decision
