"""Fault 11: a dump restored elsewhere starts paused, re-sends nothing, and goes on once it is resumed."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import asyncpg
import pytest

from checkin import flows
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.delivery import Lane
from checkin.embedded import Embedded
from checkin.flows.delivery import Sender
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests import pretend_twilio
from tests.faults.counts import tell
from tests.flows.test_delivery import CALLBACKS, queue
from tests.flows.test_delivery_restore import restore
from tests.jobs.test_worker import until
from tests.people import Cast
from tests.pretend_twilio import PretendTwilio
from tests.running import running_processes, sandbox_environ

LANES = (Lane.ALERT, Lane.REPLY, Lane.NUDGE)
IN_EACH = 6
SENT_SINCE = 9  # of the messages that the dump holds as queued
QUIET = 1.0


@pytest.fixture
async def elsewhere(server: Embedded, url: str) -> AsyncIterator[str]:
    """The address of an empty database."""
    name = url.partition("?")[0].rpartition("/")[2] + "_copy"
    admin = await asyncpg.connect(server.url("postgres"))
    await admin.execute(f"create database {name}")
    yield server.url(name)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


def environ_of(settings: Settings, carrier: str) -> dict[str, str]:
    return sandbox_environ(settings) | {
        "CHECKIN_TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "CHECKIN_TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
        "CHECKIN_TWILIO_FROM": settings.twilio_from,
        "CHECKIN_TWILIO_API_URL": carrier,
    }


async def outbox(verb: str, url: str, environ: Mapping[str, str]) -> str:
    """Run `checkin outbox VERB` on a database, as an operator does; returns what it printed."""
    command = [sys.executable, "-m", "checkin.cli", "outbox", verb]
    given = {**os.environ, **environ, "CHECKIN_DATABASE_URL": url}
    done = await asyncio.to_thread(
        subprocess.run, command, env=given, check=True, capture_output=True, text=True, timeout=60
    )
    return str(done.stdout)


async def live_until_the_dump(
    pool: Pool, conn: Connection, people: Cast, twilio: Twilio, pretend: PretendTwilio, sender: Sender
) -> None:
    """Send one text, die with another in hand that the carrier has, and queue more."""
    await queue(conn, people.cover, Lane.REPLY, 1, at=Clock().now())
    await flows.delivery.send_due(pool, twilio, sender, CALLBACKS, Clock().now)
    await queue(conn, people.cover, Lane.CRISIS, 1, at=Clock().now())
    sending = asyncio.create_task(flows.delivery.send_due(pool, twilio, sender, CALLBACKS, Clock().now))
    await until(lambda: len(pretend.messages) == 2)
    sending.cancel()
    for lane in LANES:
        await queue(conn, people.mentor, lane, IN_EACH, at=Clock().now())


async def test_a_restored_copy_sends_each_message_once_in_all(
    pool: Pool,
    conn: Connection,
    people: Cast,
    settings: Settings,
    pretend: PretendTwilio,
    twilio: Twilio,
    server: Embedded,
    elsewhere: str,
    tmp_path: Path,
) -> None:
    sender = Sender(settings.carrier.sender, 1000)
    pretend.plan([pretend_twilio.OK, pretend_twilio.TIMEOUT_AFTER])
    await live_until_the_dump(pool, conn, people, twilio, pretend, sender)
    await asyncio.to_thread(restore, server, settings.database_url, elsewhere, tmp_path / "dump.sql")
    await conn.execute("update senders set tokens = $1, filled_at = $2", SENT_SINCE, Clock().now())
    await flows.delivery.send_due(pool, twilio, Sender(sender.name, SENT_SINCE - 1), CALLBACKS, Clock().now)
    in_the_dump = 2 + len(LANES) * IN_EACH

    environ = environ_of(settings, pretend.url)
    with running_processes(elsewhere, environ, servers=0) as system:
        before = pretend.posts
        await until(lambda: "sender.paused" in system.workers[0].said())
        await asyncio.sleep(QUIET)
        while_paused = pretend.posts - before
        shown = await outbox("status", elsewhere, environ)
        resumed = await outbox("resume", elsewhere, environ)
        await until(lambda: len(pretend.messages) >= in_the_dump)
        await asyncio.sleep(QUIET)
    there = await asyncpg.connect(elsewhere)
    stands = Counter(row["status"] for row in await there.fetch("select status from outbox"))
    await there.close()

    arrived = Counter((message.to, message.body) for message in pretend.messages)
    tell(
        11,
        in_the_dump=in_the_dump,
        sent_before_or_since=before,
        sent_while_paused=while_paused,
        sent_after_resume=pretend.posts - before,
        doubled=sum(arrived.values()) - len(arrived),
        stands=dict(stands),
    )
    assert before == 2 + SENT_SINCE
    assert while_paused == 0
    assert "paused    because this database is a copy" in shown
    assert resumed.startswith("resumed\n")
    assert set(arrived.values()) == {1}
    assert len(arrived) == in_the_dump
    assert stands == {"sent": in_the_dump}
