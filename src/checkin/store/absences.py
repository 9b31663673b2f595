"""Mentors' leave: while it lasts, their alerts go to the cover."""

from datetime import datetime
from uuid import UUID

from checkin.store.ids import new_id
from checkin.store.pool import Connection

BEGIN = """
    insert into absences (mentor_id, id, starts_at, ends_at) values ($1, $2, $3, $4)
"""


async def begin(conn: Connection, mentor_id: UUID, starts_at: datetime, ends_at: datetime) -> None:
    await conn.execute(BEGIN, mentor_id, new_id(starts_at), starts_at, ends_at)


END = """
    with begun as (
        update absences set ends_at = $2
         where mentor_id = $1 and starts_at < $2 and ends_at > $2
     returning 1
    ), ahead as (
        delete from absences where mentor_id = $1 and starts_at >= $2
     returning 1
    )
    select (select count(*) from begun) + (select count(*) from ahead)
"""


async def end(conn: Connection, mentor_id: UUID, now: datetime) -> bool:
    """End a mentor's leave now; whether there was any."""
    ended: int = await conn.fetchval(END, mentor_id, now)
    return ended > 0
