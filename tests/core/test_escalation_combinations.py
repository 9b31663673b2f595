"""Every combination of how mentor, cover and coordinator are found, for every kind and every ready-made route."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise, product

import pytest
from msgspec import Struct

from checkin import core
from checkin.core.alerts import TIER_URGENCY, URGENCY, Kind, Urgency
from checkin.core.danger import Tier
from checkin.core.escalation import Ask
from checkin.core.routing import LAST, READY_MADE, Place, RouteStep, Routing
from tests.core.escalations import ASKABLE, NIGHT, NINE, Standing, Taken, alert, history

KINDS = [
    *[(kind, URGENCY[kind]) for kind in Kind if kind is not Kind.crisis],
    *[(Kind.crisis, TIER_URGENCY[tier]) for tier in (Tier.a, Tier.b, Tier.c)],
]
PLACES = (Place.mentor, Place.cover, Place.coordinator)
BESIDES = {
    "mentor-first": None,
    "clinician-first": Place.clinical_contact,
    "group-facilitator": Place.facilitator,
    "clinic-attached": Place.clinical_contact,
}
"""Who else a route asks; found silent, or not there."""
REASONS = {
    Standing.absent: {"empty"},
    Standing.away: {"away"},
    Standing.opted_out: {"opted_out"},
    Standing.unreachable: {"unreachable"},
    **{standing: {"asked", "off_hours"} for standing in ASKABLE},
}


class Scene(Struct, frozen=True):
    """One combination, and what was decided about its alert."""

    urgency: Urgency
    route: tuple[RouteStep, ...]
    at: datetime
    found: dict[Place, Standing]
    taken: list[Taken]

    @property
    def heard(self) -> bool:
        return any(one.heard for one in self.taken)

    def can_be_asked(self, place: Place) -> bool:
        standing = self.found.get(place, Standing.absent)
        over = standing is Standing.over_limit and (self.urgency.is_crisis or place in self.route[-1].ask)
        return standing in ASKABLE or over


def scenes(name: str, at: datetime, on_call: Standing) -> Iterator[Scene]:
    """Play every combination until somebody answers, or the last step has been repeated."""
    routing: Routing = core.routing.parse(core.routing.ready_made(name))
    besides = BESIDES[name]
    for kind, urgency in KINDS:
        route = routing[urgency]
        for standings in product(Standing, repeat=len(PLACES)):
            for other in (Standing.silent, Standing.absent) if besides else (Standing.absent,):
                found = dict(zip(PLACES, standings, strict=True)) | {Place.on_call: on_call}
                found |= {besides: other} if besides else {}
                taken = list(history(alert(kind, urgency, at), found, routing, len(route) + 2))
                yield Scene(urgency, route, at, found, taken)


def somebody_hears(scene: Scene) -> bool:
    """The last step is reached and repeated, unless somebody answers before."""
    last = [step for one in scene.taken[-2:] for step in one.asked if step.place in LAST]
    return scene.heard or (bool(last) and all(one.asked for one in scene.taken))


def who_is_left_hears(scene: Scene) -> bool:
    """Without anybody on call: whoever can be asked at all is asked; if nobody can be, that is said."""
    named = {place for step in scene.route for place in step.ask}
    could = any(scene.can_be_asked(place) for place in named)
    is_said = all(isinstance(one.ask, Ask) == bool(one.asked) for one in scene.taken)
    return is_said and could == any(one.asked for one in scene.taken)


def each_step_comes_once(scene: Scene) -> bool:
    numbers = [step.number for one in scene.taken for step in one.ask.steps]
    in_order = all(one.at < other.at for one, other in pairwise(scene.taken))
    return in_order and numbers == list(range(1, len(numbers) + 1))


def nobody_is_texted_twice_for_one_step(scene: Scene) -> bool:
    people = [[step.person for step in one.asked] for one in scene.taken]
    return all(len(set(map(id, one))) == len(one) for one in people)


def hours_are_kept_but_in_a_crisis(scene: Scene) -> bool:
    if scene.urgency.is_crisis:
        return scene.taken[0].at == scene.at
    return not any(step.outside for one in scene.taken for step in one.asked)


def reasons_are_true(scene: Scene) -> bool:
    """Who cannot be asked is passed over for the very reason."""
    for one in scene.taken:
        for step in one.ask.steps:
            standing = scene.found[step.place]
            if standing in REASONS and step.result not in REASONS[standing]:
                return False
            limited = standing is Standing.over_limit and not scene.can_be_asked(step.place)
            if limited and step.result != "over_limit":
                return False
    return True


def nobody_who_could_be_asked_is_left_out(scene: Scene) -> bool:
    """Before the last step is repeated, everybody whose turn it is was asked: in each step, the first who can be."""
    asked = {step.place for one in scene.taken for step in one.asked}
    for step in scene.route:
        able = [place for place in step.ask if scene.can_be_asked(place)]
        if not set(able if step.together else able[:1]) <= asked:
            return scene.heard
    return True


RULES: tuple[Callable[[Scene], bool], ...] = (
    each_step_comes_once,
    nobody_is_texted_twice_for_one_step,
    hours_are_kept_but_in_a_crisis,
    reasons_are_true,
)


def broken(name: str, at: datetime, on_call: Standing, *rules: Callable[[Scene], bool]) -> tuple[int, Counter[str]]:
    """Return how many combinations were played, and which rules broke how often."""
    count, found = 0, Counter[str]()
    for scene in scenes(name, at, on_call):
        count += 1
        found.update(rule.__name__ for rule in (*RULES, *rules) if not rule(scene))
    return count, found


@pytest.mark.parametrize("name", READY_MADE)
@pytest.mark.parametrize("at", [NINE, NIGHT], ids=["morning", "night"])
def test_with_somebody_on_call_every_alert_is_heard(
    name: str, at: datetime, record_property: Callable[[str, object], None]
) -> None:
    count, found = broken(name, at, Standing.silent, somebody_hears, nobody_who_could_be_asked_is_left_out)

    record_property("combinations", count)
    assert found == {}
    assert count == len(KINDS) * len(Standing) ** len(PLACES) * (2 if BESIDES[name] else 1)


@pytest.mark.parametrize("name", READY_MADE)
def test_with_nobody_on_call_whoever_is_left_hears_and_it_is_said_when_nobody_is(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    count, found = broken(name, NINE, Standing.absent, who_is_left_hears)

    record_property("combinations", count)
    assert found == {}
