"""Fault 6: every connection is cut, PostgreSQL stops at once; callers are told to come again, and nothing is lost."""

import asyncio
import time
from collections import Counter
from datetime import timedelta

import aiohttp
import asyncpg
from msgspec import Struct, field

from checkin import store
from checkin.cli.database import migrate
from checkin.clock import Clock
from checkin.config import Settings
from checkin.embedded import Embedded
from checkin.store.vault import Vault
from tests.api.calls import bearer_of
from tests.faults.counts import tell
from tests.faults.own_postgres import OwnPostgres, own_postgres
from tests.people import ZONE, cast
from tests.running import running_processes, sandbox_environ

BACK_WITHIN = 5.0
SOME = 20  # answers that must be taken before it counts as back
AWAY = 1.5
CUT = """
    select count(pg_terminate_backend(pid))
      from pg_stat_activity
     where pid <> pg_backend_pid()
       and backend_type = 'client backend'
"""
KEPT = "select id, note from check_ins union all select id, note from check_in_history"


class Answers(Struct):
    """What callers were told: counts by status, and the notes that were taken."""

    statuses: Counter[int] = field(default_factory=Counter)
    without_retry_after: int = 0
    taken: set[str] = field(default_factory=set)


async def call(base: str, headers: dict[str, str], answers: Answers, ends: asyncio.Event) -> None:
    """Check in again and again for yesterday, with another note each time."""
    day = Clock().now().date() - timedelta(days=1)
    async with aiohttp.ClientSession() as session:
        number = 0
        while not ends.is_set():
            number += 1
            await check_in(session, f"{base}/v1/me/check-ins/{day}", headers, f"{id(headers)}-{number}", answers)
            await asyncio.sleep(0.02)


async def check_in(
    session: aiohttp.ClientSession, address: str, headers: dict[str, str], note: str, answers: Answers
) -> None:
    said = {"mood": 7, "hope": 6, "note": note, "answered_at": Clock().now().isoformat(), "time_zone": ZONE}
    async with session.put(address, json=said, headers=headers) as response:
        await response.read()
        answers.statuses[response.status] += 1
        if response.status < 300:
            answers.taken.add(note)
        if response.status == 503 and "Retry-After" not in response.headers:
            answers.without_retry_after += 1


async def until_taken(answers: Answers) -> float:
    """Wait until some more answers are taken; returns after how many seconds."""
    began, before = time.monotonic(), len(answers.taken)
    while len(answers.taken) < before + SOME:
        assert time.monotonic() - began < 6 * BACK_WITHIN, "it did not come back"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def cut_and_stop(own: OwnPostgres, answers: Answers) -> list[float]:
    """Cut every connection, then stop the server for a while; returns how long each took to come back."""
    await until_taken(answers)
    admin = await asyncpg.connect(own.url)
    await admin.fetchval(CUT)
    await admin.close()
    back = [await until_taken(answers)]
    await asyncio.to_thread(own.stop_at_once)
    await asyncio.sleep(AWAY)
    await asyncio.to_thread(own.start)
    return [*back, await until_taken(answers)]


async def notes_kept(own: OwnPostgres, vault: Vault) -> set[str]:
    """Return every note in the database, those of replaced answers too."""
    admin = await asyncpg.connect(own.url)
    rows = await admin.fetch(KEPT)
    await admin.close()
    return {vault.open("check_ins.note", row["id"], row["note"]) for row in rows}


async def test_after_a_cut_and_a_stop_it_is_back_within_seconds_and_lost_nothing(
    server: Embedded, settings: Settings, vault: Vault
) -> None:
    answers, ends = Answers(), asyncio.Event()
    with own_postgres(server) as own:
        migrate(own.url)
        pool = await store.pool.connect(own.url, vault)
        async with pool.acquire() as conn:
            people = await cast(conn, Clock().now() - timedelta(days=60))
        await pool.close()
        with running_processes(own.url, sandbox_environ(settings)) as system:
            headers = [bearer_of(settings.token_secret)(one) for one in (people.mentee, people.other_mentee)]
            callers = [asyncio.create_task(call(system.base, own_headers, answers, ends)) for own_headers in headers]
            back = await cut_and_stop(own, answers)
            ends.set()
            await asyncio.gather(*callers)
            worker_lives = system.workers[0].popen.poll() is None
        kept = await notes_kept(own, vault)

    tell(
        6,
        statuses=dict(answers.statuses),
        taken=len(answers.taken),
        lost=len(answers.taken - kept),
        back_after_seconds=[round(seconds, 2) for seconds in back],
    )
    assert answers.statuses.keys() - {200, 201} == {503}
    assert answers.without_retry_after == 0
    assert answers.taken <= kept
    assert max(back) < BACK_WITHIN
    assert worker_lives
