"""Everything we write in a text message, in every language.

No text carries a score, a note, an illness, or who stands by whom. Each routine text is one GSM-7 segment (160).

The words are in one gettext catalogue per language, under `locale`. An entry's msgid is the text's name, so that
what a program says in its own words hangs on a name that stays. What gettext loses by this, `make texts` gives back:
it writes the English into every catalogue as a comment, and marks a translation fuzzy when the English it was made
from has changed.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from checkin.core import catalogues, crisis_lines, nudge_entries, segments

LANGUAGES: Final = catalogues.LANGUAGES
LONGEST_PROGRAM: Final = 40  # septets of a program's name; a longer one is cut
LONGEST_LIST: Final = 60  # septets of the numbers of several alerts; a longer list is cut


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
    code = "code"

    crisis = "crisis"
    supportive = "supportive"
    emergency_other = "emergency_other"
    unknown_crisis = "unknown_crisis"

    alert = "alert"
    crisis_alert = "crisis_alert"
    notice = "notice"
    digest = "digest"
    new_link = "new_link"
    no_more_links = "no_more_links"
    help_notice = "help_notice"
    alert_yours = "alert_yours"
    alert_taken = "alert_taken"
    alert_passed = "alert_passed"
    alert_closed = "alert_closed"
    alert_later = "alert_later"
    alert_again = "alert_again"
    alert_which = "alert_which"
    alert_unknown = "alert_unknown"
    away_until = "away_until"
    back = "back"
    already_away = "already_away"
    mentor_help = "mentor_help"
    mentor_welcome_back = "mentor_welcome_back"
    mentor_unclear = "mentor_unclear"

    shared_phone = "shared_phone"
    wrong_number = "wrong_number"
    mentor_stopped = "mentor_stopped"
    mentor_unreachable = "mentor_unreachable"


NO_OVERRIDES: Final[Mapping[tuple[Text, str], str]] = MappingProxyType({})
TWO_SEGMENTS: Final = frozenset({Text.crisis, Text.supportive, Text.emergency_other, Text.unknown_crisis})
NAMED: Final = frozenset({Text.nudge, Text.reminder})  # these have a second form, with a first name
LINKED: Final = frozenset({Text.alert, Text.crisis_alert, Text.notice})  # these have a second form, with a link
COUNTED: Final = frozenset({Text.paused, Text.away_until})  # these have one form for a day and one for several
NAMED_FORM: Final = ".named"
LINKED_FORM: Final = ".linked"
UNNAMED_PROGRAM: Final = "unnamed_program"  # what stands for the name of a program

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")


def render(
    text: Text,
    language: str,
    *,
    number: int = 0,
    days: int = 0,
    numbers: Sequence[int] = (),
    name: str = "",
    code: str = "",
    link: str = "",
    program: str = "",
    line: str = "",
    country: str = "US",
    overrides: Mapping[tuple[Text, str], str] = NO_OVERRIDES,
) -> str:
    """Return *text* in *language* (English where we have no other) as it is sent.

    *number* is an alert's (1-99999), *days* a length (1-60), *numbers* those of several alerts. *name* is whom we
    write to, given only where the program turned that on; its first word is used where it is plain letters and leaves
    the text within its segments. *link* leads to an alert's page; a text it does not fit into goes without it. *code*
    is what somebody signs in with, six digits.
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
        "count": str(len(numbers)),
        "numbers": listed(numbers),
        "name": first_name(name) if text in NAMED else "",
        "code": code,
        "link": link,
        "program": program_name(program, language),
        "line": crisis_line.line,
        "emergency": crisis_line.emergency,
    }
    wanted = [overrides.get((text, language))]
    if values["name"]:
        wanted.append(template(text + NAMED_FORM, language))
    if link and text in LINKED:
        wanted.append(template(text + LINKED_FORM, language))
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


def listed(numbers: Sequence[int]) -> str:
    """Return "41, 42, 43", as many of *numbers* as there is room for, with "..." where some are left out."""
    said = ", ".join(str(number) for number in numbers)
    if len(said) <= LONGEST_LIST:
        return said
    return said[: LONGEST_LIST - len(", ...") + 1].rpartition(", ")[0] + ", ..."


def entries() -> list[str]:
    """Return the msgid of every entry a catalogue has, in its order."""
    found = [UNNAMED_PROGRAM]
    for text in Text:
        found += [text, *second_forms(text)]
    return [*found, *nudge_entries.ABOUT]


def second_forms(text: Text) -> list[str]:
    """Return the msgids of the forms *text* has besides its plain one."""
    forms = ((NAMED, NAMED_FORM), (LINKED, LINKED_FORM))
    return [text + form for texts, form in forms if text in texts]


def text_of(entry: str) -> str:
    """Return the text that *entry* is a form of."""
    return entry.partition(".")[0]


def is_counted(entry: str) -> bool:
    """Whether a catalogue has *entry* in one form for a day and one for several."""
    return entry in COUNTED


@lru_cache(maxsize=1024)
def template(entry: str, language: str, days: int = 2) -> str:
    """Return a catalogue's words for *entry*, its placeholders still in it. Raises TextsNotCompiled."""
    catalogue = catalogues.load("checkin", language, entries, is_counted)
    return catalogue.ngettext(entry, entry, days) if is_counted(entry) else catalogue.gettext(entry)
