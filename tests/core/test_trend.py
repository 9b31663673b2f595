"""The detector against its golden series, the textbook, and the sentences it speaks."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any  # golden rows are JSON lists of mixed things

import msgspec
import numpy as np
import pytest

from checkin.core import trend
from checkin.core.trend import START, Channel, Fall, Report, State

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "trend_golden.json").read_text())
DAY0 = date(2024, 1, 1)
STEADY = [(6, 6), (7, 7), (6, 7), (7, 6)] * 8
TEXTBOOK = {
    3: {0: 117.6, 0.5: 17.4, 1: 6.4, 1.5: 3.7, 2: 2.7},
    4: {0: 335.4, 0.5: 26.7, 1: 8.4, 1.5: 4.7, 2: 3.3},
    5: {0: 930.9, 0.5: 38.0, 1: 10.4, 1.5: 5.7, 2: 4.0},
}
FALL = Fall(
    day=date(2026, 3, 9),
    channel=Channel.both,
    since=date(2026, 3, 3),
    reports=5,
    mean_mood=4.25,
    mean_hope=3.8,
    usual_mood=6.7,
    usual_hope=5.9,
    statistic=3.1,
    threshold=2.9,
)


def day(number: int) -> date:
    return DAY0 + timedelta(number)


def daily(scores: list[tuple[int, int]], start: int = 0) -> list[Report]:
    return [Report(day(start + i), mood, hope) for i, (mood, hope) in enumerate(scores)]


def test_the_golden_columns_are_the_ones_these_tests_read() -> None:
    columns = GOLDEN["columns"]

    assert columns == ["day", "mood", "hope", "S[c,m,h]", "mean[m,h]", "var[m,h]", "alert"]
    assert len(GOLDEN["series"]) == 6


@pytest.mark.parametrize("number", range(6))
def test_a_golden_series_gives_the_expected_numbers_after_every_report(number: int) -> None:
    state, got, expected = START, [], []

    for at, mood, hope, statistics, means, variances, _ in GOLDEN["series"][number]:
        state, _ = trend.update(state, Report(day(at), mood, hope))
        got.append([run.statistic for run in state.runs] + numbers_of(state))
        expected.append(statistics + means + variances)

    np.testing.assert_allclose(np.array(got), np.array(expected), rtol=0, atol=1e-6)


def numbers_of(state: State) -> list[float]:
    return [state.mood.mean, state.hope.mean, state.mood.variance, state.hope.variance]


@pytest.mark.parametrize("number", range(6))
def test_a_golden_series_gives_the_expected_alerts_and_no_others(number: int) -> None:
    rows = GOLDEN["series"][number]
    expected = [row[6] for row in rows if row[6] is not None]

    _, falls = trend.fold(START, [Report(day(row[0]), row[1], row[2]) for row in rows])

    assert [fall.day for fall in falls] == [day(alert["day"]) for alert in expected]
    assert [fall.since for fall in falls] == [day(alert["since"]) for alert in expected]
    assert [fall.channel for fall in falls] == [alert["channel"] for alert in expected]
    assert [fall.reports for fall in falls] == [alert["reports"] for alert in expected]
    for fall, alert in zip(falls, expected, strict=True):
        assert fall.statistic == pytest.approx(alert["stat"], abs=1e-6)
        assert fall.threshold == pytest.approx(alert["h"], abs=1e-6)
        for name in ("mean_mood", "mean_hope", "usual_mood", "usual_hope"):
            assert getattr(fall, name) == pytest.approx(alert[name], abs=1e-6)


@pytest.mark.parametrize(("threshold", "shift"), [(h, shift) for h, row in TEXTBOOK.items() for shift in row])
def test_the_statistic_runs_as_long_as_the_textbook_says(threshold: float, shift: float) -> None:
    # 20,000 runs: the sampling error of a mean run length is at most 0.7 %, so 3 % is over four of them.
    expected = TEXTBOOK[int(threshold)][shift]

    mean = run_lengths(threshold, shift, runs=20_000, seed=20240101).mean()

    assert mean == pytest.approx(expected, rel=0.03)


def run_lengths(threshold: float, shift: float, runs: int, seed: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    random = np.random.default_rng(seed)
    statistic, lengths, steps = np.zeros(runs), [], 0
    while statistic.size:
        steps += 1
        y = random.standard_normal(statistic.size) - shift
        statistic = np.asarray(trend.cusum(statistic, y))  # type: ignore[arg-type]  # the same function, whole arrays
        over = statistic > threshold
        lengths += [steps] * int(over.sum())
        statistic = statistic[~over]
    return np.array(lengths)


def test_a_step_of_the_statistic_never_goes_below_nothing() -> None:
    steps = [trend.cusum(0.0, 1.0), trend.cusum(2.0, 1.5), trend.cusum(1.0, -2.0), trend.cusum(1.0, -2.0, slack=0.25)]

    assert steps == [0.0, 0.0, 2.5, 2.75]


def test_a_lasting_fall_is_found_within_days_and_not_again_for_two_weeks() -> None:
    reports = daily([*STEADY, *[(3, 3)] * 14])

    _, falls = trend.fold(START, reports)

    assert len(falls) == 1
    assert falls[0].since == day(len(STEADY))
    assert falls[0].day <= day(len(STEADY) + 4)
    assert (falls[0].mean_mood, falls[0].mean_hope) == (3.0, 3.0)


def test_an_alert_clears_the_evidence_and_keeps_the_low_marks() -> None:
    reports = daily([*STEADY, *[(3, 3)] * 4])

    at_alert = next(state for state, fall in each(reports) if fall is not None)

    assert [run.statistic for run in at_alert.runs] == [0.0, 0.0, 0.0]
    assert [(run.low, run.low_before, run.reports) for run in at_alert.runs] == [(True, True, 0)] * 3
    assert at_alert.known == 5


def each(reports: list[Report]) -> Iterator[tuple[State, Fall | None]]:
    state = START
    for report in reports:
        state, fall = trend.update(state, report)
        yield state, fall


def test_one_very_bad_day_is_not_a_fall() -> None:
    reports = daily([*STEADY, (0, 0), *STEADY])

    _, falls = trend.fold(START, reports)

    assert falls == []


def test_nothing_is_found_before_the_eighth_report() -> None:
    reports = [Report(day(3 * i), *score) for i, score in enumerate([(10, 10)] * 4 + [(0, 0)] * 4)]

    falls_in_seven, falls_in_eight = trend.fold(START, reports[:7], 6)[1], trend.fold(START, reports, 6)[1]

    assert falls_in_seven == []
    assert [fall.day for fall in falls_in_eight] == [reports[7].day]


def test_nothing_is_found_before_two_weeks() -> None:
    scores = [(10, 10)] * 6 + [(0, 0)] * 7
    eager = daily(scores)
    slow = [Report(day(0), 10, 10), *daily(scores, start=1)]

    falls_by_the_thirteenth_day, falls_on_the_fourteenth = trend.fold(START, eager, 6)[1], trend.fold(START, slow, 6)[1]

    assert falls_by_the_thirteenth_day == []
    assert [fall.day for fall in falls_on_the_fourteenth] == [day(13)]


def test_three_weeks_of_missed_days_clear_the_evidence() -> None:
    state, _ = trend.fold(START, daily([*STEADY, (3, 3)]))
    back = state.last_day + 22

    after, fall = trend.update(state, Report(date.fromordinal(back), 3, 3))

    assert fall is None
    assert state.runs[0].reports == after.runs[0].reports == 1
    assert after.runs[0].since == back
    assert after.known == 16


def test_more_false_alerts_a_year_lower_the_threshold_in_proportion() -> None:
    rows = GOLDEN["series"][0]
    reports = [Report(day(row[0]), row[1], row[2]) for row in rows]

    first = {choice: trend.fold(START, reports, choice)[1][0] for choice in (2, 6)}

    assert trend.H0 == {1: 3.67, 2: 2.9, 3: 2.45, 4: 2.11, 6: 1.63}
    assert first[6].day <= first[2].day
    assert first[6].threshold < 0.7 * first[2].threshold


def test_false_alerts_a_year_outside_the_table_are_refused() -> None:
    with pytest.raises(ValueError, match="false alerts a year is 5, expected one of 1, 2, 3, 4, 6"):
        trend.update(START, Report(DAY0, 5, 5), 5)


@pytest.mark.parametrize("days_later", [0, -1])
def test_a_report_that_is_not_later_is_refused(days_later: int) -> None:
    state, _ = trend.update(START, Report(DAY0, 5, 5))

    with pytest.raises(ValueError, match="is not later than that of 2024-01-01"):
        trend.update(state, Report(day(days_later), 5, 5))


def test_the_days_of_a_state_are_known_once_there_are_any() -> None:
    state, falls = trend.fold(START, daily([*STEADY, *[(2, 2)] * 8]))

    assert (trend.last_day(START), trend.last_alert_day(START)) == (None, None)
    assert trend.last_day(state) == day(len(STEADY) + 7)
    assert trend.last_alert_day(state) == falls[-1].day


def test_low_last_reports_make_silence_worth_a_word() -> None:
    usual, _ = trend.fold(START, daily(STEADY))
    low, _ = trend.fold(START, daily([*STEADY, (4, 4), (4, 4)]))

    assert not trend.was_low(usual)
    assert trend.was_low(low)


def test_a_state_is_small_and_survives_storage() -> None:
    state, _ = trend.fold(START, daily([*STEADY, (3, 3)] * 20))

    stored = msgspec.msgpack.encode(state)

    assert len(stored) < 400
    assert msgspec.msgpack.decode(stored, type=State) == state


def test_a_fall_of_both_is_told_with_its_numbers() -> None:
    told = trend.sentence("Ana", FALL)

    assert told == (
        "Ana's mood and hope have been below their usual level since 3 March: "
        "5 reports averaging 4.5 and 4, usually about 6.5 and 6."
    )


def test_a_fall_of_mood_alone_is_told_with_its_numbers() -> None:
    told = trend.sentence("Ana", msgspec.structs.replace(FALL, channel=Channel.mood))

    assert (
        told == "Ana's mood has averaged 4.5 over 5 reports since 3 March, against a usual 6.5; hope is about as usual."
    )


def test_a_fall_of_hope_alone_is_told_with_its_numbers() -> None:
    told = trend.sentence("Ana", msgspec.structs.replace(FALL, channel=Channel.hope, reports=1))

    assert told == "Ana's hope has averaged 4 over 1 report since 3 March, against a usual 6; mood is about as usual."
