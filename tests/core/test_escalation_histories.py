"""Random histories of one alert: causes, answers, leave, limits and the clock, in any order; it never ends unheard."""

from datetime import time, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from checkin import core
from checkin.core.alerts import ASKED_AGAIN_AFTER, UNRESOLVED_AFTER, Kind, Urgency
from checkin.core.availability import Window
from checkin.core.escalation import Ask, Chain, Nobody, Reader, Wait
from checkin.core.routing import LAST, READY_MADE, Place
from tests.core.escalations import HOURS, NINE, ORDINARY, Standing, after, alert, reader

ROUTES = [core.routing.parse(core.routing.ready_made(name)) for name in READY_MADE]
LONGEST_WAIT = timedelta(hours=73)
"""The longest an alert may lie still: a digest is held for three days at the most."""
WEEKDAYS_NINE_TO_FIVE = tuple(Window(weekday, time(9), time(17)) for weekday in range(1, 6))
STAFF = [place for place in Place if place is not Place.on_call]


class History(RuleBasedStateMachine):
    """The alert's row, the people, and the time; each rule is something that happens to one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NINE
        self.route = ROUTES[0]
        self.row = alert(Kind.crisis, Urgency.digest, NINE)
        self.open = True
        self.owner: Reader | None = None
        self.people = {place: reader(number) for number, place in enumerate(Place, start=11)}

    @property
    def chain(self) -> Chain:
        return Chain(places={place: (one,) for place, one in self.people.items()}, clinic_may_know=True)

    @rule(number=st.integers(0, len(ROUTES) - 1))
    def the_program_changes_its_rules(self, number: int) -> None:
        self.route = ROUTES[number]

    @rule(urgency=st.sampled_from(list(Urgency)))
    def another_cause(self, urgency: Urgency) -> None:
        order = list(Urgency)
        if not self.open:
            self.row, self.open, self.owner = alert(Kind.crisis, urgency, self.now), True, None
        elif order.index(urgency) < order.index(self.row.urgency):
            self.row, self.owner = replace(self.row, urgency=urgency, rung=0, due_at=self.now), None

    @rule(place=st.sampled_from(STAFF), standing=st.sampled_from(list(Standing)))
    def somebody_is_found_otherwise(self, place: Place, standing: Standing) -> None:
        number = int(self.people[place].person.id)
        self.people[place] = reader(number, standing)

    @rule(place=st.sampled_from(STAFF), digest=st.booleans(), weekdays=st.booleans())
    def somebody_chooses_their_hours(self, place: Place, digest: bool, weekdays: bool) -> None:
        chosen = replace(
            self.people[place].available,
            hours=WEEKDAYS_NINE_TO_FIVE if weekdays else HOURS,
            digest_at=time(12, 30) if digest else None,
        )
        self.people[place] = replace(self.people[place], available=chosen)

    @precondition(lambda self: self.open)
    @rule(place=st.sampled_from(list(Place)), what=st.sampled_from(["taken", "put_off", "passed", "closed"]))
    def somebody_answers(self, place: Place, what: str) -> None:
        one = self.people[place]
        if self.owner is not None and self.owner.person.id != one.person.id:
            return  # somebody else has it
        match what:
            case "taken":
                self.owner, self.row = one, replace(self.row, due_at=self.now + UNRESOLVED_AFTER)
            case "put_off":
                self.owner, self.row = one, replace(self.row, due_at=self.now + ASKED_AGAIN_AFTER)
            case "passed":
                passed = frozenset({one.person.id})
                self.owner, self.row = None, replace(self.row, due_at=self.now, passed=passed)
            case _:
                self.owner, self.open = None, False

    @rule(length=st.timedeltas(timedelta(), timedelta(hours=30)))
    def time_goes_by(self, length: timedelta) -> None:
        until = self.now + length
        while self.open and self.row.due_at <= until:
            self.now = max(self.now, self.row.due_at)
            self.decide()
        self.now = until

    def decide(self) -> set[Place]:
        """Take the decision that is due, and hold it against what is promised; returns who was asked."""
        owner, self.owner = self.owner, None
        if owner is not None:
            owner = next((one for one in self.people.values() if one.person.id == owner.person.id), None)
        decision = core.escalation.next_step(
            self.row, self.chain, self.route[self.row.urgency], ORDINARY, self.now, owner
        )
        match decision:
            case Wait(until):
                assert self.now < until <= self.now + LONGEST_WAIT
                self.row, self.owner = replace(self.row, due_at=until), owner
                return set()
            case Nobody():
                raise AssertionError("somebody on call can always be asked")
            case Ask(steps=steps, rung=rung, until=until):
                asked = [step for step in steps if step.result == "asked" and step.person is not None]
                people = [step.person.id for step in asked if step.person is not None]
                assert asked
                assert len(people) == len(set(people))
                assert self.row.urgency.is_crisis or not any(step.outside for step in asked)
                assert not any(step.person.away for step in asked if step.person is not None)
                assert self.now < until <= self.now + LONGEST_WAIT
                self.row = replace(after(self.row, steps, rung, until), passed=frozenset())
                return {step.place for step in asked}

    @invariant()
    def an_open_alert_has_its_time(self) -> None:
        assert not self.open or self.row.due_at <= self.now + LONGEST_WAIT

    def teardown(self) -> None:
        """From wherever it stands, if nobody answers any more, the last ones hear of it."""
        if not self.open:
            return
        heard: set[Place] = set()
        for _ in range(20):
            self.now = max(self.now, self.row.due_at)
            heard |= self.decide()
        assert heard & LAST


History.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestHistories = History.TestCase
