"""Where it happens: a fresh database, `checkin serve`, two `checkin worker`s, and the carrier that strikes them."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
from asyncpg import Record

from checkin import store
from checkin.cli.database import migrate
from checkin.clock import Clock
from checkin.config import new_secrets
from checkin.embedded import Embedded
from checkin.store.ids import new_id
from checkin.store.outbox import Letter
from checkin.store.pool import Pool
from checkin.store.vault import Vault
from tests import running
from tests.chaos import accounts
from tests.chaos.carrier import ACCOUNT, StrikingCarrier
from tests.running import Process

WORKERS = 2
LOOK = 0.05  # seconds between two looks at the database
QUIET = 0.6  # seconds without any change after which nobody is doing anything
PATIENCE = 120.0  # seconds
A_MOMENT = timedelta(seconds=1)
DAY = timedelta(days=1)

STANDING = """
    select count(*) filter (where status = 'queued' and not_before <= $1) as due,
           count(waits_until) as open,
           max(waits_until) as waits_until,
           md5(string_agg(status || coalesce(attempt_id::text, ''), ',' order by id)) as picture
      from (select id, status, attempt_id, not_before,
                   case when status = 'queued' then not_before
                        when status in ('claimed', 'uncertain') then nullif(claimed_until, 'infinity')
                   end as waits_until
              from outbox) as messages
"""


class Stage:
    """The running system. The clock of all its processes is the real one until `move_clock`."""

    def __init__(self, pool: Pool, carrier: StrikingCarrier, clock: Clock, environ: dict[str, str], logs: Path) -> None:
        self.pool = pool
        self.carrier = carrier
        self.letters: dict[UUID, Letter] = {}
        self.server: Process | None = None
        self.workers: list[Process | None] = [None] * WORKERS
        self._clock = clock
        self._environ = environ
        self._logs = logs

    def now(self) -> datetime:
        return self._clock.now()

    async def queue(self, count: int, first: int = 0) -> None:
        """Queue *count* messages of every lane, due now; the *first* has that number."""
        now = self.now()
        mentees = [new_id(now) for _ in range(accounts.MENTEES)]
        letters = [
            Letter(
                about=mentees[number % len(mentees)],
                to=None,
                phone=f"+1212555{number % len(mentees):04d}",
                lane=accounts.lane_of(number),
                key=f"chaos:{number}",
                body=accounts.words_of(number),
                not_before=now,
                expires_at=now + DAY,
            )
            for number in range(first, first + count)
        ]
        async with self.pool.acquire() as conn:
            ids = await store.outbox.enqueue(conn, letters, now)
        self.letters |= {ids[letter.about, letter.key]: letter for letter in letters}

    def start_server(self, port: int) -> None:
        self.server = running.start(["serve", "--port", str(port)], self._environ, self._logs / "serve.log")

    def start_worker(self, number: int) -> None:
        environ = self._environ | {"CHECKIN_TWILIO_API_URL": self.carrier.url_of(number)}
        self.workers[number] = running.start(["worker"], environ, self._logs / f"worker-{number}.log")

    def has_begun(self, number: int) -> bool:
        """Say whether a worker has ever begun to work."""
        worker = self.workers[number]
        return worker is not None and running.STARTED in worker.said()

    def revive(self) -> None:
        """Start every worker that is not running."""
        for number in range(WORKERS):
            if not self.is_running(number):
                self.start_worker(number)

    def is_running(self, number: int) -> bool:
        worker = self.workers[number]
        return worker is not None and worker.popen.poll() is None

    def kill(self, number: int) -> bool:
        """Kill a worker this instant (SIGKILL); False if there was none to kill."""
        return self._signal(number, signal.SIGKILL)

    def freeze(self, number: int) -> bool:
        """Stop a worker this instant (SIGSTOP), until `thaw`."""
        return self._signal(number, signal.SIGSTOP)

    def thaw(self, number: int) -> None:
        self._signal(number, signal.SIGCONT)

    def _signal(self, number: int, name: signal.Signals) -> bool:
        worker = self.workers[number]
        if worker is None or worker.popen.poll() is not None:
            return False
        os.killpg(worker.pid, name)
        return True

    async def move_clock(self, by: timedelta) -> None:
        """Move everybody's clock on, and give them time to see it."""
        self._clock.ahead += by
        async with self.pool.acquire() as conn:
            await store.sandbox.set_ahead(conn, self._clock.ahead)
        await asyncio.sleep(4 * LOOK)

    async def is_anything_due(self) -> bool:
        """Say whether a message may leave now."""
        return bool((await self._standing())["due"])

    async def _standing(self) -> Record:
        async with self.pool.acquire(patience=10) as conn:
            row = await conn.fetchrow(STANDING, self.now())
        assert row is not None
        return row

    async def is_sender_locked(self) -> bool:
        """Say whether somebody has the sender's row locked."""
        async with self.pool.acquire(patience=10) as conn:
            return not await conn.fetch("select name from senders for update skip locked")

    async def until(self, look: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
        """Wait for *look*. Raises AssertionError, with what the workers said last, after *patience* seconds."""
        end = time.monotonic() + patience
        while not look():
            if time.monotonic() > end:
                raise AssertionError(f"in vain: {what}\n{self._said()}")
            await asyncio.sleep(LOOK)

    async def come_to_rest(self) -> None:
        """Keep the workers alive until nothing is due and nothing changes any more at this time of the clock."""
        end = time.monotonic() + PATIENCE
        before, since = "", time.monotonic()
        while time.monotonic() < end:
            self.revive()
            row = await self._standing()
            if row["picture"] != before or row["due"]:
                before, since = row["picture"], time.monotonic()
            elif time.monotonic() - since > QUIET:
                await self.carrier.settle()
                return
            await asyncio.sleep(LOOK)
        raise AssertionError(f"in vain: come to rest\n{self._said()}")

    async def drain(self) -> None:
        """Move the clock on, wait by wait, until every message is settled or given up."""
        for _ in range(30):
            await self.come_to_rest()
            row = await self._standing()
            if not row["open"]:
                return
            await self.move_clock(max(row["waits_until"] - self.now(), timedelta()) + A_MOMENT)
        raise AssertionError(f"in vain: settle everything\n{self._said()}")

    def _said(self) -> str:
        return "\n".join(f"--- {one.log.name}\n{one.said()[-running.TAIL :]}" for one in self._processes())

    def _processes(self) -> list[Process]:
        return [one for one in (self.server, *self.workers) if one is not None]

    def end(self) -> None:
        """Kill whatever is left, frozen or not."""
        for process in self._processes():
            process.kill()


@asynccontextmanager
async def staged(url: str, *, calls_back: bool = True, lists: bool = True, seed: int = 1) -> AsyncIterator[Stage]:
    """Lend a stage on the migrated, empty database *url* with its server ready and no worker yet; nothing is left."""
    port = running.free_port()
    base, secrets, clock = f"http://127.0.0.1:{port}", new_secrets(), Clock()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CHECKIN_")}
    environ |= {f"CHECKIN_{name.upper()}": value for name, value in secrets.items()} | ACCOUNT
    environ |= {"CHECKIN_DATABASE_URL": url, "CHECKIN_PUBLIC_URL": base, "CHECKIN_TICK_MS": "50"}
    environ |= {"CHECKIN_TWILIO_API_URL": "http://127.0.0.1:9"}
    vault = Vault(secrets["encryption_keys"], secrets["lookup_key"])
    pool = await store.pool.connect(url, vault, size=4)
    with tempfile.TemporaryDirectory(prefix="checkin-chaos-") as folder:
        async with StrikingCarrier(WORKERS, clock, calls_back=calls_back, lists=lists, seed=seed) as carrier:
            stage = Stage(pool, carrier, clock, environ, Path(folder))
            try:
                stage.start_server(port)
                await stage.until(lambda: running.is_ready(base), "a server that is ready")
                yield stage
            finally:
                stage.end()
                await pool.close()


@contextmanager
def embedded() -> Iterator[str]:
    """Lend the address of an embedded server of its own, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="checkin-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with Embedded(Path(folder) / "pg") as server:
            yield server.url("postgres")


@asynccontextmanager
async def fresh_database(server: str, name: str) -> AsyncIterator[str]:
    """Lend the address of a new, migrated database beside the one at *server*; drop it at the end."""
    admin = await asyncpg.connect(server)
    try:
        await admin.execute(f'create database "{name}"')
        head, _, tail = server.partition("?")
        url = f"{head.rpartition('/')[0]}/{name}" + (f"?{tail}" if tail else "")
        try:
            await asyncio.to_thread(migrate, url)
            yield url
        finally:
            await admin.execute(f'drop database "{name}" with (force)')
    finally:
        await admin.close()
