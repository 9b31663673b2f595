"""A program's settings as its coordinators read and change them."""

from uuid import UUID

import asyncpg
import msgspec

from checkin.core.errors import Conflict
from checkin.core.programs import Setup
from checkin.store.pool import Connection

COLUMNS = """g.id, g.name, g.country, g.time_zone, g.texts_from, g.texts_until, g.pass_on_after, g.crisis_line,
           g.first_names, g.activated_at as begun_at"""

COORDINATED = f"""
    select {COLUMNS}
      from programs g
      join people c on c.program_id = g.id
     where g.id = $1
       and c.id = $2
       and 'coordinator' = any (c.roles)
       and c.status = 'active'
"""  # noqa: S608 - our own words


async def coordinated(conn: Connection, program_id: UUID, coordinator_id: UUID) -> Setup | None:
    """Return a program's settings; nothing unless *coordinator_id* coordinates it now."""
    row = await conn.fetchrow(COORDINATED, program_id, coordinator_id)
    return None if row is None else msgspec.convert(dict(row), Setup)


LOCK = f"""
    select {COLUMNS} from programs g where g.id = $1 for no key update
"""  # noqa: S608 - our own words


async def lock(conn: Connection, program_id: UUID) -> Setup:
    """Lock a program for this transaction and return its settings."""
    row = await conn.fetchrow(LOCK, program_id)
    assert row is not None
    return msgspec.convert(dict(row), Setup)


SAVE = """
    update programs
       set name = $2, country = $3, time_zone = $4, texts_from = $5, texts_until = $6, pass_on_after = $7,
           crisis_line = $8, first_names = $9
     where id = $1
"""


async def save(conn: Connection, setup: Setup) -> None:
    """Write a program's settings. Raises Conflict for a name that another program has."""
    try:
        await conn.execute(
            SAVE,
            setup.id,
            setup.name,
            setup.country,
            setup.time_zone,
            setup.texts_from,
            setup.texts_until,
            setup.pass_on_after,
            setup.crisis_line,
            setup.first_names,
        )
    except asyncpg.UniqueViolationError:
        raise Conflict("another program has this name") from None


LOCK_PLANS = """
    select p.id
      from nudge_plans n
      join people p on p.id = n.mentee_id
     where p.program_id = $1
       and p.status <> 'ended'
     order by p.id
       for update of n
"""


async def lock_plans(conn: Connection, program_id: UUID) -> list[UUID]:
    """Hold the plans of all of a program's mentees until the transaction ends; returns whose they are."""
    return [row["id"] for row in await conn.fetch(LOCK_PLANS, program_id)]
