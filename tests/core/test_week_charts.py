"""Alerts a week as bars: to scale, in order, and inside the picture."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from checkin.core import week_charts
from checkin.core.dry_runs import Count
from checkin.core.week_charts import BOTTOM, LEFT, MOST_LABELS, MOST_LINES, RIGHT, TOP

MONDAY = date(2026, 1, 5)
COUNTS = st.lists(st.builds(Count, on=st.integers(0, 500), tried=st.integers(0, 500)), max_size=260)


def weeks(counts: list[Count]) -> dict[date, Count]:
    return {MONDAY + timedelta(weeks=place): one for place, one in enumerate(counts)}


@given(COUNTS)
def test_every_bar_is_to_scale_and_inside(counts: list[Count]) -> None:
    chart = week_charts.draw(weeks(counts))

    top = chart.lines[-1][0]
    assert [(one.on.alerts, one.tried.alerts) for one in chart.weeks] == [(one.on, one.tried) for one in counts]
    for bar in (bar for week in chart.weeks for bar in (week.on, week.tried)):
        assert abs(bar.height - (BOTTOM - TOP) * bar.alerts / top) < 0.02
        assert bar.y >= TOP
        assert LEFT <= bar.x <= bar.x + bar.width <= RIGHT + 0.01


@given(COUNTS)
def test_lines_and_labels_are_few_and_in_whole_alerts(counts: list[Count]) -> None:
    chart = week_charts.draw(weeks(counts))

    levels = [level for level, _ in chart.lines]
    assert levels[0] == 0
    assert levels[-1] >= max((max(one.on, one.tried) for one in counts), default=0)
    assert 2 <= len(levels) <= MOST_LINES + 1
    assert sum(week.is_labelled for week in chart.weeks) <= MOST_LABELS


def test_bars_of_two_weeks_do_not_touch() -> None:
    first, second = week_charts.draw(weeks([Count(1, 2), Count(3, 4)])).weeks

    assert first.on.x + first.on.width <= first.tried.x + 0.01
    assert first.tried.x + first.tried.width < second.on.x
