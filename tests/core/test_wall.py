"""The wall clock: skipped and repeated times, the day that lasts until 03:00, quiet hours, zone names."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.core import wall

NEW_YORK = "America/New_York"
SPRING = date(2026, 3, 8)
AUTUMN = date(2026, 11, 1)
TRICKY_ZONES = (
    NEW_YORK,
    "America/Havana",
    "America/Santiago",
    "America/Scoresbysund",
    "America/St_Johns",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
)

zones = st.sampled_from(TRICKY_ZONES)
days = st.dates(date(1990, 1, 1), date(2035, 12, 31))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected", "kind"),
    [
        (date(2026, 7, 1), time(18), NEW_YORK, "2026-07-01T22:00", "plain"),
        (date(2026, 1, 1), time(18), NEW_YORK, "2026-01-01T23:00", "plain"),
        (SPRING, time(1, 59), NEW_YORK, "2026-03-08T06:59", "plain"),
        (SPRING, time(2), NEW_YORK, "2026-03-08T07:00", "gap"),
        (SPRING, time(2, 30, 0, 7), NEW_YORK, "2026-03-08T07:00", "gap"),
        (SPRING, time(3), NEW_YORK, "2026-03-08T07:00", "plain"),
        (AUTUMN, time(1, 30), NEW_YORK, "2026-11-01T05:30", "fold"),
        (AUTUMN, time(1, 30, fold=1), NEW_YORK, "2026-11-01T05:30", "fold"),
        (AUTUMN, time(2), NEW_YORK, "2026-11-01T07:00", "plain"),
        (date(2026, 9, 6), time(0), "America/Santiago", "2026-09-06T04:00", "gap"),
        (date(2026, 10, 4), time(2, 10), "Australia/Lord_Howe", "2026-10-03T15:30", "gap"),
        (date(2026, 4, 5), time(1, 45), "Australia/Lord_Howe", "2026-04-04T14:45", "fold"),
        (date(2011, 12, 30), time(12), "Pacific/Apia", "2011-12-30T10:00", "gap"),
        (date(2026, 3, 8), time(2, 30), "UTC", "2026-03-08T02:30", "plain"),
    ],
)
def test_a_wall_time_has_one_instant(day: date, at: time, zone: str, expected: str, kind: str) -> None:
    found = wall.instant(day, at, zone)

    assert found == utc(expected)
    assert found.tzinfo is UTC
    assert wall.kind_of(day, at, zone) == kind


@given(days, st.times(), zones)
def test_an_instant_shows_the_time_asked_for_unless_the_clocks_skip_it(day: date, at: time, zone: str) -> None:
    shown = wall.instant(day, at, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    gap = wall.gap_at(day, wall.since_midnight(at), zone)

    midnight = datetime.combine(day, time())
    assert shown == (midnight + gap.end if gap else datetime.combine(day, at))


@given(days, st.lists(st.times(), min_size=2, max_size=2), zones)
def test_later_wall_times_are_never_earlier_instants(day: date, times: list[time], zone: str) -> None:
    early, late = sorted(times)

    assert wall.instant(day, early, zone) <= wall.instant(day, late, zone)
    assert wall.instant(day, late, zone) <= wall.instant(day + timedelta(days=1), early, zone)


@pytest.mark.parametrize(
    ("day", "at", "zone", "start", "end"),
    [
        (SPRING, time(2, 30), NEW_YORK, timedelta(hours=2), timedelta(hours=3)),
        (date(2026, 9, 6), time(0, 59), "America/Santiago", timedelta(0), timedelta(hours=1)),
        (date(2026, 10, 4), time(2), "Australia/Lord_Howe", timedelta(hours=2), timedelta(hours=2, minutes=30)),
        (date(2011, 12, 30), time(7), "Pacific/Apia", timedelta(0), timedelta(hours=24)),
    ],
)
def test_a_gap_has_its_ends(day: date, at: time, zone: str, start: timedelta, end: timedelta) -> None:
    gap = wall.gap_at(day, wall.since_midnight(at), zone)

    assert gap == wall.Span(start, end)


def test_24_hours_into_a_day_is_the_next_midnight() -> None:
    found = wall.instant_at(date(2026, 7, 1), timedelta(hours=24), NEW_YORK)

    assert found == utc("2026-07-02T04:00")


@pytest.mark.parametrize(
    ("now", "today", "counts_for"),
    [
        ("2026-07-02T03:59:59", date(2026, 7, 1), date(2026, 7, 1)),
        ("2026-07-02T04:00:00", date(2026, 7, 2), date(2026, 7, 1)),
        ("2026-07-02T06:59:59", date(2026, 7, 2), date(2026, 7, 1)),
        ("2026-07-02T07:00:00", date(2026, 7, 2), date(2026, 7, 2)),
    ],
)
def test_until_three_an_answer_counts_for_the_day_before(now: str, today: date, counts_for: date) -> None:
    assert wall.local_day(utc(now), NEW_YORK) == today
    assert wall.answer_day(utc(now), NEW_YORK) == counts_for


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        (date(2026, 7, 1), "2026-07-02T07:00"),
        (date(2026, 3, 7), "2026-03-08T07:00"),
        (date(2026, 10, 31), "2026-11-01T08:00"),
    ],
)
def test_a_day_ends_at_three_the_next_morning_by_the_wall(day: date, ends: str) -> None:
    assert wall.day_ends(day, NEW_YORK) == utc(ends)


@given(moments, zones)
def test_every_moment_lies_in_the_day_its_answer_counts_for(now: datetime, zone: str) -> None:
    day = wall.answer_day(now, zone)

    assert wall.day_ends(day - timedelta(days=1), zone) <= now < wall.day_ends(day, zone)


@pytest.mark.parametrize(
    ("at", "start", "end", "quiet"),
    [
        (time(20, 59, 59), time(21), time(8), False),
        (time(21), time(21), time(8), True),
        (time(0), time(21), time(8), True),
        (time(7, 59, 59), time(21), time(8), True),
        (time(8), time(21), time(8), False),
        (time(12), time(9), time(17), True),
        (time(17), time(9), time(17), False),
        (time(8, 59), time(9), time(17), False),
        (time(9), time(9), time(9), False),
        (time(0), time(0), time(0), False),
    ],
)
def test_quiet_hours_may_go_round_midnight(at: time, start: time, end: time, quiet: bool) -> None:
    now = wall.instant(date(2026, 7, 1), at, NEW_YORK)

    assert wall.is_quiet(now, NEW_YORK, start, end) is quiet


@pytest.mark.parametrize(
    ("now", "start", "end", "ends"),
    [
        ("2026-07-02T01:00", time(21), time(8), "2026-07-02T12:00"),
        ("2026-07-02T11:59", time(21), time(8), "2026-07-02T12:00"),
        ("2026-07-02T12:00", time(21), time(8), "2026-07-02T12:00"),
        ("2026-07-02T15:00", time(9), time(17), "2026-07-02T21:00"),
        ("2026-03-08T06:30", time(21), time(2, 30), "2026-03-08T07:00"),
        ("2026-03-08T06:00", time(3), time(2, 30), "2026-03-09T06:30"),
        ("2026-11-01T05:10", time(21), time(1, 30), "2026-11-01T05:30"),
        ("2026-11-01T06:10", time(21), time(1, 30), "2026-11-01T06:30"),
        ("2026-11-01T05:50", time(1, 45), time(8), "2026-11-01T13:00"),
    ],
)
def test_quiet_hours_end_at_the_wall_time_chosen(now: str, start: time, end: time, ends: str) -> None:
    assert wall.quiet_ends(utc(now), NEW_YORK, start, end) == utc(ends)


@given(moments, zones, st.times(), st.times())
def test_after_quiet_hours_it_is_not_quiet(now: datetime, zone: str, start: time, end: time) -> None:
    ends = wall.quiet_ends(now, zone, start, end)

    assert not wall.is_quiet(ends, zone, start, end)
    assert (ends > now) is wall.is_quiet(now, zone, start, end)


def test_the_answer_does_not_depend_on_the_zone_of_now() -> None:
    now = utc("2026-07-02T01:00")
    elsewhere = now.astimezone(ZoneInfo("Asia/Tokyo"))

    assert wall.local_day(elsewhere, NEW_YORK) == wall.local_day(now, NEW_YORK)
    assert wall.quiet_ends(elsewhere, NEW_YORK, time(21), time(8)).tzinfo is UTC


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        wall.local_day(datetime(2026, 7, 1, 12), NEW_YORK)  # noqa: DTZ001


@pytest.mark.parametrize("name", [*TRICKY_ZONES, "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_iana_names_are_zones(name: str) -> None:
    assert wall.is_zone(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        "/",
        "../etc/passwd",
        "/etc/passwd",
        "America/../../etc/passwd",
        "America",
        "america/new_york",
        "America/New_York ",
        "America/New_York\0",
        "\0",
        "\ud800",
        "Mars/Phobos",
        "posix/America/New_York",
        "right/UTC",
        "tzdata.zi",
        "posixrules",
        "localtime",
        "Factory",
        "UTC+3",
        "America/" * 1250,
    ],
)
def test_other_names_are_no_zones(name: str) -> None:
    assert not wall.is_zone(name)
    with pytest.raises(ValueError, match="not an IANA time zone"):
        wall.instant(date(2026, 7, 1), time(9), name)
