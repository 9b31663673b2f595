"""Alerts as a promise with a clock: whose turn it is, who had to be passed over, and when it moves on."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from checkin.core import trend, wall
from checkin.core.danger import Tier
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


class Urgency(StrEnum):
    """How long it can wait.

    now: mentor and coordinator together, through quiet hours. soon: one after the other, through quiet hours.
    hours: within the reader's hours. digest: a day.
    """

    now = "now"
    soon = "soon"
    hours = "hours"
    digest = "digest"


URGENCY: Final = {
    Kind.trend: Urgency.hours,
    Kind.silence: Urgency.digest,
    Kind.crisis: Urgency.soon,
    Kind.call_me: Urgency.hours,
    Kind.practical_help: Urgency.digest,
    Kind.opted_out: Urgency.hours,
    Kind.unreachable: Urgency.hours,
}
"""How urgent each kind is, where nothing else is known: the screen's tier decides for a crisis."""

TIER_URGENCY: Final = {Tier.a: Urgency.now, Tier.b: Urgency.soon, Tier.c: Urgency.digest}


Place = Literal["mentor", "cover", "coordinator"]
Result = Literal["asked", "empty", "away", "no_phone", "opted_out", "unreachable"]


class Alert(Struct, frozen=True, kw_only=True):
    """An open alert as its clock sees it: *rung* is whose turn is next, *step* how many steps were taken.

    *from_note* says that its first cause was a note in the app, which nobody has answered by text.
    """

    mentee_id: UUID
    id: UUID
    number: int
    kind: Kind
    urgency: Urgency
    step: int
    rung: int
    raised_at: datetime
    from_note: bool = False
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
    """Take *steps*: everybody whose result is "asked" is texted; if nobody has it by *until*, *rung* is next."""

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
    alert: Alert, chain: Chain, hours: Hours, ordinary: timedelta, now: datetime, owner: Person | None = None
) -> Ask | Wait | Nobody:
    """Decide who is asked now.

    An alert that its owner once took (SNOOZE and the like) goes back to that *owner*. Otherwise the turn goes up
    the chain; people who cannot be texted are passed over at once and the steps say so. *ordinary* is how long the
    program lets somebody answer an alert that is not urgent.
    """
    if owner is not None and alert.owner_id == owner.id and why_not(owner) == "asked":
        again = Step(number=alert.step + 1, place=_place_of(owner, chain), person=owner, result="asked")
        return _ask(alert, (again,), alert.rung, hours, ordinary, now)
    steps: tuple[Step, ...] = ()
    last = max(alert.rung, 1) + max(len(chain.coordinators), 1)
    for rung in range(alert.rung, last + 1):
        if rung == 1 and alert.urgency is Urgency.digest:
            continue  # what can wait for a day is not worth the cover's evening
        for place, person in _turn(chain, rung, alert.urgency):
            result: Result = "empty" if person is None else why_not(person)
            steps += (Step(number=alert.step + len(steps) + 1, place=place, person=person, result=result),)
        if any(step.result == "asked" for step in steps):
            return _ask(alert, steps, rung + 1, hours, ordinary, now)
    return Nobody(steps=steps, until=now + patience(alert.urgency, last, ordinary))


def patience(urgency: Urgency, rung: int, ordinary: timedelta) -> timedelta:
    """Return how long whoever is asked on *rung* has to answer before the next one is asked."""
    match urgency:
        case Urgency.now:
            return timedelta(minutes=5 if rung <= 1 else 15)
        case Urgency.soon:
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


def _turn(chain: Chain, rung: int, urgency: Urgency) -> list[tuple[Place, Person | None]]:
    """Return whose turn it is: one person, but mentor and coordinator together where it cannot wait.

    The cover stands in at once for a mentor who cannot be asked.
    """
    turn = [chain.at(rung)]
    if rung == 0 and urgency is Urgency.now:
        if chain.mentor is None or why_not(chain.mentor) != "asked":
            turn.append(chain.at(1))
        reachable = [person for person in chain.coordinators if why_not(person) == "asked"]
        turn.append(("coordinator", reachable[0] if reachable else None))
    return turn


def _ask(
    alert: Alert, steps: tuple[Step, ...], rung: int, hours: Hours, ordinary: timedelta, now: datetime
) -> Ask | Wait:
    for step in steps:
        if step.person is None or step.result != "asked" or alert.urgency in (Urgency.now, Urgency.soon):
            continue
        if wall.is_quiet(now, step.person.time_zone, hours.closes, hours.opens):
            return Wait(wall.quiet_ends(now, step.person.time_zone, hours.closes, hours.opens))
    return Ask(steps=steps, rung=rung, until=now + patience(alert.urgency, rung - 1, ordinary))


def _place_of(person: Person, chain: Chain) -> Place:
    if chain.mentor is not None and chain.mentor.id == person.id:
        return "mentor"
    return "cover" if chain.cover is not None and chain.cover.id == person.id else "coordinator"


def sentence(name: str, kind: Kind, causes: list[dict[str, Any]]) -> str:  # Any: each kind has its own shape
    """Return what an alert says, in one sentence; shown behind login only. *causes* begin with the first one."""
    evidence = causes[0]
    if kind is Kind.trend:
        return trend.sentence(name, msgspec.convert(evidence, Fall))
    if kind is Kind.silence and "days" in evidence:
        told = trend.silence_sentence(name, evidence["days"])
        return told if evidence.get("low") else told.partition(";")[0] + "."
    if kind is Kind.crisis and all(cause.get("tier") == Tier.c.value for cause in causes):
        return f"{name} wrote something worth knowing; it can wait for a quiet moment."
    return {
        Kind.silence: f"{name} has not answered for a while.",
        Kind.crisis: f"{name} wrote something that needs you now.",
        Kind.call_me: f"{name} asks to be called.",
        Kind.practical_help: f"{name} asks for practical help.",
        Kind.opted_out: f"{name} has stopped texts from us.",
        Kind.unreachable: f"Texts to {name} do not arrive.",
    }[kind]
