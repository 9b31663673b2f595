"""Whether somebody is still below their usual level after a fall: a state to look at, never an alert.

The detector learns the new level within days, so that a lasting fall does not alert for ever. What was usual before
it stands in the fall itself.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from checkin.core.trend import STALE_AFTER, Channel, Fall, Report

REPORTS: Final = 5  # the latest ones that are looked at
LEAST: Final = 2  # with fewer since the fall nothing is new


def since(fall: Fall, reports: Sequence[Report], today: date) -> date | None:
    """Return the day since which somebody has been low, or None when they are back or nothing is known.

    They are low while the mean of their latest five reports is nearer to the fall's mean than to what was usual
    before, in the scores that fell. *reports* are theirs in day order, those of the fall among them or not; after
    three weeks without one nothing is known.
    """
    latest = list(reports)[-REPORTS:]
    if not latest or (today - latest[-1].day).days > STALE_AFTER:
        return None
    after = [report for report in reports if report.day > fall.day][-REPORTS:]
    if len(after) < LEAST:
        return fall.since
    return fall.since if _mean(fall.channel, after) < _half_way(fall) else None


def _mean(channel: Channel, reports: list[Report]) -> float:
    mood = sum(report.mood for report in reports) / len(reports)
    hope = sum(report.hope for report in reports) / len(reports)
    return _of(channel, mood, hope)


def _half_way(fall: Fall) -> float:
    low = _of(fall.channel, fall.mean_mood, fall.mean_hope)
    return (low + _of(fall.channel, fall.usual_mood, fall.usual_hope)) / 2


def _of(channel: Channel, mood: float, hope: float) -> float:
    match channel:
        case Channel.mood:
            return mood
        case Channel.hope:
            return hope
        case Channel.both:
            return (mood + hope) / 2
