"""Check-ins, their older answers, and the trend detector's memory beside them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record
from msgspec import Struct

from checkin.core.alerts import Kind, Urgency
from checkin.core.check_ins import Answer, CheckIn, Source
from checkin.core.trend import Report, Trail
from checkin.store.alerts import ADD_CAUSE, FOLLOWS
from checkin.store.ids import made_of, new_id
from checkin.store.pool import Connection

PACK = msgspec.msgpack.Encoder()
UNPACK = msgspec.msgpack.Decoder(Trail)


class Before(Struct, frozen=True, kw_only=True):
    """What stood before an answer: the detector's memory with its version, and the day's check-in if any."""

    version: int
    trail: Trail
    false_alerts_per_year: int
    stored: CheckIn | None


def identify(conn: Connection, mentee_id: UUID, answer: Answer) -> UUID:
    """Return the id of an answer, derived from all it says: the same answer is the same row, always."""
    said = (mentee_id.hex, answer.day, answer.answered_at, answer.mood, answer.hope, answer.skipped, answer.note)
    digest = conn.vault.hash("answer", msgspec.json.encode((*said, answer.note_shared)).decode())
    return made_of(digest)


READ = """
    select t.version, t.trail, g.false_alerts_per_year,
           c.day, c.id, c.mood, c.hope, c.skipped, c.note, c.note_shared, c.answered_at, c.received_at,
           c.time_zone, c.source
      from people p
      join programs g on g.id = p.program_id
      join trend_states t on t.mentee_id = p.id
      left join check_ins c on c.mentee_id = p.id and c.day = $2
     where p.id = $1
       and p.status = 'active'
       and 'mentee' = any (p.roles)
       and ($3::uuid is null or exists (
               select 1 from sessions s where s.person_id = p.id and s.id = $3 and s.ended_at is null))
"""


async def read(conn: Connection, mentee_id: UUID, day: date, session: UUID | None = None) -> Before | None:
    """Read all that recording an answer needs; nothing unless *mentee_id* is an active mentee.

    Nothing either if the answer comes in a *session* that has ended.
    """
    row = await conn.fetchrow(READ, mentee_id, day, session)
    if row is None:
        return None
    return Before(
        version=row["version"],
        trail=UNPACK.decode(row["trail"]),
        false_alerts_per_year=row["false_alerts_per_year"],
        stored=None if row["id"] is None else check_in_of(conn, row),
    )


REPORTS_SINCE = """
    select day, mood, hope
      from check_ins
     where mentee_id = $1
       and ($2::date is null or day > $2)
       and mood is not null
       and hope is not null
     order by day
"""


async def reports_since(conn: Connection, mentee_id: UUID, day: date | None) -> list[Report]:
    """Return the reports with both scores after *day*, in day order."""
    rows = await conn.fetch(REPORTS_SINCE, mentee_id, day)
    return [Report(row["day"], row["mood"], row["hope"]) for row in rows]


# One statement is one transaction: nothing is written unless the version is the one that was read.
WRITE = f"""
    with guard as (
        update trend_states
           set trail = $3, version = version + 1, updated_at = $14
         where mentee_id = $1 and version = $2
     returning mentee_id
    ), replaced as (
        insert into check_in_history (mentee_id, day, id, mood, hope, skipped, note, note_shared,
                                      answered_at, received_at, time_zone, source, replaced_at)
        select c.mentee_id, c.day, c.id, c.mood, c.hope, c.skipped, c.note, c.note_shared,
               c.answered_at, c.received_at, c.time_zone, c.source, $14
          from check_ins c
          join guard on guard.mentee_id = c.mentee_id
         where c.day = $4
            on conflict do nothing
    ), stored as (
        insert into check_ins (mentee_id, day, id, mood, hope, skipped, note, note_shared,
                               answered_at, received_at, time_zone, source)
        select mentee_id, $4, $5, $6, $7, $8, $9, $10, $11, $14, $12, $13
          from guard
            on conflict (mentee_id, day) do update
           set id = excluded.id, mood = excluded.mood, hope = excluded.hope, skipped = excluded.skipped,
               note = excluded.note, note_shared = excluded.note_shared, answered_at = excluded.answered_at,
               received_at = excluded.received_at, time_zone = excluded.time_zone, source = excluded.source
    ), raised as (
        insert into alerts (mentee_id, id, kind, urgency, evidence, raised_at, next_step_at, follows_id)
        select guard.mentee_id, a.id, a.kind, a.urgency, jsonb_build_array(a.evidence), $14, $14,
               {FOLLOWS.format(mentee="guard.mentee_id", kind="a.kind", now="$14")}
          from guard
         cross join jsonb_to_recordset($15::jsonb) as a (id uuid, kind text, urgency urgency, evidence jsonb)
            {ADD_CAUSE}
    ), audited as (
        insert into audit (person_id, id, actor_id, actor, action, about, at)
        select mentee_id, $16, mentee_id, 'mentee', 'check_in.recorded', $4::date::text, $14
          from guard
    )
    select count(*) = 1 from guard
"""  # noqa: S608 - our own words


class Cause(Struct, frozen=True):
    """What raises an alert: its kind, how urgent it is, and what is recorded of it."""

    kind: Kind
    urgency: Urgency
    evidence: dict[str, Any]  # each kind has its own shape


async def write(
    conn: Connection, mentee_id: UUID, before: Before, trail: Trail, check_in: CheckIn, causes: list[Cause]
) -> bool:
    """Write an answer, the detector's memory, the alerts it raises and the audit row, or nothing at all.

    Returns False, having written nothing, when another answer of the same mentee came between.
    """
    now = check_in.received_at
    note = None if check_in.note is None else conn.vault.seal("check_ins.note", check_in.id, check_in.note)
    written: bool = await conn.fetchval(
        WRITE,
        mentee_id,
        before.version,
        PACK.encode(trail),
        check_in.day,
        check_in.id,
        check_in.mood,
        check_in.hope,
        check_in.skipped,
        note,
        check_in.note_shared,
        check_in.answered_at,
        check_in.time_zone,
        check_in.source,
        now,
        _recordset(causes, now),
        new_id(now),
    )
    return written


WRITE_SUPERSEDED = f"""
    with lost as (
        insert into check_in_history (mentee_id, day, id, mood, hope, skipped, note, note_shared,
                                      answered_at, received_at, time_zone, source, replaced_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $12, $10, $11, $12)
            on conflict do nothing
     returning mentee_id
    ), raised as (
        insert into alerts (mentee_id, id, kind, urgency, evidence, raised_at, next_step_at, follows_id)
        select lost.mentee_id, a.id, a.kind, a.urgency, jsonb_build_array(a.evidence), $12, $12,
               {FOLLOWS.format(mentee="lost.mentee_id", kind="a.kind", now="$12")}
          from lost
         cross join jsonb_to_recordset($14::jsonb) as a (id uuid, kind text, urgency urgency, evidence jsonb)
            {ADD_CAUSE}
    )
    insert into audit (person_id, id, actor_id, actor, action, about, at)
    select mentee_id, $13, mentee_id, 'mentee', 'check_in.superseded', $2::date::text, $12
      from lost
"""  # noqa: S608 - our own words


async def write_superseded(conn: Connection, mentee_id: UUID, check_in: CheckIn, causes: list[Cause]) -> None:
    """Keep an answer that arrived older than the one that stands, and raise what its note calls for.

    Once, however often it arrives.
    """
    await conn.execute(
        WRITE_SUPERSEDED,
        mentee_id,
        check_in.day,
        check_in.id,
        check_in.mood,
        check_in.hope,
        check_in.skipped,
        None if check_in.note is None else conn.vault.seal("check_ins.note", check_in.id, check_in.note),
        check_in.note_shared,
        check_in.answered_at,
        check_in.time_zone,
        check_in.source,
        check_in.received_at,
        new_id(check_in.received_at),
        _recordset(causes, check_in.received_at),
    )


def _recordset(causes: list[Cause], now: datetime) -> str:
    """Return what shall raise alerts as the statements above take it, each with an id of its own."""
    return msgspec.json.encode([{"id": new_id(now), **msgspec.structs.asdict(cause)} for cause in causes]).decode()


ONE = """
    select day, id, mood, hope, skipped, note, note_shared, answered_at, received_at, time_zone, source
      from check_ins
     where mentee_id = $1
       and day = $2
"""


async def one(conn: Connection, mentee_id: UUID, day: date) -> CheckIn | None:
    row = await conn.fetchrow(ONE, mentee_id, day)
    return None if row is None else check_in_of(conn, row)


LATEST = """
    select day, id, mood, hope, skipped, note, note_shared, answered_at, received_at, time_zone, source
      from check_ins
     where mentee_id = $1
       and ($2::date is null or day < $2)
     order by day desc
     limit $3
"""


async def latest(conn: Connection, mentee_id: UUID, before: date | None, limit: int) -> list[CheckIn]:
    """Return up to *limit* check-ins, the newest day first, all earlier than *before*."""
    return [check_in_of(conn, row) for row in await conn.fetch(LATEST, mentee_id, before, limit)]


IDS = """
    select day, id from check_ins where mentee_id = $1 order by day
"""


async def ids(conn: Connection, mentee_id: UUID) -> dict[date, UUID]:
    """Return the id of each of a mentee's check-ins, by day: another one as soon as anything in it is another."""
    return {row["day"]: row["id"] for row in await conn.fetch(IDS, mentee_id)}


OF_DAYS = """
    select day, id, mood, hope, skipped, note, note_shared, answered_at, received_at, time_zone, source
      from check_ins
     where mentee_id = $1
       and day = any ($2::date[])
"""


async def of_days(conn: Connection, mentee_id: UUID, days: list[date]) -> list[CheckIn]:
    """Return the check-ins of some days."""
    return [check_in_of(conn, row) for row in await conn.fetch(OF_DAYS, mentee_id, days)]


START_TREND = """
    insert into trend_states (mentee_id, trail, updated_at) values ($1, $2, $3)
"""


async def start_trend(conn: Connection, mentee_id: UUID, trail: Trail, now: datetime) -> None:
    """Give a new mentee the detector's empty memory."""
    await conn.execute(START_TREND, mentee_id, PACK.encode(trail), now)


def check_in_of(conn: Connection, row: Record) -> CheckIn:
    """Return the check-in a row holds, with its note opened."""
    note = row["note"]
    return CheckIn(
        id=row["id"],
        day=row["day"],
        mood=row["mood"],
        hope=row["hope"],
        skipped=row["skipped"],
        note=None if note is None else conn.vault.open("check_ins.note", row["id"], note),
        note_shared=row["note_shared"],
        answered_at=row["answered_at"],
        received_at=row["received_at"],
        time_zone=row["time_zone"],
        source=Source(row["source"]),
    )
