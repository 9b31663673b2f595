"""Late and edited reports are folded in again exactly, from a few reports and two old states."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkin.core import trend
from checkin.core.trend import START, Fall, Report, State, Trail

DAY0 = date(2024, 1, 1)
EDITABLE = 30

score = st.integers(0, 10)
gap = st.one_of(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(4, 40))
histories = st.lists(st.tuples(gap, score, score), min_size=70, max_size=160)
changes = st.lists(st.tuples(st.integers(0, EDITABLE), score, score), max_size=4)


def spread_out(steps: list[tuple[int, int, int]]) -> list[Report]:
    day, reports = DAY0, []
    for days, mood, hope in steps:
        day += timedelta(days)
        reports.append(Report(day, mood, hope))
    return reports


def since_anchor(trail: Trail, kept: dict[date, Report]) -> list[Report]:
    anchored = trend.last_day(trail.anchor)
    return [report for day, report in kept.items() if anchored is None or day > anchored]


def in_order(kept: dict[date, Report]) -> tuple[State, list[Fall]]:
    return trend.fold(START, [kept[day] for day in sorted(kept)])


def advance_all(reports: list[Report]) -> Trail:
    trail = Trail()
    for report in reports:
        trail, _ = trend.advance(trail, report)
    return trail


@settings(max_examples=40)
@given(histories, st.lists(changes, min_size=1, max_size=12))
def test_late_and_edited_reports_leave_exactly_the_state_of_an_orderly_history(
    steps: list[tuple[int, int, int]], edits: list[list[tuple[int, int, int]]]
) -> None:
    trail, kept = Trail(), dict[date, Report]()

    for i, report in enumerate(spread_out(steps)):
        trail, _ = trend.advance(trail, report)
        kept[report.day] = report
        for days_ago, mood, hope in edits[i % len(edits)] if i % 7 == 0 else []:
            edited = Report(report.day - timedelta(days_ago), mood, hope)
            kept[edited.day] = edited
            trail, _ = trend.refold(trail, since_anchor(trail, kept))

    assert trail.state == in_order(kept)[0]
    assert trail == advance_all([kept[day] for day in sorted(kept)])


@settings(max_examples=40)
@given(st.data())
def test_any_order_batching_and_duplication_of_reports_ends_in_the_same_state_and_alerts(data: st.DataObject) -> None:
    scores = data.draw(st.lists(st.tuples(score, score), min_size=10, max_size=EDITABLE))
    orderly = [Report(DAY0 + timedelta(i), mood, hope) for i, (mood, hope) in enumerate(scores)]
    arriving = data.draw(st.permutations([*orderly, *orderly[::3]]))
    batch = data.draw(st.integers(1, 9))

    trail, falls, kept = Trail(), list[Fall](), dict[date, Report]()
    for start in range(0, len(arriving), batch):
        kept |= {report.day: report for report in arriving[start : start + batch]}
        trail, falls = trend.refold(trail, since_anchor(trail, kept))

    assert (trail.state, falls) == trend.fold(START, orderly)


@settings(max_examples=40)
@given(histories)
def test_the_anchor_is_old_enough_for_every_edit_and_young_enough_to_be_cheap(
    steps: list[tuple[int, int, int]],
) -> None:
    trail, kept, furthest, nearest = Trail(), dict[date, Report](), 0, EDITABLE + 2

    for report in spread_out(steps):
        trail, _ = trend.advance(trail, report)
        kept[report.day] = report
        furthest = max(furthest, len(since_anchor(trail, kept)))
        if anchored := trend.last_day(trail.anchor):
            nearest = min(nearest, (report.day - anchored).days)

    assert trail.anchor != START
    assert nearest >= EDITABLE + 2
    assert furthest <= 65


def test_a_year_of_daily_reports_never_needs_more_than_65_of_them_again() -> None:
    trail, kept, furthest = Trail(), dict[date, Report](), 0

    for report in spread_out([(1, 6, 7)] * 365):
        trail, _ = trend.advance(trail, report)
        kept[report.day] = report
        furthest = max(furthest, len(since_anchor(trail, kept)))

    assert 32 < furthest <= 65


def test_a_withdrawn_report_is_as_if_it_had_never_come() -> None:
    reports = spread_out([(1, 6, 7), (2, 7, 6), (1, 5, 8)] * 30)
    trail, kept = advance_all(reports), {report.day: report for report in reports}
    del kept[reports[-5].day]

    trail, _ = trend.refold(trail, since_anchor(trail, kept))

    assert trail.state == in_order(kept)[0]


def test_an_edited_report_can_bring_a_fall_to_light() -> None:
    steady = [(1, 6, 6), (1, 7, 7), (1, 6, 7), (1, 7, 6)] * 10
    reports = spread_out([*steady, (1, 3, 3), (1, 7, 7), (1, 3, 3)])
    trail, kept = advance_all(reports), {report.day: report for report in reports}
    kept[reports[-2].day] = Report(reports[-2].day, 3, 3)

    trail, falls = trend.refold(trail, since_anchor(trail, kept))

    assert in_order({report.day: report for report in reports})[1] == []
    assert [fall.day for fall in falls] == [trend.last_alert_day(trail.state)] == [reports[-1].day]


def test_a_late_report_is_not_taken_as_the_newest() -> None:
    trail = advance_all(spread_out([(2, 6, 6)] * 3))

    with pytest.raises(ValueError, match="fold the reports again, in order"):
        trend.advance(trail, Report(DAY0 + timedelta(3), 6, 6))


def test_a_day_that_comes_twice_is_refused() -> None:
    reports = spread_out([(1, 6, 6)] * 3)
    trail = advance_all(reports)

    with pytest.raises(ValueError, match="is not later than that of"):
        trend.refold(trail, [*reports, reports[0]])


def test_a_report_from_before_the_anchor_is_refused() -> None:
    reports = spread_out([(1, 6, 6)] * 150)
    trail = advance_all(reports)

    with pytest.raises(ValueError, match="is not later than that of"):
        trend.refold(trail, reports)


def test_a_trail_is_under_one_kilobyte_and_survives_storage() -> None:
    trail = advance_all(spread_out([(1, 6, 6), (1, 3, 9), (2, 2, 2)] * 60))

    stored = msgspec.msgpack.encode(trail)

    assert len(stored) < 1000
    assert msgspec.msgpack.decode(stored, type=Trail) == trail
