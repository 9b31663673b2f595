"""What a program may choose, and how a length is said."""

from datetime import time, timedelta
from uuid import UUID

import pytest

from checkin.core import programs
from checkin.core.errors import BadInput
from checkin.core.programs import Edit, Setup

HARBOR = Setup(
    id=UUID(int=1),
    name="Harbor",
    country="US",
    time_zone="America/New_York",
    texts_from=time(6),
    texts_until=time(22),
    pass_on_after=timedelta(hours=4),
    crisis_line=None,
    first_names=False,
    begun_at=None,
)


@pytest.mark.parametrize("said", ["1 min", "90 min", "4 h", "25 h", "2 d", "7 d"])
def test_a_length_is_said_as_it_was_given(said: str) -> None:
    after = programs.edited(HARBOR, Edit(pass_on_after=said))

    assert programs.say_length(after.pass_on_after) == said


def test_wider_hours_than_anybody_may_choose_stay_until_they_are_changed() -> None:
    renamed = programs.edited(HARBOR, Edit(name=" Pier "))

    assert (renamed.name, renamed.wall) == ("Pier", (time(6), time(22)))
    with pytest.raises(BadInput, match="no text leaves after 21:00"):
        programs.edited(HARBOR, Edit(texts_from=time(8)))


def test_a_crisis_line_is_set_and_given_up() -> None:
    own = programs.edited(HARBOR, Edit(crisis_line="call 555 0100"))

    assert own.crisis_line == "call 555 0100"
    assert programs.edited(own, Edit(first_names=True)).crisis_line == "call 555 0100"
    assert programs.edited(own, Edit(crisis_line="")).crisis_line is None
