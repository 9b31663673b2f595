"""When each mentee is asked next, and what became of every time they were due."""

from datetime import date, datetime, timedelta
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

from checkin.core.nudges import Kind, Plan
from checkin.core.people import Person
from checkin.store import people
from checkin.store.pool import Connection


class Due(Struct, frozen=True, kw_only=True):
    """A mentee whose time has come: their plan and themselves, locked for this transaction."""

    plan: Plan
    mentee: Person
    due_at: datetime
    first_names: bool


CLAIM_DUE = """
    select n.times, n.weekdays, n.quiet_from, n.quiet_until, n.paused_until, n.next_nudge_at,
           g.texts_from, g.texts_until, g.first_names,
           p.id, p.program_id, p.roles, p.status, p.name, p.phone, p.language, p.time_zone,
           p.opted_out_at, p.unreachable_at
      from nudge_plans n
      join people p on p.id = n.mentee_id
      join programs g on g.id = p.program_id
     where n.next_nudge_at <= $1
     order by n.next_nudge_at
     limit $2
       for update of n skip locked
"""


async def claim_due(conn: Connection, now: datetime, limit: int) -> list[Due]:
    """Lock up to *limit* mentees whose next nudge is due."""
    due = []
    for row in await conn.fetch(CLAIM_DUE, now, limit):
        mentee = people.person_of(conn, row)
        plan = _plan(mentee.id, row)
        due.append(Due(plan=plan, mentee=mentee, due_at=row["next_nudge_at"], first_names=row["first_names"]))
    return due


Key = tuple[UUID, date, Kind]


class Past(Struct, frozen=True, kw_only=True):
    """What counts for one due slot: answers, and nudges sent before.

    *ignored* counts the earlier days since the last answer with a nudge that really left the house. *asked_at* is when
    the day's other kind was decided to be sent.
    """

    answered: bool
    already_sent: bool
    sent_today: int
    ignored: int
    ignored_this_week: int
    last_nudge_day: date | None
    asked_at: datetime | None


# The carrier took the message of nudge n and has not said that it did not arrive.
REALLY_SENT = """exists (select 1 from outbox o
                    where o.mentee_id = n.mentee_id and o.id = n.message_id and o.status in ('sent', 'delivered'))"""
PAST = f"""
    select d.mentee_id, d.day, d.kind,
           exists (select 1 from check_ins c where c.mentee_id = d.mentee_id and c.day = d.day) as answered,
           count(n.day) filter (where n.day = d.day and n.kind = d.kind) > 0 as already_sent,
           count(n.day) filter (where n.day = d.day) as sent_today,
           count(distinct n.day) filter (where n.day > coalesce(l.day, '-infinity') and n.day < d.day
                                           and {REALLY_SENT}) as ignored,
           count(n.day) filter (where n.day > greatest(d.day - 7, coalesce(l.day, '-infinity'))) as ignored_this_week,
           max(n.day) as last_nudge_day,
           max(n.decided_at) filter (where n.day = d.day and n.kind <> d.kind) as asked_at
      from unnest($1::uuid[], $2::date[], $3::text[]) as d (mentee_id, day, kind)
      left join lateral (select max(c.day) as day from check_ins c where c.mentee_id = d.mentee_id) l on true
      left join nudges n
        on n.mentee_id = d.mentee_id
       and n.decision = 'sent'
       and n.day <= d.day
       and n.day > greatest(coalesce(l.day, '-infinity'), d.day - 60) - 7
     group by d.mentee_id, d.day, d.kind, l.day
"""  # noqa: S608 - our own words


async def past(conn: Connection, slots: list[Key]) -> dict[Key, Past]:
    """Return what counts for each (mentee, local day, kind)."""
    columns = zip(*slots, strict=True) if slots else ((), (), ())
    rows = await conn.fetch(PAST, *(list(column) for column in columns))
    return {
        (row["mentee_id"], row["day"], Kind(row["kind"])): Past(
            answered=row["answered"],
            already_sent=row["already_sent"],
            sent_today=row["sent_today"],
            ignored=row["ignored"],
            ignored_this_week=row["ignored_this_week"],
            last_nudge_day=row["last_nudge_day"],
            asked_at=row["asked_at"],
        )
        for row in rows
    }


class Decision(Struct, frozen=True, kw_only=True):
    """What became of one due slot: "sent" with the message's id, or the reason why not."""

    mentee_id: UUID
    day: date
    kind: Kind
    due_at: datetime
    decision: str
    message_id: UUID | None


RECORD = """
    insert into nudges (mentee_id, day, kind, due_at, decided_at, decision, message_id)
    select mentee_id, day, kind, due_at, $7, decision, message_id
      from unnest($1::uuid[], $2::date[], $3::text[], $4::timestamptz[], $5::text[], $6::uuid[])
        as d (mentee_id, day, kind, due_at, decision, message_id)
        on conflict (mentee_id, day, kind) do nothing
"""


async def record(conn: Connection, decisions: list[Decision], now: datetime) -> None:
    """Write one row a due slot; a slot that has its row keeps it."""
    await conn.execute(
        RECORD,
        [decision.mentee_id for decision in decisions],
        [decision.day for decision in decisions],
        [decision.kind for decision in decisions],
        [decision.due_at for decision in decisions],
        [decision.decision for decision in decisions],
        [decision.message_id for decision in decisions],
        now,
    )


PLAN_NEXT = """
    update nudge_plans n
       set next_nudge_at = d.at
      from unnest($1::uuid[], $2::timestamptz[]) as d (mentee_id, at)
     where n.mentee_id = d.mentee_id
"""


async def plan_next(conn: Connection, times: list[tuple[UUID, datetime | None]]) -> None:
    """Set when each mentee is asked next; None is never."""
    await conn.execute(PLAN_NEXT, [mentee for mentee, _ in times], [at for _, at in times])


ADD_PLAN = """
    insert into nudge_plans (mentee_id, times, weekdays, quiet_from, quiet_until, next_nudge_at)
    values ($1, $2, $3, $4, $5, $6)
"""


async def add_plan(conn: Connection, plan: Plan, next_at: datetime | None) -> None:
    """Give a mentee a plan, and say when it comes first."""
    await conn.execute(
        ADD_PLAN, plan.mentee, list(plan.times), list(plan.weekdays), plan.quiet_from, plan.quiet_until, next_at
    )


PAUSE = """
    update nudge_plans set paused_until = $2 where mentee_id = $1
"""


async def pause(conn: Connection, mentee_id: UUID, until: date | None) -> None:
    """Ask nothing before the local day *until*; None ends a pause."""
    await conn.execute(PAUSE, mentee_id, until)


PLAN_OF = """
    select n.times, n.weekdays, n.quiet_from, n.quiet_until, n.paused_until, g.texts_from, g.texts_until, p.time_zone
      from nudge_plans n
      join people p on p.id = n.mentee_id
      join programs g on g.id = p.program_id
     where n.mentee_id = $1
"""


async def plan_of(conn: Connection, mentee_id: UUID) -> Plan | None:
    row = await conn.fetchrow(PLAN_OF, mentee_id)
    return None if row is None else _plan(mentee_id, row)


LAST_NUDGE = """
    select day from nudges where mentee_id = $1 and decision = 'sent' and decided_at <= $2
     order by day desc
     limit 1
"""


async def last_nudge_day(conn: Connection, mentee_id: UUID, now: datetime) -> date | None:
    """Return the local day the mentee was last asked about, as of *now*."""
    day: date | None = await conn.fetchval(LAST_NUDGE, mentee_id, now)
    return day


class Told(Struct, frozen=True, kw_only=True):
    """A slot's row, with its message's status and, where that is why nothing was sent, the answer that came before."""

    day: date
    kind: Kind
    due_at: datetime
    decided_at: datetime
    decision: str
    message_status: str | None
    answer: tuple[str, datetime] | None
    answer_zone: str


TOLD = """
    select n.day, n.kind, n.due_at, n.decided_at, n.decision, o.status as message_status,
           c.source, c.answered_at, coalesce(c.time_zone, 'UTC') as answer_zone
      from nudges n
      left join outbox o
        on o.mentee_id = n.mentee_id
       and o.id = n.message_id
      left join check_ins c
        on c.mentee_id = n.mentee_id
       and c.day = n.day
       and c.received_at <= n.decided_at
       and n.decision = 'answered'
     where n.mentee_id = $1
       and ($2::date is null or (n.day, n.kind) < ($2, $3::text))
     order by n.day desc, n.kind desc
     limit $4
"""


async def told(conn: Connection, mentee_id: UUID, before: tuple[date, str] | None, limit: int) -> list[Told]:
    """Return up to *limit* rows, the newest first: all earlier than the (day, kind) *before*, if it is given."""
    day, kind = before or (None, None)
    return [_told(row) for row in await conn.fetch(TOLD, mentee_id, day, kind, limit)]


async def on_day(conn: Connection, mentee_id: UUID, day: date) -> list[Told]:
    """Return the rows of one local day, the nudge first."""
    rows = await told(conn, mentee_id, (day + timedelta(days=1), ""), len(Kind))
    return [row for row in reversed(rows) if row.day == day]


def _told(row: Record) -> Told:
    return Told(
        day=row["day"],
        kind=Kind(row["kind"]),
        due_at=row["due_at"],
        decided_at=row["decided_at"],
        decision=row["decision"],
        message_status=row["message_status"],
        answer=None if row["source"] is None else (row["source"], row["answered_at"]),
        answer_zone=row["answer_zone"],
    )


JOINED_AT = """
    select created_at from people where id = $1
"""


async def joined_at(conn: Connection, mentee_id: UUID) -> datetime:
    """Return when a mentee was added."""
    joined: datetime = await conn.fetchval(JOINED_AT, mentee_id)
    return joined


def _plan(mentee_id: UUID, row: Record) -> Plan:
    return Plan(
        mentee=mentee_id,
        zone=row["time_zone"],
        times=tuple(row["times"]),
        weekdays=tuple(row["weekdays"]),
        quiet_from=row["quiet_from"],
        quiet_until=row["quiet_until"],
        wall_from=row["texts_from"],
        wall_until=row["texts_until"],
        paused_until=row["paused_until"],
    )
