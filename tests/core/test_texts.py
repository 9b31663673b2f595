"""What we write: every text in every language, as long as it can get."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checkin.core import crisis_lines, replies, segments, text_rules, texts
from checkin.core.texts import LANGUAGES, LINKED, NAMED, Text
from checkin.core.words import Kind

CRISIS_FAMILY = {Text.crisis, Text.supportive, Text.emergency_other, Text.unknown_crisis}
EVERY = [(text, language) for text in Text for language in LANGUAGES]
COUNTRIES = [*crisis_lines.countries(), "ZZ"]
each = pytest.mark.parametrize(("text", "language"), EVERY)


def said(text: Text, language: str, country: str = "US") -> str:
    link = "https://" + "l" * (text_rules.LONGEST_LINK - len("https://"))
    return texts.render(text, language, number=99_999, days=60, program="P" * 40, country=country, link=link)


def words_of(text: Text, language: str) -> list[str]:
    """Return every form of a text as it stands in its catalogue."""
    alone = [texts.template(text, language, 1)] if texts.is_counted(text) else []
    return [*alone, *text_rules.forms(text, language).values()]


@each
@pytest.mark.parametrize("country", COUNTRIES)
def test_no_text_is_longer_than_it_may_be(text: Text, language: str, country: str) -> None:
    own = "9" * crisis_lines.LONGEST_LINE
    longest = [
        said(text, language, country),
        texts.render(
            text, language, number=99_999, days=60, name="N" * 20, program="€" * 40, line=own, country=country
        ),
    ]

    for body in longest:
        assert segments.is_gsm(body)
        assert segments.segments(body) <= (2 if text in CRISIS_FAMILY else 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", sorted(LINKED))
def test_an_alert_carries_its_link_where_it_fits_and_goes_without_where_not(text: Text, language: str) -> None:
    link = "https://" + "l" * (text_rules.LONGEST_LINK - len("https://"))

    short = texts.render(text, language, number=99_999, link=link)
    long = texts.render(text, language, number=99_999, link=link * 2)

    assert short.endswith(f" {link}")
    assert segments.segments(short) == 1
    assert long == texts.render(text, language, number=99_999)
    assert "http" not in long


@each
def test_every_placeholder_is_filled_in(text: Text, language: str) -> None:
    assert not re.search(r"[{}]", said(text, language))


@each
def test_no_text_holds_a_digit_but_in_its_examples(text: Text, language: str) -> None:
    examples = {"en": {"7 5", "0-10", "41", "PAUSE 3", "AWAY 7", "4 hours"}}
    examples["es"] = {"7 5", "0 a 10", "0-10", "41", "PAUSA 3", "FUERA 7", "4 horas"}

    for body in words_of(text, language):
        for known in examples[language]:
            body = body.replace(known, "")
        assert not re.search(r"\d", body)


@each
def test_no_text_names_an_illness_a_blame_or_who_stands_by_whom(text: Text, language: str) -> None:
    for body in words_of(text, language):
        assert not text_rules.FORBIDDEN.search(body)
        assert not re.search(r"\b(notes?|notas?|score|puntaje|sick|enferm)\b", body, re.IGNORECASE)


@pytest.mark.parametrize(("text", "language"), [(text, one) for text, one in EVERY if text not in NAMED])
def test_only_a_nudge_can_carry_a_name_its_readers_own(text: Text, language: str) -> None:
    assert "Ximena" not in texts.render(text, language, name="Ximena")


@each
def test_no_exclamation_mark_after_bad_news(text: Text, language: str) -> None:
    for body in words_of(text, language):
        assert not (text_rules.RULES[text].bad_news and re.search("[!¡]", body))


def test_bad_news_is_every_text_about_a_crisis_or_to_be_acted_on() -> None:
    bad = {text for text in Text if text_rules.RULES[text].bad_news}

    assert bad >= CRISIS_FAMILY | {Text.alert, Text.crisis_alert, Text.notice, Text.will_call, Text.mentor_stopped}


@each
def test_words_that_make_carriers_stop_texts_are_only_offered_for_leaving(text: Text, language: str) -> None:
    for body in words_of(text, language):
        left = text_rules.LEAVING.sub("", body)
        assert not re.search(r"\b(STOP|END|QUIT|CANCEL|UNSUBSCRIBE|REVOKE|ALTO|PARAR|BAJA|CANCELAR)\b", left)


@each
def test_what_a_text_must_keep_is_in_it(text: Text, language: str) -> None:
    rule = text_rules.RULES[text]

    for body in words_of(text, language):
        assert texts.placeholders(body) - {"name", "link"} <= set(rule.fills)
        for kept in rule.keeps:
            wording = text_rules.WORDINGS.get(kept)
            assert wording[language][1].search(body) if wording else f"{{{kept}}}" in body


@pytest.mark.parametrize(
    ("text", "language", "kinds"),
    [
        (Text.help, "en", [Kind.skip, Kind.pause, Kind.call_me, Kind.practical_help, Kind.opt_out]),
        (Text.help, "es", [Kind.skip, Kind.pause, Kind.call_me, Kind.practical_help, Kind.opt_out]),
        (Text.invite, "en", [Kind.opt_in, Kind.opt_out]),
        (Text.invite, "es", [Kind.opt_in, Kind.opt_out]),
        (Text.paused, "en", [Kind.resume]),
        (Text.paused, "es", [Kind.resume]),
    ],
)
def test_every_keyword_we_offer_a_mentee_is_one_we_read(text: Text, language: str, kinds: list[Kind]) -> None:
    offered = re.findall(r"\b[A-Z]{2,}(?: \d+| bus)?\b", texts.template(text, language))

    read = {replies.read_mentee(word, context=replies.Context(opted_in=False)).kind for word in offered}

    assert read >= set(kinds)
    assert Kind.unclear not in read


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", [Text.mentor_help, Text.alert, Text.alert_yours, Text.away_until, Text.already_away])
def test_every_keyword_we_offer_a_mentor_is_one_we_read(text: Text, language: str) -> None:
    offered = re.findall(r"\b[A-Z]{2,}(?: \d+)?\b", texts.render(text, language, number=41, days=2))

    assert offered
    assert Kind.other not in {replies.read_mentor(word).kind for word in offered}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", sorted(CRISIS_FAMILY))
def test_an_answer_to_a_crisis_names_the_countrys_line_and_says_who_is_not_watching(text: Text, language: str) -> None:
    body = texts.render(text, language, country="GB")

    assert "116 123" in body
    assert "999" in body
    assert "988" not in body
    assert {"en": "not watched at all hours", "es": "no se atiende a toda hora"}[language] in body


def test_somebody_else_in_danger_is_told_the_emergency_number_first() -> None:
    body = texts.render(Text.emergency_other, "en")

    assert body.index("911") < body.index("988")


def test_a_program_without_a_country_of_ours_is_not_told_to_call_988() -> None:
    assert "988" not in texts.render(Text.crisis, "en", country="NG")


def test_a_programs_own_line_is_said() -> None:
    body = texts.render(Text.crisis, "es", country="MX", line="llama al 55 0000 0000")

    assert "llama al 55 0000 0000" in body
    assert "al 911" in body


def test_a_crisis_alert_cannot_be_taken_for_an_ordinary_one() -> None:
    for language, urgent in (("en", "URGENT"), ("es", "URGENTE")):
        assert texts.render(Text.crisis_alert, language, number=41).startswith(urgent)
        assert urgent not in texts.render(Text.alert, language, number=41)


def test_all_texts_differ() -> None:
    for language in LANGUAGES:
        found = sorted(said(text, language) for text in Text)

        assert all(one != other for one, other in pairwise(found))


def test_a_language_we_do_not_have_is_answered_in_english() -> None:
    assert texts.render(Text.thanks, "fr") == texts.render(Text.thanks, "en")


@pytest.mark.parametrize(("days", "words"), [(1, "1 day."), (2, "2 days."), (60, "60 days.")])
def test_a_day_is_not_days(days: int, words: str) -> None:
    assert words in texts.render(Text.paused, "en", days=days)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        *[(name, name) for name in ("Ana", "Iñaki", "José", "Jean-Luc")],
        ("Ana María López", "Ana"),
        ("D’Andre", "D'Andre"),
        ("Jose\u0301", "José"),
        *[
            (name, "")
            for name in ("Zoë", "María", "Łukasz", "مريم", "🙂", "Ana🙂", "7", "-", "", "{number}", "a://b.c")
        ],
    ],
)
def test_a_first_name_is_used_where_a_text_can_carry_it(name: str, called: str) -> None:
    assert texts.first_name(name) == called


def test_a_nudge_calls_people_by_name_only_when_one_is_given() -> None:
    assert texts.render(Text.nudge, "en", name="Ana Diaz").startswith("Hi Ana, ")
    assert texts.render(Text.nudge, "en").startswith("How are you")
    assert texts.render(Text.nudge, "en", name="Ł" * 80) == texts.render(Text.nudge, "en")
    assert texts.render(Text.nudge, "en", name="N" * 80) == texts.render(Text.nudge, "en")


NAMES = st.one_of(st.text(max_size=80), st.text("aA ñ'-Ł🙂م€{}é", max_size=80), st.from_regex(r"[A-Z][a-z]{0,79}"))


@given(st.sampled_from(EVERY), NAMES, NAMES, NAMES, st.sampled_from(COUNTRIES))
@example((Text.nudge, "es"), "N" * 80, "", "", "US")
@example((Text.invite, "es"), "", "€" * 80, "", "US")
@example((Text.crisis, "es"), "", "", "call 1 🙂", "US")
def test_no_name_of_anybody_makes_a_text_cost_more(
    which: tuple[Text, str], name: str, program: str, line: str, country: str
) -> None:
    text, language = which

    body = texts.render(text, language, number=99_999, days=60, name=name, program=program, line=line, country=country)

    assert segments.is_gsm(body)
    assert segments.segments(body) <= (2 if text in CRISIS_FAMILY else 1)


@pytest.mark.parametrize(
    ("program", "named"),
    [
        ("Casa Abierta", "Casa Abierta"),
        ("Fundación Raíces", "Fundacion Raices"),
        ("The Very Long Name Of A Program In A Large Town", "The Very Long Name Of A Program In A"),
        ("X" * 50, "X" * 40),
        ("", "our program"),
        ("مركز", "our program"),
    ],
)
def test_a_programs_name_is_said_as_a_text_can_say_it(program: str, named: str) -> None:
    assert texts.render(Text.welcome, "en", program=program).startswith(f"Welcome to {named}. ")


def test_a_programs_own_words_are_said_in_their_language_alone() -> None:
    own = {(Text.welcome_back, "en"): "Good to have you back. STOP ends texts."}

    assert texts.render(Text.welcome_back, "en", overrides=own) == "Good to have you back. STOP ends texts."
    assert texts.render(Text.welcome_back, "es", overrides=own) == texts.render(Text.welcome_back, "es")


def test_a_programs_own_words_are_filled_in() -> None:
    own = {(Text.crisis, "en"): "Please {line}, or {emergency}. This phone is not read at night."}

    assert texts.render(Text.crisis, "en", country="NZ", overrides=own) == (
        "Please call or text 1737, or 111. This phone is not read at night."
    )


@pytest.mark.parametrize("body", ["{nobody}", "x" * 307, "Hola 🙂", "{number!r:>99}" * 30])
def test_own_words_that_cannot_be_sent_give_way_to_ours(body: str) -> None:
    assert texts.render(Text.crisis, "en", overrides={(Text.crisis, "en"): body}) == texts.render(Text.crisis, "en")
