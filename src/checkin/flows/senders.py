"""The operator's hand on a sender that was paused."""

from datetime import datetime

from msgspec import Struct

from checkin import core, store
from checkin.store.pool import Connection


class Resumed(Struct, frozen=True):
    """Whether the sender was paused, and how many waiting messages are looked up at the carrier before they go."""

    was_paused: bool
    doubted: int = 0


async def pause(conn: Connection, sender: str, now: datetime) -> None:
    """Let nothing leave by *sender*, nor by a push service, until `resume`."""
    identity = await store.senders.identity(conn)
    async with conn.transaction():
        for name in (sender, *core.pushes.SENDERS):
            await store.senders.pause(conn, name, identity, now)


async def resume(conn: Connection, sender: str, now: datetime) -> Resumed:
    """Let *sender* send again, and the push services with it, in this database.

    Where the database is a copy, whoever paused it and whether anybody has, the original may have sent since what
    waits here: the carrier is asked about each message that is due.
    """
    identity = await store.senders.identity(conn)
    async with conn.transaction():
        is_copy = await store.senders.is_copy(conn, identity)
        paused_because = await store.senders.resume(conn, sender, identity)
        for service in core.pushes.SENDERS:
            await store.senders.resume(conn, service, identity)
        doubted = await store.uncertain.doubt_due(conn, now) if is_copy or paused_because == "moved" else 0
    return Resumed(is_copy or paused_because is not None, doubted)
