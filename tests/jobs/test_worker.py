"""The worker process: it does what is due, survives a failing job, and finishes what began when asked to stop."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import msgspec
import pytest

from checkin import store
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.delivery import Lane
from checkin.store.outbox import Letter
from checkin.store.pool import Connection
from tests import pretend_twilio
from tests.people import Cast
from tests.pretend_twilio import PretendTwilio


@pytest.fixture
async def pretend(settings: Settings) -> AsyncIterator[PretendTwilio]:
    async with PretendTwilio(
        account_sid=settings.twilio_account_sid, auth_token=settings.twilio_auth_token, callbacks=False
    ) as running:
        yield running


@contextmanager
def worker(settings: Settings, carrier: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `checkin worker` as a real process."""
    given = msgspec.structs.asdict(settings) | {"twilio_api_url": carrier, "tick_ms": 50, "log_level": "warning"}
    environ = {f"CHECKIN_{name.upper()}": str(value) for name, value in given.items()}
    process = subprocess.Popen([sys.executable, "-m", "checkin.cli", "worker"], env={**os.environ, **environ})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def queue(conn: Connection, people: Cast, count: int) -> None:
    now = Clock().now()
    letters = [
        Letter(
            about=people.mentee.id,
            to=people.mentee.id,
            phone=people.mentee.phone or "",
            lane=Lane.REPLY,
            key=f"reply:{number}",
            body=f"message {number}",
            not_before=now,
            expires_at=now + timedelta(hours=1),
        )
        for number in range(count)
    ]
    await store.outbox.enqueue(conn, letters, now)


async def until(look: Callable[[], bool], seconds: float = 15) -> None:
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
