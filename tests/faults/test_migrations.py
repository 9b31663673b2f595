"""Fault 10: two migrations at once, two first starts at once, and a migration that is killed half-way."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from checkin import store
from checkin.embedded import Embedded
from checkin.store.pool import SCHEMA_VERSION
from tests.faults.counts import tell

KILLED = "20261120000017"
AT_ONCE = 3
WITHIN = 60  # seconds


@pytest.fixture
async def empty(server: Embedded) -> AsyncIterator[str]:
    """The address of a database without a table."""
    name = f"empty_{os.getpid()}"
    admin = await asyncpg.connect(server.url("postgres"))
    await admin.execute(f"create database {name}")
    yield server.url(name)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


async def migrating(environ: dict[str, str]) -> asyncio.subprocess.Process:
    """Begin `checkin migrate` in a process group of its own."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("CHECKIN_")}
    command = [sys.executable, "-m", "checkin.cli", "migrate"]
    return await asyncio.create_subprocess_exec(
        *command,
        env=variables | environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


async def ended(*processes: asyncio.subprocess.Process) -> list[int]:
    return list(await asyncio.wait_for(asyncio.gather(*(process.wait() for process in processes)), WITHIN))


async def version_of(url: str) -> str:
    conn = await asyncpg.connect(url)
    version = await conn.fetchval("select max(version) from schema_migrations")
    await conn.close()
    return str(version)


async def test_migrations_at_once_end_as_one(empty: str) -> None:
    environ = {"CHECKIN_DATABASE_URL": empty}

    codes = await ended(*[await migrating(environ) for _ in range(AT_ONCE)])

    tell(10, migrations_at_once=AT_ONCE, exit_codes=codes)
    assert codes == [0] * AT_ONCE
    assert await version_of(empty) == SCHEMA_VERSION


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket, and open to the user PostgreSQL runs as."""
    with tempfile.TemporaryDirectory(prefix="checkin-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


async def test_first_starts_at_once_share_one_database_of_their_own(short_folder: Path) -> None:
    environ = {"CHECKIN_VAR": str(short_folder / "var")}

    codes = await ended(*[await migrating(environ) for _ in range(2)])

    tell(10, first_starts_at_once=2, exit_codes=codes)
    assert codes == [0, 0]


async def test_a_migration_killed_half_way_leaves_nothing_and_runs_again(url: str) -> None:
    conn = await asyncpg.connect(url)
    await conn.execute("delete from schema_migrations where version = $1", KILLED)
    await conn.execute("alter table senders drop column reported")
    environ = {"CHECKIN_DATABASE_URL": url}
    async with conn.transaction():
        await conn.execute("lock table senders in access exclusive mode")
        process = await migrating(environ)
        await waits_for_the_lock(url)
        os.killpg(process.pid, signal.SIGKILL)
        await ended(process)
    half_way = await conn.fetch("select version from schema_migrations where version = $1", KILLED)

    again = await ended(await migrating(environ))

    assert half_way == []
    assert again == [0]
    assert await version_of(url) == SCHEMA_VERSION
    assert await store.senders.circuit_of(conn, "+15005550006") is None  # type: ignore[arg-type]  # it only reads
    await conn.close()


async def waits_for_the_lock(url: str) -> None:
    looker = await asyncpg.connect(url)
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    for _ in range(WITHIN * 20):
        if await looker.fetchval(query):
            await looker.close()
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the migration did not come to the lock")
