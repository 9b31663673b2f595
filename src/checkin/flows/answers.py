"""Answering an alert by its id, as the API and the page do: pass it on, put it off, say what came of it."""

from datetime import datetime
from typing import Final
from uuid import UUID

from checkin import store
from checkin.core.alerts import ASKED_AGAIN_AFTER, Outcome
from checkin.core.errors import UnknownAlert
from checkin.core.people import Person
from checkin.flows import alerts, looks
from checkin.store.alerts import OpenAlert
from checkin.store.pool import Connection

TRIES: Final = frozenset({Outcome.left_message, Outcome.no_answer})  # nobody was reached: asked again, not closed


async def hand_over(conn: Connection, actor: Person, alert_id: UUID, through: str, now: datetime) -> OpenAlert:
    """Let the next person be asked at once, and return the alert as it stands then.

    It stays with somebody else who has it. Raises UnknownAlert unless it is open and the actor's business now.
    """
    async with conn.transaction():
        alert = await looks.find(conn, actor, alert_id, now)
        await alerts.hand_over(conn, actor, alert, through, now)
        return await store.alerts.lock(conn, alert.mentee_id, alert.id)


async def snooze(conn: Connection, actor: Person, alert_id: UUID, through: str, now: datetime) -> OpenAlert:
    """Let *actor* have the alert and be asked about it again in 4 hours; returns it as it stands then.

    The same again within five minutes changes nothing: it is the call before, sent again, and no wish for longer. It
    stays with somebody else who has it. Raises UnknownAlert unless it is open and the actor's business now.
    """
    async with conn.transaction():
        alert = await looks.find(conn, actor, alert_id, now)
        return await alerts.take(conn, actor, alert, through, now, now + ASKED_AGAIN_AFTER, became="put_off")


async def record_outcome(
    conn: Connection, actor: Person, alert_id: UUID, through: str, outcome: Outcome, note: str | None, now: datetime
) -> OpenAlert:
    """Write what came of an alert; returns it as it stands then.

    An outcome closes it, but where nobody was reached the actor has it and is asked again in 4 hours. Who says again
    what they closed it with, or within five minutes what came of their try, changes nothing. Raises UnknownAlert unless
    it is the actor's business now, and open but for that.
    """
    async with conn.transaction():
        alert = await _open_or_closed(conn, actor, alert_id, now)
        tried = await store.looks.last_try(conn, alert.mentee_id, alert.id)
        is_said = (tried.outcome, tried.note) == (outcome, note)
        if alert.resolved_at is not None and is_said and alert.owner_id == actor.id:
            return alert
        if outcome not in TRIES:
            await alerts.close(conn, actor, alert, through, outcome, note, now)
            return await store.alerts.lock(conn, alert.mentee_id, alert.id)
        after = await alerts.take(conn, actor, alert, through, now, now + ASKED_AGAIN_AFTER, became="put_off")
        if after.acknowledged_by == actor.id and not is_said:
            await store.looks.note_try(conn, alert.mentee_id, alert.id, outcome, note)
        return await store.alerts.lock(conn, alert.mentee_id, alert.id)


async def _open_or_closed(conn: Connection, actor: Person, alert_id: UUID, now: datetime) -> OpenAlert:
    """Lock an alert that is *actor*'s business now, open or closed in the last two weeks. Raises UnknownAlert."""
    try:
        found = await looks.find(conn, actor, alert_id, now)
    except UnknownAlert:
        closed = await store.alerts.closed_for(conn, actor.id, alert_id, now)
        if closed is None:
            raise
        found = closed
    return await store.alerts.lock(conn, found.mentee_id, found.id)
