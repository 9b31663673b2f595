"""What a whole programme has reported, mentee by mentee, without holding all of it."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from uuid import UUID

from checkin.core.dry_runs import History
from checkin.core.trend import Report
from checkin.store.pool import Connection

AT_ONCE = 8  # mentees fetched from the cursor at a time

COUNT = """
    select count(*) from people where program_id = $1 and 'mentee' = any (roles)
"""


async def count(conn: Connection, program_id: UUID) -> int:
    """Return how many mentees `each` will go through, those who have ended too."""
    mentees: int = await conn.fetchval(COUNT, program_id)
    return mentees


# One row a mentee: nothing has to be sorted before the first one comes.
EACH = """
    select p.id,
           (select a.mentor_id
              from assignments a
             where a.mentee_id = p.id
               and a.kind = 'primary'
               and a.starts_at <= $3
               and (a.ends_at is null or a.ends_at > $3)
             order by a.starts_at desc, a.id
             limit 1) as mentor_id,
           h.days, h.moods, h.hopes
      from people p
     cross join lateral (
           select array_agg(c.day order by c.day) as days,
                  array_agg(c.mood order by c.day) as moods,
                  array_agg(c.hope order by c.day) as hopes
             from check_ins c
            where c.mentee_id = p.id
              and c.day <= $2
              and c.mood is not null
              and c.hope is not null) h
     where p.program_id = $1
       and 'mentee' = any (p.roles)
"""


async def each(conn: Connection, program_id: UUID, until: date, now: datetime) -> AsyncIterator[History]:
    """Yield every mentee's reports up to *until*, and who stands by them *now*, in no order.

    Reads through a cursor on the server, so it runs inside the caller's transaction.
    """
    async for row in conn.cursor(EACH, program_id, until, now, prefetch=AT_ONCE):
        days = row["days"] or []
        reports = [Report(*one) for one in zip(days, row["moods"] or [], row["hopes"] or [], strict=True)]
        yield History(mentee_id=row["id"], mentor_id=row["mentor_id"], reports=reports)


HOLD = """
    select pg_try_advisory_xact_lock(hashtextextended('history:' || $1::uuid::text, 0))
"""


async def hold(conn: Connection, program_id: UUID) -> bool:
    """Keep a programme's history to this transaction; False while another one goes through it."""
    held: bool = await conn.fetchval(HOLD, program_id)
    return held
