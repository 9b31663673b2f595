"""A sender takes what it may send now, under a lease."""

from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from checkin import core, store
from checkin.core.delivery import Lane
from checkin.core.senders import Bucket
from checkin.store.claims import Claimed, Opened
from checkin.store.pool import Connection

BATCH = 20
LEASE = timedelta(minutes=2)

T = TypeVar("T")

log = structlog.get_logger()


async def claim(
    conn: Connection, sender: str, rate: float, now: datetime, until: Lane, most: int = BATCH
) -> list[Claimed]:
    """Claim what the sender has tokens for, up to *most*; nothing while it is paused or its circuit is open."""
    identity = await store.senders.identity(conn)
    async with conn.transaction():
        if await store.senders.recognise(conn, sender, rate, identity, now):
            log.warning("sender.paused", reason="moved")
        standing = await store.senders.lock(conn, sender)
        bucket = core.senders.fill(standing.bucket, rate, now)
        room = core.senders.room(bucket, standing.circuit, most, now)
        if standing.paused_because is not None or room == 0:
            return []
        messages = await readable(conn, await store.outbox.claim_due(conn, now, LEASE, room, until), now)
        if messages:
            left = Bucket(max(bucket.tokens - len(messages), 0), bucket.filled_at)
            await store.senders.take(conn, sender, left)
            circuit = core.senders.after_claim(standing.circuit, messages[0].attempt_id, LEASE, now)
            if circuit != standing.circuit:
                await store.senders.turn(conn, sender, circuit)
    return messages


async def readable(conn: Connection, taken: Opened[T], now: datetime) -> list[T]:
    """Return what can be read of what was *taken*; the rest is let go, and its alerts go on to the next person."""
    if taken.unreadable:
        await store.claims.fail(conn, taken.unreadable, now)
    for message in taken.unreadable:
        log.error("message.unreadable", message=str(message))
    await store.alert_steps.undelivered(conn, taken.unreadable, now)
    return taken.readable
