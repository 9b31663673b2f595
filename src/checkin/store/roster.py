"""The people of a program as its coordinators look after them: listed, changed, ended."""

from datetime import datetime
from uuid import UUID

from checkin.core.people import Person, Role, Status
from checkin.store.people import person_of, phone_hash
from checkin.store.pool import Connection

COLUMNS = """p.id, p.program_id, p.roles, p.status, p.name, p.phone, p.language, p.time_zone,
           p.opted_out_at, p.unreachable_at"""
COORDINATED = """join people c
        on c.id = $1
       and c.program_id = p.program_id
       and c.status = 'active'
       and 'coordinator' = any (c.roles)"""

LISTED = f"""
    select {COLUMNS}
      from people p
      {COORDINATED}
     where ($2::text is null or $2 = any (p.roles))
       and ($3::text is null or p.status = $3)
       and ($4::uuid is null or p.id > $4)
     order by p.id
     limit $5
"""  # noqa: S608 - our own words


async def listed(
    conn: Connection, coordinator_id: UUID, role: Role | None, status: Status | None, after: UUID | None, limit: int
) -> list[Person]:
    """Return up to *limit* people of the program *coordinator_id* coordinates, later than *after*, in their order."""
    rows = await conn.fetch(LISTED, coordinator_id, role, status, after, limit)
    return [person_of(conn, row) for row in rows]


ONE = f"""
    select {COLUMNS}
      from people p
      {COORDINATED}
     where p.id = $2
"""  # noqa: S608 - our own words


async def one(conn: Connection, coordinator_id: UUID, person_id: UUID) -> Person | None:
    """Return a person of the program *coordinator_id* coordinates."""
    row = await conn.fetchrow(ONE, coordinator_id, person_id)
    return None if row is None else person_of(conn, row)


LOCK = f"""
    select {COLUMNS}
      from people p
     where p.id = any ($1::uuid[])
       and p.status <> 'ended'
     order by p.id
       for no key update
"""  # noqa: S608 - our own words


async def lock(conn: Connection, *people: UUID) -> dict[UUID, Person]:
    """Lock people for this transaction, always in the same order, and return them by id; nobody who has ended."""
    return {row["id"]: person_of(conn, row) for row in await conn.fetch(LOCK, people)}


LOCK_PROGRAM = """
    select id from programs where id = $1 for no key update
"""


async def lock_program(conn: Connection, program_id: UUID) -> None:
    """Let the people of a program be counted and added one after the other, until this transaction ends."""
    await conn.execute(LOCK_PROGRAM, program_id)


OTHER_COORDINATORS = """
    select count(*)
      from people
     where program_id = $1
       and id <> $2
       and status = 'active'
       and 'coordinator' = any (roles)
"""


async def other_coordinators(conn: Connection, program_id: UUID, person_id: UUID) -> int:
    """Return how many coordinators a program has beside one person."""
    count: int = await conn.fetchval(OTHER_COORDINATORS, program_id, person_id)
    return count


SAVE = """
    update people
       set name = $2, phone = $3, language = $5, time_zone = $6, roles = $7,
           unreachable_at = case when phone_hash is not distinct from $4 then unreachable_at end,
           phone_hash = $4
     where id = $1
"""


async def save(conn: Connection, person: Person) -> None:
    """Write somebody's name, phone, language, zone and roles; a new phone has not been found out of reach."""
    await conn.execute(
        SAVE,
        person.id,
        conn.vault.seal("people.name", person.id, person.name),
        None if person.phone is None else conn.vault.seal("people.phone", person.id, person.phone),
        None if person.phone is None else phone_hash(conn, person.phone),
        person.language,
        person.time_zone,
        sorted(person.roles),
    )


WAITING = """
    select mentee_id, id from outbox where person_id = $1 and status = 'queued' order by id for no key update
"""

FORWARD = """
    update outbox set phone = $3, phone_hash = $4 where mentee_id = $1 and id = $2
"""


async def forward(conn: Connection, person_id: UUID, phone: str) -> None:
    """Let what is queued for somebody leave for their new *phone* (E.164)."""
    hashed = phone_hash(conn, phone)
    for row in await conn.fetch(WAITING, person_id):
        await conn.execute(
            FORWARD, row["mentee_id"], row["id"], conn.vault.seal("outbox.phone", row["id"], phone), hashed
        )


UNPLAN = """
    update nudge_plans set next_nudge_at = null, silence_check_at = null where mentee_id = $1
"""

END = """
    with ended as (
        update people set status = 'ended' where id = $1
     returning id
    ), theirs as (
        select o.mentee_id, o.id
          from outbox o
          join ended on ended.id = o.person_id
         where o.status in ('queued', 'claimed', 'uncertain')
           and o.lane <> 'crisis'
         order by o.id
           for update of o
    )
    update outbox o
       set status = 'cancelled', settled_at = $2, claimed_until = null
      from theirs
     where o.mentee_id = theirs.mentee_id
       and o.id = theirs.id
"""


async def end(conn: Connection, person_id: UUID, now: datetime) -> None:
    """Let somebody go: nothing is asked of them any more, and what has not left for them does not leave.

    The plan comes before the messages, as in every change of it, so that no two ever wait for each other.
    """
    await conn.execute(UNPLAN, person_id)
    await conn.execute(END, person_id, now)
