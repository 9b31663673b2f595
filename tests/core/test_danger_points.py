"""Points add up what words say together; they raise, and take back, and never take back to nothing."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.core import danger, danger_phrases, danger_points, danger_words
from checkin.core.danger import ENOUGH_IF_LOWERED, Screening, Tier
from checkin.core.danger_points import AT_ONCE, ENOUGH, LONG, STEP, Points

SAID = ("i", "my", "not", "no", "dog", "river", "pills", "goodbye", "sleep", "tired", "work", ".", ",", "5", "love")
EXAMPLES = [
    text
    for file in danger_phrases.files().values()
    for family in file.family
    for text in (*family.examples, *family.lowered, *family.harmless)
]
WRITTEN = dict(danger_points.written())
RANK = [Tier.none, Tier.c, Tier.b, Tier.a]
ANY = st.integers(-900, 900)
BELOW = ENOUGH - 1


def having(words: Sequence[str]) -> list[Points]:
    return [WRITTEN[key] for key in danger_points.keys(words) if key in WRITTEN]


def points_of(text: str) -> Points:
    return danger_points.points(next(danger.parts(text)))


def test_the_keys_of_a_text() -> None:
    assert danger_points.keys(["i", "overdosed", ".", "7"]) == {
        *("", "i", "overdosed", "overd*", "#"),
        *(f"@{name}" for word in ("i", "overdosed", "7") for name in danger_points.about(word)),
        *("^ i", "i overdosed", "^ #"),
        *("^+i", "i+over", "over+.", ".+#", "#+$"),
        *("^+i+over", "i+over+.", "over+.+#", ".+#+$"),
        *("^ .. over", "^ .. .", "^ .. #", "i .. .", "i .. #", "i .. $", "over .. #", "over .. $", ". .. $"),
    }


def test_what_is_denied_is_a_key_until_the_sentence_ends() -> None:
    [pills, *_] = danger_points.about("pills")

    assert f"no @{pills}" in danger_points.keys(["not", "my", "pills"])
    assert f"no @{pills}" not in danger_points.keys(["not", "now", ".", "my", "pills"])
    assert f"no @{pills}" not in danger_points.keys(["not", "a", "b", "c", "d", "pills"])


@given(st.lists(st.sampled_from(SAID), max_size=200))
def test_a_text_has_the_points_of_the_keys_of_its_worst_part(words: list[str]) -> None:
    once = danger_points.said_once(words)
    parts = danger_points.parts_of(words)

    found = danger_points.points(words)

    assert all(len(part) <= AT_ONCE for part in parts)
    again = 0 if len(once) > LONG else AT_ONCE - STEP
    assert [*parts[0], *(word for part in parts[1:] for word in part[again:])] == once
    assert found.danger == max(sum(points.danger for points in having(part)) for part in parts)
    assert found.found == max(sum(points.found for points in having(part)) for part in parts)
    if len(parts) == 1:
        assert found.plain == sum(points.plain for points in having(once))


@pytest.mark.parametrize("text", [text for text in EXAMPLES if len(text.split()) < AT_ONCE - STEP])
def test_an_example_has_the_points_of_its_keys(text: str) -> None:
    words = next(danger.parts(text))

    found = danger_points.points(words)

    assert found.danger == sum(points.danger for points in having(danger_points.said_once(words)))


@pytest.mark.parametrize("end", [".", ",", " lol", "\n\n", "!!"])
def test_how_a_text_ends_makes_no_difference(end: str) -> None:
    text = "the dog can stay with my sister for good"

    assert points_of(text) == points_of(text + end)


def test_every_key_is_looked_up_by_its_own_words() -> None:
    table = danger_points.table()
    pairs = (table.following, table.in_a_row, table.apart, *table.three.values())
    packs = [*table.alone.values(), *(pack for one in pairs for of in one.values() for pack in of.values())]

    assert len(set(packs)) == len(packs) == len(list(danger_points.written()))


def test_no_key_has_more_points_than_are_added_up_rightly() -> None:
    most = max(abs(field) for _, points in danger_points.written() for field in msgspec.structs.astuple(points))

    assert most <= danger_points.MOST


@given(st.sampled_from(RANK), ANY, ANY, ANY)
def test_what_rules_found_stays_worth_knowing_and_what_they_did_not_hear_is_raised_to_danger_or_not_at_all(
    tier: Tier, of_danger: int, plain: int, found: int
) -> None:
    weighed = danger.weighed(Screening(tier, "a phrase"), Points(of_danger, plain, found)).tier

    assert RANK.index(weighed) >= min(RANK.index(tier), RANK.index(Tier.c))
    if tier is Tier.none:
        assert weighed is not Tier.c


@pytest.mark.parametrize(
    ("tier", "points", "weighed"),
    [
        (Tier.none, Points(BELOW, 500, 500), Tier.none),
        (Tier.none, Points(ENOUGH, BELOW, -500), Tier.b),
        (Tier.none, Points(ENOUGH, ENOUGH, -500), Tier.a),
        (Tier.c, Points(ENOUGH_IF_LOWERED - 1, 500, 500), Tier.c),
        (Tier.c, Points(ENOUGH_IF_LOWERED, 0, -500), Tier.b),
        (Tier.b, Points(-500, BELOW, ENOUGH), Tier.b),
        (Tier.b, Points(-500, ENOUGH, ENOUGH), Tier.a),
        (Tier.b, Points(BELOW, 500, BELOW), Tier.c),
        (Tier.b, Points(ENOUGH, BELOW, BELOW), Tier.b),
        (Tier.a, Points(-500, -500, ENOUGH), Tier.a),
        (Tier.a, Points(BELOW, 500, BELOW), Tier.c),
        (Tier.a, Points(ENOUGH, -500, -500), Tier.a),
    ],
)
def test_what_points_make_of_what_the_rules_say(tier: Tier, points: Points, weighed: Tier) -> None:
    assert weighed is danger.weighed(Screening(tier, "a phrase"), points).tier


@pytest.mark.parametrize("text", ["kms", "i wanna die", "quiero morir", "me mato"])
def test_few_words_are_left_to_the_rules(text: str) -> None:
    rules = danger_phrases.rules()
    if danger_points.says_little(danger_words.words(text, rules.read, rules.joined)):
        assert danger.screen(text) == danger.screen_by_rules(text)
    assert Tier.a is danger.screen(text).tier


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
    "text",
    [
        "the voices are not telling me to kill myself or anything, called my nurse",
        "i was suicidal through most of last winter. looking back i hardly recognise that man",
        "encontré una carta de despedida en la mochila de mi hijo, ya vamos con él al hospital",
    ],
)
def test_a_phrase_out_of_danger_is_taken_back(text: str) -> None:
    assert Tier.c is danger.screen(text).tier


@pytest.mark.parametrize(
    "text",
    [
        "Quiero acabar con mi vida. Llevo cuarenta años de casada y él se fue con otra.",
        "7 8 slept fine. cut myself this morning though",
        "i want to kill myself after work today, had lunch with my sister",
        "5 1 hoy comi y trabaje pero igual me quiero suicidar, no se me quita",
    ],
)
def test_an_ordinary_day_around_plain_words_takes_nothing_back(text: str) -> None:
    assert Tier.a is danger.screen(text).tier


@pytest.mark.parametrize(
    "text", ["i want to go home", "we walked the dog by the river and had tacos", "hoy cociné con mi mamá"]
)
def test_ordinary_days_stay_ordinary(text: str) -> None:
    assert Tier.none is danger.screen(text).tier
