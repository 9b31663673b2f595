"""Work that is behind is said by a server too, since a worker that is stuck says nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest
from litestar import Litestar
from structlog.testing import capture_logs
from structlog.typing import EventDict

from checkin import lookout, runtime
from checkin.api import app
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.delivery import Lane
from checkin.store.pool import Connection
from tests.flows.test_delivery import queue
from tests.jobs.test_worker import until
from tests.people import Cast

SOON = timedelta(milliseconds=20)


@pytest.fixture
async def people(conn: Connection, people: Cast) -> Cast:
    await conn.execute("update nudge_plans set next_nudge_at = null")
    return people


async def wait(conn: Connection, people: Cast, minutes: int) -> None:
    """Let a nudge have waited so long."""
    await queue(conn, people.mentee, Lane.NUDGE, at=Clock().now() - timedelta(minutes=minutes))


@asynccontextmanager
async def served(settings: Settings, look_every: timedelta = SOON) -> AsyncIterator[Litestar]:
    application = app.build(settings, look_every=look_every)
    async with application.lifespan():
        yield application


def said(lines: list[EventDict], event: str) -> list[EventDict]:
    return [line for line in lines if line["event"] == event]


@pytest.mark.parametrize(("minutes", "is_behind"), [(4, False), (6, True)])
async def test_work_is_behind_when_it_was_due_five_minutes_ago(
    settings: Settings, conn: Connection, people: Cast, minutes: int, is_behind: bool
) -> None:
    await wait(conn, people, minutes)

    async with runtime.running(settings) as parts:
        lag = await lookout.behind(parts)

    assert (lag is not None) == is_behind


async def test_it_is_said_how_far_behind_in_seconds_by_which_process_and_nothing_else(
    settings: Settings, conn: Connection, people: Cast
) -> None:
    await wait(conn, people, 10)

    async with runtime.running(settings) as parts:
        with capture_logs() as lines:
            await lookout.say_behind(parts, "worker")

    [line] = lines
    assert (line["event"], line["by"], line["message_seconds"] // 60) == ("worker.behind", "worker", 10)
    assert line.keys() == {"event", "log_level", "by", "nudge_seconds", "alert_seconds", "message_seconds"}


async def test_a_server_says_that_the_work_is_behind_where_no_worker_runs(
    settings: Settings, conn: Connection, people: Cast
) -> None:
    await wait(conn, people, 10)

    with capture_logs() as lines:
        async with served(settings):
            await until(lambda: len(said(lines, "worker.behind")) >= 2)

    assert {line["by"] for line in said(lines, "worker.behind")} == {"server"}


async def test_a_server_looks_again_after_a_look_that_failed(
    settings: Settings, conn: Connection, people: Cast
) -> None:
    await wait(conn, people, 10)

    with capture_logs() as lines:
        await conn.execute("alter table outbox rename to away")
        async with served(settings):
            await until(lambda: len(said(lines, "job.failed")) >= 2)
            await conn.execute("alter table away rename to outbox")
            await until(lambda: bool(said(lines, "worker.behind")))


async def test_a_server_that_ends_looks_no_more(settings: Settings, conn: Connection, people: Cast) -> None:
    await wait(conn, people, 10)

    given = msgspec.structs.replace(settings, pool_size=1)
    async with served(given) as application, application.state.pool.acquire():
        await asyncio.sleep(SOON.total_seconds() * 2)  # the look waits for a connection
    with capture_logs() as lines:
        await asyncio.sleep(SOON.total_seconds() * 5)

    assert lines == []


async def test_a_server_takes_its_first_look_after_a_minute(settings: Settings, conn: Connection, people: Cast) -> None:
    await wait(conn, people, 10)

    with capture_logs() as lines:
        async with served(settings, lookout.EVERY):
            await asyncio.sleep(SOON.total_seconds() * 5)

    assert (said(lines, "worker.behind"), lookout.EVERY) == ([], timedelta(minutes=1))
