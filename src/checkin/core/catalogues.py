"""The packaged gettext catalogues: one a language for what we text, one for what our pages say.

An entry's msgid is its name, not its English: a better English sentence then changes one line and breaks no lookup.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from gettext import GNUTranslations
from importlib import resources
from typing import Final, Literal

Domain = Literal["checkin", "pages"]

LANGUAGES: Final = ("en", "es")  # the first one for everybody whose language we do not have


WEIGHT: Final = re.compile(r"q=([01](?:\.[0-9]{0,3})?)")


class TextsNotCompiled(Exception):
    """The packaged catalogue of a language is missing, or older than the program."""


@lru_cache(maxsize=8)
def load(
    domain: Domain, language: str, entries: Callable[[], Iterable[str]], is_counted: Callable[[str], bool]
) -> GNUTranslations:
    """Return the catalogue of *domain* in *language*, every one of *entries* in it. Raises TextsNotCompiled."""
    place = resources.files("checkin").joinpath("locale", language, "LC_MESSAGES", f"{domain}.mo")
    try:
        with place.open("rb") as compiled:
            catalogue = GNUTranslations(compiled)
    except FileNotFoundError:
        raise TextsNotCompiled(f"{place} is missing. Run `make texts`, or install the program again.") from None
    for entry in entries():
        found = catalogue.ngettext(entry, entry, 2) if is_counted(entry) else catalogue.gettext(entry)
        if found == entry:
            raise TextsNotCompiled(f"{place} has no {entry}. Run `make texts`, or install the program again.")
    return catalogue


def preferred(accepted: str, own: str) -> str:
    """Return that of our languages which an Accept-Language header likes best (RFC 9110, section 12.5.4).

    *own* where it asks for none of ours, or for none at all. Regions do not matter: es-MX is es.
    """
    liked = [(weight, language) for language, weight in map(_wish, accepted.split(",")) if language in LANGUAGES]
    best = max(liked, key=lambda one: one[0], default=(0.0, own))
    return best[1] if best[0] > 0 else own


def _wish(part: str) -> tuple[str, float]:
    language, _, weight = part.partition(";")
    found = WEIGHT.fullmatch(weight.strip())
    return language.strip().partition("-")[0].lower(), float(found[1]) if found else 1.0
