"""A program's rules about who is asked, who is on call for it, and whether it has begun."""

from datetime import datetime
from uuid import UUID

from checkin.core.people import Person
from checkin.store.people import person_of
from checkin.store.pool import Connection

SOURCE = """
    select source from program_routing where program_id = $1
"""


async def source(conn: Connection, program_id: UUID) -> str | None:
    """Return the text of a program's own rules; None: it has the default ones."""
    found: str | None = await conn.fetchval(SOURCE, program_id)
    return found


SAVE = """
    insert into program_routing (program_id, source, set_at) values ($1, $2, $3)
        on conflict (program_id) do update set source = excluded.source, set_at = excluded.set_at
"""


async def save(conn: Connection, program_id: UUID, text: str, now: datetime) -> None:
    """Keep a program's rules; `core.routing.parse` has found nothing wrong with them."""
    await conn.execute(SAVE, program_id, text, now)


ON_CALL = """
    select p.id, p.program_id, p.roles, p.status, p.name, p.phone, p.language, p.time_zone,
           p.opted_out_at, p.unreachable_at,
           exists (select 1 from absences l
                    where l.mentor_id = p.id and l.starts_at <= $2 and l.ends_at > $2) as away
      from on_call o
      join people p on p.id = o.person_id and p.program_id = o.program_id
     where o.program_id = $1
       and p.status = 'active'
     order by o.since, p.id
"""


async def on_call(conn: Connection, program_id: UUID, now: datetime) -> list[Person]:
    """Return who is on call for a program, in the order they came."""
    return [person_of(conn, row) for row in await conn.fetch(ON_CALL, program_id, now)]


PUT_ON_CALL = """
    insert into on_call (program_id, person_id, since) values ($1, $2, $3) on conflict do nothing
"""

TAKE_OFF_CALL = """
    delete from on_call where program_id = $1 and person_id = $2
"""


async def put_on_call(conn: Connection, person: Person, now: datetime) -> None:
    await conn.execute(PUT_ON_CALL, person.program_id, person.id, now)


async def take_off_call(conn: Connection, person: Person) -> None:
    await conn.execute(TAKE_OFF_CALL, person.program_id, person.id)


ACTIVATE = """
    update programs set activated_at = $2 where id = $1 and activated_at is null returning true
"""


async def activate(conn: Connection, program_id: UUID, now: datetime) -> bool:
    """Let a program begin; False when it had."""
    return bool(await conn.fetchval(ACTIVATE, program_id, now))


IS_ACTIVE = """
    select activated_at is not null from programs where id = $1
"""


async def is_active(conn: Connection, program_id: UUID) -> bool:
    active: bool = await conn.fetchval(IS_ACTIVE, program_id)
    return active
