"""What a program may say in its own words, and what is said to it when it may not."""

import pytest

from checkin.core import text_rules, texts
from checkin.core.texts import LANGUAGES, Text

OWN = [text for text in Text if text_rules.RULES[text].own]
INVITE = "{program} here. A text once a day? Msg&data rates may apply. Reply YES, or STOP to end."
CRISIS = "Please {line}, or {emergency} at once. Nobody reads this at night: it is not watched."


def test_every_text_has_a_rule() -> None:
    assert set(text_rules.RULES) == set(Text)


def test_the_texts_that_name_the_program_or_a_crisis_line_can_be_changed() -> None:
    assert {Text.invite, Text.welcome, Text.help, Text.crisis, Text.supportive} <= set(OWN)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", OWN)
def test_our_own_words_pass(text: Text, language: str) -> None:
    assert text_rules.check_override(text, language, texts.template(text, language)) == []


@pytest.mark.parametrize(("text", "body"), [(Text.invite, INVITE), (Text.crisis, CRISIS)])
def test_a_programs_words_pass(text: Text, body: str) -> None:
    assert text_rules.check_override(text, "en", body) == []


@pytest.mark.parametrize(
    ("text", "language", "body", "said"),
    [
        (Text.alert, "en", "Look at {number}.", "the same in every program"),
        (Text.invite, "fr", INVITE, "no language fr"),
        (Text.invite, "en", "  ", "empty"),
        (Text.invite, "en", INVITE.replace("{program}", "We"), "must have {program}"),
        (Text.invite, "en", INVITE + " {name}", "{name} means nothing here"),
        (Text.invite, "en", INVITE + " {program.x}", "belongs to no placeholder"),
        (Text.invite, "en", INVITE + " {", "belongs to no placeholder"),
        (Text.invite, "en", INVITE.replace("STOP to end", "go"), "how to leave"),
        (Text.invite, "en", INVITE.replace("YES", "yes"), "how to say yes"),
        (Text.invite, "en", INVITE.replace("rates", "things"), "rates may apply"),
        (Text.invite, "en", INVITE.replace("once a day", "now"), "how often"),
        (Text.invite, "en", INVITE + " QUIT mornings?", "QUIT makes carriers stop"),
        (Text.invite, "en", INVITE + " STOP pauses.", "STOP makes carriers stop"),
        (Text.invite, "en", INVITE + " x" * 25, "160 fit"),
        (Text.invite, "en", INVITE + " 🙂", "cannot hold"),
        (Text.invite, "en", INVITE + " For recovery from addiction.", '"addiction" may not'),
        (Text.crisis, "en", CRISIS + " You are at risk.", '"risk" may not'),
        (Text.crisis, "en", CRISIS + " Your mentor knows.", '"Your mentor" may not'),
        (Text.crisis, "en", CRISIS + " Hold on!", "exclamation mark"),
        (Text.crisis, "en", CRISIS.replace("{line}", "call 988"), "must have {line}"),
        (Text.crisis, "en", CRISIS.replace("not watched", "quiet"), "nobody may be reading"),
        (Text.crisis, "en", CRISIS + " x" * 120, "306 fit"),
        (Text.crisis, "es", "Por favor {line}, o {emergency}. Hay riesgo. No se atiende siempre.", '"riesgo" may not'),
        (Text.help, "es", "En crisis {line}; en peligro {emergency}. BAJA para pausar. ALTO termina.", "BAJA makes"),
    ],
)
def test_what_cannot_be_sent_is_said_in_a_sentence(text: Text, language: str, body: str, said: str) -> None:
    problems = text_rules.check_override(text, language, body)

    assert len(problems) == 1
    assert said in problems[0]


def test_every_problem_is_told_at_once() -> None:
    assert len(text_rules.check_override(Text.crisis, "en", "Hello {name}! 🙂")) == 6
