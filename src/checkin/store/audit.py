"""Who looked at or changed whose data; rows are only ever added."""

from datetime import datetime
from uuid import UUID

from checkin.core.people import Role
from checkin.store.ids import new_id
from checkin.store.pool import Connection

ADD = """
    insert into audit (person_id, id, actor_id, actor, action, about, at) values ($1, $2, $3, $4, $5, $6, $7)
"""


async def add(
    conn: Connection,
    whose: UUID,
    actor_id: UUID | None,
    actor: Role | str,
    action: str,
    now: datetime,
    about: str | None = None,
) -> None:
    """Write that *actor_id*, as *actor* ("system" for the program itself), did *action* to *whose* data."""
    await conn.execute(ADD, whose, new_id(now), actor_id, actor, action, about, now)
