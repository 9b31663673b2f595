"""What a programme has chosen about trend alerts."""

from uuid import UUID

from checkin.store.pool import Connection

COORDINATED = """
    select g.false_alerts_per_year
      from programs g
      join people c on c.program_id = g.id
     where g.id = $1
       and c.id = $2
       and 'coordinator' = any (c.roles)
       and c.status = 'active'
"""


async def coordinated(conn: Connection, program_id: UUID, coordinator_id: UUID) -> int | None:
    """Return a programme's false alerts a mentee-year; nothing unless *coordinator_id* coordinates it now."""
    found: int | None = await conn.fetchval(COORDINATED, program_id, coordinator_id)
    return found


LOCK = """
    select false_alerts_per_year from programs where id = $1 for update
"""


async def lock(conn: Connection, program_id: UUID) -> int:
    """Lock a programme's rules for this transaction and return its false alerts a mentee-year."""
    found: int = await conn.fetchval(LOCK, program_id)
    return found


SAVE = """
    update programs set false_alerts_per_year = $2 where id = $1
"""


async def save(conn: Connection, program_id: UUID, false_alerts_per_year: int) -> None:
    await conn.execute(SAVE, program_id, false_alerts_per_year)
