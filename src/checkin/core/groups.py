"""What a group may be told of itself: never so little that one person's answer could be read from it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from msgspec import Struct

from checkin.core import wall

DAYS: Final = 7
FEWEST: Final = 5
"""Fewer answers than this say nothing of a group and too much of a person."""


class Tally(Struct, frozen=True, kw_only=True):
    """How a group's local *day* was answered: how many were members, how many answered, and what their scores add to.

    Who skipped the day has answered it, without a score.
    """

    day: date
    members: int
    answered: int = 0
    moods: int = 0
    hopes: int = 0
    mood_sum: int = 0
    hope_sum: int = 0


class GroupDay(Struct, frozen=True, kw_only=True):
    """What is told of one day; None where it would be told of fewer than five people, or too early."""

    day: date
    answered: int | None
    share: float | None
    mood: float | None
    hope: float | None


def days(today: date) -> list[date]:
    """Return the days that are told of: *today* and the six before it, the newest first."""
    return [today - back * wall.DAY for back in range(DAYS)]


def closes_at(day: date, zone: str) -> datetime:
    """Return when *day* is over on the wall of *zone* (UTC): late answers count until 03:00."""
    return wall.instant(day + timedelta(days=1), wall.ANSWERS_UNTIL, zone)


def tell(tallies: Sequence[Tally], zone: str, now: datetime) -> list[GroupDay]:
    """Return what is told of each day.

    Means come when a day is over, and in halves: whoever looked before and after one more answer had come in could
    else work out what that one was.
    """
    return [_tell(one, is_over=closes_at(one.day, zone) <= now) for one in tallies]


def _tell(one: Tally, *, is_over: bool) -> GroupDay:
    enough = one.answered >= FEWEST
    return GroupDay(
        day=one.day,
        answered=one.answered if enough else None,
        share=round(one.answered / one.members, 2) if enough else None,
        mood=_mean(one.mood_sum, one.moods) if is_over else None,
        hope=_mean(one.hope_sum, one.hopes) if is_over else None,
    )


def _mean(total: int, count: int) -> float | None:
    return round(2 * total / count) / 2 if count >= FEWEST else None
