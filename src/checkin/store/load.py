"""What mentors carry: their mentees, their open alerts, how fast they answer, and how often outside their hours."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from checkin.store.pool import Connection

BACK = timedelta(days=30)


class Load(Struct, frozen=True, kw_only=True):
    """What one mentor carries. *median_answer* is None where nothing was answered in the last 30 days.

    *outside_hours* counts the askings of the last 30 days that came outside their hours.
    """

    mentor_id: UUID
    name: str
    mentees: int
    open_alerts: int
    median_answer: timedelta | None
    outside_hours: int


# The time to answer is counted once an alert and mentor, from the first asking to the first answer.
OF_PROGRAM = """
    with mentors as (
        select id, name, created_at
          from people
         where program_id = $1
           and 'mentor' = any (roles)
           and status = 'active'
    ), answers as (
        select t.person_id,
               min(t.became_at) filter (where t.became in ('taken', 'put_off', 'passed', 'closed')) - min(t.at) as took
          from alert_steps t
          join mentors m on m.id = t.person_id
         where t.result = 'asked'
           and t.at > $2::timestamptz - $3::interval
         group by t.person_id, t.mentee_id, t.alert_id
        having bool_or(t.became in ('taken', 'put_off', 'passed', 'closed'))
    )
    select m.id as mentor_id, m.name,
           (select count(distinct a.mentee_id) from assignments a
              join people p on p.id = a.mentee_id and p.status <> 'ended'
             where a.mentor_id = m.id and a.kind = 'primary'
               and a.starts_at <= $2 and (a.ends_at is null or a.ends_at > $2)) as mentees,
           (select count(*) from alerts l where l.owner_id = m.id and l.resolved_at is null) as open_alerts,
           (select percentile_cont(0.5) within group (order by w.took) from answers w
             where w.person_id = m.id) as median_answer,
           (select count(*) from alert_steps t
             where t.person_id = m.id and t.outside and t.at > $2::timestamptz - $3::interval) as outside_hours
      from mentors m
     order by open_alerts desc, mentees desc, m.created_at, m.id
"""


async def of_program(conn: Connection, program_id: UUID, now: datetime) -> list[Load]:
    """Return what each active mentor of a program carries, those with the most open alerts first."""
    return [
        Load(**{**dict(row), "name": conn.vault.open("people.name", row["mentor_id"], row["name"])})
        for row in await conn.fetch(OF_PROGRAM, program_id, now, BACK)
    ]
