"""Links in alert texts, and the sessions that come of opening them; tokens are kept as keyed hashes only."""

from datetime import datetime
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

from checkin.store.ids import new_id
from checkin.store.pool import Connection


class Bound(Struct, frozen=True, kw_only=True):
    """What a link or its session is for: one alert of one mentee, and one person."""

    mentee_id: UUID
    alert_id: UUID
    person_id: UUID


ADD = """
    insert into alert_links (mentee_id, id, alert_id, person_id, token_hash, made_at, expires_at, asked_for)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def add(
    conn: Connection, bound: Bound, token: str, now: datetime, expires_at: datetime, *, asked_for: bool
) -> None:
    """Remember a link by the hash of its *token*; *asked_for* if the person asked for it."""
    hashed = _hash(conn, token)
    await conn.execute(
        ADD, bound.mentee_id, new_id(now), bound.alert_id, bound.person_id, hashed, now, expires_at, asked_for
    )


FIND = """
    select mentee_id, alert_id, person_id from alert_links where token_hash = $1
"""


async def by_token(conn: Connection, token: str) -> Bound | None:
    """Return what a link is for, whether it can still be used or not."""
    return _bound(await conn.fetchrow(FIND, _hash(conn, token)))


IS_FRESH = """
    select exists (select 1 from alert_links where token_hash = $1 and used_at is null and expires_at > $2)
"""


async def is_fresh(conn: Connection, token: str, now: datetime) -> bool:
    """Say whether a link can be used; it stays as it is."""
    fresh: bool = await conn.fetchval(IS_FRESH, _hash(conn, token), now)
    return fresh


USE = """
    update alert_links
       set used_at = $2, session_hash = $3, session_until = $4
     where token_hash = $1
       and used_at is null
       and expires_at > $2
 returning mentee_id, alert_id, person_id
"""


async def use(conn: Connection, token: str, session: str, now: datetime, until: datetime) -> Bound | None:
    """Use a link up for a *session* that lasts *until*; None unless it was fresh. Of several at once one has it."""
    return _bound(await conn.fetchrow(USE, _hash(conn, token), now, _session_hash(conn, session), until))


BY_SESSION = """
    select mentee_id, alert_id, person_id from alert_links where session_hash = $1 and session_until > $2
"""


async def by_session(conn: Connection, session: str, now: datetime) -> Bound | None:
    """Return what a session is for, as long as it lasts."""
    return _bound(await conn.fetchrow(BY_SESSION, _session_hash(conn, session), now))


LOCK_READER = """
    select 1 from people where id = $1 for no key update
"""

ASKED_FOR_SINCE = """
    select count(*) from alert_links where person_id = $1 and asked_for and made_at > $2
"""


async def asked_for_since(conn: Connection, person_id: UUID, since: datetime) -> int:
    """Count the links a person asked for after *since*; nobody else counts theirs until this transaction ends."""
    await conn.execute(LOCK_READER, person_id)
    count: int = await conn.fetchval(ASKED_FOR_SINCE, person_id, since)
    return count


CLEAR = """
    delete from alert_links l
     using alerts a
     where a.mentee_id = l.mentee_id
       and a.id = l.alert_id
       and a.resolved_at is not null
       and l.made_at <= $1
 returning 1
"""


async def clear(conn: Connection, until: datetime) -> int:
    """Forget the links to closed alerts that were made up to *until*; returns how many they were."""
    return len(await conn.fetch(CLEAR, until))


def form_token(conn: Connection, session: str) -> str:
    """Return what every form of a *session*'s page carries, so that no other page can send one."""
    return conn.vault.hash("alert_form", session).hex()


def _hash(conn: Connection, token: str) -> bytes:
    return conn.vault.hash("alert_link", token)


def _session_hash(conn: Connection, session: str) -> bytes:
    return conn.vault.hash("alert_session", session)


def _bound(row: Record | None) -> Bound | None:
    return None if row is None else Bound(**dict(row))
