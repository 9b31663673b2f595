"""A dump that is restored elsewhere works, starts paused, and sends nothing again."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from checkin import flows, store
from checkin.core.delivery import Lane
from checkin.embedded import Embedded
from checkin.flows.delivery import Sender
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from checkin.store.vault import Vault
from tests.flows.conftest import ACCOUNT, TOKEN
from tests.flows.test_delivery import CALLBACKS, queue, send
from tests.flows.test_nudges import EVENING
from tests.people import DAY, NOW, Cast
from tests.pretend_twilio import PretendTwilio

SENDER = Sender("+15005550006", 1000)


def restore(server: Embedded, source: str, target: str, dump: Path) -> None:
    for command in (
        [str(server.programs / "pg_dump"), "--file", str(dump), source],
        [str(server.programs / "psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-f", str(dump), target],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=60)


async def test_a_restored_dump_sends_nothing_until_it_is_resumed(
    pool: Pool, conn: Connection, people: Cast, server: Embedded, url: str, vault: Vault, tmp_path: Path
) -> None:
    copy = url.partition("?")[0].rpartition("/")[2] + "_copy"
    admin = await asyncpg.connect(server.url("postgres"))
    await admin.execute(f"create database {copy}")
    async with PretendTwilio(account_sid=ACCOUNT, auth_token=TOKEN, callbacks=False) as pretend:
        twilio = Twilio(ACCOUNT, TOKEN, SENDER.name, api_url=pretend.url)
        await queue(conn, people.mentor, Lane.REPLY)
        await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: NOW)
        await queue(conn, people.mentor, Lane.ALERT)
        await asyncio.to_thread(restore, server, url, server.url(copy), tmp_path / "dump.sql")
        elsewhere = await store.pool.connect(server.url(copy), vault)

        await flows.delivery.send_due(elsewhere, twilio, SENDER, CALLBACKS, lambda: NOW)
        before = pretend.posts
        async with elsewhere.acquire() as there:
            await store.senders.resume(there, SENDER.name, await store.senders.identity(there))
        await flows.delivery.send_due(elsewhere, twilio, SENDER, CALLBACKS, lambda: NOW)

        await twilio.close()
        await elsewhere.close()
        await admin.execute(f"drop database {copy} with (force)")
        await admin.close()
        assert before == 1
        assert [message.form["Body"] for message in pretend.messages] == ["reply 0", "alert 0"]


async def test_a_nudge_that_the_original_sent_after_the_dump_is_not_sent_by_the_copy(
    pool: Pool, conn: Connection, people: Cast, server: Embedded, url: str, vault: Vault, tmp_path: Path
) -> None:
    copy = url.partition("?")[0].rpartition("/")[2] + "_copy"
    admin = await asyncpg.connect(server.url("postgres"))
    await admin.execute(f"create database {copy}")
    later = EVENING + timedelta(hours=1)
    async with PretendTwilio(account_sid=ACCOUNT, auth_token=TOKEN, callbacks=False) as pretend:
        twilio = Twilio(ACCOUNT, TOKEN, SENDER.name, api_url=pretend.url)
        await send(pool, twilio, NOW)
        await asyncio.to_thread(restore, server, url, server.url(copy), tmp_path / "dump.sql")
        await flows.nudges.ask_due(conn, EVENING)
        await send(pool, twilio, EVENING)
        elsewhere = await store.pool.connect(server.url(copy), vault)

        async with elsewhere.acquire() as there:
            await flows.senders.resume(there, SENDER.name, later)
            await flows.nudges.ask_due(there, later)
        await flows.delivery.settle_lapsed(elsewhere, twilio, lambda: later)
        await send(elsewhere, twilio, later)

        await twilio.close()
        await elsewhere.close()
        await admin.execute(f"drop database {copy} with (force)")
        await admin.close()
        assert len(pretend.messages) == 2
        assert {message.to for message in pretend.messages} == {people.mentee.phone, people.other_mentee.phone}


async def resumed(conn: Connection) -> int:
    """Let an operator resume; returns how many messages are looked up first."""
    return (await flows.senders.resume(conn, SENDER.name, NOW)).doubted


async def paused_and_resumed(conn: Connection) -> int:
    await flows.senders.pause(conn, SENDER.name, NOW)
    return await resumed(conn)


@pytest.mark.parametrize("by_worker", [False, True])
@pytest.mark.parametrize("operator", [resumed, paused_and_resumed])
async def test_what_is_due_in_a_copy_is_looked_up_whoever_came_first(
    pool: Pool,
    conn: Connection,
    people: Cast,
    twilio: Twilio,
    by_worker: bool,
    operator: Callable[[Connection], Awaitable[int]],
) -> None:
    await store.senders.recognise(conn, SENDER.name, 1, "another/5/7", NOW)
    await queue(conn, people.mentor, Lane.REPLY)
    if by_worker:
        await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: NOW)

    assert await operator(conn) == 1
    assert await resumed(conn) == 0


async def test_a_copys_own_nudge_is_looked_up_since_the_hour_it_was_due(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await conn.execute("delete from outbox")
    await flows.nudges.ask_due(conn, EVENING + timedelta(hours=1))
    await store.senders.recognise(conn, SENDER.name, 1, "another/5/7", NOW)
    later = EVENING + timedelta(hours=2)

    await flows.senders.resume(conn, SENDER.name, later)
    claimed = (await store.uncertain.claim(conn, later, timedelta(minutes=1), timedelta(minutes=2), 10)).readable

    due = {row["due_at"] for row in await conn.fetch("select due_at from nudges where decided_at > $1", EVENING)}
    assert {message.claimed_at for message in claimed} == due
    assert max(due) < EVENING


@pytest.mark.parametrize(("row", "moved"), [("{0}/{1}", False), ("{0}/{1}/{2}", False), ("{0}/{1}/5", True)])
async def test_rows_of_an_earlier_release_are_at_home(conn: Connection, row: str, moved: bool) -> None:
    here = await store.senders.identity(conn)
    assert here is not None
    written = row.format(*here.split("/"))
    await store.senders.recognise(conn, SENDER.name, 1, written, NOW)

    assert await store.senders.is_copy(conn, here) is moved
    await store.senders.recognise(conn, SENDER.name, 1, here, NOW)
    assert (await conn.fetchval("select instance from senders") == here) is not moved


async def test_a_dump_that_is_restored_over_what_was_there_starts_paused(
    pool: Pool, conn: Connection, people: Cast, server: Embedded, url: str, vault: Vault, tmp_path: Path, twilio: Twilio
) -> None:
    await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: NOW)
    dump = tmp_path / "dump"
    await run(server, "pg_dump", "-Fc", "--file", str(dump), url)
    await run(server, "pg_restore", "--clean", "--if-exists", "-d", url, str(dump))
    again = await store.pool.connect(url, vault)

    async with again.acquire() as there:
        is_copy = await store.senders.is_copy(there, await store.senders.identity(there))

    await again.close()
    assert is_copy


async def run(server: Embedded, program: str, *args: str) -> None:
    command = [str(server.programs / program), *args]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, timeout=60)


async def planned_by_a_worker(conn: Connection) -> int:
    """Let the copy's worker plan what is due a moment after the operator's clock was read; returns what is doubted."""
    await flows.nudges.ask_due(conn, EVENING + timedelta(seconds=2))
    return (await flows.senders.resume(conn, SENDER.name, EVENING)).doubted


async def planned_by_resume(conn: Connection) -> int:
    return (await flows.senders.resume(conn, SENDER.name, EVENING)).doubted


@pytest.mark.parametrize("operator", [planned_by_resume, planned_by_a_worker])
async def test_nudges_that_fell_due_since_the_dump_are_looked_up_whoever_plans_them(
    pool: Pool,
    conn: Connection,
    people: Cast,
    twilio: Twilio,
    pretend: PretendTwilio,
    operator: Callable[[Connection], Awaitable[int]],
) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await conn.execute("delete from outbox")
    await store.senders.recognise(conn, SENDER.name, 1000, "another/5/7", NOW)

    doubted = await operator(conn)
    await flows.nudges.ask_due(conn, EVENING)
    await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: EVENING + timedelta(seconds=3))

    assert (doubted, pretend.posts) == (2, 0)


async def test_a_resume_waits_for_the_worker_that_plans_at_this_moment(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await conn.execute("delete from outbox")
    await store.senders.recognise(conn, SENDER.name, 1000, "another/5/7", NOW)

    async with pool.acquire() as other, other.transaction():
        await flows.nudges.ask_due(other, EVENING + timedelta(seconds=2))
        resuming = asyncio.create_task(flows.senders.resume(conn, SENDER.name, EVENING))
        await asyncio.sleep(0.3)
        resumed_too_soon = resuming.done()

    assert not resumed_too_soon
    assert (await resuming).doubted == 2


async def test_a_sender_that_an_operator_paused_plans_nothing_when_it_is_resumed(
    conn: Connection, people: Cast
) -> None:
    seen: list[int] = []
    await flows.senders.pause(conn, SENDER.name, NOW)

    await flows.senders.resume(conn, SENDER.name, EVENING, seen.append)

    assert seen == []


async def test_a_long_plan_tells_how_far_it_is(conn: Connection, people: Cast) -> None:
    seen: list[int] = []
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await store.senders.recognise(conn, SENDER.name, 1, "another/5/7", NOW)

    await flows.senders.resume(conn, SENDER.name, EVENING, seen.append)

    assert seen == [2]
