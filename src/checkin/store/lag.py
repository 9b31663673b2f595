"""How far behind the work is: the ages of what should have been done by now, as counts and times alone."""

from datetime import datetime, timedelta

from msgspec import Struct

from checkin.core.delivery import Lane
from checkin.store.outbox import MAY_LEAVE_AT
from checkin.store.pool import Connection


class LaneLag(Struct, frozen=True, kw_only=True):
    """What waits in one lane: how many messages should have left, and since when the oldest one should."""

    lane: Lane
    waiting: int
    oldest: timedelta


class Lag(Struct, frozen=True, kw_only=True):
    """How far behind we are; an age is zero when nothing is due.

    *uncertain* counts what is not settled yet, *given_up* what was left uncertain for good in the last day.
    """

    nudge: timedelta
    alert: timedelta
    lanes: list[LaneLag]
    uncertain: int
    given_up: int

    @property
    def message(self) -> timedelta:
        """The age of the oldest message that should have left."""
        return max((lane.oldest for lane in self.lanes), default=timedelta())

    @property
    def worst(self) -> timedelta:
        """The age of the oldest work of any kind."""
        return max(self.nudge, self.alert, self.message)


OLDEST = """
    select (select min(next_nudge_at) from nudge_plans where next_nudge_at <= $1) as nudge,
           (select min(next_step_at) from alerts where next_step_at <= $1) as alert,
           (select count(*) from outbox where status = 'uncertain' and claimed_until < 'infinity') as uncertain,
           (select count(*)
              from outbox
             where status = 'uncertain'
               and claimed_until = 'infinity'
               and settled_at > $1::timestamptz - interval '1 day') as given_up
"""

# What is held, or uncertain, has not left for all we can say: a sender may have died with it. A code that was asked
# for and not made yet waits in its lane like the text it will be. What is kept back for the sake of the day's other
# message is not late.
BY_LANE = f"""
    with due as (
        select o.lane, {MAY_LEAVE_AT} as since
          from outbox o
         where o.status = 'queued'
           and o.not_before <= $1
           and {MAY_LEAVE_AT} <= $1
        union all
        select lane, not_before
          from outbox
         where status in ('claimed', 'uncertain')
           and claimed_until < 'infinity'
           and not_before <= $1
        union all
        select 'code', send_at from sign_in_codes where send_at <= $1
    ), behind as (
        select lane, count(*) as waiting, min(since) as oldest from due group by lane
    )
    select l.lane, coalesce(b.waiting, 0) as waiting, b.oldest
      from unnest(enum_range(null::lane)) as l (lane)
      left join behind b on b.lane = l.lane
     order by l.lane
"""  # noqa: S608 - our own words


async def measure(conn: Connection, now: datetime) -> Lag:
    """Return how far behind the work is at *now*."""
    row = await conn.fetchrow(OLDEST, now)
    assert row is not None
    lanes = [
        LaneLag(lane=Lane(lane["lane"]), waiting=lane["waiting"], oldest=_age(lane["oldest"], now))
        for lane in await conn.fetch(BY_LANE, now)
    ]
    return Lag(
        nudge=_age(row["nudge"], now),
        alert=_age(row["alert"], now),
        lanes=lanes,
        uncertain=row["uncertain"],
        given_up=row["given_up"],
    )


def _age(since: datetime | None, now: datetime) -> timedelta:
    return timedelta() if since is None else max(now - since, timedelta())
