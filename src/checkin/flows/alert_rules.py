"""A programme's coordinators choose how many false alerts they can live with."""

from datetime import datetime
from uuid import UUID

from checkin import store
from checkin.core.errors import Stale
from checkin.core.people import Role
from checkin.store.pool import Connection


async def change(
    conn: Connection, program_id: UUID, false_alerts_per_year: int, now: datetime, *, seen: int, actor: UUID
) -> None:
    """Let the detector work with another number of false alerts a mentee-year (1, 2, 3, 4 or 6) from the next report.

    Raises Stale when *seen*, the number the change was made from, stands no more.
    """
    async with conn.transaction():
        if await store.alert_rules.lock(conn, program_id) != seen:
            raise Stale("the rules were changed since you read them; read them again")
        if false_alerts_per_year == seen:
            return
        await store.alert_rules.save(conn, program_id, false_alerts_per_year)
        await store.audit.add(conn, actor, actor, Role.coordinator, "alert_rules.changed", now, str(program_id))
