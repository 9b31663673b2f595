"""A mentee's plan as they and their coordinators change it."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from checkin.core.errors import Crowded
from checkin.core.nudges import WINDOW, Kind, Plan
from checkin.core.people import Person
from checkin.store import people
from checkin.store.pool import Connection

WAITS_FOR = 10.0  # seconds, behind a worker's batch

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


async def is_due(conn: Connection, now: datetime, patience: float = WAITS_FOR) -> bool:
    """Say whether anybody is still to be decided on, once those have ended who decide on some at this moment.

    Raises Crowded where they take longer than *patience* seconds.
    """
    try:
        due: bool | None = await conn.fetchval(IS_DUE, now, timeout=patience)
    except TimeoutError:
        raise Crowded("a worker plans at this moment; try again in a minute") from None
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


HOLD_LETTERS = """
    select id
      from outbox
     where mentee_id = any ($1)
       and lane = 'nudge'
       and status in ('queued', 'claimed', 'uncertain')
     order by id
       for update
"""


async def hold_letters(conn: Connection, mentees: list[UUID]) -> None:
    """Hold the nudges of *mentees* that wait, before several are changed one after the other.

    They are locked by their ids, as by a stop, so that no two ever wait for each other.
    """
    await conn.execute(HOLD_LETTERS, mentees)


# One that has left may come back to be sent once more.
CLOSE = """
    with open as (
        select mentee_id, id
          from outbox
         where mentee_id = $1
           and lane = 'nudge'
           and status in ('queued', 'claimed', 'uncertain', 'sent')
           and expires_at > $2
         order by id
           for update
    )
    update outbox o
       set expires_at = greatest($2, not_before + interval '1 microsecond')
      from open
     where o.mentee_id = open.mentee_id
       and o.id = open.id
"""


async def close(conn: Connection, mentee_id: UUID, closes_at: datetime) -> None:
    """Let no nudge leave from *closes_at* on, for the first time or again."""
    await conn.execute(CLOSE, mentee_id, closes_at)


# Of k weekdays, two that follow are at most 8 - k days apart; a day more is for clocks and zones.
TOO_FAR = """
    select n.mentee_id, p.program_id
      from nudge_plans n
      join people p on p.id = n.mentee_id
     where n.next_nudge_at > $1::timestamptz + interval '2 days'
       and n.next_nudge_at > $1 + (9 - cardinality(n.weekdays)) * interval '1 day'
     order by n.next_nudge_at desc
     limit $2
"""


async def too_far(conn: Connection, now: datetime, limit: int) -> dict[UUID, UUID]:
    """Return up to *limit* mentees, with their programs, whose plans come next later than any plan does."""
    return {row["mentee_id"]: row["program_id"] for row in await conn.fetch(TOO_FAR, now, limit)}


# The message of a nudge waits, or waited to its end: nobody has ever had it in hand.
UNSENT = """(d.message_id is null or exists (
                  select 1 from outbox o
                   where o.mentee_id = d.mentee_id and o.id = d.message_id
                     and o.status in ('queued', 'expired', 'cancelled') and o.attempts = 0 and o.sent_at is null))"""
# So far the clocks of two workers may be apart: of the two, neither may undo for ever what the other decides.
IS_AHEAD = "d.decided_at > $1::timestamptz + interval '1 hour'"

# Nothing that is longer due than a slot is open comes again; what is still to come surely does.
DECIDED_AHEAD = f"""
    select d.mentee_id, p.program_id
      from nudges d
      join nudge_plans n on n.mentee_id = d.mentee_id
      join people p on p.id = d.mentee_id
     where {IS_AHEAD}
       and d.due_at > $1 - interval '{WINDOW}'
       and {UNSENT}
       and n.next_nudge_at is not null
     group by d.mentee_id, p.program_id
     order by max(d.due_at) desc
     limit $2
"""  # noqa: S608 - our own words


async def decided_ahead(conn: Connection, now: datetime, limit: int) -> dict[UUID, UUID]:
    """Return up to *limit* mentees, with their programs, of whom slots are decided later than it is, with nothing sent.

    Those whose slots are farthest ahead come first.
    """
    return {row["mentee_id"]: row["program_id"] for row in await conn.fetch(DECIDED_AHEAD, now, limit)}


AHEAD_OF = f"""
    select d.day, d.kind from nudges d where {IS_AHEAD} and d.mentee_id = $2 and {UNSENT}
"""  # noqa: S608 - our own words


async def ahead_of(conn: Connection, mentee_id: UUID, now: datetime) -> frozenset[tuple[date, Kind]]:
    """Return the slots of one mentee that are decided later than it is, with nothing sent."""
    rows = await conn.fetch(AHEAD_OF, now, mentee_id)
    return frozenset((row["day"], Kind(row["kind"])) for row in rows)


UNDO = """
    with undone as (
        delete from nudges n
         using unnest($2::date[], $3::text[]) as d (day, kind)
         where n.mentee_id = $1
           and n.day = d.day
           and n.kind = d.kind
     returning n.mentee_id, n.message_id
    )
    delete from outbox o
     using undone
     where o.mentee_id = undone.mentee_id
       and o.id = undone.message_id
"""


async def undo(conn: Connection, mentee_id: UUID, slots: Collection[tuple[date, Kind]]) -> None:
    """Forget that *slots* were decided, and their messages, none of which has left.

    Their plan and the messages were locked before.
    """
    await conn.execute(UNDO, mentee_id, [day for day, _ in slots], [kind for _, kind in slots])


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
