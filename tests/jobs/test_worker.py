"""The worker process: it does what is due, survives a failing job, and finishes what began when asked to stop."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path
from typing import IO

import msgspec
import pytest
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from checkin import store
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.delivery import Lane
from checkin.jobs.worker import add, finish
from checkin.store.outbox import Letter
from checkin.store.pool import Connection
from tests import pretend_twilio
from tests.people import Cast, ask_nobody
from tests.pretend_twilio import PretendTwilio


@pytest.fixture
async def pretend(settings: Settings) -> AsyncIterator[PretendTwilio]:
    async with PretendTwilio(
        account_sid=settings.twilio_account_sid, auth_token=settings.twilio_auth_token, callbacks=False
    ) as running:
        yield running


@pytest.fixture
async def people(conn: Connection, people: Cast) -> Cast:
    await ask_nobody(conn)
    return people


@contextmanager
def worker(settings: Settings, carrier: str, log: IO[bytes] | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `checkin worker` as a real process, in a group of its own as in a terminal; its words go to *log*."""
    given = msgspec.structs.asdict(settings) | {"twilio_api_url": carrier, "tick_ms": 50, "log_level": "warning"}
    environ = {f"CHECKIN_{name.upper()}": str(value) for name, value in given.items()}
    command = [sys.executable, "-m", "checkin.cli", "worker"]
    process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def queue(conn: Connection, people: Cast, count: int, lane: Lane = Lane.REPLY) -> None:
    now = Clock().now()
    letters = [
        Letter(
            about=people.mentee.id,
            to=people.mentee.id,
            phone=people.mentee.phone or "",
            lane=lane,
            key=f"{lane}:{number}",
            body=f"message {number}",
            not_before=now,
            expires_at=now + timedelta(hours=1),
        )
        for number in range(count)
    ]
    await store.outbox.enqueue(conn, letters, now)


async def until(look: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


async def test_two_workers_send_each_message_once(
    conn: Connection, people: Cast, settings: Settings, pretend: PretendTwilio
) -> None:
    await queue(conn, people, 100)

    with worker(settings, pretend.url), worker(settings, pretend.url):
        await until(lambda: len(pretend.messages) >= 100)
        await asyncio.sleep(0.3)

    assert sorted(message.form["Body"] for message in pretend.messages) == sorted(f"message {n}" for n in range(100))


@pytest.mark.parametrize("lane", [Lane.CRISIS, Lane.ALERT])
async def test_what_is_urgent_does_not_wait_for_the_answer_to_what_left_before_it(
    conn: Connection, people: Cast, settings: Settings, pretend: PretendTwilio, lane: Lane
) -> None:
    pretend.plan([pretend_twilio.slow(8)])
    await queue(conn, people, 1)

    with worker(settings, pretend.url):
        await until(lambda: pretend.posts == 1)
        await queue(conn, people, 1, lane)
        await until(lambda: pretend.posts == 2, 5)
        lanes = await conn.fetch("select lane, status from outbox order by lane")

    assert [row["lane"] for row in lanes] == [lane, "reply"]
    assert lanes[1]["status"] == "claimed"


async def test_asked_to_stop_it_finishes_what_it_is_sending(
    conn: Connection, people: Cast, settings: Settings, pretend: PretendTwilio
) -> None:
    pretend.plan([pretend_twilio.slow(2)])
    await queue(conn, people, 1)

    with worker(settings, pretend.url) as process:
        await until(lambda: pretend.posts == 1)
        process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(process.wait, 12)

    assert code == 0
    assert await conn.fetchval("select status from outbox") == "sent"


async def test_ctrl_c_in_a_terminal_ends_it_without_a_word(
    conn: Connection, people: Cast, settings: Settings, pretend: PretendTwilio, tmp_path: Path
) -> None:
    pretend.plan([pretend_twilio.slow(1)])
    await queue(conn, people, 1)
    said = tmp_path / "said"

    with said.open("wb") as log, worker(settings, pretend.url, log) as process:
        await until(lambda: pretend.posts == 1)
        os.killpg(process.pid, signal.SIGINT)
        code = await asyncio.to_thread(process.wait, 12)

    assert (code, said.read_text()) == (0, "")
    assert await conn.fetchval("select status from outbox") == "sent"


async def test_a_beat_given_out_as_the_worker_stops_is_finished_like_the_others() -> None:
    done: list[str] = []
    failed: list[JobExecutionEvent] = []
    under_way: set[asyncio.Task[None]] = set()
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_listener(failed.append, EVENT_JOB_ERROR)

    async def work(seconds: float, name: str) -> None:
        await asyncio.sleep(seconds)
        done.append(name)

    for seconds, name in ((0.05, "short"), (0.3, "long")):
        add(scheduler, timedelta(hours=1), partial(work, seconds, name), under_way)
    scheduler.start()
    for job in scheduler.get_jobs():
        job.modify(next_run_time=Clock().now())
    scheduler._process_jobs()  # what a timer does just before the signal is seen

    left = await finish(scheduler, under_way)
    await asyncio.sleep(0)

    assert (left, sorted(done), failed) == (0, ["long", "short"], [])


async def test_what_does_not_finish_in_time_is_counted_and_not_told_at_length() -> None:
    failed: list[JobExecutionEvent] = []
    under_way: set[asyncio.Task[None]] = set()
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_listener(failed.append, EVENT_JOB_ERROR)
    add(scheduler, timedelta(milliseconds=20), partial(asyncio.sleep, 30), under_way)
    scheduler.start()
    await until(lambda: len(under_way) == 1)

    left = await finish(scheduler, under_way, within=0.05)
    [task] = under_way
    await asyncio.sleep(0.02)

    assert (left, task.done(), failed) == (1, False, [])
    task.cancel()


async def test_a_worker_killed_while_it_sends_leaves_the_message_uncertain_and_not_sent_twice(
    conn: Connection, people: Cast, settings: Settings, pretend: PretendTwilio
) -> None:
    pretend.plan([pretend_twilio.slow(5)])
    await queue(conn, people, 1)

    with worker(settings, pretend.url) as process:
        await until(lambda: pretend.posts == 1)
        process.kill()
    with worker(settings, pretend.url):
        await asyncio.sleep(1.5)

    assert pretend.posts == 1
    assert await conn.fetchval("select status from outbox") == "claimed"


async def test_a_wrong_database_version_is_one_clear_line(conn: Connection, settings: Settings) -> None:
    await conn.execute("delete from schema_migrations")
    environ = {
        **os.environ,
        **{f"CHECKIN_{name.upper()}": str(value) for name, value in msgspec.structs.asdict(settings).items()},
    }

    for verb in ("worker", "serve"):
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "checkin.cli", verb],
            env=environ,
            capture_output=True,
            text=True,
            timeout=30,
        )

        assert done.returncode == 1
        assert "run `checkin migrate`" in done.stderr
        assert "Traceback" not in done.stderr
