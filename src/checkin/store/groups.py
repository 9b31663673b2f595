"""Groups: the mentees whom one facilitator stands by, counted and added up day by day."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from checkin.core.groups import Tally
from checkin.store.pool import Connection

FACILITATOR = """
    select mentor_id
      from assignments
     where mentee_id = $1
       and kind = 'facilitator'
       and starts_at <= $2
       and (ends_at is null or ends_at > $2)
     order by starts_at desc, id desc
     limit 1
"""


async def facilitator(conn: Connection, mentee_id: UUID, now: datetime) -> UUID | None:
    """Return who facilitates a mentee's group now, if anybody does."""
    found: UUID | None = await conn.fetchval(FACILITATOR, mentee_id, now)
    return found


# Members are those of each day, so that nobody's leaving changes what was told of the days before.
TALLIES = """
    select d.day, count(m.mentee_id) as members, count(c.mentee_id) as answered,
           count(c.mood) as moods, count(c.hope) as hopes,
           coalesce(sum(c.mood), 0) as mood_sum, coalesce(sum(c.hope), 0) as hope_sum
      from unnest($2::date[], $3::timestamptz[]) with ordinality as d (day, at, place)
      left join lateral (select distinct a.mentee_id
                           from assignments a
                          where a.mentor_id = $1
                            and a.kind = 'facilitator'
                            and a.starts_at <= d.at
                            and (a.ends_at is null or a.ends_at > d.at)) m on true
      left join check_ins c on c.mentee_id = m.mentee_id and c.day = d.day
     group by d.place, d.day
     order by d.place
"""


async def tallies(
    conn: Connection, facilitator_id: UUID, days: Sequence[date], members_at: Sequence[datetime]
) -> list[Tally]:
    """Return how each of *days* was answered by whoever was in the group at the moment *members_at* names for it."""
    rows = await conn.fetch(TALLIES, facilitator_id, days, members_at)
    return [msgspec.convert(dict(row), Tally) for row in rows]
