"""Charts of one person's mood and hope: where every point, band and mark lies, for a page to draw as SVG.

A chart has a panel a score, in units of its own that the page scales. Days without a report stay empty: no line
crosses them. The band is the usual range as the detector believed it on each day, before that day's own report.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from math import sqrt
from typing import Final, Literal

from msgspec import Struct

from checkin.core import trend
from checkin.core.trend import Level, Report, State

DAYS: Final = 60
WIDTH: Final = 340
HEIGHT: Final = 140
LEFT: Final = 24
RIGHT: Final = 334
TOP: Final = 10
BOTTOM: Final = 116
HIGHEST: Final = 10
LEVELS: Final = (0, 5, 10)
TICK: Final = 14  # days between two labels of the axis
DAY: Final = timedelta(days=1)

Score = Literal["mood", "hope"]


class Dot(Struct, frozen=True):
    """One report: its day, its score (0-10) and where it lies."""

    day: date
    score: int
    x: float
    y: float


class Usual(Struct, frozen=True):
    """What was usual on a day: one spread around the mean, within 0-10."""

    low: float
    high: float


class Panel(Struct, frozen=True, kw_only=True):
    """One score: stretches of consecutive days as SVG points, a dot a report, and the band as SVG polygons.

    *usual* is what is usual at the end; None while it is still being learned.
    """

    score: Score
    stretches: list[str]
    dots: list[Dot]
    bands: list[str]
    usual: Usual | None


class Mark(Struct, frozen=True):
    """The days an alert is about, as far as the chart shows them."""

    since: date
    until: date
    x: float
    width: float


class Chart(Struct, frozen=True, kw_only=True):
    """The DAYS days from *first* to *last*. *reports* are those drawn, in day order; *known* how many there ever were.

    *levels* are the horizontal lines, *ticks* the labelled days.
    """

    first: date
    last: date
    panels: list[Panel]
    mark: Mark | None
    levels: list[tuple[int, float]]
    ticks: list[tuple[date, float]]
    reports: list[Report]
    known: int


def draw(
    history: Iterable[Report],
    last: date,
    *,
    run: tuple[date, date] | None = None,
    false_alerts_per_year: int = 2,
) -> Chart:
    """Return the chart of the DAYS days up to *last*.

    *history* are all of the person's reports, in day order: what was usual is found by folding them again, under the
    program's *false_alerts_per_year*. *run* is the first and last day to mark.
    """
    past = [report for report in history if report.day <= last]
    first = last - (DAYS - 1) * DAY
    shown = [report for report in past if report.day >= first]
    states = _believed(past, first, false_alerts_per_year)
    return Chart(
        first=first,
        last=last,
        panels=[_panel("mood", shown, states, first), _panel("hope", shown, states, first)],
        mark=None if run is None else _mark(run, first, last),
        levels=[(level, _y(level)) for level in LEVELS],
        ticks=[(last - back * DAY, _x(last - back * DAY, first)) for back in range(DAYS // TICK * TICK, -1, -TICK)],
        reports=shown,
        known=len(past),
    )


def _believed(past: list[Report], first: date, false_alerts_per_year: int) -> list[State]:
    """Return what was believed on each of the DAYS days before that day's report."""
    days = [report.day for report in past]
    states = [trend.START]
    for report in past:
        states.append(trend.update(states[-1], report, false_alerts_per_year)[0])
    return [states[bisect_left(days, first + number * DAY)] for number in range(DAYS)]


def _panel(score: Score, shown: list[Report], states: list[State], first: date) -> Panel:
    dots = [_dot(report, score, first) for report in shown]
    usuals = [_usual(state, score, first + number * DAY) for number, state in enumerate(states)]
    return Panel(
        score=score,
        stretches=[_points((dot.x, dot.y) for dot in run) for run in _consecutive(dots) if len(run) > 1],
        dots=dots,
        bands=list(_bands(usuals, first)),
        usual=usuals[-1],
    )


def _dot(report: Report, score: Score, first: date) -> Dot:
    value = report.mood if score == "mood" else report.hope
    return Dot(report.day, value, _x(report.day, first), _y(value))


def _usual(state: State, score: Score, day: date) -> Usual | None:
    """Return the usual range believed on *day*, None while the detector would not speak of it."""
    if state.reports < trend.REPORTS_NEEDED or day.toordinal() - state.first_day < trend.DAYS_NEEDED:
        return None
    level: Level = state.mood if score == "mood" else state.hope
    spread = sqrt(max(level.variance, trend.LEAST_VARIANCE))
    return Usual(max(level.mean - spread, 0.0), min(level.mean + spread, float(HIGHEST)))


def _consecutive(dots: list[Dot]) -> Iterator[list[Dot]]:
    """Yield the stretches in which no day is missing."""
    for _, run in groupby(enumerate(dots), key=lambda numbered: numbered[1].day.toordinal() - numbered[0]):
        yield [dot for _, dot in run]


def _bands(usuals: list[Usual | None], first: date) -> Iterator[str]:
    """Yield an outline for every stretch of days on which something was usual: along the top, and back below."""
    for is_known, run in groupby(enumerate(usuals), key=lambda numbered: numbered[1] is not None):
        if is_known:
            days = [(_x(first + number * DAY, first), usual) for number, usual in run if usual is not None]
            above = [(x, _y(usual.high)) for x, usual in days]
            yield _points([*above, *((x, _y(usual.low)) for x, usual in reversed(days))])


def _mark(run: tuple[date, date], first: date, last: date) -> Mark | None:
    since, until = max(run[0], first), min(run[1], last)
    if since > until:
        return None
    half = (RIGHT - LEFT) / (DAYS - 1) / 2
    x = max(_x(since, first) - half, LEFT)
    return Mark(since, until, round(x, 1), round(min(_x(until, first) + half, RIGHT) - x, 1))


def _points(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _x(day: date, first: date) -> float:
    return round(LEFT + (RIGHT - LEFT) * (day - first).days / (DAYS - 1), 1)


def _y(score: float) -> float:
    return round(TOP + (BOTTOM - TOP) * (HIGHEST - score) / HIGHEST, 1)
