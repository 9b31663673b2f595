"""Reminders: a plan with a second time asks once more on the same day, only if nobody has answered."""

from collections import Counter
from datetime import datetime, time, timedelta

import pytest

from checkin import core, flows, store
from checkin.core.pushes import Way
from checkin.core.texts import Text
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests.flows.test_delivery import send
from tests.people import DAY, MONDAY, NOW, Cast, answer
from tests.phones import sent_to, told
from tests.pretend_twilio import PretendTwilio

HOUR = timedelta(hours=1)
NOON = NOW - timedelta(hours=2, minutes=54)
"""12:06 in New York: past the nudge at 12:00 with its spread."""
EVENING = NOW + timedelta(hours=3, minutes=6)
"""18:06 in New York: past the reminder at 18:00."""


@pytest.fixture(autouse=True)
async def twice(conn: Connection, people: Cast) -> None:
    """Ana wants to be asked at noon and, if need be, at six."""
    await conn.execute("update nudge_plans set times = $1", [time(18), time(12)])
    await conn.execute("update nudge_plans set next_nudge_at = null where mentee_id <> $1", people.mentee.id)
    plan = await store.nudges.plan_of(conn, people.mentee.id)
    assert plan is not None
    slot = core.nudges.next_due(plan, NOON - timedelta(hours=1))
    assert slot is not None
    await store.nudges.plan_next(conn, [(people.mentee.id, slot.at)])


async def rows(conn: Connection) -> list[tuple[str, str, str]]:
    found = await conn.fetch("select day, kind, decision from nudges order by due_at")
    return [(str(row["day"] - MONDAY).partition(",")[0], row["kind"], row["decision"]) for row in found]


async def test_an_unanswered_nudge_is_followed_by_one_reminder(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, NOON)
    await flows.nudges.ask_due(conn, EVENING)

    again = await flows.nudges.ask_due(conn, EVENING + timedelta(hours=5))

    assert again == Counter()
    assert await sent_to(conn, people.mentee) == [told(Text.nudge), told(Text.reminder)]


async def test_an_answered_nudge_is_not(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, NOON)
    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, 7, 5, at=NOW), NOW)

    await flows.nudges.ask_due(conn, EVENING)

    assert await rows(conn) == [("0:00:00", "nudge", "sent"), ("0:00:00", "reminder", "answered")]


async def test_the_day_after_begins_with_the_nudge_again(conn: Connection, people: Cast) -> None:
    for day in range(2):
        await flows.nudges.ask_due(conn, NOON + day * DAY)
        await flows.nudges.ask_due(conn, EVENING + day * DAY)

    assert [row[1:] for row in await rows(conn)] == [("nudge", "sent"), ("reminder", "sent")] * 2


async def test_a_worker_back_while_both_are_open_asks_once(conn: Connection, people: Cast) -> None:
    await conn.execute("update nudge_plans set times = $1", [time(16), time(18)])

    await flows.nudges.ask_due(conn, EVENING)

    assert await rows(conn) == [("0:00:00", "nudge", "sent"), ("0:00:00", "reminder", "just_asked")]
    assert await sent_to(conn, people.mentee) == [told(Text.nudge)]


async def test_a_reminder_keeps_an_hour_from_a_nudge_that_was_late(conn: Connection, people: Cast) -> None:
    await conn.execute("update nudge_plans set times = $1", [time(16), time(18)])
    await flows.nudges.ask_due(conn, EVENING - timedelta(minutes=10))

    await flows.nudges.ask_due(conn, EVENING)

    assert [row[2] for row in await rows(conn)] == ["sent", "just_asked"]


async def both_queued(conn: Connection) -> None:
    """Let the nudge and the reminder of one day wait together, as when the nudge comes back after the reminder."""
    await conn.execute("update nudge_plans set times = $1", [time(16), time(18)])
    await flows.nudges.ask_due(conn, EVENING - 2 * HOUR)
    await conn.execute("update outbox set status = 'sent', attempts = 1, attempt_id = gen_random_uuid()")
    await flows.nudges.ask_due(conn, EVENING)
    await conn.execute("update outbox set expires_at = $1", EVENING + 4 * HOUR)


async def settle_lapsed(pool: Pool, now: datetime) -> None:
    """Take up what nobody has settled, with no carrier to ask."""
    await flows.delivery.settle_lapsed(pool, None, lambda: now)


async def test_a_nudge_that_is_tried_again_leaves_before_its_reminder_and_an_hour_before(
    conn: Connection, people: Cast, pool: Pool, twilio: Twilio, pretend: PretendTwilio
) -> None:
    await both_queued(conn)
    await conn.execute(
        "update outbox set status = 'queued', not_before = $1 where dedupe_key like 'nudge:%'", EVENING + HOUR / 2
    )

    left = []
    for minutes in range(0, 150, 10):
        now = EVENING + timedelta(minutes=minutes)
        await send(pool, twilio, now)
        left.append(len(pretend.messages))

    assert left == [0] * 3 + [1] * 6 + [2] * 6
    assert [message.form["Body"] for message in pretend.messages] == [told(Text.nudge), told(Text.reminder)]


async def test_a_nudge_is_not_tried_again_once_its_reminder_has_left(
    conn: Connection, people: Cast, pool: Pool, twilio: Twilio, pretend: PretendTwilio
) -> None:
    await both_queued(conn)
    await send(pool, twilio, EVENING)
    await conn.execute("update outbox set status = 'queued', sent_at = null where dedupe_key like 'nudge:%'")

    await send(pool, twilio, EVENING + HOUR / 2)

    assert [message.form["Body"] for message in pretend.messages] == [told(Text.reminder)]


async def test_a_reminder_that_keeps_the_hour_is_late_only_from_its_end(conn: Connection, people: Cast) -> None:
    await both_queued(conn)
    await conn.execute("update outbox set sent_at = $1 where dedupe_key like 'nudge:%'", EVENING - HOUR / 4)

    late = []
    for minutes in (0, 44, 45, 50):
        now = EVENING + timedelta(minutes=minutes)
        lag, by_way = await store.lag.measure(conn, now), await store.pushes.waiting(conn, now)
        late.append((lag.message, sum(lane.waiting for lane in lag.lanes), by_way[Way.sms]))

    nothing = (timedelta(), 0, 0)
    assert late == [nothing, nothing, (timedelta(), 1, 1), (timedelta(minutes=5), 1, 1)]


@pytest.mark.parametrize("status", ["claimed", "uncertain", "queued"])
async def test_a_reminder_behind_its_nudge_is_not_late(conn: Connection, people: Cast, status: str) -> None:
    await both_queued(conn)
    await conn.execute(
        "update outbox set status = $1, claimed_until = $2, not_before = $2 where dedupe_key like 'nudge:%'",
        status,
        EVENING + HOUR,
    )

    lag = await store.lag.measure(conn, EVENING + HOUR / 2)

    assert lag.message == timedelta()


async def test_a_nudge_kept_behind_its_reminder_is_not_late(conn: Connection, people: Cast) -> None:
    await both_queued(conn)
    await conn.execute("update outbox set status = 'queued', sent_at = null where dedupe_key like 'nudge:%'")
    await conn.execute("update outbox set status = 'sent', sent_at = $1 where dedupe_key like 'reminder:%'", EVENING)

    lag = await store.lag.measure(conn, EVENING + 2 * HOUR)

    assert lag.message == timedelta()


async def test_a_nudge_that_was_given_up_holds_its_reminder_for_an_hour_since_it_may_have_left(
    conn: Connection, people: Cast, pool: Pool, twilio: Twilio, pretend: PretendTwilio
) -> None:
    await both_queued(conn)
    await conn.execute(
        "update outbox set status = 'claimed', claimed_at = $1, claimed_until = $1 where dedupe_key like 'nudge:%'",
        EVENING - HOUR / 2,
    )
    for minutes in (0, 3):
        await settle_lapsed(pool, EVENING + timedelta(minutes=minutes))

    left = []
    for minutes in range(10, 60, 10):
        await send(pool, twilio, EVENING + timedelta(minutes=minutes))
        left.append([message.form["Body"] for message in pretend.messages])

    assert await conn.fetchval("select claimed_until = 'infinity' from outbox where dedupe_key like 'nudge:%'")
    assert left == [[]] * 2 + [[told(Text.reminder)]] * 3


async def test_a_nudge_is_not_tried_again_once_its_reminder_may_have_left(
    conn: Connection, people: Cast, pool: Pool, twilio: Twilio, pretend: PretendTwilio
) -> None:
    await both_queued(conn)
    await conn.execute("update outbox set status = 'queued' where dedupe_key like 'nudge:%'")
    await conn.execute(
        "update outbox set status = 'uncertain', claimed_at = $1, claimed_until = 'infinity'"
        " where dedupe_key like 'reminder:%'",
        EVENING,
    )

    await send(pool, twilio, EVENING + 2 * HOUR)

    assert pretend.messages == []


async def test_reminders_are_not_sent_on_days_the_ladder_leaves_out(conn: Connection, people: Cast) -> None:
    for day in range(4):
        await flows.nudges.ask_due(conn, NOON + day * DAY)
        await flows.nudges.ask_due(conn, EVENING + day * DAY)
        await conn.execute("update outbox set status = 'delivered'")

    assert [row[2] for row in await rows(conn)] == ["sent"] * 6 + ["every_other_day"] * 2


async def test_reminders_do_not_make_the_silence_come_sooner(conn: Connection, people: Cast) -> None:
    for day in range(5):
        await flows.nudges.ask_due(conn, NOON + day * DAY)
        await flows.nudges.ask_due(conn, EVENING + day * DAY)
        await conn.execute("update outbox set status = 'delivered'")
    await flows.nudges.ask_due(conn, NOON + 5 * DAY)

    assert await conn.fetchval("select count(*) from alerts") == 0
