"""Whose day of being nudged has ended, and the alerts for those who fell silent."""

from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from checkin.core.alerts import URGENCY, Kind
from checkin.core.silences import Silence
from checkin.core.trend import State
from checkin.store.alerts import ADD_CAUSE, FOLLOWS
from checkin.store.check_ins import UNPACK
from checkin.store.ids import new_id
from checkin.store.nudges import REALLY_SENT
from checkin.store.pool import Connection


class Ended(Struct, frozen=True, kw_only=True):
    """A mentee whose day of being nudged has ended. *last_day* is that of the last answer, whatever it was.

    *texted*: active, and texts reach them. *paused*: now. *told*: a silence alert was raised since the last answer.
    """

    mentee_id: UUID
    day: date
    ignored: int
    first_ignored: date | None
    last_day: date | None
    texted: bool
    paused: bool
    told: bool
    state: State


CLAIM_ENDED = f"""
    with due as (
        select mentee_id
          from nudge_plans
         where silence_check_at <= $1
         order by silence_check_at
         limit $2
           for update skip locked
    ), ended as (
        update nudge_plans p
           set silence_check_at = null
          from due
         where p.mentee_id = due.mentee_id
     returning p.mentee_id
    )
    select e.mentee_id, t.trail, l.day as last_day,
           p.status = 'active' and p.phone is not null and p.opted_out_at is null
                                and p.unreachable_at is null as texted,
           exists (select 1 from pauses u
                    where u.mentee_id = e.mentee_id
                      and u.ended_at is null
                      and u.starts_on <= ($1 at time zone p.time_zone)::date
                      and u.until > ($1 at time zone p.time_zone)::date) as paused,
           max(n.day) as day,
           count(distinct n.day) filter (where {REALLY_SENT}) as ignored,
           min(n.day) filter (where {REALLY_SENT}) as first_ignored,
           exists (select 1 from alerts a
                    where a.mentee_id = e.mentee_id
                      and a.kind = 'silence'
                      and a.raised_at >= coalesce(l.received_at, '-infinity')) as told
      from ended e
      join people p on p.id = e.mentee_id
      join trend_states t on t.mentee_id = e.mentee_id
      left join lateral (select c.day, c.received_at from check_ins c
                          where c.mentee_id = e.mentee_id
                          order by c.day desc
                          limit 1) l on true
      join nudges n
        on n.mentee_id = e.mentee_id
       and n.decision = 'sent'
       and n.day > coalesce(l.day, '-infinity')
     group by e.mentee_id, p.id, t.trail, l.day, l.received_at
"""  # noqa: S608 - our own words


async def claim_ended(conn: Connection, now: datetime, limit: int) -> list[Ended]:
    """Take up to *limit* mentees whose time to answer has ended; those who did answer are left out."""
    return [
        Ended(
            mentee_id=row["mentee_id"],
            day=row["day"],
            ignored=row["ignored"],
            first_ignored=row["first_ignored"],
            last_day=row["last_day"],
            texted=row["texted"],
            paused=row["paused"],
            told=row["told"],
            state=UNPACK.decode(row["trail"]).state,
        )
        for row in await conn.fetch(CLAIM_ENDED, now, limit)
    ]


RAISE = f"""
    insert into alerts (mentee_id, id, kind, urgency, evidence, raised_at, next_step_at, follows_id)
    select a.mentee_id, a.id, 'silence', $2::text::urgency, jsonb_build_array(a.evidence), $3, $3,
           {FOLLOWS.format(mentee="a.mentee_id", kind="'silence'", now="$3")}
      from jsonb_to_recordset($1::jsonb) as a (mentee_id uuid, id uuid, evidence jsonb)
    {ADD_CAUSE}
"""  # noqa: S608 - our own words


async def raise_alerts(conn: Connection, silences: list[tuple[UUID, Silence]], now: datetime) -> None:
    """Open a silence alert for each mentee. The next tick finds who is asked."""
    rows = [{"mentee_id": mentee, "id": new_id(now), "evidence": silence} for mentee, silence in silences]
    await conn.execute(RAISE, msgspec.json.encode(rows).decode(), URGENCY[Kind.silence], now)
