"""When nudges fall due by the plan, and why a due one is not sent."""

from datetime import date, datetime, time, timedelta
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checkin.core import nudge_plans, nudges, wall
from checkin.core.nudges import EveryDays, Facts, Kind, Plan, Reason, Send, Skip, Slot

NEW_YORK = "America/New_York"
MENTEE = UUID(int=7)
MONDAY = date(2026, 6, 1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def at_wall(day: date, hour: int, minute: int = 0) -> datetime:
    return wall.instant(day, time(hour, minute), NEW_YORK)


def plan_at(*times: time, mentee: UUID = MENTEE) -> Plan:
    return Plan(mentee=mentee, zone=NEW_YORK, times=times)


def slot_after(plan: Plan, after: datetime) -> Slot:
    slot = nudges.next_slot(plan, after)
    assert slot is not None
    return slot


def wall_time(moment: datetime) -> time:
    return moment.astimezone(ZoneInfo(NEW_YORK)).time()


def facts_for(plan: Plan) -> Facts:
    """What is true when nothing speaks against Monday's nudge."""
    slot = slot_after(plan, at_wall(MONDAY, 0))
    return Facts(
        now=slot.at,
        slot=slot,
        active=True,
        opted_out=False,
        reachable=True,
        paused_until=None,
        answered=False,
        already_sent_today=False,
        sent_today=0,
        sent_this_week_without_answer=0,
    )


def test_the_plan_nobody_changed_is_every_day_at_six() -> None:
    plan = Plan(mentee=MENTEE, zone=NEW_YORK)

    days = nudge_plans.preview(plan, at_wall(MONDAY, 12), 3)

    assert [slot.day for slot in days] == [MONDAY + n * DAY for n in range(3)]
    assert all(time(18) <= wall_time(slot.at) < time(18, 5) for slot in days)
    assert {slot.kind for slot in days} == {Kind.nudge}


def test_the_earliest_of_several_times_is_the_nudge() -> None:
    slot = slot_after(plan_at(time(19), time(9)), at_wall(MONDAY, 0))

    following = slot_after(plan_at(time(19), time(9)), slot.at)

    assert time(9) <= wall_time(slot.at) < time(9, 5)
    assert following.day == MONDAY + DAY


@pytest.mark.parametrize(
    ("asked", "earliest", "latest"),
    [
        (time(6), time(8), time(8, 5)),
        (time(20, 49), time(20, 49), time(20, 54)),
        (time(20, 59), time(20, 50), time(20, 55)),
        (time(21), time(20, 50), time(20, 55)),
        (time(23, 30), time(20, 50), time(20, 55)),
    ],
)
def test_a_closed_time_moves_to_the_nearest_open_one_of_its_day(asked: time, earliest: time, latest: time) -> None:
    slot = slot_after(plan_at(asked), at_wall(MONDAY, 0))

    assert slot.day == MONDAY
    assert earliest <= wall_time(slot.at) < latest


def test_quiet_hours_in_the_day_move_a_nudge_to_their_end() -> None:
    night_worker = replace(plan_at(time(10)), quiet_from=time(8), quiet_until=time(16))

    slot = slot_after(night_worker, at_wall(MONDAY, 0))

    assert time(16) <= wall_time(slot.at) < time(16, 5)


def test_a_wall_that_is_always_open_leaves_the_quiet_hours() -> None:
    plan = replace(plan_at(time(11, 58)), wall_from=time(12), wall_until=time(12))

    slot = slot_after(plan, at_wall(MONDAY, 0))

    assert time(11, 58) <= wall_time(slot.at) < time(12, 3)
    assert slot.closes_at == slot.at + 4 * HOUR


@pytest.mark.parametrize("mentee", [UUID(int=n) for n in range(5)])
def test_a_wall_of_three_minutes_is_used_from_its_start(mentee: UUID) -> None:
    plan = replace(plan_at(time(18), mentee=mentee), wall_from=time(9), wall_until=time(9, 3))

    slot = slot_after(plan, at_wall(MONDAY, 0))

    assert (slot.at, slot.closes_at) == (at_wall(MONDAY, 9), at_wall(MONDAY, 9, 3))


def test_quiet_hours_cannot_open_the_wall() -> None:
    wide_awake = replace(plan_at(time(23)), quiet_from=time(3), quiet_until=time(4))

    slot = slot_after(wide_awake, at_wall(MONDAY, 0))

    assert wall_time(slot.at) < time(21)


@pytest.mark.parametrize(
    "plan",
    [
        replace(plan_at(time(9)), weekdays=()),
        plan_at(),
        replace(plan_at(time(9)), quiet_from=time(8), quiet_until=time(21)),
    ],
)
def test_a_plan_with_nothing_open_never_fires(plan: Plan) -> None:
    assert nudges.next_slot(plan, at_wall(MONDAY, 0)) is None
    assert nudge_plans.preview(plan, at_wall(MONDAY, 0), 3) == []


def test_only_the_chosen_weekdays_are_used() -> None:
    plan = replace(plan_at(time(9)), weekdays=(1, 4))

    slots = nudge_plans.preview(plan, at_wall(MONDAY, 0), 4)

    assert [slot.day.isoweekday() for slot in slots] == [1, 4, 1, 4]


def test_a_pause_ends_on_its_day() -> None:
    plan = replace(plan_at(time(9)), paused_until=MONDAY + 40 * DAY)

    slot = slot_after(plan, at_wall(MONDAY, 0))

    assert slot.day == MONDAY + 40 * DAY


@pytest.mark.parametrize("every_days", get_args(EveryDays))
def test_the_ladder_counts_from_the_last_nudge(every_days: EveryDays) -> None:
    plan = replace(plan_at(time(9)), last_nudge_day=MONDAY)
    ignored = {1: 0, 2: 3, 7: 6}[every_days]

    slots = nudge_plans.preview(plan, at_wall(MONDAY, 0), 3, ignored=ignored)

    assert [slot.day for slot in slots] == [MONDAY + n * every_days * DAY for n in (1, 2, 3)]


def test_a_move_to_the_west_does_not_repeat_a_day() -> None:
    in_auckland = Plan(mentee=MENTEE, zone="Pacific/Auckland", times=(time(9),))
    last = slot_after(in_auckland, at_wall(MONDAY, 0))

    in_honolulu = replace(in_auckland, zone="Pacific/Honolulu", last_nudge_day=last.day)

    assert slot_after(in_honolulu, last.at).day == last.day + DAY


def test_a_thousand_mentees_are_spread_over_five_minutes() -> None:
    starts = [slot_after(plan_at(time(9), mentee=UUID(int=n)), at_wall(MONDAY, 0)).at for n in range(1000)]

    late = [start - at_wall(MONDAY, 9) for start in starts]

    assert min(late) >= timedelta(0)
    assert max(late) < 5 * MINUTE
    assert all(150 <= sum(n * MINUTE <= each < (n + 1) * MINUTE for each in late) <= 250 for n in range(5))


@pytest.mark.parametrize(
    ("asked", "closes"), [(time(9), None), (time(18), at_wall(MONDAY, 21)), (time(20, 59), at_wall(MONDAY, 21))]
)
def test_a_window_closes_after_four_hours_or_when_quiet_begins(asked: time, closes: datetime | None) -> None:
    slot = slot_after(plan_at(asked), at_wall(MONDAY, 0))

    assert slot.closes_at == (closes or slot.at + 4 * HOUR)
    assert slot.closes_at - slot.at >= 5 * MINUTE


def test_a_window_does_not_outlive_its_day() -> None:
    midnight = time(0)
    awake = replace(plan_at(time(23)), quiet_from=midnight, quiet_until=midnight)

    slot = slot_after(replace(awake, wall_from=midnight, wall_until=midnight), at_wall(MONDAY, 0))

    assert slot.closes_at == at_wall(MONDAY + DAY, 0)


def test_the_second_time_of_a_plan_is_the_reminder() -> None:
    plan = plan_at(time(19), time(9), time(9), time(20))
    nudge = slot_after(plan, at_wall(MONDAY, 0))

    reminder = nudges.reminder_of(plan, nudge)

    assert reminder is not None
    assert (reminder.day, reminder.kind) == (MONDAY, Kind.reminder)
    assert time(19) <= wall_time(reminder.at) < time(19, 5)


@pytest.mark.parametrize("times", [(time(9),), (time(9), time(9)), (time(9), time(9, 59)), (time(5), time(8))])
def test_without_a_time_an_hour_later_there_is_no_reminder(times: tuple[time, ...]) -> None:
    plan = plan_at(*times)

    assert nudges.reminder_of(plan, slot_after(plan, at_wall(MONDAY, 0))) is None


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [(0, (1, False)), (2, (1, False)), (3, (2, False)), (5, (2, False)), (6, (7, True)), (60, (7, True))],
)
def test_ignored_nudges_become_fewer_and_end_in_a_person(ignored: int, expected: tuple[int, bool]) -> None:
    assert nudges.ladder(ignored) == expected


def test_a_due_nudge_is_sent_and_expires_when_its_window_closes() -> None:
    facts = facts_for(plan_at(time(9)))

    assert nudges.decide(plan_at(time(9)), facts) == Send(facts.slot.closes_at)


def test_a_window_is_over_the_moment_it_closes() -> None:
    plan = plan_at(time(18))
    facts = facts_for(plan)

    verdict = nudges.decide(plan, replace(facts, now=facts.slot.closes_at))

    assert verdict == Skip(Reason.expired)


def test_quiet_hours_moved_since_planning_end_the_sending_sooner() -> None:
    facts = facts_for(plan_at(time(9)))
    earlier_to_bed = replace(plan_at(time(9)), quiet_from=time(10))

    assert nudges.decide(earlier_to_bed, facts) == Send(at_wall(MONDAY, 10))


def test_in_an_autumn_hour_shown_again_a_nudge_sent_still_expires_later() -> None:
    one_again = at_wall(date(2026, 11, 1), 1) + HOUR
    slot = Slot(day=date(2026, 11, 1), kind=Kind.nudge, at=one_again - HOUR, closes_at=one_again + HOUR)
    night = replace(plan_at(time(1)), quiet_from=time(1, 30), quiet_until=time(20), wall_from=time(0))

    assert nudges.decide(night, replace(facts_for(night), slot=slot, now=one_again)) == Send(slot.closes_at)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"active": False}, Reason.not_active),
        ({"opted_out": True}, Reason.opted_out),
        ({"reachable": False}, Reason.unreachable),
        ({"paused_until": MONDAY + DAY}, Reason.paused),
        ({"answered": True}, Reason.answered),
        ({"already_sent_today": True}, Reason.already_sent),
        ({"sent_today": 2}, Reason.cap_day),
        ({"sent_this_week_without_answer": 10}, Reason.cap_week),
        ({"now": at_wall(MONDAY, 14)}, Reason.expired),
        ({"now": at_wall(MONDAY, 14), "answered": True}, Reason.answered),
    ],
)
def test_a_fact_against_it_is_the_reason(changes: dict[str, object], reason: Reason) -> None:
    facts = replace(facts_for(plan_at(time(9))), **changes)

    assert nudges.decide(plan_at(time(9)), facts) == Skip(reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"paused_until": MONDAY + DAY}, Reason.paused),
        ({"weekdays": (2, 3)}, Reason.day_off),
        ({"quiet_from": time(9)}, Reason.quiet_hours),
        ({"wall_from": time(10)}, Reason.outside_wall),
        ({"every_days": 2, "last_nudge_day": MONDAY - DAY}, Reason.every_other_day),
        ({"every_days": 7, "last_nudge_day": MONDAY - 6 * DAY}, Reason.weekly),
        ({"last_nudge_day": MONDAY + DAY}, Reason.already_sent),
    ],
)
def test_a_plan_changed_since_is_obeyed(changes: dict[str, object], reason: Reason) -> None:
    facts = facts_for(plan_at(time(9)))

    assert nudges.decide(replace(plan_at(time(9)), **changes), facts) == Skip(reason)


@pytest.mark.parametrize(
    "changes",
    [
        {"paused_until": MONDAY},
        {"sent_this_week_without_answer": 9},
        {"now": at_wall(MONDAY, 12, 59)},
    ],
)
def test_what_is_just_inside_its_limit_is_sent(changes: dict[str, object]) -> None:
    facts = replace(facts_for(plan_at(time(9))), **changes)

    assert isinstance(nudges.decide(plan_at(time(9)), facts), Send)


def test_a_nudge_looked_at_again_is_not_its_own_reason() -> None:
    facts = facts_for(plan_at(time(9)))
    recorded = replace(plan_at(time(9)), last_nudge_day=MONDAY, every_days=2)

    assert isinstance(nudges.decide(recorded, facts), Send)


def test_a_reminder_follows_its_nudge_on_any_step_of_the_ladder() -> None:
    plan = replace(plan_at(time(9), time(12)), every_days=7)
    facts = facts_for(plan)
    reminder = nudges.reminder_of(plan, facts.slot)
    assert reminder is not None

    later = replace(facts, slot=reminder, now=reminder.at, sent_today=1)

    assert isinstance(nudges.decide(replace(plan, last_nudge_day=MONDAY), later), Send)


@given(st.times(), st.timedeltas(timedelta(0), timedelta(hours=30)))
def test_nothing_is_sent_outside_open_hours_or_a_closed_window(quiet_from: time, late: timedelta) -> None:
    facts = facts_for(plan_at(time(9)))
    facts = replace(facts, now=facts.now + late)

    verdict = nudges.decide(replace(plan_at(time(9)), quiet_from=quiet_from), facts)

    quiet = wall.is_quiet(facts.now, NEW_YORK, quiet_from, time(8))
    assert isinstance(verdict, Send) is (not quiet and facts.now < facts.slot.closes_at)
    assert isinstance(verdict, Skip) or facts.now < verdict.expires_at <= facts.slot.closes_at
