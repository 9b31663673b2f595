"""Mentees as those see them who stand by them now, and how each of them is doing."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from checkin.core.people import Person
from checkin.core.trend import State, Trail
from checkin.store.check_ins import UNPACK
from checkin.store.people import person_of
from checkin.store.pool import Connection

COLUMNS = """p.id, p.program_id, p.roles, p.status, p.name, p.phone, p.language, p.time_zone,
           p.opted_out_at, p.unreachable_at"""
ASSIGNED_NOW = """exists (select 1 from assignments s
                      join people r on r.id = s.mentor_id and r.status = 'active'
                     where s.mentee_id = p.id
                       and s.mentor_id = $1
                       and s.starts_at <= $2
                       and (s.ends_at is null or s.ends_at > $2)"""
STANDS_BY = f"{ASSIGNED_NOW} and s.kind in ('primary', 'cover'))"
# Whoever facilitates a group sees its members, and reads no notes: those are shared with a mentor. What others who
# are assigned may see of a mentee is the alerts they are asked about.
FACILITATES = f"{ASSIGNED_NOW} and s.kind = 'facilitator')"

MINE = f"""
    select {COLUMNS}
      from people p
     where p.status <> 'ended'
       and ($3::uuid is null or p.id > $3)
       and ({STANDS_BY} or {FACILITATES})
     order by p.id
     limit $4
"""  # noqa: S608 - our own words


async def mine(
    conn: Connection, mentor_id: UUID, now: datetime, after: UUID | None = None, limit: int | None = None
) -> list[Person]:
    """Return whom *mentor_id* stands by now, as mentor, cover or facilitator: all, or *limit* later than *after*."""
    return [person_of(conn, row) for row in await conn.fetch(MINE, mentor_id, now, after, limit)]


class Seen(Struct, frozen=True):
    """A mentee, and whether the reader is their mentor or cover now; nobody else reads notes."""

    mentee: Person
    stands_by: bool


ONE = f"""
    select {COLUMNS}, {STANDS_BY} as stands_by
      from people p
     where p.id = $3
       and p.status <> 'ended'
       and 'mentee' = any (p.roles)
       and ({STANDS_BY}
            or {FACILITATES}
            or exists (select 1 from people c
                        where c.id = $1
                          and c.program_id = p.program_id
                          and 'coordinator' = any (c.roles)
                          and c.status = 'active'))
"""  # noqa: S608 - our own words


async def one(conn: Connection, reader_id: UUID, now: datetime, mentee_id: UUID) -> Seen | None:
    """Return a mentee whom *reader_id* stands by now, or whose program they coordinate."""
    row = await conn.fetchrow(ONE, reader_id, now, mentee_id)
    return None if row is None else Seen(person_of(conn, row), row["stands_by"])


class Trend(Struct, frozen=True):
    """What the detector remembers of a mentee, and the causes of their open alert about a fall, if there is one."""

    state: State
    fall: list[dict[str, Any]] | None  # as the alert recorded it


TREND = """
    select t.trail, a.evidence
      from trend_states t
      left join alerts a on a.mentee_id = t.mentee_id and a.kind = 'trend' and a.resolved_at is null
     where t.mentee_id = $1
"""


async def trend(conn: Connection, mentee_id: UUID) -> Trend | None:
    """Return how a mentee is doing against their own usual; nothing for somebody who is no mentee."""
    row = await conn.fetchrow(TREND, mentee_id)
    if row is None:
        return None
    trail: Trail = UNPACK.decode(row["trail"])
    return Trend(trail.state, None if row["evidence"] is None else msgspec.json.decode(row["evidence"]))
