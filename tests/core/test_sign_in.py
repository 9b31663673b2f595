"""How often a code may be asked for, and what becomes of a refresh token."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from checkin import core
from checkin.core.limits import Limit, Room, Use
from checkin.core.people import Status
from checkin.core.sign_in import Asked, Standing, Verdict
from tests.people import NOW

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)
STANDING = Standing(generation=7, renewed_at=NOW, expires_at=NOW + 60 * A_DAY, ended=False, person=Status.active)


def asked(*ago: timedelta, used: int | None = None) -> list[Asked]:
    """Return codes asked for so long ago, the newest first; the one at *used* signed somebody in."""
    return [Asked(NOW - back, place == used) for place, back in enumerate(ago)]


@pytest.mark.parametrize(
    ("before", "seconds"),
    [
        (asked(), 0),
        (asked(timedelta()), 60),
        (asked(59 * SECOND), 1),
        (asked(60 * SECOND), 0),
        (asked(timedelta(), 60 * SECOND), 300),
        (asked(300 * SECOND, 360 * SECOND), 0),
        (asked(300 * SECOND, 600 * SECOND, 660 * SECOND), 86_100),
        (asked(timedelta(), used=0), 0),
        (asked(10 * SECOND, 20 * SECOND, 400 * SECOND, used=1), 50),
    ],
    ids=["first", "second", "a second early", "in time", "third", "third in time", "fourth", "signed in", "since then"],
)
def test_a_number_waits_longer_for_each_code_nobody_signed_in_with(before: list[Asked], seconds: int) -> None:
    assert core.sign_in.wait(before, NOW).wait == seconds * SECOND


def test_five_codes_a_day_are_the_most_whoever_signs_in() -> None:
    five = [Asked(NOW - back * HOUR, True) for back in (1, 5, 10, 15, 20)]

    room = core.sign_in.may_ask(five, [], NOW)

    assert (room.limit, room.left, room.wait) == (core.sign_in.PER_NUMBER, 0, 4 * HOUR)
    assert core.sign_in.may_ask(five[:4], [], NOW).wait == timedelta()


def test_of_several_limits_the_longest_wait_is_told_and_else_the_one_with_least_left() -> None:
    few, none = Room(core.sign_in.PER_ADDRESS, 2, timedelta()), Room(core.sign_in.PER_RANGE, 0, HOUR)

    assert core.sign_in.may_ask([], [few, none], NOW) == none
    assert core.sign_in.may_ask([], [few], NOW) == few
    assert core.sign_in.may_ask([], [], NOW) == Room(core.sign_in.PER_NUMBER, 5, timedelta())


@pytest.mark.parametrize(
    ("count", "since", "left", "wait"),
    [
        (0, None, 3, timedelta()),
        (2, HOUR, 1, timedelta()),
        (3, HOUR / 4, 0, 3 * HOUR / 4),
        (3, 2 * HOUR, 0, timedelta()),
    ],
)
def test_a_limit_frees_when_its_oldest_use_leaves_the_window(
    count: int, since: timedelta | None, left: int, wait: timedelta
) -> None:
    limit = Limit("x", 3, HOUR)

    room = core.limits.room(limit, Use(count, None if since is None else NOW - since), NOW)

    assert room == Room(limit, left, wait)


@pytest.mark.parametrize(("drawn", "code"), [(0, "000000"), (42, "000042"), (999_999, "999999")])
def test_a_code_has_six_digits(drawn: int, code: str) -> None:
    assert core.sign_in.code(drawn) == code


@pytest.mark.parametrize(
    ("generation", "after", "verdict"),
    [
        (7, timedelta(), Verdict.renew),
        (7, 59 * A_DAY, Verdict.renew),
        (7, 60 * A_DAY, Verdict.refuse),
        (6, timedelta(), Verdict.repeat),
        (6, 30 * SECOND, Verdict.repeat),
        (6, 31 * SECOND, Verdict.revoke),
        (5, timedelta(), Verdict.revoke),
        (0, A_DAY, Verdict.revoke),
        (8, timedelta(), Verdict.refuse),
    ],
)
def test_a_refresh_token_is_judged_by_how_far_it_is_behind(generation: int, after: timedelta, verdict: Verdict) -> None:
    assert core.sign_in.judge(STANDING, generation, NOW + after) is verdict


@pytest.mark.parametrize("generation", [6, 7])
@pytest.mark.parametrize("change", [{"ended": True}, {"person": Status.ended}, {"person": Status.invited}])
def test_an_ended_session_or_person_gets_nothing(change: dict[str, object], generation: int) -> None:
    assert core.sign_in.judge(replace(STANDING, **change), generation, NOW) is Verdict.refuse
