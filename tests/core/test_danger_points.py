"""Points add up what words say together: they count once, count the same each way, and only ever raise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.core import danger, danger_points
from checkin.core.danger import Screening, Tier
from checkin.core.danger_points import Points

SAID = ("i", "my", "not", "no", "dog", "river", "pills", "goodbye", "sleep", "tired", "work", ".", ",", "5", "love")
WORDS = st.lists(st.sampled_from(SAID), max_size=50)
RANK = [Tier.none, Tier.c, Tier.b, Tier.a]


@given(WORDS)
def test_a_text_has_the_points_of_its_keys(words: list[str]) -> None:
    table = danger_points.table()
    keys = {*danger_points.alone(words), ""}
    single = sum(table[key][0] for key in keys if key in table)
    both = {*keys, *danger_points.together(words)}
    wanted = sum(table[key][0] for key in (both if single >= danger_points.CAUSE else keys) if key in table)

    found = danger_points.points(words)

    short = len(set(words) - danger_points.SIGNS) < danger_points.FEWEST
    assert found.danger == (min(table[""][0], 0) if short else wanted)


@given(WORDS, st.integers(1, 3))
def test_saying_it_again_adds_nothing(words: list[str], times: int) -> None:
    sentence = [*words[:14], "."]

    assert danger_points.points(sentence) == danger_points.points(sentence * times)


def test_every_key_is_read_as_it_is_written() -> None:
    keys = list(danger_points.table())

    assert keys == [danger_points.key_of(danger_points.name_of(key)) for key in keys]


@pytest.mark.parametrize("tier", RANK)
@pytest.mark.parametrize(
    "points", [Points(-500, -500), Points(99, 500), Points(100, 99), Points(100, 100), Points(900, 900)]
)
def test_points_never_lower_what_the_rules_say(tier: Tier, points: Points) -> None:
    raised = danger.raised(Screening(tier, "a phrase"), points)

    assert RANK.index(raised.tier) >= RANK.index(tier)


def test_what_the_rules_heard_denied_needs_far_more() -> None:
    denied = Screening(Tier.c, "kill myself")

    assert Tier.c is danger.raised(denied, Points(danger_points.ENOUGH, 0)).tier
    assert Tier.b is danger.raised(denied, Points(danger_points.ENOUGH_IF_LOWERED, 0)).tier


@pytest.mark.parametrize(
    "text",
    [
        "the dog can stay with my sister for good, tell her i said sorry",
        "le dejo mis cosas a mi hermana, que me perdone, ya no voy a estar",
    ],
)
def test_what_no_phrase_says_is_heard(text: str) -> None:
    assert danger.screen(text).tier in {Tier.a, Tier.b}


@pytest.mark.parametrize(
    "text", ["i want to go home", "we walked the dog by the river and had tacos", "hoy cociné con mi mamá"]
)
def test_ordinary_days_stay_ordinary(text: str) -> None:
    assert Tier.none is danger.screen(text).tier
