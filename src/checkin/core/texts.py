"""Everything we write in a text message, in every language.

No text carries a score, a note, an illness, or who stands by whom. Each routine text is one GSM-7 segment (160).

The words are in one gettext catalogue per language, under `locale`. An entry's msgid is the text's name, not the
English: a better English sentence then changes one line and breaks no lookup, and what a program says in its own
words hangs on a name that stays. What gettext loses by this, `make texts` gives back: it writes the English into
every catalogue as a comment, and marks a translation fuzzy when the English it was made from has changed.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from gettext import GNUTranslations
from importlib import resources
from types import MappingProxyType
from typing import Final

from checkin.core import crisis_lines, segments

LANGUAGES: Final = ("en", "es")  # the first one for everybody whose language we do not have
LONGEST_PROGRAM: Final = 40  # septets of a program's name; a longer one is cut


class Text(StrEnum):
    """The texts by name."""

    nudge = "nudge"
    reminder = "reminder"
    thanks = "thanks"
    ask_hope = "ask_hope"
    ask_mood = "ask_mood"
    changed = "changed"
    skipped = "skipped"
    unclear = "unclear"
    help = "help"
    paused = "paused"
    resumed = "resumed"
    invite = "invite"
    welcome = "welcome"
    welcome_back = "welcome_back"
    will_call = "will_call"
    will_help = "will_help"

    crisis = "crisis"
    supportive = "supportive"
    emergency_other = "emergency_other"
    unknown_crisis = "unknown_crisis"

    alert = "alert"
    crisis_alert = "crisis_alert"
    notice = "notice"
    help_notice = "help_notice"
    alert_yours = "alert_yours"
    alert_taken = "alert_taken"
    alert_passed = "alert_passed"
    alert_closed = "alert_closed"
    alert_later = "alert_later"
    alert_which = "alert_which"
    alert_unknown = "alert_unknown"
    away_until = "away_until"
    back = "back"
    already_away = "already_away"
    mentor_help = "mentor_help"
    mentor_unclear = "mentor_unclear"

    shared_phone = "shared_phone"
    wrong_number = "wrong_number"
    mentor_stopped = "mentor_stopped"


NO_OVERRIDES: Final[Mapping[tuple[Text, str], str]] = MappingProxyType({})
TWO_SEGMENTS: Final = frozenset({Text.crisis, Text.supportive, Text.emergency_other, Text.unknown_crisis})
NAMED: Final = frozenset({Text.nudge, Text.reminder})  # these have a second form, with a first name
COUNTED: Final = frozenset({Text.paused, Text.away_until})  # these have one form for a day and one for several
NAMED_FORM: Final = ".named"
UNNAMED_PROGRAM: Final = "unnamed_program"  # what stands for the name of a program

_PLACEHOLDER: Final = re.compile(r"\{([a-z]+)\}")


class TextsNotCompiled(Exception):
    """The packaged catalogue of a language is missing, or older than the program."""


def render(
    text: Text,
    language: str,
    *,
    number: int = 0,
    days: int = 0,
    name: str = "",
    program: str = "",
    line: str = "",
    country: str = "US",
    overrides: Mapping[tuple[Text, str], str] = NO_OVERRIDES,
) -> str:
    """Return *text* in *language* (English where we have no other) as it is sent.

    *number* is an alert's (1-99999), *days* a length (1-60). *name* is whom we write to, given only where the program
    turned that on; its first word is used where it is plain letters and leaves the text within its segments.
    *program* is cut at 40 septets and loses what GSM-7 does not have. *line* is the program's own crisis line,
    *country* (ISO 3166-1) decides the line without it, and the emergency number. *overrides* are the program's own
    words, checked by `text_rules.check_override` when they were saved; one that cannot be filled in, or takes more
    segments than it may, gives way to ours. Raises TextsNotCompiled.
    """
    language = language if language in LANGUAGES else LANGUAGES[0]
    crisis_line = crisis_lines.find(country, language, line)
    values = {
        "number": str(number),
        "days": str(days),
        "name": first_name(name) if text in NAMED else "",
        "program": program_name(program, language),
        "line": crisis_line.line,
        "emergency": crisis_line.emergency,
    }
    wanted = [overrides.get((text, language))]
    if values["name"]:
        wanted.append(template(text + NAMED_FORM, language))
    for body in wanted:
        filled = None if body is None else fill(body, values)
        if filled is not None and segments.fits(filled, limit(text)):
            return filled
    ours = template(text, language, days)
    return fill(ours, values) or ours


def limit(text: Text) -> int:
    """Return how many segments *text* may take: two if it answers a crisis, else one."""
    return 2 if text in TWO_SEGMENTS else 1


def fill(body: str, values: Mapping[str, str]) -> str | None:
    """Return *body* with its {placeholders} filled in; None if it asks for one that *values* does not have."""
    if not set(_PLACEHOLDER.findall(body)) <= values.keys():
        return None
    return _PLACEHOLDER.sub(lambda found: values[found.group(1)], body)


def placeholders(body: str) -> frozenset[str]:
    """Return the names of the {placeholders} in *body*."""
    return frozenset(_PLACEHOLDER.findall(body))


def first_name(name: str) -> str:
    """Return the first word of *name* if a text can carry it: letters of the GSM alphabet, "'" and "-"; else ""."""
    words = unicodedata.normalize("NFC", name).replace("’", "'").split()
    first = words[0] if words else ""
    return first if segments.is_gsm(first) and first.replace("'", "").replace("-", "").isalpha() else ""


def program_name(name: str, language: str) -> str:
    """Return *name* as a text carries it: all GSM, cut between words to LONGEST_PROGRAM, "our program" if empty."""
    return _cut(name) or template(UNNAMED_PROGRAM, language)


@lru_cache(maxsize=1024)
def _cut(name: str) -> str:
    said = segments.plain(name)
    while segments.septets(said) > LONGEST_PROGRAM:
        shorter = said.rpartition(" ")[0]
        said = shorter if len(shorter) >= LONGEST_PROGRAM // 2 else said[:-1].rstrip()
    return said


def entries() -> list[str]:
    """Return the msgid of every entry a catalogue has, in its order."""
    found = [UNNAMED_PROGRAM]
    for text in Text:
        found += [text, text + NAMED_FORM] if text in NAMED else [text]
    return found


def is_counted(entry: str) -> bool:
    """Whether a catalogue has *entry* in one form for a day and one for several."""
    return entry in COUNTED


@lru_cache(maxsize=1024)
def template(entry: str, language: str, days: int = 2) -> str:
    """Return a catalogue's words for *entry*, its placeholders still in it. Raises TextsNotCompiled."""
    catalogue = _catalogue(language)
    return catalogue.ngettext(entry, entry, days) if is_counted(entry) else catalogue.gettext(entry)


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> GNUTranslations:
    place = resources.files("checkin").joinpath("locale", language, "LC_MESSAGES", "checkin.mo")
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
