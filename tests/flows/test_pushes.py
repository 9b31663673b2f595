"""Nudges go by push to those who chose it, and by text where they cannot: one of the two, and never both."""

import asyncio
from datetime import timedelta

import pytest

from checkin import flows, store
from checkin.core.pushes import Provider
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests.flows.pushing import (
    CALLBACKS,
    DUE,
    SECOND,
    SENDER,
    Both,
    add_device,
    choose_push,
    message_of,
    nudge,
    nudge_by_push,
    standing_of,
)
from tests.people import MONDAY, Cast, answer
from tests.phones import text
from tests.pretend_push import Fault
from tests.pretend_twilio import PretendTwilio

MINUTE = timedelta(minutes=1)


def texted(pretend: PretendTwilio, phone: str | None) -> int:
    return sum(message.to == phone for message in pretend.messages)


@pytest.mark.parametrize("provider", list(Provider))
async def test_who_chose_push_is_pushed_and_not_texted(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio, provider: Provider
) -> None:
    await choose_push(conn, people.mentee)
    token = "phone-1234" if provider is Provider.fcm else ways.service.browser().token()
    await add_device(conn, people.mentee, token, provider)
    await nudge(conn)

    await ways.beat(DUE)

    row = await message_of(conn, people.mentee)
    [taken] = ways.service.taken
    assert ways.pushed() == [token]
    assert taken.payload == {"id": str(row["id"])}
    assert (row["status"], row["way"], texted(pretend, people.mentee.phone)) == ("sent", "push", 0)
    assert texted(pretend, people.other_mentee.phone) == 1


async def test_whoever_sends_texts_leaves_pushes_alone(
    pool: Pool, conn: Connection, people: Cast, twilio: Twilio, pretend: PretendTwilio
) -> None:
    await nudge_by_push(conn, people.mentee)

    await flows.delivery.send_due(pool, twilio, SENDER, CALLBACKS, lambda: DUE)

    assert [message.to for message in pretend.messages] == [people.other_mentee.phone]
    assert await standing_of(conn, people.mentee) == ("queued", "push", None)


async def test_who_did_not_choose_it_is_texted_whatever_devices_they_have(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await add_device(conn, people.mentee, "phone-1234")
    await nudge(conn)

    await ways.beat(DUE)

    assert (ways.pushed(), texted(pretend, people.mentee.phone)) == ([], 1)


async def test_without_a_device_the_nudge_goes_by_text_in_the_same_beat(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await choose_push(conn, people.mentee)
    await nudge(conn)

    await ways.beat(DUE)

    assert texted(pretend, people.mentee.phone) == 1
    assert await standing_of(conn, people.mentee) == ("sent", "sms", "no_device")


async def test_without_push_services_everything_goes_by_text(
    pool: Pool, conn: Connection, people: Cast, twilio: Twilio, ways: Both, pretend: PretendTwilio
) -> None:
    await nudge_by_push(conn, people.mentee)

    await Both(pool, {}, ways.service, twilio).beat(DUE)

    assert texted(pretend, people.mentee.phone) == 1
    assert await standing_of(conn, people.mentee) == ("sent", "sms", "stopped")


async def test_a_device_on_a_service_that_is_not_set_up_is_none(
    pool: Pool, conn: Connection, people: Cast, twilio: Twilio, ways: Both, pretend: PretendTwilio
) -> None:
    await choose_push(conn, people.mentee)
    await add_device(conn, people.mentee, ways.service.browser().token(), Provider.web_push)
    await nudge(conn)

    await Both(pool, {Provider.fcm: ways.pushers[Provider.fcm]}, ways.service, twilio).beat(DUE)

    assert (ways.pushed(), texted(pretend, people.mentee.phone)) == ([], 1)


async def test_of_several_devices_the_one_seen_last_is_pushed_to(conn: Connection, people: Cast, ways: Both) -> None:
    await choose_push(conn, people.mentee)
    await add_device(conn, people.mentee, "phone-old-1", at=DUE - 2 * MINUTE)
    browser = ways.service.browser().token()
    await add_device(conn, people.mentee, browser, Provider.web_push, at=DUE - MINUTE)
    await nudge(conn)

    await ways.beat(DUE)

    assert ways.pushed() == [browser]


async def test_a_device_that_is_gone_loses_its_token_and_the_next_one_is_pushed_to(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await choose_push(conn, people.mentee)
    await add_device(conn, people.mentee, "phone-old-1", at=DUE - 2 * MINUTE)
    gone = await add_device(conn, people.mentee, "phone-new-1", at=DUE - MINUTE)
    await nudge(conn)
    ways.service.plan([Fault.gone])

    await ways.beat(DUE)

    found = await store.devices.one(conn, people.mentee.id, gone, DUE)
    assert found is not None
    forgotten, _ = found
    assert (forgotten.push_token, forgotten.push_provider) == (None, None)
    assert (ways.pushed(), texted(pretend, people.mentee.phone)) == (["phone-old-1"], 0)


@pytest.mark.parametrize(
    ("fault", "because"),
    [(Fault.gone, "gone"), (Fault.invalid, "refused"), (Fault.unbelieved, "stopped")],
)
async def test_what_the_service_surely_did_not_take_goes_by_text_in_the_same_beat(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio, fault: Fault, because: str
) -> None:
    await nudge_by_push(conn, people.mentee)
    ways.service.plan([fault])

    await ways.beat(DUE)

    assert (ways.service.posts, texted(pretend, people.mentee.phone)) == (1, 1)
    assert await standing_of(conn, people.mentee) == ("sent", "sms", because)


async def test_a_busy_service_is_left_alone_as_long_as_it_says_and_then_tried_again(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await nudge_by_push(conn, people.mentee)
    ways.service.plan([Fault.busy])

    await ways.beat(DUE)
    await ways.beat(DUE + 6 * SECOND)
    posts = ways.service.posts
    await ways.beat(DUE + 10 * SECOND)

    assert (posts, ways.pushed(), texted(pretend, people.mentee.phone)) == (1, ["phone-1234"], 0)


async def test_a_service_that_stays_busy_is_not_waited_for(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await nudge_by_push(conn, people.mentee)
    ways.service.plan([Fault.busy] * 3)

    for minute in range(3):
        await ways.beat(DUE + minute * MINUTE)

    assert (ways.service.posts, texted(pretend, people.mentee.phone)) == (3, 1)
    assert await standing_of(conn, people.mentee) == ("sent", "sms", "busy")


@pytest.mark.parametrize("fault", [Fault.never, Fault.taken_never, Fault.reset, Fault.taken_reset, Fault.broken])
async def test_what_may_have_been_pushed_is_neither_pushed_again_nor_texted(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio, fault: Fault
) -> None:
    await nudge_by_push(conn, people.mentee)
    ways.service.plan([fault])

    await ways.beat(DUE)
    unsure = await standing_of(conn, people.mentee)
    for minute in (2, 4, 30):
        await store.senders.hear(conn, DUE + minute * MINUTE)  # the carrier reports of others: it says nothing of this
        await ways.settle(DUE + minute * MINUTE)
        await ways.beat(DUE + minute * MINUTE)

    assert unsure == ("uncertain", "push", None)
    assert await standing_of(conn, people.mentee) == ("uncertain", "push", None)
    assert (ways.service.posts, texted(pretend, people.mentee.phone)) == (1, 0)


async def test_a_sender_that_dies_while_it_pushes_leaves_a_nudge_that_is_not_texted(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await nudge_by_push(conn, people.mentee)
    lease = timedelta(minutes=2)
    await store.pushes.claim_due(conn, Provider.fcm, [Provider.fcm], DUE, lease, 10)

    for minute in (3, 5, 7):
        await ways.settle(DUE + minute * MINUTE)
        await ways.beat(DUE + minute * MINUTE)

    assert await standing_of(conn, people.mentee) == ("uncertain", "push", None)
    assert (ways.service.posts, texted(pretend, people.mentee.phone)) == (0, 0)


async def test_four_workers_at_once_push_each_nudge_once(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    for number, one in enumerate((people.mentee, people.other_mentee)):
        await choose_push(conn, one)
        await add_device(conn, one, f"phone-{number}-000")
    await nudge(conn)

    await asyncio.gather(*(ways.beat(DUE) for _ in range(4)))

    assert sorted(ways.pushed()) == ["phone-0-000", "phone-1-000"]
    assert pretend.messages == []


async def test_an_answer_before_the_push_keeps_it_from_leaving(conn: Connection, people: Cast, ways: Both) -> None:
    await nudge_by_push(conn, people.mentee)
    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, 7, 6, at=DUE), DUE)

    await ways.beat(DUE + SECOND)

    assert (ways.service.posts, (await message_of(conn, people.mentee))["status"]) == (0, "cancelled")


async def test_stop_keeps_a_push_from_leaving_too(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await nudge_by_push(conn, people.mentee)
    await text(conn, people.mentee, "STOP")

    await ways.beat(DUE + SECOND)

    assert ways.pushed() == []


async def test_after_its_window_a_nudge_that_was_put_off_goes_neither_way(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await nudge_by_push(conn, people.mentee)
    ways.service.plan([Fault.busy])
    await ways.beat(DUE)

    await ways.beat(DUE + timedelta(hours=5))

    assert (ways.pushed(), texted(pretend, people.mentee.phone)) == ([], 0)
    assert (await message_of(conn, people.mentee))["status"] == "expired"
