"""Where people in a crisis can turn, by country, language and program."""

import pytest

from checkin.core import crisis_lines, segments
from checkin.core.crisis_lines import CrisisLine
from checkin.core.texts import LANGUAGES

COUNTRIES = crisis_lines.countries()


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_has_a_line_in_every_language(country: str, language: str) -> None:
    found = crisis_lines.find(country, language)

    assert segments.is_gsm(found.line + found.emergency)
    assert segments.septets(found.line) <= 48
    assert found.line.split()[0] == {"en": "call", "es": "llama"}[language]
    assert COUNTRIES[country].source


@pytest.mark.parametrize("country", set(COUNTRIES) - {"other"})
def test_both_languages_name_the_same_numbers(country: str) -> None:
    english, spanish = (crisis_lines.find(country, language) for language in ("en", "es"))

    digits = ["".join(filter(str.isdigit, one.emergency)) for one in (english, spanish)]
    assert digits[0] == digits[1]
    assert set(filter(str.isdigit, english.line)) <= set(filter(str.isdigit, spanish.line))


def test_the_united_states_have_988() -> None:
    assert crisis_lines.find("US", "en") == CrisisLine("call or text 988", "911")
    assert crisis_lines.find("US", "es") == CrisisLine("llama al 988 y oprime 2, o textea AYUDA al 988", "al 911")


@pytest.mark.parametrize("country", ["", "ZZ", "us", "other"])
def test_a_country_we_do_not_know_is_given_no_number_of_another(country: str) -> None:
    for language in LANGUAGES:
        found = crisis_lines.find(country, language)

        assert not any(char.isdigit() for char in found.line + found.emergency)


def test_a_programs_own_line_takes_the_countrys_place_but_not_its_emergency_number() -> None:
    assert crisis_lines.find("GB", "en", "call 020 7946 0000") == CrisisLine("call 020 7946 0000", "999")


@pytest.mark.parametrize(
    "own",
    [
        *["", " ", "call us", "Call 555 0100", "call 555 0100.", " call 555 0100", "call {line} 1", "call\n555"],
        *["call 555 0100 or 555 0101 or 555 0102 any time", "llama al 555 día"],
    ],
)
def test_an_own_line_that_cannot_be_sent_is_objected_to_and_not_used(own: str) -> None:
    assert crisis_lines.check(own)
    assert crisis_lines.find("US", "en", own).line == "call or text 988"


def test_an_own_line_that_can_be_sent_is_not_objected_to() -> None:
    assert crisis_lines.check("call 1-800-555-0100, day or night") == []
