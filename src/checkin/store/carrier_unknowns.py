"""What the carrier says that we know nothing of, counted: it is there to be looked at, not to be guessed at."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from checkin.store.pool import Connection


class Kind(StrEnum):
    """What was not known."""

    MESSAGE = "message"  # a report of a message that is not ours
    WORD = "word"  # a status
    CODE = "code"  # an error code, which is stored with its message


class Unknown(Struct, frozen=True, kw_only=True):
    """How often one thing that we do not know was said; *code* is 0 but for a code."""

    kind: Kind
    code: int
    times: int


COUNT = """
    insert into carrier_unknowns as known (kind, code, times, last_at) values ($1, $2, 1, $3)
        on conflict (kind, code) do update
       set times = known.times + 1, last_at = excluded.last_at
"""


async def count(conn: Connection, kind: Kind, now: datetime, code: int = 0) -> None:
    """Count one more; outside a transaction, for all writers share the row."""
    await conn.execute(COUNT, kind, code, now)


ALL = """
    select kind, code, times from carrier_unknowns order by kind, code
"""


async def all_of_them(conn: Connection) -> list[Unknown]:
    """Return what has been counted, ever."""
    rows = await conn.fetch(ALL)
    return [Unknown(kind=Kind(row["kind"]), code=row["code"], times=row["times"]) for row in rows]
