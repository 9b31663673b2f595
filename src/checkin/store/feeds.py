"""What each person was told of, thing by thing, so that what changes can be told."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from checkin.core.changes import Feed, Key, Known
from checkin.store.pool import Connection

INSTANCE = """
    select s.system_identifier::text || '/' || d.oid::text || '/'
           || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
      from pg_control_system() s, pg_database d
     where d.datname = current_database()
"""


async def instance(conn: Connection) -> str | None:
    """Return what tells this database from every copy of it, and from itself once it has gone on from a backup.

    None where the server does not let us see that. To be asked outside of a transaction, which a refusal would end.
    """
    try:
        found: str | None = await conn.fetchval(INSTANCE)
    except (
        asyncpg.InsufficientPrivilegeError,
        asyncpg.UndefinedFunctionError,
        asyncpg.FeatureNotSupportedError,
        asyncpg.ObjectNotInPrerequisiteStateError,
    ):
        return None
    return found


BEGIN = """
    insert into feeds (person_id, id, instance) values ($1, $2, $3) on conflict (person_id) do nothing
"""

LOCK = """
    select person_id, id, version, forgotten, coalesce(instance <> $2, false) as moved
      from feeds
     where person_id = $1
       for update
"""

EMPTY = """
    delete from feed_items where person_id = $1
"""

BEGIN_ANEW = """
    update feeds set id = $2, instance = $3, version = 0, forgotten = 0 where person_id = $1
"""


async def lock(conn: Connection, person_id: UUID, instance: str | None) -> Feed:
    """Lock a person's feed for this transaction, and begin it if there is none.

    It begins anew in a database that is not the one it was written in: whoever read on elsewhere has read of things
    that are not in this one.
    """
    row = await conn.fetchrow(LOCK, person_id, instance)
    if row is None:
        await conn.execute(BEGIN, person_id, uuid4(), instance)
        row = await conn.fetchrow(LOCK, person_id, instance)
        assert row is not None
    if not row["moved"]:
        return Feed(person_id=person_id, id=row["id"], version=row["version"], forgotten=row["forgotten"])
    begun = Feed(person_id=person_id, id=uuid4(), version=0, forgotten=0)
    await conn.execute(EMPTY, person_id)
    await conn.execute(BEGIN_ANEW, person_id, begun.id, instance)
    return begun


KNOWN = """
    select kind, id, version, tag, gone_at is not null as is_gone
      from feed_items
     where person_id = $1
     order by version
"""


async def known(conn: Connection, person_id: UUID) -> dict[Key, Known]:
    """Return all a person was told of, in the order in which it last changed."""
    rows = await conn.fetch(KNOWN, person_id)
    return {Key(row["kind"], row["id"]): Known(row["version"], row["tag"], row["is_gone"]) for row in rows}


TELL = """
    with told as (
        insert into feed_items (person_id, kind, id, version, tag, gone_at)
        select $1, t.kind, t.id, t.version, t.tag, case when t.is_gone then $7::timestamptz end
          from unnest($2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::boolean[])
               as t (kind, id, version, tag, is_gone)
            on conflict (person_id, kind, id) do update
           set version = excluded.version, tag = excluded.tag, gone_at = excluded.gone_at
    )
    update feeds set version = (select max(version) from unnest($4::bigint[]) as v (version)) where person_id = $1
"""


async def tell(conn: Connection, person_id: UUID, news: Mapping[Key, Known], now: datetime) -> None:
    """Write down what a person is told now; the last of it is where their feed stands then."""
    await conn.execute(
        TELL,
        person_id,
        [key.kind for key in news],
        [key.id for key in news],
        [one.version for one in news.values()],
        [one.tag for one in news.values()],
        [one.is_gone for one in news.values()],
        now,
    )


# Feeds that somebody is reading are left for next time: a reader locks the feed first as well.
FORGET = """
    with feed as (
        select f.person_id
          from feeds f
         where exists (select 1 from feed_items i where i.person_id = f.person_id and i.gone_at < $1)
         limit 1000
           for update skip locked
    ), gone as (
        delete from feed_items i
         using feed
         where i.person_id = feed.person_id
           and i.gone_at < $1
     returning i.person_id, i.version
    ), last as (
        select person_id, max(version) as version, count(*) as things from gone group by person_id
    ), written as (
        update feeds f
           set forgotten = greatest(f.forgotten, last.version)
          from last
         where f.person_id = last.person_id
    )
    select coalesce(sum(things), 0)::bigint from last
"""


async def forget(conn: Connection, before: datetime) -> int:
    """Forget what went before a moment, of a thousand people at most; returns how many things."""
    gone: int = await conn.fetchval(FORGET, before)
    return gone
