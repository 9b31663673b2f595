"""The operator's hand on a sender that was paused."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from checkin import core, store
from checkin.flows import nudges
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


async def resume(
    conn: Connection, sender: str, now: datetime, watch: Callable[[int], object] = lambda _: None
) -> Resumed:
    """Let *sender* send again, and the push services with it, in this database.

    Where the database is a copy, whoever paused it and whether anybody has, the original may have sent since what
    waits here: the carrier is asked about each message that is due. So it may have sent nudges that this copy has not
    even planned; they are planned first. *watch* is called after each batch with how many slots were decided so far.
    Raises Crowded where a worker that plans as well takes too long.
    """
    identity = await store.senders.identity(conn)
    if await store.senders.why_paused(conn, sender) == "moved":
        await _plan(conn, now, watch)
    async with conn.transaction():
        is_copy = await store.senders.is_copy(conn, identity)
        paused_because = await store.senders.resume(conn, sender, identity)
        for service in core.pushes.SENDERS:
            await store.senders.resume(conn, service, identity)
        doubted = await store.uncertain.doubt_due(conn, now) if is_copy or paused_because == "moved" else 0
    return Resumed(is_copy or paused_because is not None, doubted)


async def _plan(conn: Connection, now: datetime, watch: Callable[[int], object]) -> None:
    """Decide on everything that fell due by *now*; nothing of it leaves yet, nor what a worker plans meanwhile."""
    decided = 0
    while await store.nudge_plans.is_due(conn, now):
        decided += (await nudges.ask_due(conn, now)).total()
        watch(decided)
