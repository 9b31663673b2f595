"""The catalogues themselves: complete, looked at, compiled, and the same placeholders in every language."""

import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from checkin.core import phrases, texts
from checkin.core.catalogues import LANGUAGES, Domain

LOCALE = Path(texts.__file__).parents[1] / "locale"
ENTRIES: dict[Domain, list[str]] = {"checkin": texts.entries(), "pages": phrases.entries()}
ALL = [(domain, entry, language) for domain, entries in ENTRIES.items() for entry in entries for language in LANGUAGES]
each = pytest.mark.parametrize(("domain", "entry", "language"), ALL)


def catalogue(domain: Domain, language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=language)


def words(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


CATALOGUES = {(domain, language): catalogue(domain, language) for domain in ENTRIES for language in LANGUAGES}


def test_there_is_a_catalogue_for_every_language_and_none_besides() -> None:
    assert sorted(path.name for path in LOCALE.iterdir() if path.is_dir()) == sorted(LANGUAGES)


@pytest.mark.parametrize(("domain", "language"), CATALOGUES)
def test_a_catalogue_has_every_entry_and_none_besides(domain: Domain, language: str) -> None:
    found = [message.id if isinstance(message.id, str) else message.id[0] for message in CATALOGUES[domain, language]]

    assert sorted(filter(None, found)) == sorted(ENTRIES[domain])


@each
def test_an_entry_is_translated_and_looked_at(domain: Domain, entry: str, language: str) -> None:
    message = CATALOGUES[domain, language].get(entry)

    assert message is not None
    assert all(words(message))
    assert not message.fuzzy, "the English changed: look at the translation, take the fuzzy mark off, `make texts`"


@each
def test_every_form_has_the_placeholders_of_the_english(domain: Domain, entry: str, language: str) -> None:
    message, english = CATALOGUES[domain, language].get(entry), CATALOGUES[domain, "en"].get(entry)

    assert message is not None
    assert english is not None
    assert {texts.placeholders(form) for form in words(message)} == {texts.placeholders(words(english)[-1])}


@each
def test_a_translation_was_made_from_the_english_there_is(domain: Domain, entry: str, language: str) -> None:
    message, english = CATALOGUES[domain, language].get(entry), CATALOGUES[domain, "en"].get(entry)

    assert message is not None
    assert english is not None
    made_from = " ".join(message.auto_comments or ()).partition("English: ")[2]
    assert re.sub(r"\s", "", made_from) == re.sub(r"\s", "", " | ".join(words(english))), "run `make texts`"


@pytest.mark.parametrize(("domain", "language"), CATALOGUES)
def test_what_is_compiled_is_what_the_catalogue_says(domain: Domain, language: str) -> None:
    is_counted = texts.is_counted if domain == "checkin" else phrases.is_counted
    with (LOCALE / language / "LC_MESSAGES" / f"{domain}.mo").open("rb") as file:
        compiled = GNUTranslations(file)

    for entry in ENTRIES[domain]:
        message = CATALOGUES[domain, language].get(entry)
        assert message is not None
        found = [compiled.ngettext(entry, entry, n) for n in (1, 2)] if is_counted(entry) else None
        assert (found or [compiled.gettext(entry)]) == words(message), "run `make texts`"
