"""The circuits of the senders: opened and closed by what the carrier and the push services answer."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog

from checkin import core, store
from checkin.core.delivery import Again, Decision, Dropped
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


async def hear_answer(conn: Connection, sender: str, attempt: UUID, decision: Decision, now: datetime) -> None:
    """Open or close the sender's circuit by what the carrier's answer says about our set-up."""
    works = core.delivery.says_about_set_up(decision)
    if works is True:
        await turn(conn, sender, lambda circuit: core.senders.after_acceptance(circuit, attempt, now), None, now)
    if works is False:
        code = decision.code if isinstance(decision, Again | Dropped) else None
        await turn(conn, sender, lambda circuit: core.senders.after_refusal(circuit, attempt, now), code, now)


async def hear_report(
    conn: Connection,
    sender: str,
    attempt: UUID,
    decision: Decision | None,
    code: int | None,
    now: datetime,
    *,
    arrived: bool,
) -> None:
    """Open or close the sender's circuit by what became of a message that the carrier had accepted."""
    if decision is not None and core.delivery.says_about_set_up(decision) is False:
        await turn(conn, sender, lambda one: core.senders.after_bad_report(one, attempt, now), code, now)
    if arrived:
        await turn(conn, sender, lambda one: core.senders.after_arrival(one, attempt), None, now)


def _way(sender: str) -> str:
    """Return what a log may call a sender: a push service by its name, and our own number not at all."""
    return sender if sender in core.pushes.SENDERS else "sms"
