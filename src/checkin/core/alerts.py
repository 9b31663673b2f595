"""Alerts: their kinds, how urgent each is, and what became of them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from checkin.core.danger import Screening, Tier
from checkin.core.people import Person, Status

ASKED_AGAIN_AFTER = timedelta(hours=4)  # after SNOOZE, MSG and NOANSWER
UNRESOLVED_AFTER = timedelta(hours=48)  # after OK: whoever has it is asked how it went
SENT_AGAIN = timedelta(minutes=5)  # an answer that would move the next step by less is the one before, sent again


class Kind(StrEnum):
    """What a human should look at."""

    trend = "trend"
    silence = "silence"
    crisis = "crisis"
    call_me = "call_me"
    practical_help = "practical_help"
    opted_out = "opted_out"
    came_back = "came_back"
    unreachable = "unreachable"


class Outcome(StrEnum):
    """What became of an alert once a human had it."""

    talked = "talked"
    left_message = "left_message"
    no_answer = "no_answer"
    safe = "safe"
    referred = "referred"


class Urgency(StrEnum):
    """How long it can wait.

    now: mentor and coordinator together, through quiet hours. soon: one after the other, through quiet hours.
    hours: within the reader's hours. digest: a day.
    """

    now = "now"
    soon = "soon"
    hours = "hours"
    digest = "digest"

    @property
    def is_crisis(self) -> bool:
        """Whether it goes through quiet hours, working hours, limits and digests."""
        return self in (Urgency.now, Urgency.soon)


URGENCY: Final = {
    Kind.trend: Urgency.hours,
    Kind.silence: Urgency.digest,
    Kind.crisis: Urgency.soon,
    Kind.call_me: Urgency.hours,
    Kind.practical_help: Urgency.digest,
    Kind.opted_out: Urgency.hours,
    Kind.came_back: Urgency.digest,
    Kind.unreachable: Urgency.hours,
}
"""How urgent each kind is, where nothing else is known: the screen's tier decides for a crisis."""

TIER_URGENCY: Final = {Tier.a: Urgency.now, Tier.b: Urgency.soon, Tier.c: Urgency.digest}


def urgency_of(found: Screening) -> Urgency:
    """Return how urgent what was heard is: somebody else in danger this minute can no more wait than tier B."""
    return Urgency.soon if found.tier is Tier.c and found.is_pressing else TIER_URGENCY[found.tier]


Result = Literal[
    "asked",
    "empty",
    "away",
    "no_phone",
    "opted_out",
    "unreachable",
    "over_limit",
    "off_hours",
    "no_consent",
    "already",
]
"""What became of somebody's turn. already: they were asked in this very step in another place, or passed it on."""


class Alert(Struct, frozen=True, kw_only=True):
    """An open alert as its clock sees it: *rung* is the step of the route that is next, *step* how many were noted.

    *due_at* is when its time came, or will. *asked* is how often each person was asked about it; *passed* are those who
    have passed it on and need not be asked at once.
    """

    mentee_id: UUID
    id: UUID
    number: int
    kind: Kind
    urgency: Urgency
    step: int
    rung: int
    raised_at: datetime
    due_at: datetime
    owner_id: UUID | None = None
    acknowledged_by: UUID | None = None
    acknowledged_at: datetime | None = None
    asked: dict[UUID, int] = {}
    passed: frozenset[UUID] = frozenset()

    def is_pressing(self, now: datetime) -> bool:
        """Whether it goes through quiet hours at *now*: a crisis, but not one that somebody has had for two days."""
        had_long = self.acknowledged_at is not None and now - self.acknowledged_at >= UNRESOLVED_AFTER
        return self.urgency.is_crisis and not had_long


def is_sent_again(next_step_at: datetime | None, again_at: datetime) -> bool:
    """Whether putting an alert off until *again_at* says what stands already: its next step comes about then.

    A call whose answer got lost comes again within minutes, and counts its hours anew. Nobody who means it gains or
    loses anything by so little.
    """
    return next_step_at is not None and abs(again_at - next_step_at) < SENT_AGAIN


def patience(urgency: Urgency, ordinary: timedelta) -> timedelta:
    """Return how long somebody has to answer where the rules say nothing else; *ordinary* is the program's length."""
    match urgency:
        case Urgency.now | Urgency.soon:
            return timedelta(minutes=15)
        case Urgency.hours:
            return ordinary
        case Urgency.digest:
            return timedelta(hours=24)


def why_not(person: Person) -> Result:
    """Say why *person* cannot be asked, or "asked" when they can."""
    if person.status is not Status.active:
        return "empty"
    if person.away:
        return "away"
    if person.phone is None:
        return "no_phone"
    if person.opted_out:
        return "opted_out"
    return "unreachable" if person.unreachable else "asked"
