"""The time zones a mentee has lived in, and since when."""

from datetime import datetime
from uuid import UUID

from checkin.core.nudge_plans import Stay
from checkin.store.pool import Connection

# Two moves in one moment, or in a clock turned back, are one: the later stands.
MOVE = """
    with moved as (
        update people set time_zone = $2 where id = $1 and time_zone <> $2
     returning id, created_at
    ), left_behind as (
        insert into zone_history (mentee_id, since, zone, source)
        select m.id, m.created_at, $3, 'enrolment'
          from moved m
         where m.created_at < $5
           and not exists (select 1 from zone_history h where h.mentee_id = m.id)
    )
    insert into zone_history (mentee_id, since, zone, source)
    select m.id, $5, $2, $4 from moved m
        on conflict (mentee_id, since) do update set zone = excluded.zone, source = excluded.source
"""


async def move(conn: Connection, mentee_id: UUID, old: str, new: str, source: str, now: datetime) -> None:
    """Move a mentee from the zone *old* to *new*; *source* is "app", "coordinator" or "operator"."""
    await conn.execute(MOVE, mentee_id, new, old, source, now)


HISTORY = """
    select since, zone from zone_history where mentee_id = $1 order by since
"""


async def history(conn: Connection, mentee_id: UUID) -> list[Stay]:
    """Return where a mentee has lived, the earliest first; nothing for somebody who never moved."""
    return [Stay(row["since"], row["zone"]) for row in await conn.fetch(HISTORY, mentee_id)]
