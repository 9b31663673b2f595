"""When unanswered nudges are a silence, and what the rows of nudges say."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from checkin.core import nudge_words, nudges, sentences, silences, wall
from checkin.core.alerts import Kind
from checkin.core.nudges import Plan, Reason
from checkin.core.silences import Quiet, Silence
from checkin.core.trend import State

NEW_YORK = "America/New_York"
DAY = date(2026, 11, 20)
A_DAY = timedelta(days=1)
LOW = State(reports=8, recent_z=-0.81)
QUIET = Quiet(
    day=DAY,
    ignored=6,
    first_ignored=DAY - 9 * A_DAY,
    last_day=DAY - 10 * A_DAY,
    may_be_heard=True,
    told=False,
    state=State(),
)
TWICE = Plan(mentee=UUID(int=7), zone=NEW_YORK, times=(time(18), time(12)))


def test_six_ignored_nudges_are_a_silence_counted_from_the_last_answer() -> None:
    assert silences.find(QUIET) == Silence(days=10, last_day=DAY - 10 * A_DAY)


def test_whoever_never_answered_is_counted_from_the_first_nudge() -> None:
    assert silences.find(replace(QUIET, last_day=None)) == Silence(days=10)


@pytest.mark.parametrize(
    ("ignored", "state", "silent"),
    [
        (6, State(), True),
        (5, State(), False),
        (5, LOW, True),
        (4, LOW, False),
        (5, replace(LOW, recent_z=-0.8), False),
        (5, replace(LOW, reports=7), False),
        (0, LOW, False),
    ],
)
def test_five_are_enough_after_low_reports_and_only_then(ignored: int, state: State, silent: bool) -> None:
    found = silences.find(replace(QUIET, ignored=ignored, state=state))

    assert (found is not None) is silent


@pytest.mark.parametrize("change", [{"may_be_heard": False}, {"told": True}])
def test_nobody_is_told_of_the_paused_or_told_twice(change: dict[str, bool]) -> None:
    assert silences.find(replace(QUIET, **change)) is None


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        ({"days": 7, "low": True}, "Ana has not reported for 7 days; the last reports were lower than usual."),
        ({"days": 9}, "Ana has not reported for 9 days."),
        ({}, "Ana has not answered for a while."),
    ],
)
def test_a_silence_is_told_without_more_than_is_known(evidence: dict[str, object], told: str) -> None:
    assert sentences.sentence("Ana", Kind.silence, [evidence], "en") == told


@pytest.mark.parametrize(("language", "start"), [("en", "Not sent: "), ("es", "No se envió: ")])
def test_every_reason_has_its_own_sentence_in_every_language(language: str, start: str) -> None:
    told = {nudge_words.tell("nudge", reason, language=language) for reason in Reason}

    assert len(told) == len(Reason)
    assert all(sentence.startswith(start) and sentence.endswith(".") for sentence in told)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Not sent: paused until Friday 27 November 2026."),
        ("es", "No se envió: en pausa hasta el viernes 27 de noviembre de 2026."),
    ],
)
def test_a_pause_is_told_with_its_end(language: str, told: str) -> None:
    said = nudge_words.tell("nudge", "paused", language=language, paused_until=date(2026, 11, 27))

    assert said == told


def test_a_holiday_is_told_by_its_name() -> None:
    assert nudge_words.tell("nudge", "holiday", holiday="Thanksgiving") == "Not sent: holiday: Thanksgiving."


def test_an_answer_is_told_with_where_and_when_on_the_wall_it_was_given_at() -> None:
    at = datetime(2026, 11, 20, 13, 2, tzinfo=UTC)

    told = nudge_words.tell("nudge", "answered", answer=("app", at), zone=NEW_YORK)

    assert told == "Not sent: answered in the app 08:02."


def test_nudge_and_reminder_of_a_day_fall_due_one_after_the_other() -> None:
    after = wall.instant(DAY, time(0), NEW_YORK)
    found = []

    for _ in range(4):
        slot = nudges.next_due(TWICE, after)
        assert slot is not None
        found.append((slot.day, slot.kind))
        after = slot.at

    assert found == [(day, kind) for day in (DAY, DAY + A_DAY) for kind in ("nudge", "reminder")]


def test_a_pause_holds_the_reminder_too() -> None:
    paused = replace(TWICE, paused_until=DAY + A_DAY)

    slot = nudges.next_due(paused, wall.instant(DAY, time(13), NEW_YORK))

    assert slot is not None
    assert (slot.day, slot.kind) == (DAY + A_DAY, "nudge")


def test_people_with_the_same_plan_keep_each_their_own_minute() -> None:
    noon = wall.instant(DAY, time(11), NEW_YORK)
    plans = [replace(TWICE, mentee=UUID(int=number)) for number in range(50)]

    due = [nudges.next_due(plan, noon) for plan in plans]

    assert due == [nudges.next_slot(plan, noon) for plan in plans]
    assert len({slot.at for slot in due if slot is not None}) > 30


def test_what_fell_due_by_now_comes_with_what_comes_next() -> None:
    morning = wall.instant(DAY, time(0), NEW_YORK)
    now = wall.instant(DAY + A_DAY, time(13), NEW_YORK)

    due, after = nudges.due_by(TWICE, morning, now)

    assert [(slot.day, slot.kind) for slot in due] == [(DAY, "nudge"), (DAY, "reminder"), (DAY + A_DAY, "nudge")]
    assert after == nudges.next_due(TWICE, now)


def test_nothing_falls_due_by_now_when_the_first_slot_lies_ahead() -> None:
    morning = wall.instant(DAY, time(0), NEW_YORK)

    due, after = nudges.due_by(TWICE, morning, morning)

    assert (due, after) == ([], nudges.next_due(TWICE, morning))


def test_a_plan_that_can_never_fire_has_nothing_due_and_nothing_next() -> None:
    morning = wall.instant(DAY, time(0), NEW_YORK)

    assert nudges.due_by(replace(TWICE, weekdays=()), morning, morning + A_DAY) == ([], None)
