"""Pushes leave: claimed under a lease, handed to their service outside any transaction, settled one by one.

What cannot be pushed goes another way: a nudge by text at once, an alert to the next person. What may have been
pushed does not go as a text as well; `delivery.settle_lapsed` takes it up like every other message.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple, assert_never

from checkin import core, store
from checkin.core.delivery import Again, Lane, Sent, Unsure
from checkin.core.pushes import Answer, Because, Decision, Forget, GoOn, Misconfigured, Provider, Way
from checkin.core.senders import Bucket
from checkin.flows import circuits, claims, delivery
from checkin.flows.claims import LEASE
from checkin.gateway.push import Notice, Pushers
from checkin.store.claims import Claimed
from checkin.store.pool import Connection, Pool
from checkin.store.pushes import Push

BATCH: Final = 20
DIVERTED: Final = 1000  # messages that change their way in one transaction


class _Line(NamedTuple):
    """What every push of a batch leaves through."""

    pool: Pool
    pushers: Pushers
    tell_time: Callable[[], datetime]


async def send_due(pool: Pool, pushers: Pushers, tell_time: Callable[[], datetime]) -> Counter[str]:
    """Send one batch of due pushes to each of *pushers*; returns counts by what became of them.

    What is due for people without a device there goes on another way first. Nothing does in a database that was
    restored elsewhere, until an operator has resumed its sender of texts.
    """
    counts: Counter[str] = Counter()
    pushes: list[tuple[Provider, Push]] = []
    async with pool.acquire() as conn:
        now = tell_time()
        identity = await store.senders.identity(conn)
        if await store.senders.is_copy(conn, identity):
            return counts
        async with conn.transaction():
            room = await _room(conn, pushers, identity, now)
            counts["by_text"], stranded = await store.pushes.divert(conn, list(room), now, DIVERTED)
            await store.alert_steps.undelivered(conn, stranded, now)
            counts["moved_on"] = len(stranded)
            for provider, most in room.items():
                claimed = await _claim(conn, provider, list(room), most, now)
                pushes += [(provider, one) for one in claimed]
    line = _Line(pool, pushers, tell_time)
    counts.update(await asyncio.gather(*(_send(line, provider, one) for provider, one in pushes)))
    return +counts


async def _room(conn: Connection, pushers: Pushers, identity: str | None, now: datetime) -> dict[Provider, int]:
    """Return how many pushes each service may be handed now, and lock its row; without those that are stopped.

    One that is paused may be handed none, but what is for it waits.
    """
    room: dict[Provider, int] = {}
    for provider in sorted(pushers):
        await store.senders.recognise(conn, provider.sender, 0, identity, now)
        standing = await store.senders.lock(conn, provider.sender)
        most = core.senders.room(Bucket(BATCH, now), standing.circuit, BATCH, now)
        if standing.paused_because is not None:
            room[provider] = 0
        elif most:
            room[provider] = most
    return room


async def _claim(conn: Connection, provider: Provider, usable: list[Provider], most: int, now: datetime) -> list[Push]:
    if most == 0:
        return []
    taken = await store.pushes.claim_due(conn, provider, usable, now, LEASE, most)
    claimed = await claims.readable(conn, taken, now)
    if claimed:
        circuit = (await store.senders.lock(conn, provider.sender)).circuit
        turned = core.senders.after_claim(circuit, claimed[0].message.attempt_id, LEASE, now)
        if turned != circuit:
            await store.senders.turn(conn, provider.sender, turned)
    return claimed


async def _send(line: _Line, provider: Provider, push: Push) -> str:
    """Hand a push over, unless it was cancelled or taken over since it was claimed, and settle it."""
    message = push.message
    now = await delivery.may_leave(line.pool, message, line.tell_time)
    if now is None:
        return "withheld"
    answer = await line.pushers[provider].push(_notice(push, now))
    now = line.tell_time()
    jitter = random.random()  # noqa: S311 - spreads retries, guards nothing
    decision = core.pushes.decide(answer, message.lane, message.attempts, now, message.expires_at, jitter)
    async with line.pool.acquire(patience=30) as conn:
        async with conn.transaction():
            became = await _settle(conn, provider, push, decision, now)
        await _learn(conn, provider, message, answer, now)
    return became


def _notice(push: Push, now: datetime) -> Notice:
    message = push.message
    return Notice(
        message=message.id,
        attempt=message.attempt_id,
        token=push.token,
        words=core.nudge_words.open_the_app(push.language),
        valid_for=core.pushes.time_left(now, message.expires_at),
        urgent=message.lane is not Lane.NUDGE,
    )


async def _settle(conn: Connection, provider: Provider, push: Push, decision: Decision, now: datetime) -> str:
    message = push.message
    match decision:
        case Sent() | Again() | Unsure():
            return await delivery.settle(conn, message, decision, now)
        case Forget():
            assert message.person_id is not None  # a push is for somebody's device
            await store.devices.drop_token(conn, message.person_id, push.device_id, provider, push.token)
            await store.pushes.reroute(conn, message, Way.push, Because.gone)
            return "gone"
        case GoOn(because):
            return await _go_on(conn, message, because, now)
        case other:
            assert_never(other)


async def _go_on(conn: Connection, message: Claimed, because: Because, now: datetime) -> str:
    if core.delivery.moves_on(message.lane):
        await store.outbox.mark_failed(conn, message, None, now)
        await store.alert_steps.undelivered(conn, [message.id], now)
        return "moved_on"
    await store.reports.lock_readers(conn, message.id)
    await store.pushes.reroute(conn, message, Way.sms, because)
    await delivery.readdress(conn, message)
    return "by_text"


async def _learn(conn: Connection, provider: Provider, message: Claimed, answer: Answer, now: datetime) -> None:
    """Open or close the service's circuit by what its answer says about our set-up."""
    attempt = message.attempt_id
    match core.pushes.says_about_set_up(answer):
        case True:
            accepted = core.senders.after_acceptance
            await circuits.turn(conn, provider.sender, lambda one: accepted(one, attempt, now), None, now)
        case False:
            code = answer.status if isinstance(answer, Misconfigured) else None
            refused = core.senders.after_refusal
            await circuits.turn(conn, provider.sender, lambda one: refused(one, attempt, now), code, now)
        case None:
            pass
