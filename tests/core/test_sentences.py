"""What an alert says in every language: the same numbers everywhere."""

import re
from datetime import date
from typing import Any

import pytest
from msgspec import convert, to_builtins

from checkin.core import sentences, trend
from checkin.core.alerts import Kind
from checkin.core.catalogues import LANGUAGES
from checkin.core.trend import Channel, Fall

Causes = list[dict[str, Any]]  # Any: as recorded


def fall(channel: Channel, reports: int = 6) -> dict[str, Any]:  # Any: as recorded
    found = Fall(
        day=date(2026, 11, 16),
        channel=channel,
        since=date(2026, 11, 12),
        reports=reports,
        mean_mood=3.1,
        mean_hope=2.5,
        usual_mood=7.2,
        usual_hope=6.4,
        statistic=4.2,
        threshold=2.9,
    )
    told: dict[str, Any] = to_builtins(found)  # Any: as recorded
    return told


ALERTS: dict[str, tuple[Kind, Causes]] = {
    **{f"trend {channel}": (Kind.trend, [fall(channel)]) for channel in Channel},
    "trend of one": (Kind.trend, [fall(Channel.both, reports=1)]),
    "silence": (Kind.silence, [{}]),
    "silence of days": (Kind.silence, [{"days": 6}]),
    "silence after low days": (Kind.silence, [{"days": 6, "low": True}]),
    "crisis": (Kind.crisis, [{"tier": "A"}]),
    "crisis of the past": (Kind.crisis, [{"tier": "C"}]),
    "crisis, then the past": (Kind.crisis, [{"tier": "B"}, {"tier": "C"}]),
    **{kind.value: (kind, [{"inbox": "SM1"}]) for kind in Kind if kind not in (Kind.trend, Kind.silence, Kind.crisis)},
}
each = pytest.mark.parametrize(("kind", "causes"), ALERTS.values(), ids=ALERTS)


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("reports", [1, 6])
def test_a_fall_is_told_in_english_as_the_detector_tells_it(channel: Channel, reports: int) -> None:
    cause = fall(channel, reports)

    assert sentences.sentence("Ana", Kind.trend, [cause], "en") == trend.sentence("Ana", convert(cause, Fall))


def test_what_was_opened_again_is_told_as_before_and_its_reasons_say_so() -> None:
    causes = [fall(Channel.mood), {"source": "reopened"}]

    assert sentences.sentence("Ana", Kind.trend, causes, "en") == sentences.sentence(
        "Ana", Kind.trend, causes[:1], "en"
    )
    assert sentences.reasons(Kind.trend, causes, "en")[-1] == "Opened again after it was closed"


def test_somebody_else_in_danger_this_minute_cannot_wait() -> None:
    told = sentences.sentence("Ana", Kind.crisis, [{"tier": "C"}, {"tier": "C", "now": True}], "en")

    assert told == "Ana wrote something that needs you now."


def test_a_crisis_of_the_past_that_was_opened_again_can_still_wait() -> None:
    told = sentences.sentence("Ana", Kind.crisis, [{"tier": "C"}, {"source": "reopened"}], "en")

    assert told == "Ana wrote something worth knowing; it can wait for a quiet moment."


@each
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_the_person_and_the_same_numbers_in_every_language(kind: Kind, causes: Causes, language: str) -> None:
    said = sentences.sentence("Ana", kind, causes, language)

    assert "Ana" in said
    assert not re.search("[{}]", said)
    english = sentences.sentence("Ana", kind, causes, "en")
    assert sorted(re.findall(r"[\d.]*\d", said)) == sorted(re.findall(r"[\d.]*\d", english))


@each
@pytest.mark.parametrize("language", LANGUAGES)
def test_its_reasons_are_whole_and_hold_no_id_of_a_text(kind: Kind, causes: Causes, language: str) -> None:
    for line in sentences.reasons(kind, causes, language):
        assert not re.search("[{}]", line)
        assert "SM1" not in line


def test_a_fall_is_explained_with_its_run_and_both_scores() -> None:
    assert sentences.reasons(Kind.trend, [fall(Channel.both)], "en") == [
        "6 reports from 12 November to 16 November",
        "Mood 3 on average, usually about 7",
        "Hope 2.5 on average, usually about 6.5",
    ]


def test_a_reason_that_came_twice_is_said_once() -> None:
    causes = [{"tier": "B", "source": "text"}, {"tier": "B", "source": "note"}]

    assert sentences.reasons(Kind.crisis, causes, "en") == [
        "Words that may mean a wish to die, not said plainly",
        "In a text message",
        "In a note from the app",
    ]


def test_what_is_newer_than_the_words_is_left_out() -> None:
    assert sentences.reasons(Kind.crisis, [{"tier": "Z", "topic": "x.y", "source": 7}], "en") == []


@pytest.mark.parametrize(("reports", "told"), [(1, "1 report"), (5, "5 reports")])
def test_while_it_is_learned_that_is_said(reports: int, told: str) -> None:
    said = sentences.learning("Ana", reports, "en")

    assert said == f"We are still learning Ana's usual range ({told} so far)."
