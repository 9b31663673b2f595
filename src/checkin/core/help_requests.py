"""Practical help: what is asked for, by when, and what became of it."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct

from checkin.core import alerts, wall
from checkin.core.errors import BadInput
from checkin.core.wall import MIDNIGHT

LONGEST_WORDS: Final = 500  # characters kept of what somebody asked for
DUE_AFTER: Final = timedelta(days=7)
DUE_WITHIN: Final = timedelta(days=90)


class Topic(StrEnum):
    """What everyday help is about; the word table of texts knows the same ones."""

    benefits = "benefits"
    transport = "transport"
    housing = "housing"
    food = "food"
    work = "work"
    health = "health"
    other = "other"


class Status(StrEnum):
    """Open until somebody has it, then taken; in the end done, or dropped without having been done."""

    open = "open"
    taken = "taken"
    done = "done"
    dropped = "dropped"


class Outcome(StrEnum):
    """What became of a request for help."""

    helped = "helped"
    referred = "referred"
    not_needed = "not_needed"
    not_possible = "not_possible"


DROPPED: Final = frozenset({Outcome.not_needed, Outcome.not_possible})


class Standing(Struct, frozen=True, kw_only=True):
    """Where a request stands. *outcome* is its own, or its alert's where closing that closed it."""

    status: Status
    outcome: str | None
    closed_at: datetime | None


def standing(
    *,
    outcome: Outcome | None,
    closed_at: datetime | None,
    alert_outcome: alerts.Outcome | None,
    alert_resolved_at: datetime | None,
    taken_by: UUID | None,
) -> Standing:
    """Return where a request stands by its own end, by its alert's, and by who has the alert.

    Whoever closes the alert ("CALLED 41") has dealt with all that was asked under it.
    """
    if outcome is not None:
        return Standing(
            status=Status.dropped if outcome in DROPPED else Status.done, outcome=outcome, closed_at=closed_at
        )
    if alert_resolved_at is not None:
        return Standing(status=Status.done, outcome=alert_outcome, closed_at=alert_resolved_at)
    return Standing(status=Status.open if taken_by is None else Status.taken, outcome=None, closed_at=None)


def alert_outcome(outcome: Outcome) -> alerts.Outcome:
    """Return what an alert is closed with when its last request ended in *outcome*."""
    return alerts.Outcome.referred if outcome is Outcome.referred else alerts.Outcome.talked


def due_day(wanted: date | None, now: datetime, zone: str) -> date:
    """Return the mentee's local day a request is due on: the day *wanted*, or a week from now.

    Raises BadInput for a day that is over, or more than 90 days ahead.
    """
    today = wall.local_day(now, zone)
    if wanted is None:
        return today + DUE_AFTER
    if not today <= wanted <= today + DUE_WITHIN:
        raise BadInput("due_on must be a day from today to 90 days ahead", "/due_on")
    return wanted


def asked_again_at(due_days: list[date], now: datetime, zone: str) -> datetime:
    """Return when whoever has requests is asked how they went: when the first day of *due_days* is over.

    What is overdue already is asked about like any alert that was put off.
    """
    over = wall.instant(min(due_days) + timedelta(days=1), MIDNIGHT, zone)
    return max(over, now + alerts.ASKED_AGAIN_AFTER)
