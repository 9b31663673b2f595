"""What was done under a limit and when, so that all processes count together; one row a time and key."""

from collections.abc import Sequence
from datetime import datetime

from checkin.core.limits import Limit, Use
from checkin.store.ids import new_id
from checkin.store.pool import Connection

Keys = Sequence[tuple[Limit, str]]
"""Limits, and what each counts by: an address, a range, or nothing at all."""

LOCK = """
    select pg_advisory_xact_lock(hashtext('limits'))
"""


async def lock(conn: Connection) -> None:
    """Be the only one who uses up a limit until this transaction ends."""
    await conn.execute(LOCK)


USED = """
    select count(u.at) as count, min(u.at) as first
      from unnest($1::bytea[], $2::int[], $3::timestamptz[]) with ordinality as l (key, most, since, place)
      left join lateral (
               select at from limited_uses
                where key = l.key and at > l.since
                order by at desc
                limit l.most) as u on true
     group by l.place
     order by l.place
"""


async def used(conn: Connection, keys: Keys, now: datetime) -> list[Use]:
    """Return what was used of each limit within its window, the newest `most` times."""
    rows = await conn.fetch(
        USED,
        [_hash(conn, limit, by) for limit, by in keys],
        [limit.most for limit, _ in keys],
        [now - limit.window for limit, _ in keys],
    )
    return [Use(row["count"], row["first"]) for row in rows]


USE = """
    insert into limited_uses (key, at, id) select key, $2, id from unnest($1::bytea[], $3::uuid[]) as l (key, id)
"""


async def use(conn: Connection, keys: Keys, now: datetime) -> None:
    """Write down that each limit was used once."""
    await conn.execute(USE, [_hash(conn, limit, by) for limit, by in keys], now, [new_id(now) for _ in keys])


CLEAR = """
    delete from limited_uses where at < $1
"""


async def clear(conn: Connection, before: datetime) -> int:
    """Forget what was used before a time. Returns how many rows that were."""
    return int((await conn.execute(CLEAR, before)).rpartition(" ")[2])


def _hash(conn: Connection, limit: Limit, by: str) -> bytes:
    return conn.vault.hash("limit", f"{limit.name}\0{by}")
