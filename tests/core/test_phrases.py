"""The words of the pages: complete, filled in, and every one of them in use."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest

import checkin
from checkin.core import alerts, phrases
from checkin.core.catalogues import LANGUAGES

SOURCE = Path(checkin.__file__).parent
USED_IN = [*(SOURCE / "web").rglob("*.html"), *(SOURCE / "web").glob("*.py"), SOURCE / "core" / "sentences.py"]
USED_IN += [SOURCE / "core" / "phrases.py"]
FAMILIES = ("kind", "sentence", "cause", "place", "result", "outcome", "chart", "consent", "log")
"""Their entries are put together from a value: `kind.{kind}`."""


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"alert\.theirs needs name"):
        phrases.say("alert.theirs", "en")


def test_a_value_is_put_in_as_it_is() -> None:
    assert phrases.say("alert.theirs", "en", name="{name} <b>") == "{name} <b> has it."


def test_who_speaks_another_language_reads_english() -> None:
    assert phrases.say("do.take", "fr") == phrases.say("do.take", "en")


@pytest.mark.parametrize(("count", "said"), [(0, "0 reports"), (1, "1 report"), (60, "60 reports")])
def test_one_is_counted_in_another_form_than_several(count: int, said: str) -> None:
    assert phrases.say("reports", "en", count=count) == said


@pytest.mark.parametrize(
    ("language", "day", "short", "moment"),
    [
        ("en", "12 November", "12 Nov", "12 November, 09:05"),
        ("es", "12 de noviembre", "12 nov", "12 de noviembre, 09:05"),
    ],
)
def test_days_are_said_as_people_say_them(language: str, day: str, short: str, moment: str) -> None:
    assert phrases.day(date(2026, 11, 12), language) == day
    assert phrases.short_day(date(2026, 11, 12), language) == short
    assert phrases.moment(datetime(2026, 11, 12, 9, 5), language) == moment  # noqa: DTZ001 - a wall's own


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_twelve_months(language: str) -> None:
    assert len(set(phrases.say("months", language).split())) == 12


def test_every_kind_and_outcome_has_its_words() -> None:
    needed = [f"kind.{kind}" for kind in alerts.Kind] + [f"outcome.{outcome}" for outcome in alerts.Outcome]

    assert [entry for entry in needed if not phrases.is_known(entry)] == []


def test_every_phrase_is_used_somewhere() -> None:
    said = "".join(path.read_text() for path in USED_IN)
    said = re.sub(r'^    "[a-z.A-Z_]+": ".*",$', "", said, flags=re.MULTILINE)  # the table itself is no use of them
    words = ("link", "stale", "sent", "gone", "closed", "passed", "later")

    unused = [
        entry
        for entry in phrases.entries()
        if f'"{entry}"' not in said and entry.partition(".")[0] not in FAMILIES and entry.split(".")[0] not in words
    ]

    assert unused == []
