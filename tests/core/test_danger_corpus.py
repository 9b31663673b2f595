"""How much the danger screen finds of texts by sixty authors; nothing was learned from the held part.

Fourteen authors are held whole or in part; most of them wrote after the rules were made, and none knew them.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from checkin.core import danger

TEXTS = Path(__file__).parent.parent / "data" / "screen_texts.tsv"


class Labelled(Struct, frozen=True):
    """A text and the tier a person gave it."""

    label: str
    part: str
    language: str
    author: str
    text: str


def labelled(part: str, language: str) -> Iterator[tuple[str, str]]:
    """The label of each text and the tier the screen gives it."""
    lines = TEXTS.read_text("utf-8").splitlines()[1:]
    for text in (Labelled(*line.split("\t")) for line in lines):
        if (text.part, text.language) == (part, language):
            yield text.label, danger.screen(text.text).tier.value


def share(pairs: list[tuple[str, str]], labels: str, found: str) -> float:
    """The share of the texts so labelled that were given one of the tiers *found*."""
    given = [tier for label, tier in pairs if label in labels.split()]
    return sum(tier in found.split() for tier in given) / len(given)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("part", "least_found", "most_false"), [("open", 0.97, 0.02), ("held", 0.93, 0.05)])
def test_danger_is_found_and_false_alarms_stay_few(
    part: str, least_found: float, most_false: float, language: str
) -> None:
    pairs = list(labelled(part, language))
    found, false, plain = share(pairs, "A B", "A B"), share(pairs, "C none", "A B"), share(pairs, "A", "A")

    print(f"{part} {language}: {len(pairs)} texts, {found:.1%} found, {false:.1%} false, {plain:.1%} of A as A")  # noqa: T201

    assert least_found <= found
    assert most_false >= false


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("part", ["open", "held"])
def test_plain_words_are_recognised_as_plain(part: str, language: str) -> None:
    pairs = list(labelled(part, language))

    assert share(pairs, "A", "A") >= 0.85


@pytest.mark.parametrize("language", ["en", "es"])
def test_both_parts_hold_every_label_in_each_language(language: str) -> None:
    for part in ("open", "held"):
        assert {"A", "B", "C", "none"} == {label for label, _ in labelled(part, language)}
