"""What edits, pauses, holidays and moves make of a plan."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checkin.core import nudge_plans, nudges, wall
from checkin.core.errors import BadInput
from checkin.core.nudge_plans import Break, Edit, Pause, Standing, Stay
from checkin.core.nudges import Kind, Plan

NEW_YORK = "America/New_York"
DAY = timedelta(days=1)
MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 20, tzinfo=UTC)
"""15:00 in New York."""
PLAN = Plan(mentee=UUID(int=7), zone=NEW_YORK, times=(time(18),))
NOBODY = frozenset[tuple[date, Kind]]()
ZONES = ("Pacific/Auckland", "Pacific/Honolulu", "Pacific/Kiritimati", "Pacific/Niue", NEW_YORK, "Europe/London")

days = st.integers(-5, 40).map(lambda n: MONDAY + n * DAY)
pauses = st.builds(lambda first, length: Pause(first, first + length * DAY), days, st.integers(1, 12))


def edit(wanted: Edit, standing: tuple[Pause, ...] = ()) -> Standing:
    return nudge_plans.edited(Standing(PLAN, standing), wanted, NOW)


def test_an_edit_changes_what_it_names_and_sorts_it() -> None:
    after = edit(Edit(times=(time(18), time(9), time(9)), weekdays=(5, 1, 1)))

    assert after == Standing(replace(PLAN, times=(time(9), time(18)), weekdays=(1, 5)), ())


def test_an_empty_edit_changes_nothing() -> None:
    assert edit(Edit()) == Standing(PLAN, ())


def test_pauses_that_are_over_are_let_go_and_old_ones_may_be_sent_back() -> None:
    began_before = Pause(MONDAY - 3 * DAY, MONDAY + DAY)
    over = Pause(MONDAY - 9 * DAY, MONDAY)

    after = edit(Edit(pauses=(over, began_before)), standing=(over, began_before))

    assert after.pauses == (began_before,)


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        (Edit(zone="Mars/Phobos"), "/time_zone"),
        (Edit(zone="../etc/passwd"), "/time_zone"),
        (Edit(quiet_from=time(8), quiet_until=time(21)), "/quiet_from"),
        (Edit(pauses=(Pause(MONDAY, MONDAY),)), "/pauses/0/until"),
        (Edit(pauses=(Pause(MONDAY - DAY, MONDAY + DAY),)), "/pauses/0/starts_on"),
        (Edit(pauses=(Pause(MONDAY + 732 * DAY, MONDAY + 733 * DAY),)), "/pauses/0/starts_on"),
        (Edit(pauses=(Pause(MONDAY, MONDAY + 367 * DAY),)), "/pauses/0/until"),
        (Edit(pauses=tuple(Pause(MONDAY + n * DAY, MONDAY + (n + 1) * DAY) for n in range(11))), "/pauses"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(wanted: Edit, pointer: str) -> None:
    with pytest.raises(BadInput) as refused:
        edit(wanted)

    assert refused.value.pointer == pointer


def test_a_slot_whose_hour_has_passed_is_found_while_it_is_open() -> None:
    evening = wall.instant(MONDAY, time(19), NEW_YORK)
    night = wall.instant(MONDAY, time(22), NEW_YORK)
    morning = nudge_plans.day_begins(evening, NEW_YORK)

    open_yet = nudge_plans.next_open(PLAN, morning, evening, NOBODY)
    closed = nudge_plans.next_open(PLAN, morning, night, NOBODY)

    assert open_yet is not None
    assert closed is not None
    assert (open_yet.day, closed.day) == (MONDAY, MONDAY + DAY)
    assert open_yet.at < evening


@given(st.sampled_from(ZONES), st.integers(0, 24 * 14), st.sets(days))
def test_the_next_slot_is_never_decided_and_open_or_to_come(zone: str, hours: int, decided: set[date]) -> None:
    now = NOW + timedelta(hours=hours)
    rows = frozenset((day, Kind.nudge) for day in decided)

    slot = nudge_plans.next_open(replace(PLAN, zone=zone), nudge_plans.day_begins(now, zone), now, rows)

    assert slot is not None
    assert slot.closes_at > now
    assert slot.day >= wall.local_day(now, zone)
    assert slot.day not in decided


@given(st.integers(0, 8), st.sets(days), st.lists(pauses, max_size=3))
def test_a_preview_keeps_its_length_and_leaves_out_what_is_closed(
    ignored: int, closed: set[date], paused: list[Pause]
) -> None:
    slots = nudge_plans.preview(PLAN, NOW, 14, paused, frozenset(closed), ignored)

    shown = [slot.day for slot in slots]
    assert len(slots) == 14
    assert not closed & set(shown)
    assert not any(pause.holds_on(day) for pause in paused for day in shown)
    apart = [nudges.ladder(ignored + n)[0] for n in range(1, 14)]
    assert all((late - early).days >= least for (early, late), least in zip(pairwise(shown), apart, strict=True))


def test_breaks_are_those_that_touch_the_days_shown_in_order() -> None:
    paused = [Pause(MONDAY + 5 * DAY, MONDAY + 7 * DAY), Pause(MONDAY + 50 * DAY, MONDAY + 60 * DAY)]
    holidays = {MONDAY + 10 * DAY: "Thanksgiving", MONDAY - DAY: "Sunday"}

    found = nudge_plans.breaks(paused, holidays, MONDAY, MONDAY + 20 * DAY)

    assert found == [
        Break(MONDAY + 5 * DAY, MONDAY + 6 * DAY, None),
        Break(MONDAY + 10 * DAY, MONDAY + 10 * DAY, "Thanksgiving"),
    ]


def test_the_day_of_a_move_is_told_in_the_zone_moved_to() -> None:
    history = [
        Stay(datetime(2026, 1, 1, tzinfo=UTC), NEW_YORK),
        Stay(wall.instant(MONDAY, time(12), NEW_YORK), "Europe/London"),
    ]

    found = [nudge_plans.zone_on(history, MONDAY + n * DAY, "UTC") for n in (-400, -1, 0, 1)]

    assert found == [NEW_YORK, NEW_YORK, "Europe/London", "Europe/London"]


def test_a_moment_is_told_in_the_zone_it_was_lived_in() -> None:
    moved = wall.instant(MONDAY, time(12), NEW_YORK)
    history = [Stay(datetime(2026, 1, 1, tzinfo=UTC), NEW_YORK), Stay(moved, "Europe/London")]

    found = [nudge_plans.zone_at(history, moved + n * nudges.MOMENT, "UTC") for n in (-1, 0)]

    assert found == [NEW_YORK, "Europe/London"]


def test_whoever_never_moved_is_told_in_the_zone_they_have() -> None:
    assert nudge_plans.zone_on([], MONDAY, NEW_YORK) == NEW_YORK
    assert nudge_plans.zone_at([], NOW, NEW_YORK) == NEW_YORK


@pytest.mark.parametrize(
    ("ended", "held"),
    [(None, [True, True, True, False]), (wall.instant(MONDAY + DAY, time(9), NEW_YORK), [True, False, False, False])],
)
def test_a_pause_held_until_it_was_ended(ended: datetime | None, held: list[bool]) -> None:
    pause = Pause(MONDAY, MONDAY + 3 * DAY)

    found = [nudge_plans.pause_on([(pause, ended)], MONDAY + n * DAY, NEW_YORK) for n in range(4)]

    assert [one is not None for one in found] == held


@pytest.mark.parametrize(("hours", "again"), [(0, {0, 1}), (4, {0, 1}), (6, {1})])
def test_what_was_decided_too_early_comes_again_unless_it_is_closed(hours: int, again: set[int]) -> None:
    decided = {(MONDAY + n * DAY, Kind.nudge) for n in (-1, 0, 1)}

    coming = nudge_plans.coming_again(PLAN, NOW + timedelta(hours=hours), decided)

    assert coming == {(MONDAY + n * DAY, Kind.nudge) for n in again}


def test_the_reminder_is_the_first_time_an_hour_behind_the_nudge() -> None:
    plan = replace(PLAN, times=(time(9), time(9, 30), time(12), time(18)))
    nudge = nudges.next_slot(plan, NOW)
    assert nudge is not None

    reminder = nudges.reminder_of(plan, nudge)

    assert reminder is not None
    assert time(12) <= wall.local(reminder.at, NEW_YORK).time() < time(12, 5)
