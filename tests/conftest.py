"""A real PostgreSQL for the tests: one embedded server a run, a fresh clone of the migrated database a test."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from checkin import store
from checkin.cli.database import migrate
from checkin.config import Settings, new_secrets
from checkin.embedded import Embedded
from checkin.store.pool import Connection, Pool
from checkin.store.vault import Vault
from tests.people import Cast, cast

# CI judges a change by the same examples every time; everybody else looks for new ones at every run. How long one
# takes says nothing: the machine may be busy.
IN_ITS_TIME = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.register_profile("ci", IN_ITS_TIME, derandomize=True)
hypothesis_settings.register_profile("everybody", IN_ITS_TIME)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "everybody")

TEMPLATE = "checkin_template"
NUMBERS = count(1)
ENOUGH_ROOM = 4 << 30  # bytes; the log of PostgreSQL alone may take 1 GiB by its own settings
SECRETS = new_secrets()


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    with tempfile.TemporaryDirectory(prefix="checkin-", ignore_cleanup_errors=True, dir=in_memory()) as folder:
        Path(folder).chmod(0o755)
        with Embedded(Path(folder) / "pg") as running:
            asyncio.run(hurry(running.url("postgres")))
            yield running


def in_memory() -> Path | None:
    """A folder that no disk slows down, where there is one with room for all databases of a run."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > ENOUGH_ROOM else None


async def hurry(url: str) -> None:
    """Let the server forget on a power cut what no test needs to keep."""
    admin = await asyncpg.connect(url)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        await admin.execute(f"alter system set {setting} = off")
    await admin.execute("select pg_reload_conf()")
    await admin.close()


@pytest.fixture(scope="session")
def template(server: Embedded) -> str:
    """A migrated database that nobody is connected to."""
    server.create_database(TEMPLATE)
    migrate(server.url(TEMPLATE))
    return TEMPLATE


@pytest.fixture
async def url(server: Embedded, template: str) -> AsyncIterator[str]:
    """The address of a fresh clone of the template."""
    name = f"t{os.getpid()}_{next(NUMBERS)}"
    admin = await asyncpg.connect(server.url("postgres"))
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    yield server.url(name)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.fixture
def vault() -> Vault:
    return Vault(SECRETS["encryption_keys"], SECRETS["lookup_key"])


@pytest.fixture
async def pool(url: str, vault: Vault) -> AsyncIterator[Pool]:
    opened = await store.pool.connect(url, vault)
    yield opened
    await asyncio.wait_for(opened.close(), 10)


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.acquire(patience=10) as lent:
        yield lent


@pytest.fixture
async def people(conn: Connection) -> Cast:
    return await cast(conn)


@pytest.fixture
def settings(url: str) -> Settings:
    """Settings of a server that works for a real carrier's account, on this test's database."""
    return Settings(
        database_url=url,
        public_url="https://checkin.example.org",
        token_secret=SECRETS["token_secret"],
        encryption_keys=SECRETS["encryption_keys"],
        lookup_key=SECRETS["lookup_key"],
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token="t" * 32,
        twilio_from="+15005550006",
    )
