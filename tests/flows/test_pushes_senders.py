"""A push service that does not believe us is stopped, a pause holds pushes too, and a restored copy pushes nothing."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from checkin import core, flows, store
from checkin.core.delivery import Lane
from checkin.core.people import Person
from checkin.core.pushes import Provider
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests.flows.pushing import DUE, SECOND, SENDER, Both, add_device, choose_push, nudge, nudge_by_push, standing_of
from tests.flows.test_delivery import queue
from tests.people import Cast
from tests.pretend_push import Fault
from tests.pretend_twilio import PretendTwilio

MINUTE = timedelta(minutes=1)
FCM = Provider.fcm.sender


async def queue_pushes(conn: Connection, person: Person, count: int) -> None:
    """Queue nudges that go by push, as many as a test needs at once."""
    await queue(conn, person, Lane.NUDGE, count, at=DUE)
    await conn.execute("update outbox set way = 'push'")


async def test_five_set_up_errors_stop_the_service_once_and_say_so_and_all_go_by_text(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await add_device(conn, people.mentee, "phone-1234")
    ways.service.account_is_known = False

    with capture_logs() as said:
        for _ in range(2):
            await queue_pushes(conn, people.mentee, 6)
            await conn.execute("update outbox set dedupe_key = id::text")
            await ways.beat(DUE)

    stopped = [line for line in said if line["event"] == "sender.stopped"]
    assert [(line["way"], line["seconds"]) for line in stopped] == [(FCM, 60)]
    assert len(pretend.messages) == 12
    reasons = await conn.fetch("select fell_back, count(*) as times from outbox group by 1")
    assert [tuple(row) for row in reasons] == [("stopped", 12)]


async def test_after_a_minute_one_push_tries_and_lets_the_service_work_again(
    conn: Connection, people: Cast, ways: Both
) -> None:
    await add_device(conn, people.mentee, "phone-1234")
    ways.service.account_is_known = False
    await queue_pushes(conn, people.mentee, 6)
    await ways.beat(DUE)
    ways.service.account_is_known = True
    await conn.execute("delete from outbox")
    await queue_pushes(conn, people.mentee, 6)

    await flows.pushes.send_due(ways.pool, ways.pushers, lambda: DUE + 61 * SECOND)
    probed = len(ways.pushed())
    await ways.beat(DUE + 62 * SECOND)

    assert (probed, len(ways.pushed())) == (1, 6)


async def test_one_service_that_is_stopped_does_not_stop_the_other(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await choose_push(conn, people.mentee)
    await choose_push(conn, people.other_mentee)
    browser = ways.service.browser().token()
    await add_device(conn, people.mentee, "phone-1234")
    await add_device(conn, people.other_mentee, browser, Provider.web_push)
    await ways.beat(DUE - MINUTE)
    circuit = (await store.senders.circuit_of(conn, FCM)) or pytest.fail("no row")
    for _ in range(5):
        circuit = core.senders.after_refusal(circuit, people.mentee.id, DUE)
    await store.senders.turn(conn, FCM, circuit)
    await nudge(conn)

    await ways.beat(DUE)

    assert ways.pushed() == [browser]
    assert [message.to for message in pretend.messages] == [people.mentee.phone]


async def test_while_paused_a_nudge_waits_for_its_own_way_and_then_takes_it(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await nudge_by_push(conn, people.mentee)
    await flows.senders.pause(conn, SENDER.name, DUE)

    await ways.beat(DUE)
    while_paused = (ways.pushed(), len(pretend.messages), await standing_of(conn, people.mentee))
    await flows.senders.resume(conn, SENDER.name, DUE)
    await ways.beat(DUE + SECOND)

    assert while_paused == ([], 0, ("queued", "push", None))
    assert ways.pushed() == ["phone-1234"]


@pytest.mark.parametrize("has_services", [True, False])
async def test_a_restored_copy_pushes_nothing_and_after_it_is_resumed_lets_go_of_what_was_due(
    pool: Pool, conn: Connection, people: Cast, ways: Both, twilio: Twilio, pretend: PretendTwilio, has_services: bool
) -> None:
    await nudge_by_push(conn, people.mentee)
    await store.senders.recognise(conn, SENDER.name, 1, "another/5", DUE)
    there = ways if has_services else Both(pool, {}, ways.service, twilio)

    await there.beat(DUE)
    at_first = await standing_of(conn, people.mentee)
    resumed = await flows.senders.resume(conn, SENDER.name, DUE + SECOND)
    for minute in (1, 3, 5):  # the original may have pushed it since the copy was made, and nobody can be asked
        await there.settle(DUE + minute * MINUTE)
        await there.beat(DUE + minute * MINUTE)

    assert resumed.doubted == 2
    assert at_first == ("queued", "push", None)
    assert await standing_of(conn, people.mentee) == ("uncertain", "push", None)
    assert ways.pushed() == []
    assert people.mentee.phone not in [message.to for message in pretend.messages]


async def test_a_resumed_copy_pushes_what_is_planned_from_then_on(conn: Connection, people: Cast, ways: Both) -> None:
    await choose_push(conn, people.mentee)
    await add_device(conn, people.mentee, "phone-1234")
    await store.senders.recognise(conn, SENDER.name, 1, "another/5", DUE)
    await ways.beat(DUE - 60 * MINUTE)
    await flows.senders.resume(conn, SENDER.name, DUE - 60 * MINUTE)
    await nudge(conn)

    await ways.beat(DUE + SECOND)

    assert ways.pushed() == ["phone-1234"]


async def test_pushes_do_not_wait_for_a_slow_sender_of_texts(
    pool: Pool, conn: Connection, people: Cast, ways: Both
) -> None:
    await queue_pushes(conn, people.mentee, flows.pushes.BATCH)
    await add_device(conn, people.mentee, "phone-1234")

    await flows.pushes.send_due(pool, ways.pushers, lambda: DUE)

    assert len(ways.pushed()) == flows.pushes.BATCH


async def test_a_refusal_of_one_push_is_no_set_up_error(conn: Connection, people: Cast, ways: Both) -> None:
    await add_device(conn, people.mentee, "phone-1234")
    await queue_pushes(conn, people.mentee, 7)
    ways.service.plan([Fault.invalid] * 7)

    await ways.beat(DUE)

    circuit = await store.senders.circuit_of(conn, FCM)
    assert circuit is not None
    assert (circuit.failures, circuit.open_until) == (0, None)
