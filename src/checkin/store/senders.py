"""The senders: how fast each may send, whether its circuit is open, whether it is paused."""

from datetime import datetime
from uuid import UUID

import asyncpg
from asyncpg import Record
from msgspec import Struct

from checkin.core.senders import Bucket, Circuit
from checkin.store.pool import Connection


class Standing(Struct, frozen=True, kw_only=True):
    """One sender, as its row says. *paused_because* is `operator`, or `moved`: the database was restored elsewhere."""

    name: str
    bucket: Bucket
    circuit: Circuit
    paused_because: str | None


IDENTITY = """
    select s.system_identifier::text || '/' || d.oid::text || '/' || 'senders'::regclass::oid::text
      from pg_control_system() s, pg_database d
     where d.datname = current_database()
"""


async def identity(conn: Connection) -> str | None:
    """Return what tells this database from a copy of it; None where the server does not let us see that.

    All of it stays the same on a physical replica. The cluster's or the database's identifier changes when a dump is
    restored elsewhere, and the table's when it is restored over what was there.
    """
    try:
        found: str | None = await conn.fetchval(IDENTITY)
    except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedFunctionError):
        return None
    return found


# Whatever its process does: stopped while it prepares a statement, it is not idle to PostgreSQL.
HURRY = """
    select set_config('transaction_timeout', '20s', true)
"""

ADD = """
    insert into senders (name, tokens, filled_at, instance) values ($1, $2, $3, $4) on conflict (name) do nothing
"""

# Rows of an earlier release do not name the table.
MOVED = """
    select exists (select 1 from senders where instance <> $1 and instance <> regexp_replace($1, '/[0-9]+$', ''))
"""

ADOPT = """
    update senders set instance = $1 where instance is null or instance = regexp_replace($1, '/[0-9]+$', '')
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
    The transaction that this runs in ends within 20 seconds, as with `lock`.
    """
    await conn.execute(HURRY)
    await conn.execute(ADD, name, tokens, now, identity)
    if identity is None:
        return False
    await conn.execute(ADOPT, identity)
    if not await is_copy(conn, identity):
        return False
    return await conn.fetchval(PAUSE_MOVED, name, now) is not None


async def is_copy(conn: Connection, identity: str | None) -> bool:
    """Say whether any sender's row was written in another database than this one."""
    return identity is not None and bool(await conn.fetchval(MOVED, identity))


WHY_PAUSED = """
    select paused_because from senders where name = $1
"""


async def why_paused(conn: Connection, name: str) -> str | None:
    """Return why a sender is paused: `moved` in a copy, whether a worker has seen that yet or not; None if it is not.

    Nothing leaves a copy, whichever sender it is.
    """
    if await is_copy(conn, await identity(conn)):
        return "moved"
    because: str | None = await conn.fetchval(WHY_PAUSED, name)
    return because


LOCK = """
    select name, tokens, filled_at, failures, reported, openings, open_until, probe, paused_because
      from senders
     where name = $1
       for update
"""


async def lock(conn: Connection, name: str) -> Standing:
    """Lock a sender's row for this transaction; `recognise` has made it.

    All senders share the row, so the transaction ends within 20 seconds, even if its process is stopped.
    """
    await conn.execute(HURRY)
    row = await conn.fetchrow(LOCK, name)
    assert row is not None
    return _standing(row)


ALL = """
    select name, tokens, filled_at, failures, reported, openings, open_until, probe, paused_because
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
    update senders set failures = $2, reported = $3, openings = $4, open_until = $5, probe = $6 where name = $1
"""


async def turn(conn: Connection, name: str, circuit: Circuit) -> None:
    """Write down the state of the circuit."""
    turned = circuit.failures, circuit.reported, circuit.openings, circuit.open_until, circuit.probe
    await conn.execute(TURN, name, *turned)


CIRCUIT_OF = """
    select failures, reported, openings, open_until, probe from senders where name = $1
"""


async def circuit_of(conn: Connection, name: str) -> Circuit | None:
    """Return the circuit as it stands, unlocked; None before anything was sent."""
    row = await conn.fetchrow(CIRCUIT_OF, name)
    return None if row is None else _circuit(row)


# A sender's row that is locked, while somebody claims, is left for the next report. What a clock that ran ahead wrote
# is written anew.
HEAR = """
    update senders
       set heard_at = $1
     where name in (select name
                      from senders
                     where heard_at is null
                        or heard_at < $1::timestamptz - interval '1 second'
                        or heard_at > $1::timestamptz + interval '1 minute'
                       for update skip locked)
"""


async def hear(conn: Connection, now: datetime) -> None:
    """Write down that the carrier's reports reach us, about once a second: they all come the same way."""
    await conn.execute(HEAR, now)


HEARD_SINCE = """
    select exists (select 1
                     from senders
                    where heard_at >= $1
                      and heard_at <= $2::timestamptz + interval '1 minute')
"""


async def heard_since(conn: Connection, moment: datetime, now: datetime) -> bool:
    """Say whether the carrier has reported of any message since *moment*; a time to come is a clock's mistake."""
    heard: bool = await conn.fetchval(HEARD_SINCE, moment, now)
    return heard


PAUSE = """
    insert into senders (name, filled_at, paused_at, paused_because, instance) values ($1, $2, $2, 'operator', $3)
        on conflict (name) do update
       set paused_at = excluded.paused_at, paused_because = 'operator'
"""


async def pause(conn: Connection, name: str, identity: str | None, now: datetime) -> None:
    """Let nothing leave by this sender until `resume`."""
    await conn.execute(PAUSE, name, now, identity)


RESUME = """
    update senders s
       set paused_at = null, paused_because = null
      from (select name, paused_because from senders where name = $1 and paused_at is not null for update) as before
     where s.name = before.name
 returning before.paused_because
"""

ACCEPT_INSTANCE = """
    update senders set instance = coalesce($1, instance)
"""


async def resume(conn: Connection, name: str, identity: str | None) -> str | None:
    """Let the sender send again, in this database; returns why it was paused, None if it was not."""
    await conn.execute(ACCEPT_INSTANCE, identity)
    paused_because: str | None = await conn.fetchval(RESUME, name)
    return paused_because


def _standing(row: Record) -> Standing:
    return Standing(
        name=row["name"],
        bucket=Bucket(row["tokens"], row["filled_at"]),
        circuit=_circuit(row),
        paused_because=row["paused_because"],
    )


def _circuit(row: Record) -> Circuit:
    probe: UUID | None = row["probe"]
    return Circuit(
        failures=row["failures"],
        reported=row["reported"],
        openings=row["openings"],
        open_until=row["open_until"],
        probe=probe,
    )
