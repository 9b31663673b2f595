"""The catalogues themselves: complete, looked at, compiled, and the same placeholders in every language."""

import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from checkin.core import texts
from checkin.core.texts import LANGUAGES

LOCALE = Path(texts.__file__).parents[1] / "locale"
ALL = [(entry, language) for entry in texts.entries() for language in LANGUAGES]


def catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "checkin.po").open("rb") as file:
        return read_po(file, locale=language)


def words(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


CATALOGUES = {language: catalogue(language) for language in LANGUAGES}


def test_there_is_a_catalogue_for_every_language_and_none_besides() -> None:
    assert sorted(path.name for path in LOCALE.iterdir() if path.is_dir()) == sorted(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_entry_and_none_besides(language: str) -> None:
    found = [message.id if isinstance(message.id, str) else message.id[0] for message in CATALOGUES[language]]

    assert sorted(filter(None, found)) == sorted(texts.entries())


@pytest.mark.parametrize(("entry", "language"), ALL)
def test_an_entry_is_translated_and_looked_at(entry: str, language: str) -> None:
    message = CATALOGUES[language].get(entry)

    assert message is not None
    assert all(words(message))
    assert not message.fuzzy, "the English changed: look at the translation, take the fuzzy mark off, `make texts`"


@pytest.mark.parametrize(("entry", "language"), ALL)
def test_every_form_has_the_placeholders_of_the_english(entry: str, language: str) -> None:
    message, english = CATALOGUES[language].get(entry), CATALOGUES["en"].get(entry)

    assert message is not None
    assert english is not None
    assert {texts.placeholders(form) for form in words(message)} == {texts.placeholders(words(english)[-1])}


@pytest.mark.parametrize(("entry", "language"), ALL)
def test_a_translation_was_made_from_the_english_there_is(entry: str, language: str) -> None:
    message, english = CATALOGUES[language].get(entry), CATALOGUES["en"].get(entry)

    assert message is not None
    assert english is not None
    made_from = " ".join(message.auto_comments or ()).partition("English: ")[2]
    assert re.sub(r"\s", "", made_from) == re.sub(r"\s", "", " | ".join(words(english))), "run `make texts`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_the_catalogue_says(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "checkin.mo").open("rb") as file:
        compiled = GNUTranslations(file)

    for entry in texts.entries():
        message = CATALOGUES[language].get(entry)
        assert message is not None
        found = [compiled.ngettext(entry, entry, n) for n in (1, 2)] if texts.is_counted(entry) else None
        assert (found or [compiled.gettext(entry)]) == words(message), "run `make texts`"
