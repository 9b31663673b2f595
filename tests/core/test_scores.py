"""The score grammar, where the table of whole messages would hide the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.core import normalise, scores

SCORE = st.integers(0, 10)
SEPARATOR = st.sampled_from(
    [" ", ",", ", ", "/", "-", "–", ";", "+", " & ", " and ", " and a ", " y ", " / ", "\n", " - "]
)


def read(text: str) -> scores.Scores | None:
    return scores.read(normalise.message(text))


@given(SCORE, SEPARATOR, SCORE)
def test_two_numbers_are_mood_and_hope_whatever_parts_them(mood: int, separator: str, hope: int) -> None:
    # "7/10" is one score out of ten, whatever the ten was meant to be
    hope = 9 if "/" in separator and hope == 10 else hope

    found = read(f"{mood}{separator}{hope}")

    assert found is not None
    assert (found.mood, found.hope, found.note) == (mood, hope, None)


@given(
    SCORE,
    SCORE,
    st.sampled_from(["mood {} hope {}", "m{} h{}", "M: {} H: {}", "{} mood {} hope", "animo {} esperanza {}"]),
)
def test_labels_say_which_score_is_which(mood: int, hope: int, form: str) -> None:
    found = read(form.format(mood, hope))

    assert found is not None
    assert (found.mood, found.hope) == (mood, hope)


@given(SCORE, SCORE, st.sampled_from(["hope {} mood {}", "h{} m{}", "hope: {}/10, mood: {}/10", "{} hope {} mood"]))
def test_labels_count_in_either_order(hope: int, mood: int, form: str) -> None:
    found = read(form.format(hope, mood))

    assert found is not None
    assert (found.mood, found.hope) == (mood, hope)


@given(st.integers(0, 9), st.integers(0, 9), st.sampled_from(["", " rough day", "!", " need a ride"]))
def test_keycaps_are_read_as_digits_are(mood: int, hope: int, rest: str) -> None:
    keycaps = read(f"{mood}\ufe0f\u20e3{hope}\ufe0f\u20e3{rest}")

    assert keycaps == read(f"{mood} {hope}{rest}")


@given(st.integers(11, 10**30), SCORE)
def test_a_number_above_ten_spoils_the_pair(high: int, score: int) -> None:
    assert read(f"{high} {score}") is None
    assert read(f"{score} {high}") is None
    assert read(f"mood {high} hope {score}") is None


@pytest.mark.parametrize(
    "unit", ["hours", "hrs", "days", "years", "am", "pm", "min", "mg", "miles", "kids", "meetings"]
)
def test_a_counted_number_is_no_score_but_opens_the_note(unit: str) -> None:
    alone = read(f"5 {unit} today")
    second = read(f"7 5 {unit} today")

    assert alone is None
    assert second == scores.Scores(mood=7, note=f"5 {unit} today")


@pytest.mark.parametrize(
    ("text", "mood", "hope", "note"),
    [
        ("7 5 day was long", 7, 5, "day was long"),
        ("7 5 one day at a time", 7, 5, "one day at a time"),
        ("7 5 3:30 appt", 7, 5, "3:30 appt"),
        ("7 5 50% better", 7, 5, "50% better"),
        ("7 5 2day was ok", 7, 5, "2day was ok"),
        ("7ish 5ish", 7, 5, None),
        ("mood 7😀 hope 5😢 ok", 7, 5, "😢 ok"),
        ("mood/hope: 7/5", 7, 5, None),
        ("7 for mood and 5 for hope", 7, 5, None),
        ("my day was ok mood 6 i guess hope 4 tho", 6, 4, "day was ok i guess tho"),
        ("7 one day at a time", 7, None, "one day at a time"),
        ("7 2 much going on", 7, None, "2 much going on"),
        ("7 hope tomorrow is better", 7, None, "hope tomorrow is better"),
        ("mood 7 hope 2 see you", 7, None, "hope 2 see you"),
        ("hope 7", None, 7, None),
    ],
)
def test_what_follows_the_scores_is_kept(text: str, mood: int | None, hope: int | None, note: str | None) -> None:
    found = read(text)

    assert found is not None
    assert (found.mood, found.hope, found.note) == (mood, hope, note)


@pytest.mark.parametrize(
    "text",
    [
        *("7.5 6", "7 .5", ".5 7", "7:5", "7*5", "7=5", "7@5", "7_5", "7,000", "$7 5", "7% 5%", "7⁵", "7½ 5", "½ 5"),
        *("7 -5", "-7 -5", "7,-5", "mood -7 hope 5", "07 05", "75", "7 5 3", "7 5 988", "7/5/24", "7/10/2024"),
        *("6 or 7", "7 to 5", "7 and a half 5", "siete y medio", "diez y seis", "twenty five", "seven eleven"),
        *(
            "one of those days",
            "zero energy",
            "two more weeks",
            "2 much going on",
            "4 real tho",
            "at 7 5",
            "7 out of 10 days",
        ),
        *("7h 5m", "5 a.m. shift", "hope 4 rain", "i hope 2 see u", "mood 7 mood", "good mood 4 tacos", "1️⃣0️⃣ 5️⃣"),
    ],
)
def test_numbers_that_are_no_scores_ask_again(text: str) -> None:
    found = read(text)

    assert found is None or not found.both
