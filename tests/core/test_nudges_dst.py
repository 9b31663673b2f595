"""Nudges on real calendars: across every change of clocks from 2026 to 2029, and for any plan in zones that move."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from checkin.core import nudge_plans, nudges, wall
from checkin.core.nudges import EveryDays, Plan, Slot

MOVING = (
    "America/New_York",
    "America/Los_Angeles",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Santiago",
)
STILL = ("America/Phoenix", "Pacific/Honolulu", "UTC")
TIMES = (time(0), time(1, 30), time(2, 30), time(3), time(9))
AROUND = timedelta(days=5)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)
MENTEES = (UUID(int=1), UUID(int=2**127 + 5))

ODD_ZONES = (
    "America/New_York",
    "America/Havana",
    "America/Santiago",
    "America/Scoresbysund",
    "America/St_Johns",
    "Antarctica/Troll",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
)

clock = st.builds(time, st.integers(0, 23), st.sampled_from((0, 1, 15, 30, 58)))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
open_plans = st.builds(
    Plan,
    mentee=st.uuids(),
    zone=st.sampled_from(ODD_ZONES),
    times=st.lists(st.times(), min_size=1, max_size=3).map(tuple),
    weekdays=st.sets(st.integers(1, 7), min_size=1).map(tuple),
    quiet_from=clock,
    quiet_until=clock,
    wall_from=clock,
    wall_until=clock,
).filter(lambda plan: any(is_open(plan, time(n // 60, n % 60)) for n in range(24 * 60)))


def is_open(plan: Plan, at: time) -> bool:
    quiet = wall.is_between(at, plan.quiet_from, plan.quiet_until)
    return not quiet and (plan.wall_from == plan.wall_until or wall.is_between(at, plan.wall_from, plan.wall_until))


def awake_at(at: time, zone: str, mentee: UUID) -> Plan:
    """Return a plan without quiet hours in a programme without a wall."""
    midnight = time(0)
    return Plan(
        mentee=mentee,
        zone=zone,
        times=(at,),
        quiet_from=midnight,
        quiet_until=midnight,
        wall_from=midnight,
        wall_until=midnight,
    )


@cache
def changes(zone: str) -> tuple[date, ...]:
    """Return the local days from 2026 to 2029 on which the zone's offset changes, read from the zone itself."""
    place = ZoneInfo(zone)
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(4 * 365 * 24 + 24)]
    offsets = [hour.astimezone(place).utcoffset() for hour in hours]
    return tuple(
        before.astimezone(place).date()
        for before, offset, later in zip(hours, offsets, offsets[1:], strict=False)
        if offset != later
    )


def days_to_look_at(zone: str) -> tuple[date, ...]:
    """Zones that never move are looked at around the days on which others do."""
    return changes(zone) or tuple(sorted({day for other in MOVING for day in changes(other)}))


def walk(plan: Plan, first: date, last: date) -> Iterator[Slot]:
    """Yield the slots of the days first to last, as a worker comes upon them."""
    after = wall.instant(first, time(0), plan.zone) - TICK
    while (slot := slot_after(plan, after)).day <= last:
        yield slot
        after = slot.at


def slot_after(plan: Plan, after: datetime) -> Slot:
    slot = nudges.next_slot(plan, after)
    assert slot is not None
    return slot


def every_day(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


@pytest.mark.parametrize("zone", MOVING)
def test_zones_that_move_do_so_eight_times_in_four_years(zone: str) -> None:
    assert len(changes(zone)) == 8


@pytest.mark.parametrize("zone", STILL)
def test_zones_that_stand_still_do(zone: str) -> None:
    assert changes(zone) == ()


@pytest.mark.parametrize("kind", ["gap", "fold"])
def test_the_times_looked_at_meet_both_kinds_of_change(kind: str) -> None:
    met = {
        (zone, at)
        for zone in MOVING
        for change in changes(zone)
        for day in every_day(change, change + DAY)
        for at in TIMES
        if wall.kind_of(day, at, zone) == kind
    }

    assert len(met) >= 3


@pytest.mark.parametrize("mentee", MENTEES)
@pytest.mark.parametrize("at", TIMES)
@pytest.mark.parametrize("zone", MOVING + STILL)
def test_there_is_one_nudge_a_local_day_inside_the_wall(zone: str, at: time, mentee: UUID) -> None:
    plan = Plan(mentee=mentee, zone=zone, times=(at,))
    place = ZoneInfo(zone)

    for change in days_to_look_at(zone):
        first, last = change - AROUND, change + AROUND
        slots = list(walk(plan, first, last))

        shown = [slot.at.astimezone(place) for slot in slots]
        assert [slot.day for slot in slots] == every_day(first, last)
        assert [moment.date() for moment in shown] == every_day(first, last)
        assert all(max(at, time(8)) <= moment.time() < max(at.replace(minute=5), time(8, 5)) for moment in shown)
        assert len({moment.time() for moment in shown}) == 1


@pytest.mark.parametrize("mentee", MENTEES)
@pytest.mark.parametrize("at", TIMES)
@pytest.mark.parametrize("zone", MOVING + STILL)
def test_there_is_one_nudge_a_local_day_when_nights_are_open_too(zone: str, at: time, mentee: UUID) -> None:
    plan = awake_at(at, zone, mentee)
    place = ZoneInfo(zone)

    for change in days_to_look_at(zone):
        first, last = change - AROUND, change + AROUND
        slots = list(walk(plan, first, last))

        assert [slot.day for slot in slots] == every_day(first, last)
        assert [slot.at.astimezone(place).date() for slot in slots] == every_day(first, last)
        assert all(early.at < late.at for early, late in pairwise(slots))
        for slot in slots:
            due = wall.instant(slot.day, at, zone)
            assert due <= slot.at < due + 5 * MINUTE
            assert slot.at.astimezone(place).fold == 0


@pytest.mark.parametrize(
    ("zone", "day", "at", "due"),
    [
        ("America/New_York", date(2026, 3, 8), time(2, 30), "2026-03-08T07:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30"),
        ("Europe/London", date(2026, 3, 29), time(1, 30), "2026-03-29T01:00"),
        ("Europe/London", date(2026, 10, 25), time(1, 30), "2026-10-25T00:30"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 0), "2026-10-03T15:30"),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 30), "2026-04-04T14:30"),
        ("America/Santiago", date(2026, 9, 6), time(0), "2026-09-06T04:00"),
        ("America/Santiago", date(2026, 4, 4), time(23, 30), "2026-04-05T02:30"),
        ("America/Phoenix", date(2026, 3, 8), time(2, 30), "2026-03-08T09:30"),
    ],
)
def test_known_changes_fall_where_the_law_puts_them(zone: str, day: date, at: time, due: str) -> None:
    plan = awake_at(at, zone, MENTEES[0])

    (slot,) = walk(plan, day, day)

    expected = datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert expected <= slot.at < expected + 5 * MINUTE


def test_a_day_the_zone_skips_has_no_nudge_and_its_neighbours_have_one_each() -> None:
    plan = Plan(mentee=MENTEES[0], zone="Pacific/Apia", times=(time(12),))

    slots = list(walk(plan, date(2011, 12, 28), date(2012, 1, 1)))

    assert [slot.day.day for slot in slots] == [28, 29, 31, 1]


def test_a_weekly_nudge_survives_a_skipped_day() -> None:
    fridays = Plan(mentee=MENTEES[0], zone="Pacific/Apia", times=(time(12),), weekdays=(5,))

    slots = list(walk(fridays, date(2011, 12, 23), date(2012, 1, 6)))

    assert [slot.day for slot in slots] == [date(2011, 12, 23), date(2012, 1, 6)]


def test_when_the_clocks_skip_all_that_is_open_after_it_the_nudge_comes_before() -> None:
    nights = awake_at(time(2, 30), "America/New_York", MENTEES[0])
    plan = replace(nights, wall_from=time(1), wall_until=time(2, 45))

    (slot,) = walk(plan, date(2026, 3, 8), date(2026, 3, 8))

    shown = slot.at.astimezone(ZoneInfo("America/New_York")).time()
    assert time(1, 50) <= shown <= time(1, 55)
    assert slot.closes_at == datetime(2026, 3, 8, 7, tzinfo=UTC)


@given(open_plans, moments, st.sampled_from(get_args(EveryDays)), st.none() | st.integers(-20, 20), st.booleans())
def test_the_next_slot_is_later_open_and_on_a_day_of_the_plan(
    plan: Plan, after: datetime, every_days: EveryDays, offset: int | None, paused: bool
) -> None:
    near = None if offset is None else after.date() + offset * DAY
    plan = replace(plan, every_days=every_days, last_nudge_day=near, paused_until=near if paused else None)

    slot = slot_after(plan, after)

    shown = slot.at.astimezone(ZoneInfo(plan.zone))
    assert slot.at > after
    assert is_open(plan, shown.time())
    assert shown.date() == slot.day
    assert slot.day.isoweekday() in plan.weekdays
    assert near is None or slot.day >= near + every_days * DAY
    assert slot.at < slot.closes_at <= slot.at + 4 * HOUR


@given(open_plans, moments)
def test_asking_just_before_a_slot_finds_it_again(plan: Plan, after: datetime) -> None:
    slot = slot_after(plan, after)

    assert nudges.next_slot(plan, slot.at - TICK) == slot


@given(open_plans, moments, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_clock_that_jumps_back_finds_the_same_slot_for_a_day(plan: Plan, after: datetime, back: timedelta) -> None:
    slot = slot_after(plan, after)

    found = {again.day: again for again in nudge_plans.preview(plan, after - back, 10)}

    assert found.get(slot.day, slot) == slot
    assert slot_after(plan, after - back).at <= slot.at


@settings(max_examples=15)
@given(open_plans, moments)
def test_a_year_of_nudges_has_no_day_twice_and_leaves_none_out(plan: Plan, after: datetime) -> None:
    daily = replace(plan, weekdays=(1, 2, 3, 4, 5, 6, 7))
    slots = [slot_after(daily, after)]

    while len(slots) < 366:
        slots.append(slot_after(daily, slots[-1].at))

    steps = [(late.day - early.day).days for early, late in pairwise(slots)]
    assert min(steps) == 1
    assert sum(step > 1 for step in steps) <= 1, "only a day that the clocks skip may be missing"
    assert all(early.at < late.at for early, late in pairwise(slots))
