"""The circuits of the senders: opened and closed by what the carrier and the push services answer."""

from collections.abc import Callable
from datetime import datetime

import structlog

from checkin import core, store
from checkin.core.senders import Circuit
from checkin.store.pool import Connection

log = structlog.get_logger()


async def turn(
    conn: Connection, sender: str, change: Callable[[Circuit], Circuit], code: int | None, now: datetime
) -> None:
    """Write down a circuit's *change*, if it is one, and say when the sender stops, or works again."""
    seen = await store.senders.circuit_of(conn, sender)
    if seen is None or change(seen) == seen:
        return
    async with conn.transaction():
        before = (await store.senders.lock(conn, sender)).circuit
        after = change(before)
        await store.senders.turn(conn, sender, after)
    if after.openings > before.openings and after.open_until is not None:
        seconds = round((after.open_until - now).total_seconds())
        log.error("sender.stopped", way=_way(sender), code=code, seconds=seconds, openings=after.openings)
    if after.open_until is None and before.open_until is not None:
        log.info("sender.works", way=_way(sender))


def _way(sender: str) -> str:
    """Return what a log may call a sender: a push service by its name, and our own number not at all."""
    return sender if sender in core.pushes.SENDERS else "sms"
