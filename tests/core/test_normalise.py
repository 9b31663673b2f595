"""The stored text and the folded one."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.core import normalise

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("7 5\x00 rough", "7 5 rough"),
        ("a\ud83d b", "a b"),
        ("a\x07b\x1bc\x9fd", "abcd"),
        ("7\r\n5\r3", "7\n5\n3"),
        ("a\x0bb\x0cc", "a\nb\nc"),
        ("a\tb\n", "a\tb\n"),
        ("  José 🙏🏽 ²  ", "  José 🙏🏽 ²  "),
    ],
)
def test_the_stored_text_loses_only_what_cannot_be_stored(sent: str, stored: str) -> None:
    assert normalise.clean(sent) == stored


@pytest.mark.parametrize(
    ("sent", "folded"),
    [
        ("  Ánimo\t 7 \n ", "animo 7"),
        ("７　٥ ५ 𝟕", "7 5 5 7"),
        ("S\u200bT\u2060O\ufeffP", "stop"),
        ("7\ufe0f\u20e35\ufe0f\u20e3", "7 5"),
        ("🔟", "10"),
        ("don’t “go”", 'don\'t "go"'),
        ("ﬁne ｏｋ", "fine ok"),
        ("e\u0301 ñ Ñ", "e n n"),
        ("İ I ı ß ẞ ǰ ſ", "i i i ss ss j s"),
    ],
)
def test_texts_that_look_alike_fold_alike(sent: str, folded: str) -> None:
    assert normalise.fold(sent) == folded


@pytest.mark.parametrize("char", ["²", "₂", "½", "⅐", "↉", "௰"])
def test_what_only_looks_numeric_folds_to_no_digit(char: str) -> None:
    folded = normalise.fold(char)

    assert not any(digit in folded for digit in "0123456789")


def test_every_character_folds_alike_in_every_case() -> None:
    characters = map(chr, range(sys.maxunicode + 1))

    differing = [
        char
        for char in characters
        if {normalise.fold(char.upper()), normalise.fold(char.lower())} != {normalise.fold(char)}
    ]

    assert differing == []


@given(ANY_TEXT)
def test_cleaning_and_folding_twice_change_nothing_more(text: str) -> None:
    stored = normalise.clean(text)
    folded = normalise.fold(text)

    assert normalise.clean(stored) == stored
    assert normalise.fold(stored) == folded


@given(ANY_TEXT)
def test_tokens_lie_in_order_inside_the_stored_text(text: str) -> None:
    message = normalise.message(text)

    starts = [token.start for token in message.tokens]
    assert starts == sorted(starts)
    assert all(0 <= token.start < token.end <= len(message.text) for token in message.tokens)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" - rough day", "rough day"),
        (", slept 4 hours ", "slept 4 hours"),
        ("!!", None),
        (" :) ", None),
        (" :( bad day", ":( bad day"),
        (" 😢", "😢"),
        (") tired", "tired"),
        (" (tired)", "(tired)"),
        ('" tired', "tired"),
        (' "tired"', '"tired"'),
        ("\ufe0f\u20e3", None),
        ("", None),
    ],
)
def test_a_note_begins_behind_its_separators(text: str, said: str | None) -> None:
    assert normalise.note(text) == said
