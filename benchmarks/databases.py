"""One embedded PostgreSQL in a folder of its own, with the databases a benchmark fills and then throws away."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import asyncpg

from checkin.embedded import Embedded

T = TypeVar("T")

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
SHOWN = ("server_version", *DURABLE, "shared_buffers", "max_connections")


class NotDurable(Exception):
    """The server would answer before a commit is on disk, so nothing measured on it would count."""


@contextmanager
def embedded() -> Iterator[Embedded]:
    """Lend a fresh server; stop it and remove its folder at the end, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="checkin-bench-"))
    try:
        with Embedded(folder / "pg") as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(server: Embedded, database: str, asking: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """Hand a connection to *database* to *asking*, and return what it returns."""

    async def ask() -> T:
        conn = await asyncpg.connect(server.url(database), statement_cache_size=0)
        try:
            return await asking(conn)
        finally:
            await conn.close()

    return asyncio.run(ask())


def value(server: Embedded, database: str, statement: str) -> str:
    """Run one statement and return its first value, as text."""
    return str(run(server, database, lambda conn: conn.fetchval(statement)))


async def settings(conn: asyncpg.Connection) -> dict[str, str]:
    """Return the settings a reader of the figures should know. Raises NotDurable unless commits reach the disk."""
    found = {name: str(await conn.fetchval(f"show {name}")) for name in SHOWN}
    off = [name for name in DURABLE if found[name] != "on"]
    if off:
        raise NotDurable(f"{', '.join(off)} not on")
    return found
