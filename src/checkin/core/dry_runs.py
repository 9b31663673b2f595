"""A rule for trend alerts tried on past answers: what it would have raised, beside the rule that is on."""

from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from checkin.core import trend
from checkin.core.trend import Fall, Report

Key = TypeVar("Key", bound=Hashable)
A_WEEK = timedelta(days=7)
STANDARD_DAYS = 364  # 52 whole weeks


class Span(Struct, frozen=True):
    """The local days that are looked at, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


class Trial(Struct, frozen=True, kw_only=True):
    """The rule that is *on* and the one to be *tried*, each in false alerts a mentee-year (1, 2, 3, 4 or 6)."""

    on: int
    tried: int
    span: Span


class History(Struct, frozen=True, kw_only=True):
    """All a mentee has reported, in day order, and the mentor who stands by them now, if any."""

    mentee_id: UUID
    mentor_id: UUID | None
    reports: list[Report]


class Found(Struct, frozen=True, kw_only=True):
    """One alert, and which of the two rules would have raised it. The fall is the tried rule's where both would."""

    mentee_id: UUID
    mentor_id: UUID | None
    fall: Fall
    on: bool
    tried: bool


class Heard(Struct, frozen=True, kw_only=True):
    """What is kept of a mentee who reported within the span, once their history is folded."""

    mentor_id: UUID | None
    first: date
    reports: int


class Count(Struct, frozen=True):
    """Alerts under the rule that is on, and under the one that is tried."""

    on: int = 0
    tried: int = 0


class Load(Struct, frozen=True, kw_only=True):
    """What one mentor would have had to do; None stands for the mentees nobody is assigned to now."""

    mentor_id: UUID | None
    mentees: int
    alerts: Count


class DryRun(Struct, frozen=True, kw_only=True):
    """What came out. The span begins with the first report in it, so that an alert a week is one of a real week.

    *weeks* are counted by their Mondays, none left out; *mentors* begin with the busiest; *alerts* are the newest
    first.
    """

    trial: Trial
    mentees: int
    reports: int
    total: Count
    weeks: dict[date, Count]
    mentors: list[Load]
    alerts: list[Found]

    def a_week(self, alerts: int) -> float:
        """Return how many of *alerts* came in a week of the span."""
        return alerts * 7 / self.trial.span.days


def standard_span(today: date) -> Span:
    """Return the 52 weeks that end with *today*."""
    return Span(date.fromordinal(max(today.toordinal() - STANDARD_DAYS + 1, 1)), today)


def fold(history: History, trial: Trial) -> tuple[Heard | None, list[Found]]:
    """Return what is kept of a mentee (nothing if they did not report within the span), and their alerts in it.

    The whole history teaches the detector what is usual, as it did then; days after the span are not looked at.
    """
    span = trial.span
    reports = [report for report in history.reports if report.day <= span.last]
    within = [report.day for report in reports if report.day >= span.first]
    if not within:
        return None, []
    tried = _falls(reports, trial.tried, span)
    on = tried if trial.on == trial.tried else _falls(reports, trial.on, span)
    found = [
        Found(
            mentee_id=history.mentee_id,
            mentor_id=history.mentor_id,
            fall=tried.get(day) or on[day],
            on=day in on,
            tried=day in tried,
        )
        for day in sorted({*on, *tried})
    ]
    return Heard(mentor_id=history.mentor_id, first=within[0], reports=len(within)), found


def _falls(reports: list[Report], false_alerts_per_year: int, span: Span) -> dict[date, Fall]:
    _, falls = trend.fold(trend.START, reports, false_alerts_per_year)
    return {fall.day: fall for fall in falls if fall.day >= span.first}


def summarise(trial: Trial, heard: list[Heard], found: list[Found]) -> DryRun:
    """Add up what `fold` returned for each mentee."""
    first = min((one.first for one in heard), default=trial.span.first)
    span = Span(first, trial.span.last)
    weeks = dict.fromkeys(_mondays(span), Count()) | _counts((_monday(one.fall.day), one) for one in found)
    stood_by = Counter(one.mentor_id for one in heard)
    loads = _counts((one.mentor_id, one) for one in found)
    mentors = [
        Load(mentor_id=mentor_id, mentees=mentees, alerts=loads.get(mentor_id, Count()))
        for mentor_id, mentees in stood_by.items()
    ]
    return DryRun(
        trial=Trial(on=trial.on, tried=trial.tried, span=span),
        mentees=len(heard),
        reports=sum(one.reports for one in heard),
        total=Count(sum(one.on for one in found), sum(one.tried for one in found)),
        weeks=weeks,
        mentors=sorted(mentors, key=lambda load: (-load.alerts.tried, -load.alerts.on, str(load.mentor_id))),
        alerts=sorted(found, key=lambda one: (one.fall.day, one.mentee_id), reverse=True),
    )


def _counts(found: Iterable[tuple[Key, Found]]) -> dict[Key, Count]:
    counts: dict[Key, Count] = {}
    for key, one in found:
        before = counts.get(key, Count())
        counts[key] = Count(before.on + one.on, before.tried + one.tried)
    return counts


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _mondays(span: Span) -> list[date]:
    first = _monday(span.first)
    return [first + number * A_WEEK for number in range((span.last - first).days // 7 + 1)]
