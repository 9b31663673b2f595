"""Connections to PostgreSQL: a pool whose connections carry the vault, and the schema version we need."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from asyncpg import Record

from checkin.core.errors import Crowded, WrongSchema
from checkin.store.vault import Vault

SCHEMA_VERSION = "20261130000025"
CLOSED_WITHIN = 4.0  # seconds
LEFT_ALONE = 10.0  # seconds a transaction may do nothing before the server ends it, and gives its locks to others
CROWDED_AFTER = 1.0  # seconds to wait for a connection before the caller is told to come back


class Connection(asyncpg.Connection):
    """A connection that can seal and open what must not be readable in the database."""

    vault: Vault

    def get_reset_query(self) -> str:
        """Nothing to reset: connections differ in nothing, so that a pooler in transaction mode may sit between."""
        return ""


class Pool:
    """The connections of one process."""

    def __init__(self, pool: "asyncpg.Pool[Record]") -> None:
        self._pool = pool

    @asynccontextmanager
    async def acquire(self, patience: float = CROWDED_AFTER) -> AsyncIterator[Connection]:
        """Lend a connection. Raises Crowded when none is free within *patience* seconds."""
        try:
            conn = await self._pool.acquire(timeout=patience)
        except TimeoutError:
            raise Crowded from None
        try:
            yield conn  # type: ignore[misc]  # asyncpg lends a proxy that forwards to our Connection
        finally:
            await self._pool.release(conn)

    async def close(self) -> None:
        """Close every connection, waiting a few seconds for those in use; then they are cut."""
        try:
            await asyncio.wait_for(self._pool.close(), CLOSED_WITHIN)
        except TimeoutError:
            self._pool.terminate()


# The same for every connection, so it may stay behind in a pooler; as a start-up parameter PgBouncer would refuse it.
# A process that is stopped while it prepares a statement is not idle to PostgreSQL: its transaction has an end of its
# own. Statements this short take longer to compile than to run, and a long queue would make PostgreSQL compile them.
SET_UP = """
    select set_config('idle_in_transaction_session_timeout', $1, false),
           set_config('transaction_timeout', '5min', false),
           set_config('jit', 'off', false)
"""


async def connect(
    url: str,
    vault: Vault,
    *,
    size: int = 8,
    statement_cache: int = 200,
    statement_limit: float = 15.0,
    left_alone: float = LEFT_ALONE,
) -> Pool:
    """Open the pool. Raises WrongSchema unless the database is at exactly our version.

    A process that is stopped in the middle of a transaction holds its locks for at most *left_alone* seconds: all
    workers share one sender's row.
    """

    async def prepare(conn: object) -> None:
        assert isinstance(conn, Connection)
        conn.vault = vault
        await conn.execute(SET_UP, str(round(left_alone * 1000)))

    pool = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        init=prepare,
        connection_class=Connection,
        command_timeout=statement_limit,
        statement_cache_size=statement_cache,
        server_settings={"application_name": "checkin", "timezone": "UTC"},
    )
    ours = Pool(pool)
    try:
        async with ours.acquire(patience=10) as conn:
            await check_schema(conn)
    except BaseException:
        await ours.close()
        raise
    return ours


LATEST_MIGRATION = """
    select max(version) from schema_migrations
"""


async def check_schema(conn: Connection) -> None:
    """Raise WrongSchema unless the database was migrated to SCHEMA_VERSION."""
    try:
        found = await conn.fetchval(LATEST_MIGRATION)
    except asyncpg.UndefinedTableError:
        found = None
    if found != SCHEMA_VERSION:
        raise WrongSchema(found, SCHEMA_VERSION)
