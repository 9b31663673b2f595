"""Recording check-ins against a real database."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkin import core, flows, store
from checkin.core.errors import DayOutOfReach, UnknownPerson
from checkin.core.trend import Report
from checkin.store.pool import Connection, Pool
from tests.people import DAY, FALLING, MONDAY, NOW, STEADY, Cast, answer, check_in_daily


async def test_a_check_in_is_stored_as_it_was_said(conn: Connection, people: Cast) -> None:
    said = answer(MONDAY, 7, 5, note="slept 4 hours")

    await flows.check_ins.record(conn, people.mentee.id, said, NOW)

    found = await store.check_ins.one(conn, people.mentee.id, MONDAY)
    assert found is not None
    assert (found.mood, found.hope, found.note) == (7, 5, "slept 4 hours")


async def test_the_same_answer_ten_times_at_once_is_one_row(pool: Pool, conn: Connection, people: Cast) -> None:
    said = answer(MONDAY, 7, 5)

    async def once() -> str:
        async with pool.acquire(patience=10) as own:
            return str(await flows.check_ins.record(own, people.mentee.id, said, NOW))

    answers = await asyncio.gather(*(once() for _ in range(10)))

    assert len(set(answers)) == 1
    assert await conn.fetchval("select count(*) from check_ins") == 1
    assert await conn.fetchval("select count(*) from check_in_history") == 0
    assert await conn.fetchval("select version from trend_states where mentee_id = $1", people.mentee.id) == 1


async def test_ten_different_days_at_once_are_all_folded(pool: Pool, conn: Connection, people: Cast) -> None:
    said = [answer(MONDAY - number * DAY, 7, number % 5) for number in range(10)]

    async def once(number: int) -> None:
        async with pool.acquire(patience=10) as own:
            await flows.check_ins.record(own, people.mentee.id, said[number], NOW)

    await asyncio.gather(*(once(number) for number in range(10)))

    before = await store.check_ins.read(conn, people.mentee.id, MONDAY)
    assert before is not None
    reports = [one.report for one in reversed(said) if one.report]
    assert before.trail.state == core.trend.fold(core.trend.START, reports)[0]


async def test_the_newer_answer_stands_and_the_older_one_stays_in_the_history(conn: Connection, people: Cast) -> None:
    newer = answer(MONDAY, 8, 8, at=NOW - timedelta(hours=1))
    older = answer(MONDAY, 2, 2, at=NOW - timedelta(hours=2), note="early")

    await flows.check_ins.record(conn, people.mentee.id, newer, NOW)
    first = await flows.check_ins.record(conn, people.mentee.id, older, NOW)
    again = await flows.check_ins.record(conn, people.mentee.id, older, NOW)

    assert first.mood == again.mood == 8
    history = await conn.fetch("select id, mood, note from check_in_history")
    assert [row["mood"] for row in history] == [2]
    assert conn.vault.open("check_ins.note", history[0]["id"], history[0]["note"]) == "early"


async def test_a_falling_week_raises_one_alert_that_explains_itself(conn: Connection, people: Cast) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)

    alerts = await store.alerts.open_for(conn, people.mentor.id, NOW)

    assert [alert.kind for alert in alerts] == ["trend"]
    assert alerts[0].evidence[0]["channel"] == "both"
    assert alerts[0].evidence[0]["usual_mood"] > 6


async def test_a_second_bad_week_does_not_raise_a_second_alert(conn: Connection, people: Cast) -> None:
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING, until=MONDAY - 7 * DAY)

    await check_in_daily(conn, people.mentee, FALLING)

    assert len(await store.alerts.open_for(conn, people.mentor.id, NOW)) == 1


async def test_a_skip_is_an_answer_and_leaves_the_detector_alone(conn: Connection, people: Cast) -> None:
    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, None, None), NOW)

    before = await store.check_ins.read(conn, people.mentee.id, MONDAY)
    assert before is not None
    assert before.stored is not None
    assert before.stored.skipped
    assert before.trail.state == core.trend.START


@pytest.mark.parametrize(
    ("day", "at"),
    [
        (MONDAY - 31 * DAY, NOW - 29 * DAY),
        (MONDAY, NOW + timedelta(hours=1)),
        (MONDAY + DAY, NOW),
        (MONDAY, NOW - timedelta(days=30, hours=1)),
        (MONDAY, NOW + 730 * DAY),
    ],
)
async def test_days_and_times_out_of_reach_are_refused(conn: Connection, people: Cast, day, at) -> None:  # type: ignore[no-untyped-def]  # the table says it
    with pytest.raises(DayOutOfReach):
        await flows.check_ins.record(conn, people.mentee.id, answer(day, 5, 5, at=at), NOW)

    assert await conn.fetchval("select count(*) from check_ins") == 0


async def test_only_a_mentee_checks_in(conn: Connection, people: Cast) -> None:
    with pytest.raises(UnknownPerson):
        await flows.check_ins.record(conn, people.mentor.id, answer(MONDAY, 5, 5), NOW)


EDITS = st.lists(
    st.tuples(st.integers(0, 29), st.integers(0, 10), st.integers(0, 10), st.integers(0, 500)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
async def test_edits_in_any_order_end_where_the_same_answers_in_order_end(
    conn: Connection, people: Cast, edits: list[tuple[int, int, int, int]]
) -> None:
    await conn.execute("truncate check_ins, check_in_history, help_requests, alert_links, alert_steps, alerts")
    await conn.execute("delete from trend_states where mentee_id = $1", people.mentee.id)
    await store.check_ins.start_trend(conn, people.mentee.id, core.trend.Trail(), NOW)

    for back, mood, hope, minutes in edits:
        said = answer(MONDAY - back * DAY, mood, hope, at=NOW - timedelta(minutes=minutes))
        await flows.check_ins.record(conn, people.mentee.id, said, NOW)

    standing: dict[int, tuple[int, Report]] = {}
    before = await store.check_ins.read(conn, people.mentee.id, MONDAY)
    assert before is not None
    stored = await store.check_ins.reports_since(conn, people.mentee.id, None)
    assert before.trail.state == core.trend.fold(core.trend.START, stored)[0]
    for back, mood, hope, minutes in edits:
        report = Report(MONDAY - back * DAY, mood, hope)
        newer = back not in standing or minutes < standing[back][0]
        if newer or (minutes == standing[back][0] and report in stored):
            standing[back] = (minutes, report)
    assert stored == sorted((report for _, report in standing.values()), key=lambda report: report.day)


async def test_recording_takes_two_statements_and_no_more(conn: Connection, people: Cast) -> None:
    statements: list[str] = []

    def note(record: object) -> None:
        statements.append(str(getattr(record, "query", "")))

    with conn.query_logger(note):
        await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, 7, 5), NOW)
        await asyncio.sleep(0)  # the driver reports a statement on the loop's next turn

    assert len(statements) == 2, [one.split()[:12] for one in statements]
