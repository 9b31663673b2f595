"""Whose turn an alert is: who is asked, who had to be passed over and why, and when it moves on."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from checkin.core import alerts, availability
from checkin.core.alerts import Alert, Result
from checkin.core.availability import Availability
from checkin.core.people import Person
from checkin.core.routing import Place, RouteStep

LONGEST_HOLD: Final = {alerts.Urgency.hours: timedelta(hours=24), alerts.Urgency.digest: timedelta(hours=72)}
"""Somebody whose hours open later than this is passed over; the alert is not kept waiting for them."""


class Reader(Struct, frozen=True, kw_only=True):
    """Somebody who may be asked, what they have chosen, and how many other open alerts are theirs now."""

    person: Person
    available: Availability
    open_alerts: int = 0


class Chain(Struct, frozen=True, kw_only=True):
    """Who stands in which place for one mentee. *clinic_may_know*: the mentee agreed to the clinical contact."""

    places: Mapping[Place, tuple[Reader, ...]]
    clinic_may_know: bool = False


class Step(Struct, frozen=True, kw_only=True):
    """One step taken: who was asked, or who had to be passed over and why. *outside*: it was outside their hours.

    *closes* is when their hours end, after which they are not texted of it; None where it goes through their hours.
    """

    number: int
    place: Place
    person: Person | None
    result: Result
    outside: bool = False
    closes: datetime | None = None


class Ask(Struct, frozen=True, kw_only=True):
    """Take *steps*: everybody whose result is "asked" is texted; if nobody has it by *until*, *rung* is next.

    *again*: the one who is asked has it already, and is asked how it went.
    """

    steps: tuple[Step, ...]
    rung: int
    until: datetime
    again: bool = False


class Wait(Struct, frozen=True):
    """Nobody may be texted now; look again at *until*."""

    until: datetime


class Nobody(Struct, frozen=True, kw_only=True):
    """Nobody on the whole route can be reached: the operator must hear; look again at *until*."""

    steps: tuple[Step, ...]
    until: datetime


def next_step(
    alert: Alert,
    chain: Chain,
    route: tuple[RouteStep, ...],
    ordinary: timedelta,
    now: datetime,
    owner: Reader | None = None,
) -> Ask | Wait | Nobody:
    """Decide who is asked now.

    An alert that its *owner* has (OK, SNOOZE and the like) goes back to them. Otherwise it goes on along the *route*
    from its rung; people who cannot be texted are passed over at once and the steps say so. Where several are asked
    together, the next step stands in for one who cannot be. Who has passed it on is asked only where nobody else can
    be. *ordinary* is how long the program lets somebody answer an alert in their hours.
    """
    if owner is not None and alerts.why_not(owner.person) == "asked":
        return _ask_owner(alert, chain, owner, ordinary, now)
    turn = _Turn(alert, chain, route, now)
    while not turn.asked and turn.rung < len(route):
        turn.take_next()
        if turn.wait_until is not None and not turn.asked:
            return Wait(turn.wait_until)
    if not turn.asked and alert.passed:
        return next_step(replace(alert, passed=frozenset()), chain, route, ordinary, now)
    if not turn.asked:
        if turn.opening is not None:
            return Wait(turn.opening)
        return Nobody(steps=tuple(turn.steps), until=now + alerts.patience(alert.urgency, ordinary))
    wait = route[turn.rung - 1].wait or alerts.patience(alert.urgency, ordinary)
    return Ask(steps=tuple(turn.steps), rung=min(turn.rung, len(route) - 1), until=now + wait)


def _ask_owner(alert: Alert, chain: Chain, owner: Reader, ordinary: timedelta, now: datetime) -> Ask | Wait:
    pressing = alert.is_pressing(now)
    wait = ordinary if alert.urgency.is_crisis and not pressing else alerts.patience(alert.urgency, ordinary)
    opens = availability.opens_at(owner.available.hours, owner.person.time_zone, now)
    if not pressing and opens is not None and opens > now:
        return Wait(opens)
    step = Step(
        number=alert.step + 1,
        place=_place_of(owner.person, chain),
        person=owner.person,
        result="asked",
        outside=opens != now,
        closes=None if pressing or opens != now else _closes(owner, now),
    )
    return Ask(steps=(step,), rung=alert.rung, until=now + wait, again=True)


class _Turn:
    """One walk along the route: what was noted so far, and where it stands."""

    def __init__(self, alert: Alert, chain: Chain, route: tuple[RouteStep, ...], now: datetime) -> None:
        self.alert, self.chain, self.route, self.now = alert, chain, route, now
        self.rung = min(alert.rung, len(route) - 1)
        self.steps: list[Step] = []
        self.wait_until: datetime | None = None
        self.opening: datetime | None = None

    @property
    def asked(self) -> bool:
        return any(step.result == "asked" for step in self.steps)

    def take_next(self) -> None:
        """Take the next step of the route; places asked together are stood in for by the one after it."""
        step, is_last = self.route[self.rung], self.rung == len(self.route) - 1
        self.rung += 1
        for place in step.ask:
            found = self._ask_place(place, is_last)
            if found and not step.together:
                return
            if not found and step.together and place is not Place.clinical_contact:
                self._stand_in()
            if self.wait_until is not None and not step.together:
                return

    def _stand_in(self) -> None:
        """Ask whom the next step would; the last step stands in for nobody, its turn comes by itself."""
        if self.rung >= len(self.route) - 1:
            return
        step, self.rung = self.route[self.rung], self.rung + 1
        for place in step.ask:
            if self._ask_place(place, False) and not step.together:
                return

    def _ask_place(self, place: Place, is_last: bool) -> bool:
        """Ask somebody in *place*, those first who were asked least; returns whether somebody was."""
        readers = [one for one in self.chain.places.get(place, ()) if one.person.id != self.alert.mentee_id]
        readers.sort(key=lambda one: self.alert.asked.get(one.person.id, 0))
        if not readers:
            self._note(place, None, "empty")
        opening: datetime | None = None
        for reader in readers:
            result = self._result(place, reader, is_last)
            opens = self._opens(reader) if result == "asked" else None
            if result == "asked" and opens == self.now:
                self._note(place, reader, "asked")
                return True
            if result == "asked":
                result = "off_hours"
                opening = opens if opening is None else min(opening, opens or opening)
            self._note(place, reader, result)
        if opening is not None:
            self.opening = opening if self.opening is None else min(self.opening, opening)
            if opening - self.now <= LONGEST_HOLD[self.alert.urgency]:
                self.wait_until = opening if self.wait_until is None else min(self.wait_until, opening)
        return False

    def _result(self, place: Place, reader: Reader, is_last: bool) -> Result:
        if place is Place.clinical_contact and not self.chain.clinic_may_know:
            return "no_consent"
        result = alerts.why_not(reader.person)
        if result != "asked":
            return result
        if reader.person.id in self.alert.passed or any(
            step.person is not None and step.person.id == reader.person.id for step in self.steps if _is_ask(step)
        ):
            return "already"
        limit = reader.available.limit
        if limit is not None and reader.open_alerts >= limit and not (is_last or self.alert.urgency.is_crisis):
            return "over_limit"  # not at the end: nobody would be left
        return "asked"

    def _opens(self, reader: Reader) -> datetime | None:
        """Return when *reader* may be texted about this: now, or later; None if never."""
        if self.alert.urgency.is_crisis:
            return self.now
        chosen, zone = reader.available, reader.person.time_zone
        opens = availability.opens_at(chosen.hours, zone, self.now)
        if self.alert.urgency is alerts.Urgency.digest and opens is not None:
            if opens == self.now and availability.is_digest_time(chosen, zone, self.alert.due_at):
                return self.now
            return availability.next_digest(chosen, zone, self.now) or opens
        return opens

    def _note(self, place: Place, reader: Reader | None, result: Result) -> None:
        outside, closes = False, None
        if reader is not None and result == "asked":
            zone = reader.person.time_zone
            outside = not availability.is_open(reader.available.hours, zone, self.now)
            closes = None if self.alert.urgency.is_crisis else _closes(reader, self.now)
        self.steps.append(
            Step(
                number=self.alert.step + len(self.steps) + 1,
                place=place,
                person=None if reader is None else reader.person,
                result=result,
                outside=outside,
                closes=closes,
            )
        )


def _closes(reader: Reader, now: datetime) -> datetime | None:
    return availability.closes_at(reader.available.hours, reader.person.time_zone, now)


def _is_ask(step: Step) -> bool:
    return step.result == "asked"


def _place_of(person: Person, chain: Chain) -> Place:
    for place, readers in chain.places.items():
        if any(one.person.id == person.id for one in readers):
            return place
    return Place.coordinator
