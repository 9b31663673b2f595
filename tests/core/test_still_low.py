"""Still low since: below the usual of before the fall, for as long as the latest reports are."""

from datetime import date, timedelta

import pytest

from checkin.core import still_low
from checkin.core.trend import Channel, Fall, Report

DAY = date(2026, 11, 16)
FALL = Fall(
    day=DAY,
    channel=Channel.both,
    since=DAY - timedelta(days=6),
    reports=6,
    mean_mood=2.0,
    mean_hope=2.0,
    usual_mood=7.0,
    usual_hope=6.0,
    statistic=4.0,
    threshold=3.0,
)


def reports(*scores: tuple[int, int]) -> list[Report]:
    return [Report(DAY + timedelta(days=number), mood, hope) for number, (mood, hope) in enumerate(scores, start=1)]


@pytest.mark.parametrize(
    ("scores", "low"),
    [
        ([], False),
        ([(7, 7)], True),
        ([(2, 3), (3, 2)], True),
        ([(7, 6), (7, 7)], False),
        ([(2, 2)] * 10 + [(7, 6)] * 5, False),
        ([(7, 6)] * 10 + [(2, 2)] * 5, True),
    ],
    ids=["nothing known", "one good day is not enough", "low", "usual again", "usual lately", "low again"],
)
def test_the_latest_reports_decide(scores: list[tuple[int, int]], low: bool) -> None:
    found = reports(*scores)
    today = found[-1].day if found else DAY

    assert still_low.since(FALL, found, today) == (FALL.since if low else None)


@pytest.mark.parametrize(("channel", "low"), [(Channel.mood, True), (Channel.hope, False)])
def test_only_what_fell_counts(channel: Channel, low: bool) -> None:
    fall = Fall(**{name: getattr(FALL, name) for name in Fall.__struct_fields__} | {"channel": channel})

    assert (still_low.since(fall, reports((2, 7), (2, 7)), DAY) is not None) == low


def test_after_three_weeks_without_a_report_nothing_is_known() -> None:
    found = reports((2, 2), (2, 2))

    assert still_low.since(FALL, found, found[-1].day + timedelta(days=21)) == FALL.since
    assert still_low.since(FALL, found, found[-1].day + timedelta(days=22)) is None
