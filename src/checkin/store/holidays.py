"""Programmes' holidays: local days on which nobody is nudged."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from checkin.store.pool import Connection

SAVE = """
    insert into holidays (program_id, day, name) values ($1, $2, $3)
        on conflict (program_id, day) do update set name = excluded.name
"""


async def save(conn: Connection, program_id: UUID, day: date, name: str) -> None:
    """Make *day* a holiday, or give the one there is another name (1-80 characters)."""
    await conn.execute(SAVE, program_id, day, name)


REMOVE = """
    delete from holidays where program_id = $1 and day = $2 returning name
"""


async def remove(conn: Connection, program_id: UUID, day: date) -> bool:
    """Make *day* a day like others; whether it was a holiday."""
    return await conn.fetchval(REMOVE, program_id, day) is not None


BETWEEN = """
    select day, name from holidays where program_id = $1 and day between $2 and $3 order by day
"""


async def between(conn: Connection, program_id: UUID, first: date, last: date) -> dict[date, str]:
    """Return the names of the holidays from *first* to *last*, both included."""
    return {row["day"]: row["name"] for row in await conn.fetch(BETWEEN, program_id, first, last)}


AMONG = """
    select h.program_id, h.day
      from holidays h
      join unnest($1::uuid[], $2::date[]) as d (program_id, day)
        on d.program_id = h.program_id
       and d.day = h.day
"""


async def among(conn: Connection, days: Iterable[tuple[UUID, date]]) -> frozenset[tuple[UUID, date]]:
    """Return which of the (program, local day) are holidays."""
    asked = sorted(set(days))
    rows = await conn.fetch(AMONG, [program for program, _ in asked], [day for _, day in asked])
    return frozenset((row["program_id"], row["day"]) for row in rows)
