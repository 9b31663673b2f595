"""When each mentee is asked next, and what became of every time they were due."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

from checkin.core.nudges import Kind, Plan
from checkin.core.people import Person
from checkin.store import people
from checkin.store.claims import Opened, opened
from checkin.store.pool import Connection

NOBODY: Final[Mapping[UUID, datetime]] = MappingProxyType({})


class Due(Struct, frozen=True, kw_only=True):
    """A mentee whose time has come: their plan and themselves, locked for this transaction.

    The name is opened only where the programme writes *first_names*, and else "". *phone_hash* is what the phone is
    found by.
    """

    plan: Plan
    mentee: Person
    phone_hash: bytes | None
    due_at: datetime
    first_names: bool


CLAIM_DUE = """
    select n.times, n.weekdays, n.quiet_from, n.quiet_until, n.next_nudge_at,
           g.texts_from, g.texts_until, g.first_names,
           p.id, p.program_id, p.roles, p.status, case when g.first_names then p.name end as name,
           p.phone, p.phone_hash, p.language, p.time_zone, p.opted_out_at, p.unreachable_at
      from nudge_plans n
      join people p on p.id = n.mentee_id
      join programs g on g.id = p.program_id
     where n.next_nudge_at <= $1
     order by n.next_nudge_at
     limit $2
       for update of n skip locked
"""


async def claim_due(conn: Connection, now: datetime, limit: int) -> Opened[Due]:
    """Lock up to *limit* mentees whose next nudge is due."""
    return opened(conn, await conn.fetch(CLAIM_DUE, now, limit), _due)


def _due(conn: Connection, row: Record) -> Due:
    return Due(
        plan=_plan(row["id"], row),
        mentee=people.person_of(conn, row),
        phone_hash=row["phone_hash"],
        due_at=row["next_nudge_at"],
        first_names=row["first_names"],
    )


Key = tuple[UUID, date, Kind]


@lru_cache(maxsize=64)  # a few days, written with every slot and text
def text_key(day: date, kind: Kind) -> str:
    """Return the dedupe key of a slot's text."""
    return f"{kind}:{day}"


class Past(Struct, frozen=True, kw_only=True):
    """What counts for one due slot: answers, and nudges sent before. One that is *already_decided* has its row.

    *texted*: its text is in the outbox. *ignored* counts the earlier days since the last answer with a nudge that
    really left the house. *asked_at* is when the day's other kind was decided to be sent. *paused_until* ends the
    pause that holds on the day, if one does. The defaults are of somebody who has answered every nudge but this.
    """

    answered: bool = False
    paused_until: date | None = None
    already_decided: bool = False
    texted: bool = False
    sent_today: int = 0
    ignored: int = 0
    ignored_this_week: int = 0
    last_nudge_day: date | None = None
    asked_at: datetime | None = None


NOTHING: Final = Past()

# The carrier took the message of nudge n and has not said that it did not arrive.
REALLY_SENT = """exists (select 1 from outbox o
                    where o.mentee_id = n.mentee_id and o.id = n.message_id and o.status in ('sent', 'delivered'))"""
# Most slots have nothing against them; those are left out.
PAST = f"""
    with slots as (
        select d.mentee_id, d.day, d.kind,
               l.day >= d.day
                 and exists (select 1 from check_ins c where c.mentee_id = d.mentee_id and c.day = d.day) as answered,
               (select max(u.until) from pauses u
                 where u.mentee_id = d.mentee_id and u.ended_at is null
                   and u.starts_on <= d.day and u.until > d.day) as paused_until,
               exists (select 1 from nudges r
                        where r.mentee_id = d.mentee_id and r.day = d.day and r.kind = d.kind) as already_decided,
               exists (select 1 from outbox o
                        where o.mentee_id = d.mentee_id and o.dedupe_key = d.text_key) as texted,
               s.sent_today, s.ignored, s.ignored_this_week, s.last_nudge_day, s.asked_at
          from unnest($1::uuid[], $2::date[], $3::text[], $4::text[]) as d (mentee_id, day, kind, text_key)
          left join lateral (select max(c.day) as day from check_ins c where c.mentee_id = d.mentee_id) l on true
         cross join lateral (
               select count(n.day) filter (where n.day = d.day) as sent_today,
                      count(distinct n.day) filter (where n.day > coalesce(l.day, '-infinity') and n.day < d.day
                                                      and {REALLY_SENT}) as ignored,
                      count(n.day) filter (where n.day > greatest(d.day - 7, coalesce(l.day, '-infinity')))
                        as ignored_this_week,
                      max(n.day) as last_nudge_day,
                      max(n.decided_at) filter (where n.day = d.day and n.kind <> d.kind) as asked_at
                 from nudges n
                where n.mentee_id = d.mentee_id
                  and n.decision = 'sent'
                  and n.day <= d.day
                  and n.day > greatest(coalesce(l.day, '-infinity'), d.day - 60) - 7) s
    )
    select mentee_id, day, kind, answered, paused_until, already_decided, texted, sent_today, ignored,
           ignored_this_week, last_nudge_day, asked_at
      from slots
     where answered or paused_until is not null or already_decided or texted
        or sent_today > 0 or ignored > 0 or ignored_this_week > 0
"""  # noqa: S608 - our own words


async def past(conn: Connection, slots: list[Key]) -> dict[Key, Past]:
    """Return what counts for each (mentee, local day, kind); those of whom NOTHING does are left out."""
    rows = await conn.fetch(
        PAST,
        [mentee for mentee, _, _ in slots],
        [day for _, day, _ in slots],
        [kind for _, _, kind in slots],
        [text_key(day, kind) for _, day, kind in slots],
    )
    return {
        (row["mentee_id"], row["day"], Kind(row["kind"])): Past(
            answered=row["answered"],
            paused_until=row["paused_until"],
            already_decided=row["already_decided"],
            texted=row["texted"],
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


RECORDED: Final = ("mentee_id", "day", "kind", "due_at", "decided_at", "decision", "message_id")


async def record(conn: Connection, decisions: list[Decision], now: datetime) -> None:
    """Write one row a due slot by COPY. One that has its row already makes the caller's transaction fail."""
    rows = [
        (made.mentee_id, made.day, made.kind, made.due_at, now, made.decision, made.message_id) for made in decisions
    ]
    await conn.copy_records_to_table("nudges", records=rows, columns=RECORDED)


PLAN_NEXT = """
    update nudge_plans n
       set next_nudge_at = d.at, silence_check_at = coalesce(d.ends, n.silence_check_at)
      from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) as d (mentee_id, at, ends)
     where n.mentee_id = d.mentee_id
"""


async def plan_next(
    conn: Connection, times: list[tuple[UUID, datetime | None]], ends: Mapping[UUID, datetime] = NOBODY
) -> None:
    """Set when each mentee is asked next, None is never; and for those in *ends*, when their time to answer ends."""
    mentees = [mentee for mentee, _ in times]
    await conn.execute(PLAN_NEXT, mentees, [at for _, at in times], [ends.get(mentee) for mentee in mentees])


ADD_PLAN = """
    insert into nudge_plans (mentee_id, times, weekdays, quiet_from, quiet_until, next_nudge_at)
    values ($1, $2, $3, $4, $5, $6)
"""


async def add_plan(conn: Connection, plan: Plan, next_at: datetime | None) -> None:
    """Give a mentee a plan, and say when it comes first."""
    await conn.execute(
        ADD_PLAN, plan.mentee, list(plan.times), list(plan.weekdays), plan.quiet_from, plan.quiet_until, next_at
    )


PLAN_OF = """
    select n.times, n.weekdays, n.quiet_from, n.quiet_until, g.texts_from, g.texts_until, p.time_zone
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
    """A slot's row, with its message's status and *way*, and why it *fell back* from a push to a text.

    Where that is why nothing was sent, it comes with the answer that was there, the end of the pause that held, or
    the name of the holiday.
    """

    day: date
    kind: Kind
    due_at: datetime
    decided_at: datetime
    decision: str
    message_status: str | None
    way: str | None
    fell_back: str | None
    answer: tuple[str, datetime] | None
    answer_zone: str
    language: str
    paused_until: date | None
    holiday: str | None


TOLD = """
    select n.day, n.kind, n.due_at, n.decided_at, n.decision, o.status as message_status, o.way, o.fell_back,
           c.source, c.answered_at, coalesce(c.time_zone, 'UTC') as answer_zone, p.language, h.name as holiday,
           (select max(u.until) from pauses u
             where n.decision = 'paused' and u.mentee_id = n.mentee_id and u.starts_on <= n.day and u.until > n.day
               and u.made_at <= n.decided_at and (u.ended_at is null or u.ended_at > n.decided_at)) as paused_until
      from nudges n
      join people p on p.id = n.mentee_id
      left join outbox o
        on o.mentee_id = n.mentee_id
       and o.id = n.message_id
      left join check_ins c
        on c.mentee_id = n.mentee_id
       and c.day = n.day
       and c.received_at <= n.decided_at
       and n.decision = 'answered'
      left join holidays h
        on h.program_id = p.program_id
       and h.day = n.day
       and n.decision = 'holiday'
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
        way=row["way"],
        fell_back=row["fell_back"],
        answer=None if row["source"] is None else (row["source"], row["answered_at"]),
        answer_zone=row["answer_zone"],
        language=row["language"],
        paused_until=row["paused_until"],
        holiday=row["holiday"],
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
    )
