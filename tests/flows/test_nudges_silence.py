"""The end of the ladder: six nudges that were really sent and not answered reach the mentor, once."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from checkin import core, flows, store
from checkin.core.alerts import Kind, Urgency
from checkin.store.pool import Connection
from tests.people import DAY, FALLING, MONDAY, NOW, STEADY, Cast, answer, check_in_daily

EVENING = NOW + timedelta(hours=3, minutes=6)
"""18:06 in New York."""
MORNING = NOW + timedelta(hours=12, minutes=1)
"""03:01 in New York the next day, when Monday has just ended."""
SIXTH = 8
"""Asked on days 0, 1, 2, then every second day: 4, 6 and, the sixth, 8."""


async def ignore(conn: Connection, days: int, *, first: int = 0, status: str = "delivered") -> None:
    """Let *days* days pass, each with its evening and the morning after it, what was sent ending as *status*."""
    for day in range(first, first + days):
        await flows.nudges.ask_due(conn, EVENING + day * DAY)
        await settle(conn, status)
        await flows.nudges.ask_due(conn, MORNING + day * DAY)


async def settle(conn: Connection, status: str = "delivered") -> None:
    """Let what waits end as *status*."""
    await conn.execute(
        "update outbox set status = $1, claimed_until = 'infinity' where status = 'queued' and lane = 'nudge'", status
    )


async def silences(conn: Connection, cast: Cast) -> list[list[dict[str, Any]]]:  # Any: as it was recorded
    """Return the causes of every silence alert about the mentee."""
    rows = await conn.fetch(
        "select evidence, urgency from alerts where mentee_id = $1 and kind = 'silence'", cast.mentee.id
    )
    assert {row["urgency"] for row in rows} <= {Urgency.digest}
    return [msgspec.json.decode(row["evidence"]) for row in rows]


async def test_six_ignored_nudges_raise_one_alert_when_the_sixth_day_has_ended(conn: Connection, people: Cast) -> None:
    await check_in_daily(conn, people.mentee, STEADY, until=MONDAY - DAY)
    await ignore(conn, SIXTH)
    before = await silences(conn, people)
    await flows.nudges.ask_due(conn, EVENING + SIXTH * DAY)
    await settle(conn)
    late_that_evening = await flows.nudges.ask_due(conn, MORNING + SIXTH * DAY - timedelta(minutes=2))

    after = await flows.nudges.ask_due(conn, MORNING + SIXTH * DAY)

    assert before == []
    assert not late_that_evening
    assert after["silent"] == 2  # nor has the other mentee answered
    assert await silences(conn, people) == [[{"days": 9, "last_day": str(MONDAY - DAY)}]]


async def test_the_alert_is_not_raised_again_while_the_silence_lasts(conn: Connection, people: Cast) -> None:
    await ignore(conn, 40)

    found = await silences(conn, people)

    assert found == [[{"days": 9}]]


async def test_a_silence_after_an_answer_is_another_one(conn: Connection, people: Cast) -> None:
    await ignore(conn, SIXTH + 1)
    await conn.execute("update alerts set resolved_at = $1, next_step_at = null", EVENING + 9 * DAY)
    back = MONDAY + 9 * DAY
    await flows.check_ins.record(conn, people.mentee.id, answer(back, 7, 6), EVENING + 9 * DAY)

    await ignore(conn, SIXTH + 1, first=10)

    assert [causes[0].get("last_day") for causes in await silences(conn, people)] == [None, str(back)]


async def test_an_answer_at_the_last_moment_is_no_silence(conn: Connection, people: Cast) -> None:
    await ignore(conn, SIXTH)
    await flows.nudges.ask_due(conn, EVENING + SIXTH * DAY)
    await settle(conn)
    skipped = answer(MONDAY + SIXTH * DAY, None, None, at=EVENING + SIXTH * DAY)
    await flows.check_ins.record(conn, people.mentee.id, skipped, MORNING + SIXTH * DAY - timedelta(minutes=10))

    await flows.nudges.ask_due(conn, MORNING + SIXTH * DAY)

    assert await silences(conn, people) == []


@pytest.mark.parametrize("status", ["failed", "undelivered", "uncertain", "expired", "cancelled"])
async def test_what_did_not_arrive_was_not_ignored(conn: Connection, people: Cast, status: str) -> None:
    await ignore(conn, 21, status=status)

    assert await conn.fetchval("select count(*) from nudges where decision = 'sent'") == 42  # both, every day
    assert await silences(conn, people) == []


@pytest.mark.parametrize(
    "change",
    [
        "update people set opted_out_at = now()",
        "update people set unreachable_at = now()",
        "update people set status = 'ended'",
        (
            "insert into pauses (mentee_id, id, starts_on, until, source, made_at) "
            f"select mentee_id, gen_random_uuid(), '{MONDAY}', '{MONDAY + 30 * DAY}', 'app', now() from nudge_plans"
        ),
    ],
)
async def test_whoever_is_paused_gone_or_out_of_reach_is_not_silent(
    conn: Connection, people: Cast, change: str
) -> None:
    await ignore(conn, SIXTH)
    await flows.nudges.ask_due(conn, EVENING + SIXTH * DAY)
    await settle(conn)
    await conn.execute(change)

    await flows.nudges.ask_due(conn, MORNING + SIXTH * DAY)

    assert await conn.fetchval("select count(*) from alerts where kind = 'silence'") == 0


async def test_after_low_reports_five_ignored_nudges_are_enough_and_the_sentence_says_so(
    conn: Connection, people: Cast
) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 3 + FALLING[:3], until=MONDAY - DAY)

    await ignore(conn, SIXTH - 1)

    ((cause,),) = await silences(conn, people)
    assert cause == {"days": 7, "last_day": str(MONDAY - DAY), "low": True}
    told = core.sentences.sentence("Ana", Kind.silence, [cause], "en")
    assert told == "Ana has not reported for 7 days; the last reports were lower than usual."


async def test_after_usual_reports_nothing_is_said_of_lower_ones() -> None:
    cause = {"days": 9, "last_day": str(date(2026, 11, 15))}

    assert core.sentences.sentence("Ana", Kind.silence, [cause], "en") == "Ana has not reported for 9 days."


async def test_the_mentor_is_told(conn: Connection, people: Cast) -> None:
    await ignore(conn, SIXTH + 1)

    await flows.alerts.move_due(conn, MORNING + SIXTH * DAY + timedelta(hours=6))

    (alert,) = await store.alerts.open_for(conn, people.mentor.id, MORNING + SIXTH * DAY + timedelta(hours=6))
    assert (alert.kind, alert.owner_id) == (Kind.silence, people.mentor.id)
