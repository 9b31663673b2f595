"""Charts: where points lie, what is left empty, what was usual on which day, and which days are marked."""

from datetime import date, timedelta
from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.core import charts, trend
from checkin.core.charts import BOTTOM, LEFT, RIGHT, TOP, Chart, Panel
from checkin.core.trend import Report

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)
STEP = (RIGHT - LEFT) / 59


def daily(*scores: tuple[int, int], until: date = TODAY) -> list[Report]:
    first = until - (len(scores) - 1) * DAY
    return [Report(first + number * DAY, mood, hope) for number, (mood, hope) in enumerate(scores)]


def band(panel: Panel) -> list[list[tuple[float, float]]]:
    return [[(float(x), float(y)) for x, y in (one.split(",") for one in points.split())] for points in panel.bands]


def test_a_missing_day_is_a_gap_in_the_line() -> None:
    days = [TODAY - 5 * DAY, TODAY - 4 * DAY, TODAY - 2 * DAY, TODAY]

    chart = charts.draw([Report(day, 7, 5) for day in days], TODAY)

    assert [len(panel.stretches) for panel in chart.panels] == [1, 1]
    assert [len(panel.dots) for panel in chart.panels] == [4, 4]


def test_ten_is_at_the_top_and_today_at_the_right() -> None:
    chart = charts.draw([Report(TODAY - 59 * DAY, 0, 0), Report(TODAY, 10, 0)], TODAY)

    mood, hope = chart.panels
    assert [(dot.x, dot.y) for dot in mood.dots] == [(LEFT, BOTTOM), (RIGHT, TOP)]
    assert (hope.dots[-1].x, hope.dots[-1].y) == (RIGHT, BOTTOM)
    assert chart.levels == [(0, BOTTOM), (5, (TOP + BOTTOM) / 2), (10, TOP)]


def test_what_is_older_than_sixty_days_or_to_come_is_not_drawn() -> None:
    chart = charts.draw([Report(TODAY - 60 * DAY, 5, 5), Report(TODAY, 6, 6), Report(TODAY + DAY, 7, 7)], TODAY)

    assert [report.day for report in chart.reports] == [TODAY]
    assert chart.known == 2


def test_nobody_has_no_points_no_band_and_an_axis() -> None:
    chart = charts.draw([], TODAY)

    assert [(panel.dots, panel.stretches, panel.bands, panel.usual) for panel in chart.panels] == [
        ([], [], [], None)
    ] * 2
    assert [day for day, _ in chart.ticks] == [TODAY - back * DAY for back in (56, 42, 28, 14, 0)]


@pytest.mark.parametrize(("reports", "is_known"), [(13, False), (14, True), (60, True)])
def test_what_is_usual_is_shown_once_the_detector_would_speak(reports: int, is_known: bool) -> None:
    chart = charts.draw(daily(*[(7, 6)] * reports), TODAY)

    assert [panel.usual is not None for panel in chart.panels] == [is_known, is_known]


def test_the_band_is_the_detectors_mean_and_spread_before_the_days_own_report() -> None:
    reports = daily(*[(7, 5), (6, 6), (8, 4)] * 12)
    state, _ = trend.fold(trend.START, reports[:-1])

    chart = charts.draw(reports, TODAY)

    usual = chart.panels[0].usual
    spread = sqrt(max(state.mood.variance, trend.LEAST_VARIANCE))
    assert usual is not None
    assert (usual.low, usual.high) == pytest.approx((state.mood.mean - spread, state.mood.mean + spread))
    [outline] = band(chart.panels[0])
    last_above, first_below = outline[len(outline) // 2 - 1 : len(outline) // 2 + 1]
    assert last_above == pytest.approx((RIGHT, BOTTOM - (BOTTOM - TOP) * usual.high / 10), abs=0.05)
    assert first_below == pytest.approx((RIGHT, BOTTOM - (BOTTOM - TOP) * usual.low / 10), abs=0.05)


def test_the_band_knows_what_the_program_lets_the_detector_find() -> None:
    reports = daily(*[(7, 7)] * 40, *[(3, 3)] * 6)

    seldom = charts.draw(reports, TODAY, false_alerts_per_year=1)
    often = charts.draw(reports, TODAY, false_alerts_per_year=6)

    assert seldom.panels[0].usual != often.panels[0].usual


@pytest.mark.parametrize(
    ("since", "until", "first", "width"),
    [
        (6, 0, RIGHT - 6.5 * STEP, 6.5 * STEP),
        (10, 10, RIGHT - 10.5 * STEP, STEP),
        (70, 58, LEFT, 1.5 * STEP),
    ],
)
def test_the_run_is_marked_as_far_as_it_shows(since: int, until: int, first: float, width: float) -> None:
    mark = charts.draw([], TODAY, run=(TODAY - since * DAY, TODAY - until * DAY)).mark

    assert mark is not None
    assert (mark.x, mark.width) == pytest.approx((first, width), abs=0.11)


def test_a_run_of_long_ago_is_not_marked() -> None:
    assert charts.draw([], TODAY, run=(TODAY - 90 * DAY, TODAY - 70 * DAY)).mark is None


@given(
    st.dictionaries(st.integers(0, 90), st.tuples(st.integers(0, 10), st.integers(0, 10)), max_size=91),
    st.sampled_from([1, 2, 3, 4, 6]),
)
def test_every_report_of_the_sixty_days_is_one_dot_and_lines_join_neighbours_only(
    answers: dict[int, tuple[int, int]], rate: int
) -> None:
    reports = [Report(TODAY - back * DAY, *answers[back]) for back in sorted(answers, reverse=True)]

    chart = charts.draw(reports, TODAY, false_alerts_per_year=rate)

    shown = [report for report in reports if TODAY - report.day < 60 * DAY]
    for number, panel in enumerate(chart.panels):
        assert [(dot.day, dot.score) for dot in panel.dots] == [
            (one.day, (one.mood, one.hope)[number]) for one in shown
        ]
        joined = sum(len(points.split()) - 1 for points in panel.stretches)
        assert joined == sum(after.day - before.day == DAY for before, after in pairwise(shown))
    assert_inside(chart)


def assert_inside(chart: Chart) -> None:
    for panel in chart.panels:
        places = [(dot.x, dot.y) for dot in panel.dots] + [one for outline in band(panel) for one in outline]
        assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in places)
