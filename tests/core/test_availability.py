"""Working hours by weekday, on the reader's own wall; digests; across changes of the clocks."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.core import availability, wall
from checkin.core.availability import Availability, Window

NEW_YORK = "America/New_York"
OFFICE = tuple(Window(weekday, time(9), time(17)) for weekday in range(1, 6))
NIGHTS = (Window(5, time(20), time(2)),)
HOUR = timedelta(hours=1)


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    """Return a moment by New York's wall in 2026; 16 November is a Monday."""
    return wall.instant(datetime(2026, month, day, tzinfo=UTC).date(), time(hour, minute), NEW_YORK)


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        (OFFICE, at(16, 9), at(16, 9)),
        (OFFICE, at(16, 16, 59), at(16, 16, 59)),
        (OFFICE, at(16, 17), at(17, 9)),
        (OFFICE, at(16, 3), at(16, 9)),
        (OFFICE, at(20, 18), at(23, 9)),
        (NIGHTS, at(20, 20), at(20, 20)),
        (NIGHTS, at(21, 1, 59), at(21, 1, 59)),
        (NIGHTS, at(21, 2), at(27, 20)),
        ((Window(1, time(9), time(9)),), at(17, 8), at(17, 8)),
        ((Window(1, time(12), time(13)), Window(1, time(9), time(10))), at(16, 8), at(16, 9)),
        ((), at(16, 9), None),
    ],
)
def test_hours_are_open_or_say_when_they_open(hours: tuple[Window, ...], now: datetime, opens: datetime) -> None:
    assert availability.opens_at(hours, NEW_YORK, now) == opens


@pytest.mark.parametrize(
    ("hours", "now", "closes"),
    [
        (OFFICE, at(16, 9), at(16, 17)),
        (OFFICE, at(16, 16, 59), at(16, 17)),
        (OFFICE, at(16, 17), at(16, 17)),
        (NIGHTS, at(20, 20), at(21, 2)),
        (NIGHTS, at(21, 1, 59), at(21, 2)),
        ((Window(1, time(9), time(12)), Window(1, time(12), time(13))), at(16, 10), at(16, 13)),
        ((Window(1, time(9), time(0)), Window(2, time(0), time(2))), at(16, 10), at(17, 2)),
        ((Window(1, time(9), time(9)),), at(17, 8), at(17, 9)),
        (availability.every_day(time(0), time(0)), at(16, 10), None),
        ((), at(16, 9), at(16, 9)),
    ],
)
def test_hours_that_are_open_say_when_they_close(
    hours: tuple[Window, ...], now: datetime, closes: datetime | None
) -> None:
    assert availability.closes_at(hours, NEW_YORK, now) == closes


def test_nine_is_nine_on_either_side_of_a_change_of_clocks() -> None:
    saturday, sunday = (Window(day, time(9), time(10)) for day in (6, 7))

    assert availability.opens_at((saturday,), NEW_YORK, at(6, 12, month=3)) == at(7, 9, month=3)
    assert availability.opens_at((sunday,), NEW_YORK, at(7, 12, month=3)) == at(7, 9, month=3) + 23 * HOUR


def test_hours_that_the_clocks_skip_come_a_week_later() -> None:
    skipped = (Window(7, time(2, 10), time(2, 50)),)

    assert availability.opens_at(skipped, NEW_YORK, at(7, 12, month=3)) == at(15, 2, 10, month=3)


def test_a_digest_comes_at_its_time_on_a_day_that_is_open_then() -> None:
    chosen = Availability(hours=OFFICE, digest_at=time(12, 30))

    assert availability.next_digest(chosen, NEW_YORK, at(16, 12)) == at(16, 12, 30)
    assert availability.next_digest(chosen, NEW_YORK, at(16, 12, 30)) == at(17, 12, 30)
    assert availability.next_digest(chosen, NEW_YORK, at(20, 13)) == at(23, 12, 30)
    assert availability.is_digest_time(chosen, NEW_YORK, at(16, 12, 30))
    assert not availability.is_digest_time(chosen, NEW_YORK, at(16, 12, 31))


def test_a_digest_outside_all_hours_never_comes() -> None:
    assert availability.next_digest(Availability(hours=OFFICE, digest_at=time(18)), NEW_YORK, at(16, 12)) is None
    assert availability.next_digest(Availability(hours=OFFICE), NEW_YORK, at(16, 12)) is None


WINDOWS = st.lists(st.builds(Window, st.integers(1, 7), st.times(), st.times()), min_size=1, max_size=4).map(tuple)
ZONES = st.sampled_from([NEW_YORK, "Europe/London", "Australia/Lord_Howe", "America/Santiago", "UTC"])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - as asked


@given(WINDOWS, ZONES, MOMENTS)
def test_an_opening_is_open_not_past_and_the_first(hours: tuple[Window, ...], zone: str, now: datetime) -> None:
    opens = availability.opens_at(hours, zone, now)

    assert opens is not None
    assert opens >= now
    assert availability.is_open(hours, zone, opens)
    assert opens == now or not availability.is_open(hours, zone, now + (opens - now) / 2)
