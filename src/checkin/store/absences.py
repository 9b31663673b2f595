"""Mentors' leave: while it lasts, their alerts go to the cover."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from checkin.core.people import Person
from checkin.store.ids import new_id
from checkin.store.people import person_of
from checkin.store.pool import Connection


class Leave(Struct, frozen=True, kw_only=True):
    """One leave, and who stands in for it where somebody was named."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    cover_id: UUID | None


BEGIN = """
    insert into absences (mentor_id, id, starts_at, ends_at, cover_id) values ($1, $2, $3, $4, $5)
"""


async def begin(
    conn: Connection, mentor_id: UUID, starts_at: datetime, ends_at: datetime, cover_id: UUID | None = None
) -> None:
    """Write a leave down, now or to come."""
    await conn.execute(BEGIN, mentor_id, new_id(starts_at), starts_at, ends_at, cover_id)


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
    """End a mentor's leave now, and drop what was to come; whether there was any."""
    ended: int = await conn.fetchval(END, mentor_id, now)
    return ended > 0


# What is dropped before it began stays as a minute that is over, so that dropping it again is no mistake.
END_ONE = """
    with begun as (
        update absences set ends_at = $3
         where mentor_id = $1 and id = $2 and starts_at < $3 and ends_at > $3
    )
    update absences set starts_at = $3 - interval '2 minutes', ends_at = $3 - interval '1 minute'
     where mentor_id = $1 and id = $2 and starts_at >= $3
"""


async def end_one(conn: Connection, mentor_id: UUID, leave_id: UUID, now: datetime) -> None:
    """End one leave now, or drop it where it has not begun."""
    await conn.execute(END_ONE, mentor_id, leave_id, now)


IS_OVER = """
    select exists (select 1 from absences where mentor_id = $1 and id = $2 and ends_at <= $3)
"""


async def is_over(conn: Connection, mentor_id: UUID, leave_id: UUID, now: datetime) -> bool:
    """Say whether somebody had a leave by that id, and it is over."""
    over: bool = await conn.fetchval(IS_OVER, mentor_id, leave_id, now)
    return over


COMING = """
    select id, starts_at, ends_at, cover_id
      from absences
     where mentor_id = $1
       and ends_at > $2
     order by starts_at, id
"""


async def coming(conn: Connection, mentor_id: UUID, now: datetime) -> list[Leave]:
    """Return a mentor's leave now and to come."""
    return [Leave(**dict(row)) for row in await conn.fetch(COMING, mentor_id, now)]


IS_AWAY = """
    select exists (select 1 from absences where mentor_id = $1 and starts_at <= $2 and ends_at > $2)
"""


async def is_away(conn: Connection, mentor_id: UUID, now: datetime) -> bool:
    """Say whether a mentor is on leave now."""
    away: bool = await conn.fetchval(IS_AWAY, mentor_id, now)
    return away


STAND_IN = """
    select p.id, p.program_id, p.roles, p.status, p.name, p.phone, p.language, p.time_zone,
           p.opted_out_at, p.unreachable_at,
           exists (select 1 from absences o
                    where o.mentor_id = p.id and o.starts_at <= $2 and o.ends_at > $2) as away
      from absences l
      join people p on p.id = l.cover_id and p.status = 'active'
     where l.mentor_id = $1
       and l.starts_at <= $2
       and l.ends_at > $2
     order by l.starts_at desc, l.id
     limit 1
"""


async def stand_in(conn: Connection, mentor_id: UUID, now: datetime) -> Person | None:
    """Return who was named to stand in for a mentor on leave now."""
    row = await conn.fetchrow(STAND_IN, mentor_id, now)
    return None if row is None else person_of(conn, row)
