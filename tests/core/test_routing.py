"""A program's rules as a file: the ready-made ones, and every mistake of a bad one by its line."""

from datetime import timedelta

import pytest

from checkin.core import routing
from checkin.core.alerts import Urgency
from checkin.core.errors import BadRouting
from checkin.core.routing import LAST, READY_MADE, Place, RouteStep

GOOD = routing.ready_made("mentor-first")
BAD = """\
night = true

[[now.step]]
ask = ["mentor", "coordinator"]
together = "yes"
wait = "5 minutes"

[[now.step]]
ask = ["nurse"]
after = 3

[[soon.step]]
ask = ["mentor"]
together = true
wait = "2 h"

[[hours.step]]
ask = ["mentor", "mentor"]

[[hours.step]]
ask = "coordinator"

[later]
ask = ["coordinator"]
"""


def mistakes(source: str) -> list[tuple[int, str]]:
    with pytest.raises(BadRouting) as caught:
        routing.parse(source)
    return [(one.line, one.problem) for one in caught.value.mistakes]


@pytest.mark.parametrize("name", READY_MADE)
def test_every_ready_made_file_can_be_followed_and_ends_with_somebody(name: str) -> None:
    found = routing.parse(routing.ready_made(name))

    assert set(found) == set(Urgency)
    assert all(set(steps[-1].ask) <= LAST for steps in found.values())


def test_without_a_file_the_mentor_is_first_and_the_promise_is_kept() -> None:
    found = routing.default()
    five, quarter = timedelta(minutes=5), timedelta(minutes=15)

    assert found == routing.parse(GOOD)
    assert [(step.ask, step.together, step.wait) for step in found[Urgency.now]] == [
        ((Place.mentor, Place.coordinator), True, five),
        ((Place.cover,), False, five),
        ((Place.on_call,), False, quarter),
        ((Place.coordinator, Place.on_call), True, quarter),
    ]
    assert [step.ask[0] for step in found[Urgency.soon]] == ["mentor", "cover", "coordinator", "on_call", "coordinator"]
    assert {step.wait for step in found[Urgency.soon]} == {quarter}
    assert found[Urgency.hours][0] == RouteStep(ask=(Place.mentor,))
    assert [step.wait for step in found[Urgency.digest]] == [timedelta(hours=24)] * 2


def test_every_mistake_is_named_with_its_line_at_once() -> None:
    found = mistakes(BAD)

    places = "the places are mentor, cover, facilitator, clinical_contact, coordinator, on_call"
    assert found == [
        (1, "night is not known; the urgencies are now, soon, hours, digest"),
        (1, "digest has no steps; write [[digest.step]] and what it asks"),
        (5, "together is true or false"),
        (6, 'wait is a length, such as "5 min", "4 h" or "2 d"'),
        (9, f"nurse is not a place; {places}"),
        (9, "the last step of now must ask coordinator or on_call"),
        (10, "after is not known; a step has ask, together, wait"),
        (13, "the last step of soon must ask coordinator or on_call"),
        (14, "together needs two places or more"),
        (15, "wait is at most 60 min where the urgency is soon"),
        (18, "a place is asked twice in one step"),
        (21, 'ask is a list of places, such as ["mentor"]'),
        (21, "the last step of hours must ask coordinator or on_call"),
        (23, "later is not known; the urgencies are now, soon, hours, digest"),
    ]


@pytest.mark.parametrize(
    ("source", "line"),
    [("[[now.step]\n", 1), ("a = 1\nb = \n", 2), ('[[now.step]]\nask = ["mentor"', 2), ("a = 1\na = 2\n", 2)],
)
def test_what_is_not_toml_is_named_with_its_line(source: str, line: int) -> None:
    assert [at for at, _ in mistakes(source)] == [line]


@pytest.mark.parametrize("source", ["now = 3", "[now]\nstep = 1", "[[now]]\nask = []", "now.step = [1]", ""])
def test_other_shapes_are_refused_for_each_urgency(source: str) -> None:
    assert sum("has no steps" in problem for _, problem in mistakes(source)) == len(Urgency)


@pytest.mark.parametrize("wait", ["0 min", "8 d", "-4 h", "4", "4 hours", "", "99999 min"])
def test_a_wait_is_a_length_within_reason(wait: str) -> None:
    source = GOOD.replace('[[hours.step]]\nask = ["mentor"]', f'[[hours.step]]\nask = ["mentor"]\nwait = "{wait}"')

    assert len(mistakes(source)) == 1


def test_too_many_steps_are_refused() -> None:
    source = '[[now.step]]\nask = ["cover"]\n' * 13 + GOOD

    assert [problem for _, problem in mistakes(source)] == ["now has 17 steps; at most 12 are taken"]


@pytest.mark.parametrize("others", ['"mentor", "coordinator"', '"on_call", "cover", "coordinator"'])
def test_the_last_step_asks_others_only_together_with_those_at_the_end(others: str) -> None:
    alone = f"{GOOD}\n[[digest.step]]\nask = [{others}]\n"

    assert mistakes(alone) == [
        (alone.count("\n"), "the last step of digest asks only coordinator and on_call, or everybody together")
    ]
    assert routing.parse(alone + "together = true\n")[Urgency.digest][-1].together


REST = GOOD[GOOD.index("[[soon.step]]") :]
END = f'[[now.step]]\nask = ["coordinator"]\n{REST}'


@pytest.mark.parametrize(
    ("now", "line"),
    [
        ('[[now.step]]\nask = ["mentor"]\n\n[[now.step]]\n"ask" = ["nurse"]\n', 5),
        ("[[now.step]]\nask = ['mentor']\n\n[[now.step]]\n'ask' = ['nurse']\n", 5),
        ('[[now.step]]\nask = ["mentor"]\n\n[[ now . step ]]\nask = ["nurse"]\n', 5),
        ('[[now.step]]\nask = ["mentor"]\n\n[["now"."step"]] # then\nask = ["nurse"]\n', 5),
        ('[[now.step]]\nask = [\n  "mentor", # ]\n]\n[[now.step]]\nask = ["nurse"]\n', 6),
        ('[[now.step]]\nask = [\n  ["mentor"]\n]\n', 2),
        ('[[now.step]]\nwait = "5 min"\n', 1),
    ],
)
def test_a_mistake_has_its_line_however_the_file_is_written(now: str, line: int) -> None:
    assert [at for at, _ in mistakes(now + END)] == [line]


@pytest.mark.parametrize(
    ("now", "line"),
    [
        ('[now]\nstep = [{ask = ["coordinator"], wait = 5}]\n', 2),
        ('\nnow.step = [{ask = ["coordinator"], wait = 5}]\n', 2),
        ('\n"now" = {step = [{ask = ["coordinator"], wait = 5}]}\n', 2),
    ],
)
def test_a_mistake_in_a_list_of_steps_has_the_lists_line(now: str, line: int) -> None:
    assert [at for at, _ in mistakes(now + REST)] == [line]


def test_a_byte_order_mark_in_front_is_no_mistake() -> None:
    assert routing.parse("\ufeff" + GOOD) == routing.default()
