"""Plans as people write them in one field."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.core import plan_words

ALL = (1, 2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("18:00", (time(18),)),
        ("9:30", (time(9, 30),)),
        ("18:30 09:00", (time(9), time(18, 30))),
        ("09:00,18:30, 09:00", (time(9), time(18, 30))),
        ("00:00 23:59", (time(0), time(23, 59))),
    ],
)
def test_times_are_read_in_order_and_each_once(text: str, times: tuple[time, ...]) -> None:
    assert plan_words.read_times(text) == times


@pytest.mark.parametrize(
    "text",
    ["", " ", "6pm", "24:00", "18:60", "18", "18.00", "18:00:00", "18:00Z", "٠٩:٠٠", "09:00-18:00", "9:00 x"],
)
def test_what_is_no_time_is_not_read(text: str) -> None:
    assert plan_words.read_times(text) is None


def test_seven_times_are_too_many() -> None:
    assert plan_words.read_times("1:00 2:00 3:00 4:00 5:00 6:00 7:00") is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", (1, 2, 3, 4, 5)),
        ("1-5", (1, 2, 3, 4, 5)),
        ("Sat, Sun", (6, 7)),
        ("sun", (7,)),
        ("fri-mon", (1, 5, 6, 7)),
        ("mon wed fri-sat", (1, 3, 5, 6)),
        ("lun-vie", (1, 2, 3, 4, 5)),
        ("1-7", ALL),
        ("3-3", (3,)),
    ],
)
def test_weekdays_are_read_with_ranges(text: str, days: tuple[int, ...]) -> None:
    assert plan_words.read_weekdays(text) == days


@pytest.mark.parametrize("text", ["", "0", "8", "mon-", "-fri", "mon-wed-fri", "monday", "mon–fri", "1..5", "weekdays"])
def test_what_is_no_weekday_is_not_read(text: str) -> None:
    assert plan_words.read_weekdays(text) is None


@pytest.mark.parametrize(
    ("text", "hours"), [("21:00-08:00", (time(21), time(8))), ("9:00 - 17:30", (time(9), time(17, 30)))]
)
def test_hours_are_read_with_both_ends(text: str, hours: tuple[time, time]) -> None:
    assert plan_words.read_hours(text) == hours


@pytest.mark.parametrize("text", ["", "21:00", "21-8", "21:00-08:00-09:00", "21:00-24:00", "-08:00", "21:00–08:00"])
def test_what_is_no_hours_is_not_read(text: str) -> None:
    assert plan_words.read_hours(text) is None


@given(st.lists(st.times().map(lambda at: at.replace(second=0, microsecond=0)), min_size=1, max_size=6, unique=True))
def test_times_that_are_told_are_read_again(times: list[time]) -> None:
    assert plan_words.read_times(plan_words.tell_times(tuple(times))) == tuple(sorted(times))


@given(st.text(max_size=40))
def test_any_text_at_all_is_read_or_not(text: str) -> None:
    days = plan_words.read_weekdays(text)

    assert days is None or set(days) <= set(ALL)
    assert plan_words.read_times(text) is None or ":" in text
