"""What holds for the danger screen whatever is said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkin.core import danger, danger_phrases
from checkin.core.danger import Screening, Tier

RANK = {Tier.none: 0, Tier.c: 1, Tier.b: 2, Tier.a: 3}
SAID = [
    text
    for file in danger_phrases.files().values()
    for family in file.family
    for text in (*family.examples, *family.lowered, *family.harmless)
]
WISHES = ["kill myself", "die", "hurt myself", "end my life", "be dead"]
DESEOS = ["matarme", "morir", "hacerme daño", "suicidarme", "quitarme la vida"]
WORDS = st.lists(st.sampled_from(sorted(danger_phrases.rules().families)), max_size=40).map(" ".join)
TEXTS = st.one_of(st.text(max_size=200), WORDS, st.sampled_from(SAID))


@given(st.one_of(TEXTS, st.text(alphabet=st.characters(), max_size=300)))
def test_any_text_gets_exactly_one_screening(text: str) -> None:
    assert isinstance(danger.screen(text), Screening)


@given(st.sampled_from(SAID))
def test_upper_case_and_spaces_around_change_nothing(text: str) -> None:
    assert danger.screen(text) == danger.screen(f"  {text.upper()} \n ")


@given(st.sampled_from(SAID), st.data())
def test_zero_width_characters_change_nothing(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))

    hidden = text[:at] + "\u200b\u200d" + text[at:]

    assert danger.screen(text) == danger.screen(hidden)


@settings(max_examples=200)
@given(st.sampled_from(SAID), st.sampled_from([" lol", " jk", " haha", " jaja", ", jk", " lmao"]))
def test_a_laugh_at_the_end_never_lowers(text: str, laugh: str) -> None:
    before = danger.screen(text).tier
    if before in {Tier.a, Tier.b}:
        assert RANK[danger.screen(text + laugh).tier] >= RANK[before]


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("denial", ["i don't want to", "i dont plan to", "i would never want to", "not trying to"])
def test_denial_lowers_to_c_and_never_to_nothing(denial: str, wish: str) -> None:
    assert Tier.c is danger.screen(f"{denial} {wish}").tier


@pytest.mark.parametrize("wish", DESEOS)
@pytest.mark.parametrize("denial", ["no quiero", "nunca pienso", "no tengo ganas de", "no voy a"])
def test_denial_in_spanish_lowers_to_c_and_never_to_nothing(denial: str, wish: str) -> None:
    assert Tier.c is danger.screen(f"{denial} {wish}").tier


@given(st.sampled_from([text for text in SAID if danger.screen(text).tier in {Tier.a, Tier.b}]))
def test_denying_an_example_never_makes_nothing_of_it(text: str) -> None:
    for denial in ("not ", "i do not ", "no "):
        assert Tier.none is not danger.screen(denial + text).tier


@given(st.sampled_from(SAID))
def test_saying_it_twice_says_the_same(text: str) -> None:
    assert danger.screen(text).tier is danger.screen(f"{text}. {text}").tier
