"""The nudge tick against a real database."""

import asyncio
from collections import Counter
from datetime import timedelta

from checkin import flows, store
from checkin.core.texts import Text
from checkin.store.pool import Connection, Pool
from tests.people import DAY, MONDAY, NOW, Cast, answer
from tests.phones import sent_to, text, told

EVENING = NOW + timedelta(hours=3, minutes=6)
"""18:06 in New York: past everybody's nudge at 18:00 with its spread."""


async def decisions(conn: Connection, day=MONDAY) -> list[str]:  # type: ignore[no-untyped-def]  # a date
    rows = await conn.fetch("select decision from nudges where day = $1 order by decision", day)
    return [row["decision"] for row in rows]


async def deliver(conn: Connection, status: str = "delivered") -> None:
    """Let the carrier have what waits."""
    await conn.execute("update outbox set status = $1 where status = 'queued'", status)


async def test_everybody_due_is_asked_once_in_their_language(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING)
    again = await flows.nudges.ask_due(conn, EVENING)

    assert again == Counter()
    assert await sent_to(conn, people.mentee) == [told(Text.nudge)]
    assert await sent_to(conn, people.other_mentee) == [told(Text.nudge, "es")]
    assert await decisions(conn) == ["sent", "sent"]


async def test_nobody_is_asked_before_their_hour(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)

    counts = await flows.nudges.ask_due(conn, NOW + timedelta(hours=2, minutes=59))

    assert counts == Counter()


async def test_whoever_has_answered_is_not_asked_and_the_row_says_so(conn: Connection, people: Cast) -> None:
    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, 7, 5), NOW)

    await flows.nudges.ask_due(conn, EVENING)

    assert await sent_to(conn, people.mentee) == []
    assert await decisions(conn) == ["answered", "sent"]


async def test_an_answer_between_queueing_and_sending_cancels_the_nudge(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING)
    await text(conn, people.mentee, "7 5", at=EVENING)

    await store.closings.close_stale(conn, EVENING)
    claimed = (await store.outbox.claim_due(conn, EVENING, timedelta(minutes=2), 10)).readable

    assert [message.lane for message in claimed] == ["reply", "nudge"]
    assert {message.person_id for message in claimed if message.lane == "nudge"} == {people.other_mentee.id}


async def test_paused_and_opted_out_are_not_asked(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await text(conn, people.mentee, "pause 5")
    await text(conn, people.other_mentee, "STOP")

    await flows.nudges.ask_due(conn, EVENING)

    assert await decisions(conn) == ["opted_out", "paused"]


async def test_a_worker_back_within_the_window_asks_once_and_marks_the_missed_days(
    conn: Connection, people: Cast
) -> None:
    await flows.nudges.ask_due(conn, EVENING - 4 * DAY)

    await flows.nudges.ask_due(conn, EVENING + timedelta(hours=1))

    assert await decisions(conn, MONDAY - DAY) == ["expired", "expired"]
    assert await decisions(conn) == ["sent", "sent"]
    assert len(await sent_to(conn, people.mentee)) == 2


async def test_a_worker_back_after_the_window_asks_nobody(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)

    await flows.nudges.ask_due(conn, EVENING + timedelta(hours=5))

    assert await decisions(conn) == ["expired", "expired"]


async def test_three_ignored_nudges_make_every_second_day_and_an_answer_daily_again(
    conn: Connection, people: Cast
) -> None:
    start = EVENING - 10 * DAY
    for day in range(6):
        await flows.nudges.ask_due(conn, start + day * DAY)
        await deliver(conn)
    first = [(MONDAY - 10 * DAY) + day * DAY for day in range(6)]
    made = [set(await decisions(conn, day)) for day in first]
    await text(conn, people.mentee, "7 5", at=start + 6 * DAY - timedelta(hours=2))
    after = [await flows.nudges.ask_due(conn, start + day * DAY) for day in (6, 7)]

    assert made == [{"sent"}, {"sent"}, {"sent"}, {"every_other_day"}, {"sent"}, {"every_other_day"}]
    assert after[0]["answered"] == 1
    assert after[1]["sent"] == 1


async def test_a_slot_that_has_its_row_keeps_it_and_is_not_asked_again(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING)
    rows = "select mentee_id, decided_at, message_id from nudges order by mentee_id"
    before = await conn.fetch(rows)
    await store.nudges.plan_next(conn, [(people.mentee.id, EVENING - timedelta(minutes=6))])

    again = await flows.nudges.ask_due(conn, EVENING + timedelta(minutes=1))

    assert again == Counter(already_sent=1)
    assert await conn.fetch(rows) == before
    assert len(await sent_to(conn, people.mentee)) == 1


async def test_a_text_without_its_row_stops_that_one_and_nobody_else(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING)
    await conn.execute("delete from nudges")
    await conn.execute("delete from outbox where mentee_id = $1", people.other_mentee.id)
    due_at = EVENING - timedelta(minutes=6)
    await store.nudges.plan_next(conn, [(people.mentee.id, due_at), (people.other_mentee.id, due_at)])

    again = await flows.nudges.ask_due(conn, EVENING)

    assert again == Counter(already_sent=1, sent=1)
    assert await decisions(conn) == ["already_sent", "sent"]
    assert len(await sent_to(conn, people.mentee)) == 1


async def test_a_queued_nudge_is_found_by_its_phone(conn: Connection, people: Cast) -> None:
    assert people.mentee.phone is not None
    await flows.nudges.ask_due(conn, EVENING)

    await store.closings.cancel_to(conn, people.mentee.phone, EVENING)

    rows = await conn.fetch("select mentee_id from outbox where status = 'cancelled'")
    assert [row["mentee_id"] for row in rows] == [people.mentee.id]


async def test_four_workers_at_once_ask_everybody_once(pool: Pool, conn: Connection, people: Cast) -> None:
    async def tick() -> None:
        async with pool.acquire(patience=10) as own:
            await flows.nudges.ask_due(own, EVENING)

    await asyncio.gather(*(tick() for _ in range(4)))

    assert await conn.fetchval("select count(*) from outbox") == 2
