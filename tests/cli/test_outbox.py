"""The operator looks at the outbox, holds it back, and lets it go."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from click.testing import CliRunner, Result

from checkin import store
from checkin.cli import main
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.delivery import Lane
from checkin.core.senders import Circuit
from checkin.store.pool import Connection
from tests.flows.test_delivery import queue
from tests.people import Cast

Run = Callable[[str], "asyncio.Future[Result]"]


@pytest.fixture
def run(settings: Settings) -> Run:
    """Return what runs `checkin outbox VERB` on this test's database."""
    environ = {f"CHECKIN_{name.upper()}": str(value) for name, value in msgspec.structs.asdict(settings).items()}

    def invoke(verb: str) -> Result:
        return CliRunner().invoke(main, ["outbox", verb], env=environ)

    return lambda verb: asyncio.ensure_future(asyncio.to_thread(invoke, verb))


def shown(result: Result) -> dict[str, str]:
    assert result.exit_code == 0, result.output
    return {line.split()[0]: " ".join(line.split()[1:]) for line in result.stdout.splitlines()}


async def test_status_shows_what_waits_and_for_how_long(run: Run, conn: Connection, people: Cast) -> None:
    await queue(conn, people.mentee, Lane.NUDGE, 3, at=Clock().now() - timedelta(minutes=10))

    found = shown(await run("status"))

    assert found["nudge"].startswith("3 0:10:")
    assert found["crisis"] == "0 -"
    assert (found["uncertain"], found["circuit"], found["paused"]) == ("0", "closed", "no")
    assert found["push"] == "0"


async def test_status_shows_what_waits_to_be_pushed_and_the_services(run: Run, conn: Connection, people: Cast) -> None:
    now = Clock().now()
    await queue(conn, people.mentee, Lane.NUDGE, 3, at=now)
    await conn.execute("update outbox set way = 'push' where dedupe_key <> 'nudge:0'")
    await store.senders.recognise(conn, "push:fcm", 0, None, now)

    found = shown(await run("status"))

    assert (found["push"], found["push:fcm"]) == ("2", "closed")
    assert found["nudge"].startswith("3 ")


async def test_status_shows_what_was_left_uncertain(run: Run, conn: Connection, people: Cast) -> None:
    now = Clock().now()
    await queue(conn, people.mentee, Lane.NUDGE, at=now)
    await conn.execute("update outbox set status = 'uncertain', claimed_until = 'infinity', settled_at = $1", now)

    found = shown(await run("status"))

    assert (found["uncertain"], found["given-up"]) == ("0", "1 in the last day")


async def test_pause_holds_and_resume_lets_go(run: Run, conn: Connection) -> None:
    paused = await run("pause")
    while_paused = shown(await run("status"))
    pushes_too = await conn.fetchval("select count(*) from senders where paused_because = 'operator'")
    resumed = await run("resume")
    again = await run("resume")

    after = shown(await run("status"))
    assert [result.exit_code for result in (paused, resumed, again)] == [0, 0, 0]
    assert while_paused["paused"].startswith("by an operator")
    assert pushes_too == 3
    assert (resumed.stdout, again.stdout) == ("resumed\n", "it was not paused\n")
    assert after["paused"] == "no"


async def test_a_restored_copy_says_so_and_resume_records_where_it_is_now(
    run: Run, conn: Connection, settings: Settings
) -> None:
    sender, now = settings.carrier.sender, Clock().now()
    here = await store.senders.identity(conn)
    await store.senders.recognise(conn, sender, 1, "another/5", now)
    moved = await store.senders.recognise(conn, sender, 1, here, now)

    before = shown(await run("status"))
    await run("resume")

    assert here is not None
    assert moved
    assert before["paused"].startswith("because this database is a copy")
    assert await conn.fetchval("select instance from senders") == here
    assert not await store.senders.recognise(conn, sender, 1, here, now)


async def test_a_copy_that_no_worker_has_seen_says_so_and_resume_looks_its_messages_up(
    run: Run, conn: Connection, settings: Settings, people: Cast
) -> None:
    now = Clock().now()
    await store.senders.recognise(conn, settings.carrier.sender, 1, "another/5/7", now)
    await queue(conn, people.mentor, Lane.ALERT, at=now)

    before = shown(await run("status"))
    resumed = await run("resume")

    assert before["paused"].startswith("because this database is a copy")
    assert resumed.stdout.startswith("resumed\n1 due messages are looked up")


async def test_status_shows_an_open_circuit(run: Run, conn: Connection, settings: Settings) -> None:
    sender, now = settings.carrier.sender, Clock().now()
    await store.senders.recognise(conn, sender, 1, None, now)
    await store.senders.turn(conn, sender, Circuit(failures=5, openings=1, open_until=now + timedelta(minutes=5)))

    found = shown(await run("status"))

    assert found["circuit"] == "open"
