"""Who stands by whom, from when to when."""

from datetime import datetime
from uuid import UUID

import asyncpg
from asyncpg import Record
from msgspec import Struct

from checkin.core.errors import Conflict
from checkin.store import people
from checkin.store.alerts import BUSINESS
from checkin.store.pool import Connection


class Assignment(Struct, frozen=True, kw_only=True):
    """One mentor's time with one mentee; *kind* is "primary", "cover" or "facilitator", or one that came later."""

    mentee_id: UUID
    id: UUID
    mentor_id: UUID
    mentor_name: str
    kind: str
    starts_at: datetime
    ends_at: datetime | None

    def has_begun(self, now: datetime) -> bool:
        """Whether it is not still to come."""
        return self.starts_at <= now

    def is_over(self, now: datetime) -> bool:
        """Whether it has come to its end."""
        return self.ends_at is not None and self.ends_at <= now


COLUMNS = """a.mentee_id, a.id, a.mentor_id, a.kind, a.starts_at, a.ends_at, m.name
      from assignments a
      join people m on m.id = a.mentor_id"""

OF_MENTEE = f"""
    select {COLUMNS}
     where a.mentee_id = $1
     order by a.starts_at desc, a.id
     limit $2
"""


async def of_mentee(conn: Connection, mentee_id: UUID, limit: int) -> list[Assignment]:
    """Return up to *limit* assignments of a mentee, past ones and those to come too, the latest first."""
    return [_assignment(conn, row) for row in await conn.fetch(OF_MENTEE, mentee_id, limit)]


FOR_COORDINATOR = f"""
    select {COLUMNS}
      join people p on p.id = a.mentee_id
      join people c
        on c.id = $1
       and c.program_id = p.program_id
       and c.status = 'active'
       and 'coordinator' = any (c.roles)
     where a.id = $2
"""


async def for_coordinator(conn: Connection, coordinator_id: UUID, assignment_id: UUID) -> Assignment | None:
    """Return an assignment in the program *coordinator_id* coordinates."""
    row = await conn.fetchrow(FOR_COORDINATOR, coordinator_id, assignment_id)
    return None if row is None else _assignment(conn, row)


ONE = f"""
    select {COLUMNS}
     where a.mentee_id = $1
       and a.id = $2
"""


async def one(conn: Connection, mentee_id: UUID, assignment_id: UUID) -> Assignment:
    """Return an assignment of a mentee, which is there, as it is now."""
    row = await conn.fetchrow(ONE, mentee_id, assignment_id)
    assert row is not None
    return _assignment(conn, row)


SAME = """
    select exists (select 1
                     from assignments
                    where mentee_id = $1
                      and mentor_id = $2
                      and kind = $3
                      and tstzrange(starts_at, ends_at) && tstzrange($4, $5))
"""


async def add(
    conn: Connection, mentee_id: UUID, mentor_id: UUID, kind: str, starts_at: datetime, ends_at: datetime | None
) -> UUID:
    """Add an assignment and return its id. Raises Conflict where it would be a second one at the same time."""
    if await conn.fetchval(SAME, mentee_id, mentor_id, kind, starts_at, ends_at):
        raise Conflict("this mentor stands by at that time already")
    try:
        return await people.assign(conn, mentee_id, mentor_id, kind, starts_at, ends_at)
    except (asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError):
        raise Conflict("there is a primary mentor at that time; end or transfer that assignment first") from None


BEGUN_BY = f"""
    select {COLUMNS}
      join audit h on h.person_id = a.mentee_id and h.about = a.id::text and h.action = 'assignment.begun'
     where h.actor_id is not distinct from $1
       and a.mentee_id = $2
       and a.mentor_id = $3
       and a.kind = $4
       and (a.ends_at is null or a.ends_at > $5)
"""  # noqa: S608 - our own words


async def begun_by(
    conn: Connection, actor_id: UUID | None, mentee_id: UUID, mentor_id: UUID, kind: str, now: datetime
) -> list[Assignment]:
    """Return what *actor_id* began of one kind between two people and is not over."""
    return [_assignment(conn, row) for row in await conn.fetch(BEGUN_BY, actor_id, mentee_id, mentor_id, kind, now)]


PASSED_ON_BY = f"""
    select {COLUMNS}
      join assignments b on b.mentee_id = a.mentee_id and b.kind = a.kind and b.ends_at = a.starts_at
      join audit h on h.person_id = a.mentee_id and h.about = a.id::text and h.action = 'assignment.transferred'
     where h.actor_id is not distinct from $1
       and b.mentee_id = $2
       and b.id = $3
       and a.mentor_id = $4
"""  # noqa: S608 - our own words


async def passed_on_by(
    conn: Connection, actor_id: UUID | None, assignment: Assignment, mentor_id: UUID
) -> Assignment | None:
    """Return what *actor_id* made of an assignment by passing it on to *mentor_id*, if they did."""
    row = await conn.fetchrow(PASSED_ON_BY, actor_id, assignment.mentee_id, assignment.id, mentor_id)
    return None if row is None else _assignment(conn, row)


# One that is still to come keeps an instant, so that its row says what was planned.
END = """
    update assignments
       set ends_at = greatest($3, starts_at + interval '1 microsecond')
     where mentee_id = $1
       and id = $2
"""


async def end(conn: Connection, assignment: Assignment, now: datetime) -> None:
    await conn.execute(END, assignment.mentee_id, assignment.id, now)


STANDING_OF = f"""
    select {COLUMNS}
     where (a.mentee_id = $1 or a.mentor_id = $1)
       and (a.ends_at is null or a.ends_at > $2)
     order by a.id
"""


async def standing_of(conn: Connection, person_id: UUID, now: datetime) -> list[Assignment]:
    """Return every assignment, as mentee or as mentor, of somebody that is not over."""
    return [_assignment(conn, row) for row in await conn.fetch(STANDING_OF, person_id, now)]


ASK_ANEW = """
    update alerts
       set rung = 0, next_step_at = $3, owner_id = null,
           acknowledged_at = null, acknowledged_by = null, acknowledged_through = null
     where mentee_id = $1
       and resolved_at is null
       and (acknowledged_by is null or acknowledged_by = $2)
"""


async def ask_anew(conn: Connection, mentee_id: UUID, mentor_id: UUID, now: datetime) -> None:
    """Let a mentee's open alerts that *mentor_id* or nobody has go up the chain again, from whoever is mentor now."""
    await conn.execute(ASK_ANEW, mentee_id, mentor_id, now)


LET_GO = """
    update alerts
       set rung = 0, next_step_at = $2, owner_id = null,
           acknowledged_at = null, acknowledged_by = null, acknowledged_through = null
     where acknowledged_by = $1
       and resolved_at is null
"""


async def let_go(conn: Connection, person_id: UUID, now: datetime) -> None:
    """Let every alert that somebody has go up its chain again."""
    await conn.execute(LET_GO, person_id, now)


# Whoever has an alert that is no business of theirs any more lets it go: whoever stands by now is asked.
HAND_ON = f"""
    with let_go as (
        select a.mentee_id, a.id
          from alerts a
          join people m on m.id = a.mentee_id
         where a.resolved_at is null
           and a.acknowledged_by is not null
           and ($1::timestamptz is null or a.next_step_at <= $1)
           and not {BUSINESS.replace("$1", "a.acknowledged_by")}
           for update of a skip locked
    )
    update alerts a
       set rung = 0, next_step_at = $2, owner_id = null,
           acknowledged_at = null, acknowledged_by = null, acknowledged_through = null
      from let_go g
     where a.mentee_id = g.mentee_id
       and a.id = g.id
 returning a.mentee_id, a.id
"""  # noqa: S608 - our own words


async def hand_on(conn: Connection, until: datetime | None, now: datetime) -> list[tuple[UUID, UUID]]:
    """Let the alerts whose holder has no business with them find others; returns mentees and alerts.

    With *until* only those are looked at whose next step comes by then.
    """
    return [(row["mentee_id"], row["id"]) for row in await conn.fetch(HAND_ON, until, now)]


def _assignment(conn: Connection, row: Record) -> Assignment:
    return Assignment(
        mentee_id=row["mentee_id"],
        id=row["id"],
        mentor_id=row["mentor_id"],
        mentor_name=conn.vault.open("people.name", row["mentor_id"], row["name"]),
        kind=row["kind"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
    )
