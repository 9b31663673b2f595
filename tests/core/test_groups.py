"""What a group is told of itself: enough to see how it is doing, too little to see anybody."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.core import groups
from checkin.core.groups import FEWEST, GroupDay, Tally
from tests.people import MONDAY, NOW, ZONE

YESTERDAY = MONDAY - timedelta(days=1)
SCORES = st.lists(st.integers(0, 10), min_size=FEWEST, max_size=40)


def tally(scores: list[int], *, day: date = YESTERDAY, members: int = 40, skips: int = 0) -> Tally:
    count, total = len(scores), sum(scores)
    return Tally(
        day=day,
        members=members,
        answered=count + skips,
        moods=count,
        hopes=count,
        mood_sum=total,
        hope_sum=total,
    )


def told(one: Tally, now: datetime = NOW) -> GroupDay:
    [day] = groups.tell([one], ZONE, now)
    return day


def test_five_answers_are_told_of_as_a_whole() -> None:
    assert told(tally([2, 4, 6, 8, 9], members=6)) == GroupDay(
        day=YESTERDAY, answered=5, share=0.83, mood=6.0, hope=6.0
    )


@pytest.mark.parametrize("count", range(FEWEST))
def test_of_fewer_nothing_is_told(count: int) -> None:
    assert told(tally([7] * count)) == GroupDay(day=YESTERDAY, answered=None, share=None, mood=None, hope=None)


def test_who_skipped_counts_as_an_answer_and_not_as_a_score() -> None:
    assert told(tally([7] * 4, skips=1)) == GroupDay(day=YESTERDAY, answered=5, share=0.12, mood=None, hope=None)


def test_means_wait_until_the_day_is_over() -> None:
    one = tally([7] * 6, day=MONDAY)
    over = groups.closes_at(MONDAY, ZONE)

    assert (told(one).answered, told(one).mood) == (6, None)
    assert told(one, over - timedelta(seconds=1)).mood is None
    assert told(one, over).mood == 7.0


@given(SCORES)
def test_a_mean_is_told_in_halves_and_lies_near_the_true_one(scores: list[int]) -> None:
    mood = told(tally(scores)).mood

    assert mood is not None
    assert (mood * 2) % 1 == 0
    assert abs(mood - sum(scores) / len(scores)) <= 0.25


def test_one_more_answer_cannot_be_worked_out_from_what_was_told_before_it() -> None:
    before = [6, 7, 5, 6, 7, 6, 5, 6]

    told_after = Counter(told(tally([*before, late])).mood for late in range(11))

    assert told_after == {5.5: 4, 6.0: 5, 6.5: 2}


def test_the_days_are_today_and_the_six_before_it() -> None:
    assert groups.days(MONDAY) == [MONDAY - timedelta(days=back) for back in range(7)]
