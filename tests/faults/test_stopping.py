"""Fault 9: SIGTERM under load; a worker ends what it is sending and begins nothing, a server drops no request."""

import asyncio
import signal
import time
from collections import Counter

import aiohttp
import pytest

from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.delivery import Lane
from checkin.store.pool import Connection, Pool
from tests import pretend_twilio
from tests.api.calls import Bearer, bearer_of
from tests.faults.counts import tell
from tests.flows.test_delivery import queue
from tests.jobs.test_worker import until, worker
from tests.people import Cast
from tests.pretend_twilio import PretendTwilio
from tests.running import Process, System, running_processes, sandbox_environ

WAITING = 300
CALLERS = 16
ASKED = 5
STOP_WITHIN = 10.0
SLOW = pretend_twilio.slow(0.3)


async def test_a_worker_told_to_stop_ends_its_sends_and_begins_no_other(
    conn: Connection, people: Cast, settings: Settings, pretend: PretendTwilio
) -> None:
    await queue(conn, people.mentee, Lane.REPLY, WAITING, at=Clock().now())
    pretend.plan([SLOW] * 60)

    with worker(settings, pretend.url) as process:
        await until(lambda: pretend.posts >= 40)
        process.send_signal(signal.SIGTERM)
        began, posts = time.monotonic(), pretend.posts
        code = await asyncio.to_thread(process.wait, STOP_WITHIN)
    took = time.monotonic() - began
    stopped = Counter(row["status"] for row in await conn.fetch("select status from outbox"))
    with worker(settings, pretend.url):
        await until(lambda: pretend.posts >= WAITING)
        await asyncio.sleep(0.5)

    tell(9, sent_at_term=posts, left=dict(stopped), seconds=round(took, 2), sent_in_the_end=pretend.posts)
    assert code == 0
    assert stopped.keys() == {"sent", "queued"}
    assert stopped["sent"] < WAITING / 2, "it went on through the queue"
    assert sorted(message.body for message in pretend.messages) == sorted(f"reply {n}" for n in range(WAITING))


class Load:
    """Callers who ask two servers in turn, and come again when a connection is refused, as a proxy does."""

    def __init__(self, system: System, headers: dict[str, str]) -> None:
        self._bases, self._headers = system.bases, headers
        self.statuses: Counter[int] = Counter()
        self.refused = self.dropped = 0
        self._ends = False

    async def call(self, *, keep: bool) -> None:
        """Ask until the end, on a connection that is kept or on a new one each time."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=not keep)) as session:
            number = 0
            while not self._ends:
                number += 1
                await self.ask(session, self._bases[number % len(self._bases)])

    async def ask(self, session: aiohttp.ClientSession, base: str) -> None:
        """Ask once for the mentee's check-ins, and count what came of it."""
        try:
            async with session.get(f"{base}/v1/me/check-ins", headers=self._headers) as response:
                await response.read()
                self.statuses[response.status] += 1
        except aiohttp.ClientConnectorError:
            self.refused += 1
        except (aiohttp.ClientError, OSError):
            self.dropped += 1

    def end(self) -> None:
        self._ends = True


@pytest.fixture
def bearer(settings: Settings) -> Bearer:
    return bearer_of(settings.token_secret)


async def test_a_server_told_to_stop_drops_no_request(people: Cast, settings: Settings, bearer: Bearer) -> None:
    with running_processes(settings.database_url, sandbox_environ(settings), workers=0, servers=2) as system:
        load = Load(system, bearer(people.mentee))
        callers = [asyncio.create_task(load.call(keep=number % 2 == 0)) for number in range(CALLERS)]
        await asyncio.sleep(1)
        stopping: Process = system.servers[0]
        stopping.popen.terminate()
        began = time.monotonic()
        code = await asyncio.to_thread(stopping.popen.wait, STOP_WITHIN)
        took = time.monotonic() - began
        answered = load.statuses.total()
        await asyncio.sleep(0.5)
        load.end()
        await asyncio.gather(*callers)

    tell(
        9,
        answered=load.statuses.total(),
        refused_and_repeated=load.refused,
        dropped=load.dropped,
        seconds=round(took, 2),
        statuses=dict(load.statuses),
    )
    assert code == 0
    assert load.dropped == 0
    assert load.statuses.keys() == {200}
    assert load.statuses.total() > answered, "the other one stopped too"


async def test_what_a_server_was_asked_before_it_was_told_to_stop_is_answered(
    pool: Pool, conn: Connection, people: Cast, settings: Settings, bearer: Bearer
) -> None:
    with running_processes(settings.database_url, sandbox_environ(settings), workers=0) as system:
        load = Load(system, bearer(people.mentee))
        async with aiohttp.ClientSession() as session:
            async with conn.transaction():
                await conn.execute("lock table check_ins in access exclusive mode")
                asked = [asyncio.create_task(load.ask(session, system.base)) for _ in range(ASKED)]
                await waiting_for_locks(pool, ASKED)
                system.servers[0].popen.terminate()
                await asyncio.sleep(1)
                answered_too_soon = load.statuses.total()
            await asyncio.gather(*asked)
        code = await asyncio.to_thread(system.servers[0].popen.wait, STOP_WITHIN)

    tell(9, asked_before_term=ASKED, answered_after_term=load.statuses.total(), dropped=load.dropped)
    assert (code, answered_too_soon) == (0, 0)
    assert load.statuses == {200: ASKED}


async def waiting_for_locks(pool: Pool, count: int) -> None:
    """Wait until *count* statements wait for a lock of ours."""
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    for _ in range(200):
        async with pool.acquire() as conn:
            if await conn.fetchval(query) >= count:
                return
        await asyncio.sleep(0.05)
    raise AssertionError("the requests did not come")
