"""What the danger screen says of the cases its contract names."""

import pytest

from checkin.core import danger, danger_phrases
from checkin.core.danger import Screening, Tier

EXAMPLES = [
    (tier, text)
    for file in danger_phrases.files().values()
    for family in file.family
    for tier, texts in ((family.tier, family.examples), ("C", family.lowered), ("none", family.harmless))
    for text in texts
]


@pytest.mark.parametrize(("tier", "text"), EXAMPLES)
def test_every_example_in_the_rule_files_holds(tier: str, text: str) -> None:
    whole = danger.screen(text).tier.value

    assert tier == danger.screen_by_rules(text).tier.value
    assert whole == tier or (whole, tier) == ("A", "B")  # points may say how plain it is


@pytest.mark.parametrize("language", danger_phrases.LANGUAGES)
def test_every_family_says_why_it_is_there_and_shows_an_example(language: str) -> None:
    families = danger_phrases.files()[language].family

    assert all(family.reason and family.examples for family in families)
    assert {"A", "B", "C"} == {family.tier for family in families}


@pytest.mark.parametrize(
    "text",
    [
        "i want to k*ll myself",
        "thinking about s u i c i d e, want to do suicide",
        "i want to commit su1c1de",
        "i dont want to be al1ve, i want to d!e",
        "gonna unalive myself",
        "i wanna kil myslef",
        "kms",
        "#iwanttodie",
        "i want to diiiiie",
        "KIERO MORIR",
        "me kiero matar",
        "xq no me muero, kiero m0rir",
        "quiero\u200b mo\u0301rir",
        "I\u2019m going to end it",
        "i want to morirme ya",
    ],
)
def test_masked_misspelt_and_mixed_words_are_still_found(text: str) -> None:
    assert Tier.a is danger.screen(text).tier


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("not gonna lie i want to die", Tier.a),
        ("not suicidal but i don't want to be alive", Tier.a),
        ("no plan, but thoughts", Tier.b),
        ("my brother died and i want to die", Tier.a),
        ("i dont want to die but i cant go on like this", Tier.b),
        ("no puedo dormir, quiero morirme", Tier.a),
        ("no me quiero matar pero ya no quiero vivir", Tier.a),
    ],
)
def test_the_clause_that_says_most_decides(text: str, tier: Tier) -> None:
    assert tier is danger.screen_by_rules(text).tier


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("2 years clean from cutting but i cut myself today", Tier.a),
        ("i didnt want to die last year but now i want to die", Tier.a),
        ("my brother killed himself in 09 and now im gonna kill myself too", Tier.a),
        ("my friend says shes fine but im not, i want to die", Tier.a),
        ("estuve 2 años sin cortarme pero hoy me corté", Tier.a),
        ("mi hermano se mató el año pasado y yo también me quiero matar", Tier.a),
        ("i used to cut but im clean 3 years now", Tier.c),
        ("my sister wants to die but she is in the hospital now", Tier.c),
        ("quería morirme antes pero ya no", Tier.c),
    ],
)
def test_what_follows_a_turn_is_heard_by_itself(text: str, tier: Tier) -> None:
    assert tier is danger.screen(text).tier


@pytest.mark.parametrize(
    "text",
    [
        "i don't want to die",
        "not suicidal, just tired",
        "i never thought about killing myself",
        "i used to cut",
        "i tried to kill myself 6 years ago",
        "my mom wants to die",
        "no quiero morir, estoy bien",
        "no pienso matarme",
        "antes me cortaba",
        "intente suicidarme hace 9 años",
        "mi hermana quiere morirse",
    ],
)
def test_denied_past_or_anothers_danger_is_worth_knowing_and_no_more(text: str) -> None:
    assert Tier.c is danger.screen(text).tier


@pytest.mark.parametrize(
    "text",
    [
        "doc asked me was i suicidal. told him no sir",
        "my therapist asked do i wanna hurt myself. i dont",
        "la doctora me pregunto si quiero hacerme daño. le dije que no",
    ],
)
def test_an_answer_of_no_is_worth_knowing_and_no_more(text: str) -> None:
    assert Tier.c is danger.screen(text).tier


def test_not_going_to_do_it_denies_the_act_and_not_that_one_is_there() -> None:
    text = "im at the bridge. not going to jump"

    assert Tier.c is danger.screen_by_rules(text).tier
    assert danger.screen(text).tier in {Tier.a, Tier.b}


@pytest.mark.parametrize(
    "text", ["they asked if i was suicidal, i said no but i lied", "i asked for help, im suicidal"]
)
def test_a_question_alone_takes_nothing_back(text: str) -> None:
    assert Tier.a is danger.screen(text).tier


@pytest.mark.parametrize(
    "text",
    [
        "took about 30 benadryl an hour ago",
        "i took benadryl, like 30 of them",
        "round my neck i put the belt last night",
        "last night i put the belt round my neck",
        "thirty of my moms oxycodone, i swallowed them",
        "me tome 30 de metoprolol",
        "en el cuello me puse el cinturon anoche",
    ],
)
def test_an_act_is_found_whatever_it_was_done_with_and_in_any_order(text: str) -> None:
    assert Tier.a is danger.screen(text).tier


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7 5",
        "ran 10 kms before breakfast",
        "started my diet monday",
        "biked up the hill and paid the bills",
        "i live on lively street and love it",
        "can't do this homework anymore",
        "no puedo más con la tarea",
        "goodbye, going to bed",
        "giving away my couch, moving saturday",
        "need to take my meds",
        "i want to go home",
        "quiero a mi hija",
    ],
)
def test_everyday_words_say_nothing(text: str) -> None:
    assert Screening(Tier.none) == danger.screen(text)


@pytest.mark.parametrize("text", ["my roommate is overdosing", "my friend is not breathing", "mi amiga no despierta"])
def test_somebody_else_in_danger_this_minute_is_marked(text: str) -> None:
    found = danger.screen(text)

    assert (Tier.c, True) == (found.tier, found.now)


@pytest.mark.parametrize(
    "text",
    [
        'Liked "i want to die"',
        "Loved “quiero morir”",
        'Le gustó "me quiero matar"',
        'Reacted 👍 to "i want to kill myself"',
    ],
)
def test_what_a_tapback_quotes_is_not_screened(text: str) -> None:
    assert Tier.none is danger.screen(text).tier


def test_what_stands_beside_a_tapbacks_quotation_is_screened() -> None:
    assert Tier.a is danger.screen('Liked "see you tomorrow" i want to die').tier


def test_danger_beyond_the_longest_message_is_still_found() -> None:
    text = "hello there " * 400 + "i want to kill myself"

    found = danger.screen(text)

    assert Tier.a is found.tier


def test_a_screen_that_fails_counts_as_tier_b_and_hands_over_the_error() -> None:
    found, error = danger.screen_safely(None)  # type: ignore[arg-type]  # no text at all is what makes it fail

    assert Screening(Tier.b, "screen_failed") == found
    assert isinstance(error, Exception)


def test_a_screen_that_works_hands_over_no_error() -> None:
    assert (danger.screen("i want to die"), None) == danger.screen_safely("i want to die")
