"""The sandbox under test: the application in this process, or the whole system on a database with the demo's people."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from msgspec import Struct
from msgspec.structs import replace

from checkin import store
from checkin.api import app
from checkin.clock import Clock
from checkin.config import Settings, new_secrets
from checkin.core.check_ins import CheckIn
from checkin.embedded import Embedded
from checkin.flows import cast
from checkin.store.pool import Connection
from checkin.store.vault import Vault
from tests import people
from tests.people import DAY, Cast
from tests.running import running_system, sandbox_environ

DATABASES = count(1)
NOWHERE = "http://127.0.0.1:9"
"""A public address at which nobody answers."""


@pytest.fixture
def sandbox(settings: Settings) -> Settings:
    """Settings without a carrier, so that phones are pretended."""
    return replace(settings, twilio_account_sid="", twilio_auth_token="", twilio_from="", public_url=NOWHERE)


@pytest.fixture
async def client(sandbox: Settings) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with AsyncTestClient(app.build(sandbox)) as opened:
        yield opened


@pytest.fixture
async def now_people(conn: Connection) -> Cast:
    """The cast, here since sixty days by the real clock, which is the sandbox's; nobody is due to be asked."""
    members = await people.cast(conn, Clock().now() - 60 * DAY)
    await store.nudges.plan_next(conn, [(members.mentee.id, None), (members.other_mentee.id, None)])
    return members


class Stage(Struct, frozen=True):
    """A running system: its address, its database, and the keys to it."""

    base: str
    url: str
    vault: Vault

    async def check_in_of(self, name: str) -> CheckIn | None:
        """Return the newest check-in of the mentee called *name*."""
        pool = await store.pool.connect(self.url, self.vault)
        async with pool.acquire() as conn:
            people = await store.sandbox.people(conn)
            mentee = next(person for person in people if person.name == name)
            found = await store.check_ins.latest(conn, mentee.id, None, 1)
        await pool.close()
        return found[0] if found else None


@pytest.fixture(scope="module")
def stage(server: Embedded, template: str) -> Iterator[Stage]:
    """The demo's program on a running system, the same for a module: each test has a mentee of its own."""
    name = f"stage{os.getpid()}_{next(DATABASES)}"
    server.create_database(name, template)
    url = server.url(name)
    secrets = new_secrets()
    keys = Settings(
        token_secret=secrets["token_secret"],
        encryption_keys=secrets["encryption_keys"],
        lookup_key=secrets["lookup_key"],
    )
    vault = Vault(keys.encryption_keys, keys.lookup_key)
    asyncio.run(_seed(url, vault))
    with running_system(url, sandbox_environ(keys)) as base:
        yield Stage(base, url, vault)


async def _seed(url: str, vault: Vault) -> None:
    pool = await store.pool.connect(url, vault)
    async with pool.acquire() as conn:
        await cast.seed(conn, Clock().now())
    await pool.close()
