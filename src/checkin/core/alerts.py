"""Alerts as a promise with a clock: whose turn it is, who had to be passed over, and when it moves on."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from checkin.core import trend, wall
from checkin.core.people import Person, Status
from checkin.core.trend import Fall

ASKED_AGAIN_AFTER = timedelta(hours=4)  # after SNOOZE, MSG and NOANSWER


class Kind(StrEnum):
    """What a human should look at."""

    trend = "trend"
    silence = "silence"
    crisis = "crisis"
    call_me = "call_me"
    practical_help = "practical_help"
    opted_out = "opted_out"
    unreachable = "unreachable"


class Outcome(StrEnum):
    """What became of an alert once a human had it."""

    talked = "talked"
    left_message = "left_message"
    no_answer = "no_answer"
    safe = "safe"
    referred = "referred"


Place = Literal["mentor", "cover", "coordinator"]
Result = Literal["asked", "empty", "no_phone", "opted_out", "unreachable"]


class Alert(Struct, frozen=True, kw_only=True):
    """An open alert as its clock sees it: *rung* is whose turn is next, *step* how many steps were taken."""

    mentee_id: UUID
    id: UUID
    number: int
    kind: Kind
    step: int
    rung: int
    raised_at: datetime
    owner_id: UUID | None = None
    acknowledged_by: UUID | None = None


class Chain(Struct, frozen=True, kw_only=True):
    """Who may be asked, in order: the mentor, then the cover, then the coordinators in turn."""

    mentor: Person | None
    cover: Person | None
    coordinators: tuple[Person, ...]

    def at(self, rung: int) -> tuple[Place, Person | None]:
        """Return the place and person on *rung* (0 mentor, 1 cover, 2 and up the coordinators in turn)."""
        if rung == 0:
            return "mentor", self.mentor
        if rung == 1:
            return "cover", self.cover
        if not self.coordinators:
            return "coordinator", None
        return "coordinator", self.coordinators[(rung - 2) % len(self.coordinators)]


class Hours(Struct, frozen=True):
    """The program's wall: no routine text before *opens* or from *closes* on, in the reader's own zone."""

    opens: time
    closes: time


class Step(Struct, frozen=True, kw_only=True):
    """One step taken: who was asked, or who had to be passed over and why."""

    number: int
    place: Place
    person: Person | None
    result: Result


class Ask(Struct, frozen=True, kw_only=True):
    """Ask *person*; if nobody has it by *until*, *rung* is next. *steps* ends with the asking."""

    person: Person
    steps: tuple[Step, ...]
    rung: int
    until: datetime


class Wait(Struct, frozen=True):
    """Nobody may be texted now; look again at *until*."""

    until: datetime


class Nobody(Struct, frozen=True, kw_only=True):
    """The whole chain is empty or out of reach: the operator must hear; look again at *until*."""

    steps: tuple[Step, ...]
    until: datetime


def next_step(
    alert: Alert, chain: Chain, hours: Hours, patience: timedelta, now: datetime, owner: Person | None = None
) -> Ask | Wait | Nobody:
    """Decide who is asked now.

    An alert that its owner once took (SNOOZE and the like) goes back to that *owner*. Otherwise the turn goes up
    the chain; people who cannot be texted are passed over at once and the steps say so.
    """
    if owner is not None and alert.owner_id == owner.id and why_not(owner) == "asked":
        place = _place_of(owner, chain)
        return _ask(alert, owner, place, (), alert.rung, hours, patience, now)
    passed: tuple[Step, ...] = ()
    last = max(alert.rung, 1) + max(len(chain.coordinators), 1)
    for rung in range(alert.rung, last + 1):
        place, person = chain.at(rung)
        result: Result = "empty" if person is None else why_not(person)
        if person is not None and result == "asked":
            return _ask(alert, person, place, passed, rung + 1, hours, patience, now)
        number = alert.step + len(passed) + 1
        passed += (Step(number=number, place=place, person=person, result=result),)
    return Nobody(steps=passed, until=now + patience)


def why_not(person: Person) -> Result:
    """Say why *person* cannot be texted, or "asked" when they can."""
    if person.status is not Status.active:
        return "empty"
    if person.phone is None:
        return "no_phone"
    if person.opted_out:
        return "opted_out"
    return "unreachable" if person.unreachable else "asked"


def _ask(
    alert: Alert,
    person: Person,
    place: Place,
    passed: tuple[Step, ...],
    rung: int,
    hours: Hours,
    patience: timedelta,
    now: datetime,
) -> Ask | Wait:
    if alert.kind is not Kind.crisis and wall.is_quiet(now, person.time_zone, hours.closes, hours.opens):
        return Wait(wall.quiet_ends(now, person.time_zone, hours.closes, hours.opens))
    asked = Step(number=alert.step + len(passed) + 1, place=place, person=person, result="asked")
    return Ask(person=person, steps=(*passed, asked), rung=rung, until=now + patience)


def _place_of(person: Person, chain: Chain) -> Place:
    if chain.mentor is not None and chain.mentor.id == person.id:
        return "mentor"
    return "cover" if chain.cover is not None and chain.cover.id == person.id else "coordinator"


def sentence(name: str, kind: Kind, evidence: dict[str, Any]) -> str:  # Any: each kind has its own shape
    """Return what an alert says, in one sentence; shown behind login only. *evidence* is its first cause."""
    if kind is Kind.trend:
        return trend.sentence(name, msgspec.convert(evidence, Fall))
    return {
        Kind.silence: f"{name} has not answered for a while.",
        Kind.crisis: f"{name} wrote something that needs you now.",
        Kind.call_me: f"{name} asks to be called.",
        Kind.practical_help: f"{name} asks for practical help.",
        Kind.opted_out: f"{name} has stopped texts from us.",
        Kind.unreachable: f"Texts to {name} do not arrive.",
    }[kind]
