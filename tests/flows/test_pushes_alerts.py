"""An alert is promised by text; where the carrier filters it, or the handset is off, push is the other channel."""

from datetime import timedelta
from uuid import UUID

import pytest

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.flows.delivery import Report
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests import pretend_twilio
from tests.flows.pushing import SECOND, SENDER, Both, add_device
from tests.people import NOW, Cast
from tests.pretend_push import Fault
from tests.pretend_twilio import PretendTwilio

MINUTE = timedelta(minutes=1)
FILTERED, SWITCHED_OFF = 30007, 30003


async def raise_alert(conn: Connection, people: Cast) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.trend, {}, NOW)
    await flows.alerts.move_due(conn, NOW)


async def report_lost(conn: Connection, code: int, now: object = NOW) -> UUID:
    """Let the carrier report the alert's text as undelivered; returns the message's id."""
    row = await conn.fetchrow(
        "select id, attempt_id, provider_sid from outbox where lane = 'alert' order by created_at"
    )
    assert row is not None
    lost = Report(message=row["id"], attempt=row["attempt_id"], sid=row["provider_sid"], word="undelivered", code=code)
    await flows.delivery.hear_callback(conn, lost, SENDER.name, NOW)
    message: UUID = row["id"]
    return message


async def steps(conn: Connection) -> list[tuple[str, str, str | None]]:
    rows = await conn.fetch("select role, through, became from alert_steps where result = 'asked' order by step")
    return [(row["role"], row["through"], row["became"]) for row in rows]


async def test_an_alert_goes_by_text_though_its_mentor_has_a_device(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await add_device(conn, people.mentor, "mentors-phone")
    await raise_alert(conn, people)

    await ways.beat(NOW)

    assert (ways.pushed(), [message.to for message in pretend.messages]) == ([], [people.mentor.phone])


@pytest.mark.parametrize("code", [FILTERED, SWITCHED_OFF])
async def test_an_alert_whose_text_does_not_arrive_goes_by_push_to_the_same_mentor(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio, code: int
) -> None:
    await add_device(conn, people.mentor, "mentors-phone")
    await raise_alert(conn, people)
    await ways.beat(NOW)
    message = await report_lost(conn, code)

    await ways.beat(NOW + SECOND)
    await flows.alerts.move_due(conn, NOW + 2 * SECOND)

    [taken] = ways.service.taken
    assert (taken.token, taken.payload, taken.shown) == ("mentors-phone", {"id": str(message)}, "Open the app.")
    assert await steps(conn) == [("mentor", "push", None)]
    assert len(pretend.messages) == 1


async def test_an_alert_that_the_carrier_refuses_as_filtered_is_pushed_at_once(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    pretend.plan([pretend_twilio.error(400, FILTERED)])
    await add_device(conn, people.mentor, "mentors-phone")
    await raise_alert(conn, people)

    await ways.beat(NOW)
    await ways.beat(NOW + SECOND)

    assert ways.pushed() == ["mentors-phone"]


@pytest.mark.parametrize("has_services", [True, False])
async def test_without_a_device_it_goes_to_the_next_person_at_once(
    pool: Pool, conn: Connection, people: Cast, ways: Both, twilio: Twilio, has_services: bool
) -> None:
    if not has_services:
        await add_device(conn, people.mentor, "mentors-phone")
        ways = Both(pool, {}, ways.service, twilio)
    await raise_alert(conn, people)
    await ways.beat(NOW)
    await report_lost(conn, FILTERED)

    await ways.beat(NOW + SECOND)
    await flows.alerts.move_due(conn, NOW + 2 * SECOND)

    assert await steps(conn) == [
        ("mentor", "sms" if has_services else "push", "undelivered"),
        ("cover", "sms", None),
    ]


@pytest.mark.parametrize("fault", [Fault.gone, Fault.invalid, Fault.unbelieved])
async def test_a_push_that_is_not_taken_moves_the_alert_on_at_once(
    conn: Connection, people: Cast, ways: Both, fault: Fault
) -> None:
    ways.service.plan([fault])
    await add_device(conn, people.mentor, "mentors-phone")
    await raise_alert(conn, people)
    await ways.beat(NOW)
    await report_lost(conn, FILTERED)

    await ways.beat(NOW + SECOND)
    await flows.alerts.move_due(conn, NOW + 2 * SECOND)

    assert await steps(conn) == [("mentor", "push", "undelivered"), ("cover", "sms", None)]


async def test_a_push_of_an_alert_that_may_be_lost_is_pushed_again(conn: Connection, people: Cast, ways: Both) -> None:
    ways.service.plan([Fault.never])
    await add_device(conn, people.mentor, "mentors-phone")
    await raise_alert(conn, people)
    await ways.beat(NOW)
    await report_lost(conn, FILTERED)
    await ways.beat(NOW + SECOND)

    await ways.settle(NOW + 2 * MINUTE)
    await ways.beat(NOW + 2 * MINUTE)

    assert (ways.service.posts, ways.pushed()) == (2, ["mentors-phone"])


async def test_the_carriers_word_said_twice_or_late_pushes_once(conn: Connection, people: Cast, ways: Both) -> None:
    await add_device(conn, people.mentor, "mentors-phone")
    await raise_alert(conn, people)
    await ways.beat(NOW)
    row = await conn.fetchrow("select id, attempt_id, provider_sid from outbox")
    assert row is not None
    lost = Report(
        message=row["id"], attempt=row["attempt_id"], sid=row["provider_sid"], word="undelivered", code=FILTERED
    )

    for second in range(4):
        await flows.delivery.hear_callback(conn, lost, SENDER.name, NOW + second * SECOND)
        await ways.beat(NOW + second * SECOND)

    assert ways.service.posts == 1
    assert await steps(conn) == [("mentor", "push", None)]


async def test_a_text_that_arrives_after_all_keeps_the_push_from_leaving(
    conn: Connection, people: Cast, ways: Both
) -> None:
    await add_device(conn, people.mentor, "mentors-phone")
    await raise_alert(conn, people)
    await ways.beat(NOW)
    message = await report_lost(conn, FILTERED)

    arrived = Report(message=message, attempt=None, sid="SM1", word="delivered")
    await flows.delivery.hear_callback(conn, arrived, SENDER.name, NOW + SECOND)
    await ways.beat(NOW + 2 * SECOND)

    assert ways.pushed() == []
