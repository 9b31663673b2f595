"""A mentee's plan as they and their coordinators change it."""

from datetime import date, datetime
from uuid import UUID

from checkin.core.nudges import Kind, Plan
from checkin.core.people import Person
from checkin.store import people
from checkin.store.claims import Opened, opened
from checkin.store.pool import Connection

LOCK = """
    select next_nudge_at from nudge_plans where mentee_id = $1 for update
"""


async def lock(conn: Connection, mentee_id: UUID) -> datetime | None:
    """Hold the plan until the transaction ends; returns when it comes next."""
    next_at: datetime | None = await conn.fetchval(LOCK, mentee_id)
    return next_at


IS_DUE = """
    select true from nudge_plans where next_nudge_at <= $1 order by next_nudge_at limit 1 for update
"""


async def is_due(conn: Connection, now: datetime) -> bool:
    """Say whether anybody is still to be decided on, once those have ended who decide on some at this moment."""
    due: bool | None = await conn.fetchval(IS_DUE, now)
    return due is not None


SAVE = """
    update nudge_plans set times = $2, weekdays = $3, quiet_from = $4, quiet_until = $5 where mentee_id = $1
"""


async def save(conn: Connection, plan: Plan) -> None:
    """Write what of a plan is the mentee's own; their zone is `zones.move`'s."""
    await conn.execute(SAVE, plan.mentee, list(plan.times), list(plan.weekdays), plan.quiet_from, plan.quiet_until)


DECIDED = """
    select day, kind from nudges where mentee_id = $1 and day >= $2
"""


async def decided(conn: Connection, mentee_id: UUID, first: date) -> frozenset[tuple[date, Kind]]:
    """Return the slots, from the local day *first* on, that have their row already."""
    rows = await conn.fetch(DECIDED, mentee_id, first)
    return frozenset((row["day"], Kind(row["kind"])) for row in rows)


# One that has left may come back to be sent once more.
CLOSE = """
    update outbox set expires_at = greatest($2, not_before + interval '1 microsecond')
     where mentee_id = $1
       and lane = 'nudge'
       and status in ('queued', 'claimed', 'uncertain', 'sent')
       and expires_at > $2
"""


async def close(conn: Connection, mentee_id: UUID, closes_at: datetime) -> None:
    """Let no nudge leave from *closes_at* on, for the first time or again."""
    await conn.execute(CLOSE, mentee_id, closes_at)


# Of k weekdays, two that follow are at most 8 - k days apart; a day more is for clocks and zones.
TOO_FAR = """
    select p.id, p.program_id, p.roles, p.status, p.name, p.phone, p.language, p.time_zone,
           p.opted_out_at, p.unreachable_at
      from nudge_plans n
      join people p on p.id = n.mentee_id
     where n.next_nudge_at > $1::timestamptz + interval '2 days'
       and n.next_nudge_at > $1 + (9 - cardinality(n.weekdays)) * interval '1 day'
     order by n.next_nudge_at desc
     limit $2
       for update of n skip locked
"""


async def too_far(conn: Connection, now: datetime, limit: int) -> Opened[Person]:
    """Lock up to *limit* plans that come next later than any plan does, and return whose they are."""
    return opened(conn, await conn.fetch(TOO_FAR, now, limit), people.person_of)


# The message of a nudge waits, or waited to its end: nobody has ever had it in hand.
NEVER_LEFT = "o.status in ('queued', 'expired', 'cancelled') and o.attempts = 0 and o.sent_at is null"

# A minute is what the clocks of two workers may differ.
DECIDED_AHEAD = f"""
    select p.id, p.program_id, p.roles, p.status, p.name, p.phone, p.language, p.time_zone,
           p.opted_out_at, p.unreachable_at
      from nudge_plans n
      join people p on p.id = n.mentee_id
     where n.mentee_id in (
               select d.mentee_id
                 from nudges d
                where d.decided_at > $1::timestamptz + interval '1 minute'
                  and (d.message_id is null or exists (
                          select 1 from outbox o
                           where o.mentee_id = d.mentee_id and o.id = d.message_id and {NEVER_LEFT})))
       and n.next_nudge_at is not null
     limit $2
       for update of n skip locked
"""  # noqa: S608 - our own words


async def decided_ahead(conn: Connection, now: datetime, limit: int) -> Opened[Person]:
    """Lock up to *limit* plans of which slots are decided later than it is, with nothing sent, and return whose."""
    return opened(conn, await conn.fetch(DECIDED_AHEAD, now, limit), people.person_of)


# The messages first: one that a sender claims meanwhile stays, and so does its row.
UNDO_AHEAD = f"""
    with ahead as (
        select mentee_id, day, kind, message_id
          from nudges
         where mentee_id = any ($1)
           and decided_at > $2::timestamptz + interval '1 minute'
    ), unsent as (
        delete from outbox o
         using ahead
         where o.mentee_id = ahead.mentee_id
           and o.id = ahead.message_id
           and {NEVER_LEFT}
     returning o.id
    )
    delete from nudges n
     using ahead
     where n.mentee_id = ahead.mentee_id
       and n.day = ahead.day
       and n.kind = ahead.kind
       and (n.message_id is null or n.message_id in (select id from unsent))
"""  # noqa: S608 - our own words


async def undo_ahead(conn: Connection, mentees: list[UUID], now: datetime) -> None:
    """Forget what was decided later than it is, and the messages of it that never left; what did leave stays decided.

    Their plans were locked before.
    """
    await conn.execute(UNDO_AHEAD, mentees, now)


COORDINATED = """
    select p.id, p.program_id, p.roles, p.status, p.name, p.phone, p.language, p.time_zone,
           p.opted_out_at, p.unreachable_at
      from people p
      join people c on c.program_id = p.program_id
     where p.id = $1
       and c.id = $2
       and 'mentee' = any (p.roles)
       and p.status <> 'ended'
       and 'coordinator' = any (c.roles)
       and c.status = 'active'
"""


async def coordinated(conn: Connection, mentee_id: UUID, coordinator_id: UUID) -> Person | None:
    """Return a mentee of a programme that *coordinator_id* coordinates now."""
    row = await conn.fetchrow(COORDINATED, mentee_id, coordinator_id)
    return None if row is None else people.person_of(conn, row)
