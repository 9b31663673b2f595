"""A small world for the escalation alone: people in every state, a route, and a clock that jumps from step to step."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from checkin import core
from checkin.core.alerts import Alert, Kind, Urgency
from checkin.core.availability import Availability
from checkin.core.escalation import Ask, Chain, Nobody, Reader, Step, Wait
from checkin.core.people import Person, Role, Status
from checkin.core.routing import Place, RouteStep, Routing

ZONE = "America/New_York"
ORDINARY = timedelta(hours=4)
NINE = datetime(2026, 11, 16, 14, tzinfo=UTC)
"""Monday, 09:00 in New York."""
NIGHT = datetime(2026, 11, 17, 4, tzinfo=UTC)
"""Monday, 23:00 in New York."""
HOURS = core.availability.every_day(time(8), time(21))


class Standing(StrEnum):
    """How somebody is found when their turn comes. late: they answer, but only when it has moved on."""

    absent = "absent"
    away = "away"
    opted_out = "opted_out"
    unreachable = "unreachable"
    silent = "silent"
    over_limit = "over_limit"
    late = "late"


ASKABLE = frozenset({Standing.silent, Standing.late})
MENTEE = UUID(int=1)


def reader(number: int, standing: Standing = Standing.silent, **chosen: Any) -> Reader:  # Any: fields of Availability
    """Return somebody who may be asked."""
    person = Person(
        id=UUID(int=number),
        program_id=UUID(int=99),
        roles=frozenset({Role.mentor}),
        status=Status.active,
        name=f"P{number}",
        phone=f"+1212555{number:04d}",
        language="en",
        time_zone=ZONE,
        away=standing is Standing.away,
        opted_out=standing is Standing.opted_out,
        unreachable=standing is Standing.unreachable,
    )
    limit = 3 if standing is Standing.over_limit else None
    return Reader(
        person=person,
        available=Availability(**{"hours": HOURS, "limit": limit, **chosen}),
        open_alerts=3 if limit else 0,
    )


def chain(standings: Mapping[Place, Standing], *, clinic_may_know: bool = True) -> Chain:
    """Return one person in every named place, as they are found."""
    places = {
        place: () if standing is Standing.absent else (reader(number, standing),)
        for number, (place, standing) in enumerate(standings.items(), start=11)
    }
    return Chain(places=places, clinic_may_know=clinic_may_know)


def alert(kind: Kind, urgency: Urgency, at: datetime) -> Alert:
    """Return an alert just raised."""
    return Alert(
        mentee_id=MENTEE,
        id=UUID(int=2),
        number=41,
        kind=kind,
        urgency=urgency,
        step=0,
        rung=0,
        raised_at=at,
        due_at=at,
    )


class Taken(Struct, frozen=True):
    """One decision, when it was made, and whether somebody who was asked before answers right after it."""

    at: datetime
    ask: Ask | Nobody
    heard: bool = False

    @property
    def asked(self) -> tuple[Step, ...]:
        return tuple(step for step in self.ask.steps if step.result == "asked")


def after(open_alert: Alert, steps: tuple[Step, ...], rung: int, until: datetime) -> Alert:
    """Return the alert as its row stands after a decision."""
    asked = dict(open_alert.asked)
    for step in steps:
        if step.result == "asked" and step.person is not None:
            asked[step.person.id] = asked.get(step.person.id, 0) + 1
    number = steps[-1].number if steps else open_alert.step
    return replace(open_alert, step=number, rung=rung, due_at=until, asked=asked)


def history(open_alert: Alert, standings: Mapping[Place, Standing], routing: Routing, most: int) -> Iterator[Taken]:
    """Yield what is decided about an alert until somebody answers late, at the most *most* times."""
    route, found = routing[open_alert.urgency], chain(standings)
    late = False
    for _ in range(most):
        now, decision = _decide(open_alert, found, route)
        rung = decision.rung if isinstance(decision, Ask) else 0
        yield Taken(now, decision, late)
        if late:
            return
        open_alert = after(open_alert, decision.steps, rung, decision.until)
        late = any(step.result == "asked" and standings[step.place] is Standing.late for step in decision.steps)


def _decide(open_alert: Alert, found: Chain, route: tuple[RouteStep, ...]) -> tuple[datetime, Ask | Nobody]:
    """Return the next decision that is not to wait, and when it is made."""
    now = open_alert.due_at
    for _ in range(3):
        decision = core.escalation.next_step(replace(open_alert, due_at=now), found, route, ORDINARY, now)
        if not isinstance(decision, Wait):
            return now, decision
        assert decision.until > now
        now = decision.until
    raise AssertionError("waits for ever")
