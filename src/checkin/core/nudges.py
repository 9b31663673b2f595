"""When a mentee is asked for a check-in, and at sending time whether they still are."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import replace

from checkin.core import hours, wall
from checkin.core.wall import Span

SPREAD = timedelta(minutes=5)
"""How far slots of the same wall time are spread, so that 18:00 is not a wall."""
WINDOW = timedelta(hours=4)
"""A nudge that could not be sent for this long is not sent any more."""
LEAST_WINDOW = timedelta(minutes=5)
"""No slot starts nearer than this to the hour that closes it, or a busy minute at the sender would expire it."""
BETWEEN_NUDGE_AND_REMINDER = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)
ANYBODY = UUID(int=0)
HORIZON_DAYS = 28
"""Any weekday comes within 7 days; the rest is for days on which the clocks skip the whole open window."""

SENT_A_DAY = 2
UNANSWERED_A_WEEK = 10
IGNORED_UNTIL_FEWER = 3
IGNORED_UNTIL_WEEKLY = 6

WallTime = Annotated[time, Meta(tz=False)]
Weekday = Annotated[int, Meta(ge=1, le=7)]
EveryDays = Literal[1, 2, 7]


class Kind(StrEnum):
    nudge = "nudge"
    reminder = "reminder"


class Plan(Struct, frozen=True, kw_only=True):
    """When one mentee wants to be asked, and when they may be.

    All times are wall times in *zone*, an IANA name that passed `wall.is_zone`. Weekdays are ISO, Monday is 1.
    However many *times* there are, a day has at most one nudge, at the earliest, and one reminder: see `reminder_of`.
    Quiet hours belong to the mentee, the wall (open from, until) to the programme; either may go round midnight, and
    equal ends mean no quiet hours or a wall that is always open. Nudges come again on the day *paused_until*.
    *every_days* is the ladder's, counted from *last_nudge_day*, the local day of the last nudge.
    """

    mentee: UUID
    zone: str
    times: Annotated[tuple[WallTime, ...], Meta(min_length=1)] = (time(18),)
    weekdays: tuple[Weekday, ...] = (1, 2, 3, 4, 5, 6, 7)
    quiet_from: WallTime = time(21)
    quiet_until: WallTime = time(8)
    wall_from: WallTime = time(8)
    wall_until: WallTime = time(21)
    paused_until: date | None = None
    every_days: EveryDays = 1
    last_nudge_day: date | None = None


class Slot(Struct, frozen=True, kw_only=True):
    """One (local day, kind) of one mentee: due at *at*, not sent from *closes_at* on. Both are UTC."""

    day: date
    kind: Kind
    at: datetime
    closes_at: datetime


def next_slot(plan: Plan, after: datetime) -> Slot | None:
    """Return the first nudge strictly later than *after*, or None when the plan can never fire.

    It never fires without weekdays or times, or when quiet hours and wall leave no minute open. A day has one nudge,
    and it depends on the plan and the day alone: a clock that jumps cannot make a second one.

    - A time that is not open (quiet, or outside the wall) moves to the next open one of the same local day; when
      none is left, or less than ten minutes are, to the last ten minutes of the open hours before.
    - A time the clocks skip moves to the first minute after the gap; one they repeat fires the first time.
    - Then up to 5 minutes are added, the same every day for a mentee, still inside the open hours.
    - It closes after 4 hours, when the open hours end, or at local midnight, whichever is first. An answer may
      come later, until `wall.day_ends`.
    """
    return next((slot for slot in _coming(plan, after) if slot.kind is Kind.nudge), None)


def reminder_of(plan: Plan, nudge: Slot) -> Slot | None:
    """Return the reminder of the same local day as *nudge*: the first of the plan's later times an hour behind it.

    It is moved and spread as a nudge is. Times after it are not used: a day has two messages at most. None when the
    plan has no such time.
    """
    return _reminder_of(plan, _jitter(plan.mentee), nudge)


def _reminder_of(plan: Plan, jitter: timedelta, nudge: Slot) -> Slot | None:
    spans = _open_spans(plan)
    for asked in sorted(set(plan.times))[1:] if spans else ():
        slot = _slot_on(nudge.day, Kind.reminder, plan.zone, spans, asked, jitter)
        if slot is not None and slot.at - nudge.at >= BETWEEN_NUDGE_AND_REMINDER:
            return slot
    return None


def next_due(plan: Plan, after: datetime) -> Slot | None:
    """Return the first slot of either kind strictly later than *after*: the next nudge, or the day's reminder."""
    return next(_coming(plan, after), None)


def due_by(plan: Plan, after: datetime, now: datetime) -> tuple[list[Slot], Slot | None]:
    """Return the slots of either kind later than *after* up to *now*, and the first one later than *now*."""
    due: list[Slot] = []
    for slot in _coming(plan, after):
        if slot.at > now:
            return due, slot
        due.append(slot)
    return due, None


def _coming(plan: Plan, after: datetime) -> Iterator[Slot]:
    """Yield every slot later than *after*, in order."""
    shared, jitter = replace(plan, mentee=ANYBODY), _jitter(plan.mentee)
    day = wall.local_day(after, plan.zone)
    while slots := _next_day(shared, jitter, day):
        for slot in slots:
            if slot.at > after:
                yield slot
        day = slots[0].day + wall.DAY


@lru_cache(maxsize=8192)
def _next_day(plan: Plan, jitter: timedelta, day: date) -> tuple[Slot, ...]:
    """Return the slots of the first day from *day* on that has a nudge: the nudge, and its reminder if it has one.

    Remembered: those who are due together mostly share all that it depends on.
    """
    spans = _open_spans(plan)
    day = max(day, plan.paused_until or day, _due_again(plan) or day)
    for _ in range(HORIZON_DAYS if spans and plan.times else 0):
        if day.isoweekday() in plan.weekdays:
            nudge = _slot_on(day, Kind.nudge, plan.zone, spans, min(plan.times), jitter)
            if nudge is not None:
                reminder = _reminder_of(plan, jitter, nudge)
                return (nudge,) if reminder is None else (nudge, reminder)
        day += wall.DAY
    return ()


def clock_of(plan: Plan, slot: Slot) -> Literal["plain", "gap", "fold"]:
    """Say whether the clocks skip a nudge's wall time (it then comes after the gap), show it twice, or show it once."""
    _, start = _fit(_open_spans(plan), wall.since_midnight(min(plan.times)), _jitter(plan.mentee))
    if wall.gap_at(slot.day, start, plan.zone) is not None:
        return "gap"
    return wall.kind_of(slot.day, wall.local(slot.at, plan.zone).time(), plan.zone)


def ladder(ignored: int) -> tuple[EveryDays, bool]:
    """Return how many days apart nudges are after *ignored* in a row, and whether the mentor should hear of it.

    3 → every second day; 6 → weekly, with the silence alert, which stays due until an answer sets *ignored* to 0.
    """
    if ignored >= IGNORED_UNTIL_WEEKLY:
        return 7, True
    return (2 if ignored >= IGNORED_UNTIL_FEWER else 1), False


def _due_again(plan: Plan) -> date | None:
    """Return the first day the ladder allows after the last nudge."""
    return None if plan.last_nudge_day is None else plan.last_nudge_day + plan.every_days * wall.DAY


@lru_cache(maxsize=8192)
def _slot_on(day: date, kind: Kind, zone: str, spans: tuple[Span, ...], asked: time, jitter: timedelta) -> Slot | None:
    """Return the slot of that day; None only when the clocks skip all of the day's open hours."""
    span, start = _fit(spans, wall.since_midnight(asked), jitter)
    at = wall.instant_at(day, start, zone)
    skipped = wall.gap_at(day, start, zone)
    if skipped is not None:
        spans = hours.without(spans, skipped)
        if not spans:
            return None
        span, start = _fit(spans, skipped.end, jitter)
        at = wall.instant_at(day, start, zone)
    closes_at = min(at + WINDOW, wall.instant_at(day, span.end, zone))
    return Slot(day=day, kind=kind, at=at, closes_at=closes_at)


def _fit(spans: tuple[Span, ...], asked: timedelta, jitter: timedelta) -> tuple[Span, timedelta]:
    """Return the span that holds *asked*, else the next, else the last one, and the start inside it."""
    span = next((span for span in spans if asked < span.end), spans[-1])
    latest = max(span.start, span.end - LEAST_WINDOW)
    base = min(max(asked, span.start), max(span.start, latest - SPREAD))
    return span, min(base + jitter, latest)


def _open_spans(plan: Plan) -> tuple[Span, ...]:
    """Return the hours in which this person may be nudged on any day, in order."""
    return hours.open_spans(plan.quiet_from, plan.quiet_until, plan.wall_from, plan.wall_until)


@lru_cache(maxsize=8192)
def _jitter(mentee: UUID) -> timedelta:
    """Return whole seconds from 0 to just under SPREAD, the same for a mentee for ever."""
    number = int.from_bytes(blake2b(mentee.bytes, digest_size=8).digest(), "big")
    return timedelta(seconds=number % (SPREAD // wall.SECOND))


def open_until(plan: Plan, now: datetime) -> datetime:
    """Return when the hours end (UTC) in which this person may be nudged; *now* itself outside them."""
    return hours.open_until(_open_spans(plan), plan.zone, now)


class Reason(StrEnum):
    """Why a due nudge was not sent."""

    not_active = "not_active"
    opted_out = "opted_out"
    unreachable = "unreachable"
    paused = "paused"
    answered = "answered"
    already_sent = "already_sent"
    just_asked = "just_asked"
    cap_day = "cap_day"
    cap_week = "cap_week"
    holiday = "holiday"
    day_off = "day_off"
    every_other_day = "every_other_day"
    weekly = "weekly"
    expired = "expired"
    outside_wall = "outside_wall"
    quiet_hours = "quiet_hours"


class Facts(Struct, frozen=True, kw_only=True):
    """What is true of one due slot at sending time; *now* is at or after *slot.at*.

    "Today" is *slot.day*. *reachable*: the carrier has not refused the number for good. *answered*: the day has a
    check-in, a skip included. *holiday*: of the programme. *already_sent_today*: this kind. *sent_today*: both kinds
    together.
    *sent_this_week_without_answer*: both kinds in the 7 days before, 0 as soon as they hold any answer.
    *asked_at*: when the day's other kind was decided to be sent.
    """

    now: datetime
    slot: Slot
    active: bool
    opted_out: bool
    reachable: bool
    paused_until: date | None
    answered: bool
    holiday: bool = False
    already_sent_today: bool
    sent_today: int
    sent_this_week_without_answer: int
    asked_at: datetime | None = None


class Send(Struct, frozen=True):
    """Send it; *expires_at* (UTC) is when it must not leave any more."""

    expires_at: datetime


class Skip(Struct, frozen=True):
    """Send nothing, for this reason."""

    reason: Reason


def decide(plan: Plan, facts: Facts) -> Send | Skip:
    """Say whether a due slot is sent now, by the plan as it is now; the first reason against it wins.

    Reasons that lie in the person come before reasons that lie in the hour, so that a late "answered" is not
    reported as "expired".
    """
    reason = _against_the_person(plan, facts) or _against_the_day(plan, facts) or _against_the_hour(plan, facts)
    return Send(_expiry(plan, facts)) if reason is None else Skip(reason)


TOO_SOON: dict[EveryDays, Reason] = {1: Reason.already_sent, 2: Reason.every_other_day, 7: Reason.weekly}


def _against_the_person(plan: Plan, facts: Facts) -> Reason | None:
    if not facts.active:
        return Reason.not_active
    if facts.opted_out:
        return Reason.opted_out
    if not facts.reachable:
        return Reason.unreachable
    if _is_before(facts.slot.day, facts.paused_until) or _is_before(facts.slot.day, plan.paused_until):
        return Reason.paused
    return Reason.answered if facts.answered else None


def _is_before(day: date, until: date | None) -> bool:
    return until is not None and day < until


def _against_the_day(plan: Plan, facts: Facts) -> Reason | None:
    """Return the first of caps, weekdays and the ladder.

    A nudge recorded for the slot's own day does not count: it is this very one, looked at again before it leaves, or
    the one this reminder belongs to.
    """
    if facts.already_sent_today:
        return Reason.already_sent
    if facts.asked_at is not None and facts.now - facts.asked_at < BETWEEN_NUDGE_AND_REMINDER:
        return Reason.just_asked
    if facts.sent_today >= SENT_A_DAY:
        return Reason.cap_day
    if facts.sent_this_week_without_answer >= UNANSWERED_A_WEEK:
        return Reason.cap_week
    if facts.holiday:
        return Reason.holiday
    day = facts.slot.day
    if day.isoweekday() not in plan.weekdays:
        return Reason.day_off
    too_soon = day != plan.last_nudge_day and _is_before(day, _due_again(plan))
    return TOO_SOON[plan.every_days] if too_soon else None


def _against_the_hour(plan: Plan, facts: Facts) -> Reason | None:
    if facts.now >= facts.slot.closes_at:
        return Reason.expired
    return _closed_because(facts.now, plan.zone, plan.wall_from, plan.wall_until, plan.quiet_from, plan.quiet_until)


@lru_cache(maxsize=1024)
def _closed_because(
    now: datetime, zone: str, wall_from: time, wall_until: time, quiet_from: time, quiet_until: time
) -> Reason | None:
    """Say what forbids a nudge at this moment, if anything; outside the wall is as one more quiet window."""
    at = wall.local(now, zone).time()
    if wall.is_between(at, wall_until, wall_from):
        return Reason.outside_wall
    if wall.is_between(at, quiet_from, quiet_until):
        return Reason.quiet_hours
    return None


def _expiry(plan: Plan, facts: Facts) -> datetime:
    """Return when the slot closes, or when the open hours end, should a change of plan have made that sooner."""
    closes = open_until(plan, facts.now)
    # In the second showing of an autumn hour the end of the open hours, always the first showing, may be past.
    return min(facts.slot.closes_at, closes) if facts.now < closes else facts.slot.closes_at
