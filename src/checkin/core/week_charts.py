"""A chart of alerts a week under two rules: where every bar and line lies, to be drawn as SVG."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from checkin.core.dry_runs import Count

WIDTH: Final = 720
HEIGHT: Final = 240
LEFT: Final = 36
RIGHT: Final = 708
TOP: Final = 40
BOTTOM: Final = 208
MOST_LINES: Final = 5
MOST_LABELS: Final = 8
GAP: Final = 0.2  # of a week's width, between two weeks


class Bar(Struct, frozen=True, kw_only=True):
    """How many alerts, and the rectangle that stands for them."""

    alerts: int
    x: float
    y: float
    width: float
    height: float


class Week(Struct, frozen=True, kw_only=True):
    """One week by its Monday; only some carry a label, so that labels never touch."""

    monday: date
    on: Bar
    tried: Bar
    middle: float
    is_labelled: bool


class WeekChart(Struct, frozen=True):
    """All weeks in order, and the levels that have a line: how many alerts, and at which height."""

    weeks: list[Week]
    lines: list[tuple[int, float]]


def draw(weeks: Mapping[date, Count]) -> WeekChart:
    """Return the chart of *weeks*, counted by their Mondays, none left out."""
    most = max((max(one.on, one.tried) for one in weeks.values()), default=0)
    step = max(-(-most // MOST_LINES), 1)
    top = max(-(-most // step) * step, step)
    wide = (RIGHT - LEFT) / max(len(weeks), 1)
    every = -(-len(weeks) // MOST_LABELS)
    return WeekChart(
        weeks=[
            _week(monday, alerts, LEFT + place * wide, wide, top, is_labelled=place % every == 0)
            for place, (monday, alerts) in enumerate(weeks.items())
        ],
        lines=[(level, _height(level, top)) for level in range(0, top + 1, step)],
    )


def _week(monday: date, alerts: Count, x: float, wide: float, top: int, *, is_labelled: bool) -> Week:
    one = wide * (1 - GAP) / 2
    begin = x + wide * GAP / 2
    return Week(
        monday=monday,
        on=_bar(alerts.on, begin, one, top),
        tried=_bar(alerts.tried, begin + one, one, top),
        middle=round(x + wide / 2, 2),
        is_labelled=is_labelled,
    )


def _bar(alerts: int, x: float, width: float, top: int) -> Bar:
    y = _height(alerts, top)
    return Bar(alerts=alerts, x=round(x, 2), y=y, width=round(width, 2), height=round(BOTTOM - y, 2))


def _height(alerts: int, top: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * alerts / top, 2)
