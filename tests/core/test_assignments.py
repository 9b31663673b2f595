"""Who may stand by whom, and when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from checkin.core import assignments
from checkin.core.errors import BadInput
from checkin.core.people import Person, Role, Status

NOW = datetime(2026, 11, 16, 20, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROGRAM = UUID(int=1)


def person(*roles: Role) -> Person:
    return Person(
        id=uuid4(),
        program_id=PROGRAM,
        roles=frozenset(roles),
        status=Status.active,
        name="Ana",
        phone=None,
        language="en",
        time_zone="America/New_York",
    )


MENTEE, MENTOR = person(Role.mentee), person(Role.mentor)
BOTH = person(Role.mentee, Role.mentor)


@pytest.mark.parametrize(("starts", "ends"), [(0, None), (-timedelta(minutes=10) / HOUR, None), (5, 6), (0, 1)])
def test_a_mentor_of_the_program_may_stand_by(starts: float, ends: float | None) -> None:
    until = None if ends is None else NOW + ends * HOUR

    assignments.check(MENTEE, MENTOR, NOW + starts * HOUR, until, NOW)
    assignments.check(BOTH, MENTOR, NOW + starts * HOUR, until, NOW)
    assignments.check(MENTEE, BOTH, NOW + starts * HOUR, until, NOW)


@pytest.mark.parametrize(
    ("mentee", "mentor"),
    [
        (MENTOR, BOTH),
        (MENTEE, None),
        (MENTEE, person(Role.mentee)),
        (MENTEE, person(Role.coordinator)),
        (MENTEE, replace(MENTOR, status=Status.ended)),
        (MENTEE, replace(MENTOR, program_id=UUID(int=2))),
        (BOTH, BOTH),
    ],
    ids=["no mentee", "nobody", "a mentee", "a coordinator", "ended", "of another program", "themselves"],
)
def test_nobody_else_may(mentee: Person, mentor: Person | None) -> None:
    with pytest.raises(BadInput):
        assignments.check(mentee, mentor, NOW, None, NOW)


@pytest.mark.parametrize(("starts", "ends"), [(-1, None), (0, 0), (0, -1), (5, 5), (5, 4)])
def test_times_that_are_over_or_turned_about_are_refused(starts: int, ends: int | None) -> None:
    with pytest.raises(BadInput):
        assignments.check(MENTEE, MENTOR, NOW + starts * HOUR, None if ends is None else NOW + ends * HOUR, NOW)


@pytest.mark.parametrize(
    ("stands", "asked", "same"),
    [
        ((NOW, None), (None, None), True),
        ((NOW - 9 * HOUR, None), (None, None), True),
        ((NOW + timedelta(seconds=1), None), (None, None), True),  # begun by a call at the same time
        ((NOW + HOUR, None), (None, None), False),
        ((NOW - HOUR, NOW + HOUR), (NOW - HOUR, NOW + HOUR), True),
        ((NOW - HOUR, NOW + HOUR), (NOW, NOW + HOUR), False),
        ((NOW, NOW + HOUR), (None, None), False),
        ((NOW, None), (None, NOW + HOUR), False),
    ],
)
def test_the_same_assignment_is_known_by_its_times(
    stands: tuple[datetime, datetime | None], asked: tuple[datetime | None, datetime | None], same: bool
) -> None:
    assert assignments.is_same_time(stands, asked, NOW) is same
