"""The senders: how fast each may send, whether its circuit is open, whether it is paused."""

from datetime import datetime
from uuid import UUID

import asyncpg
from asyncpg import Record
from msgspec import Struct

from checkin.core.delivery import Bucket, Circuit
from checkin.store.pool import Connection


class Standing(Struct, frozen=True, kw_only=True):
    """One sender, as its row says. *paused_because* is `operator`, or `moved`: the database was restored elsewhere."""

    name: str
    bucket: Bucket
    circuit: Circuit
    paused_because: str | None


IDENTITY = """
    select s.system_identifier::text || '/' || d.oid::text
      from pg_control_system() s, pg_database d
     where d.datname = current_database()
"""


async def identity(conn: Connection) -> str | None:
    """Return what tells this database from a copy of it; None where the server does not let us see that.

    The cluster's identifier stays the same on a physical replica, and changes when a dump is restored elsewhere.
    """
    try:
        found: str | None = await conn.fetchval(IDENTITY)
    except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedFunctionError):
        return None
    return found


ADD = """
    insert into senders (name, tokens, filled_at, instance) values ($1, $2, $3, $4) on conflict (name) do nothing
"""

MOVED = """
    select exists (select 1 from senders where instance <> $1)
"""

ADOPT = """
    update senders set instance = $1 where instance is null
"""

PAUSE_MOVED = """
    update senders
       set paused_at = $2, paused_because = 'moved'
     where name = $1
       and paused_at is null
 returning name
"""


async def recognise(conn: Connection, name: str, tokens: float, identity: str | None, now: datetime) -> bool:
    """Make the sender's row if it is new, with *tokens* in it; True when this paused it.

    It is paused when any row was written in another database than this one: a copy may not text people by itself.
    """
    await conn.execute(ADD, name, tokens, now, identity)
    if identity is None:
        return False
    await conn.execute(ADOPT, identity)
    if not await conn.fetchval(MOVED, identity):
        return False
    return await conn.fetchval(PAUSE_MOVED, name, now) is not None


LOCK = """
    select name, tokens, filled_at, failures, openings, open_until, probe, paused_because
      from senders
     where name = $1
       for update
"""


async def lock(conn: Connection, name: str) -> Standing:
    """Lock a sender's row for this transaction; `recognise` has made it."""
    row = await conn.fetchrow(LOCK, name)
    assert row is not None
    return _standing(row)


ALL = """
    select name, tokens, filled_at, failures, openings, open_until, probe, paused_because
      from senders
     order by name
"""


async def all_of_them(conn: Connection) -> list[Standing]:
    """Return every sender that has ever been used."""
    return [_standing(row) for row in await conn.fetch(ALL)]


TAKE = """
    update senders set tokens = $2, filled_at = $3 where name = $1
"""


async def take(conn: Connection, name: str, bucket: Bucket) -> None:
    """Write down what is left in the bucket."""
    await conn.execute(TAKE, name, bucket.tokens, bucket.filled_at)


TURN = """
    update senders set failures = $2, openings = $3, open_until = $4, probe = $5 where name = $1
"""


async def turn(conn: Connection, name: str, circuit: Circuit) -> None:
    """Write down the state of the circuit."""
    await conn.execute(TURN, name, circuit.failures, circuit.openings, circuit.open_until, circuit.probe)


CLOSE = """
    update senders
       set failures = 0, openings = 0, open_until = null, probe = null
     where name = $1
       and (failures > 0 or open_until is not null)
 returning openings
"""


async def close_circuit(conn: Connection, name: str) -> bool:
    """Let the sender send; True if anything had to be changed for that."""
    return await conn.fetchval(CLOSE, name) is not None


PAUSE = """
    insert into senders (name, filled_at, paused_at, paused_because, instance) values ($1, $2, $2, 'operator', $3)
        on conflict (name) do update
       set paused_at = excluded.paused_at, paused_because = 'operator'
"""


async def pause(conn: Connection, name: str, identity: str | None, now: datetime) -> None:
    """Let nothing leave by this sender until `resume`."""
    await conn.execute(PAUSE, name, now, identity)


RESUME = """
    update senders set paused_at = null, paused_because = null where name = $1 and paused_at is not null returning name
"""

ACCEPT_INSTANCE = """
    update senders set instance = coalesce($1, instance)
"""


async def resume(conn: Connection, name: str, identity: str | None) -> bool:
    """Let the sender send again, in this database; False if it was not paused."""
    await conn.execute(ACCEPT_INSTANCE, identity)
    return await conn.fetchval(RESUME, name) is not None


def _standing(row: Record) -> Standing:
    probe: UUID | None = row["probe"]
    return Standing(
        name=row["name"],
        bucket=Bucket(row["tokens"], row["filled_at"]),
        circuit=Circuit(failures=row["failures"], openings=row["openings"], open_until=row["open_until"], probe=probe),
        paused_because=row["paused_because"],
    )
