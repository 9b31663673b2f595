"""Where a person in a crisis can turn, by country and language, or in the program's own words."""

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec
from msgspec import Struct

from checkin.core import segments

LONGEST_LINE: Final = 40  # septets of a program's own line
ELSEWHERE: Final = "other"


class CrisisLine(Struct, frozen=True):
    """*line* follows "In a crisis ", as in "call or text 988"; *emergency* follows "call ", as in "911"."""

    line: str
    emergency: str


class Country(Struct, frozen=True, forbid_unknown_fields=True):
    """The crisis line of one country in each language, and where that can be read."""

    source: str
    say: dict[str, CrisisLine]


def find(country: str, language: str, own: str = "") -> CrisisLine:
    """Return the crisis line for *country* (ISO 3166-1, two letters) in *language*, or in English.

    A program's *own* line takes the country's place, unless `check` objects to it. A country we have no line for
    gets words that are true anywhere.
    """
    table = countries()
    said = table.get(country, table[ELSEWHERE]).say
    theirs = said.get(language, said["en"])
    return CrisisLine(line=own, emergency=theirs.emergency) if own and not check(own) else theirs


def check(own: str) -> list[str]:
    """Return what is wrong with a program's own line, in sentences; nothing when it can be sent."""
    if not own.strip():
        return ["It is empty."]
    if odd := sorted(set(own) - segments.ALPHABET):
        return [f"A text message cannot hold these at its usual price: {' '.join(odd)}"]
    problems = []
    if segments.septets(own) > LONGEST_LINE:
        problems.append(f"It is {segments.septets(own)} characters long; {LONGEST_LINE} fit.")
    if not any(char.isdigit() for char in own):
        problems.append("It has no number to call or text.")
    if set("{}\n\r") & set(own):
        problems.append("It has braces or line breaks.")
    if own[0].isupper() or own != own.strip() or own.endswith("."):
        problems.append(
            'It follows "In a crisis": no capital, no space around it and no full stop, like call 555 0100.'
        )
    return problems


@lru_cache(maxsize=1)
def countries() -> dict[str, Country]:
    """Return the packaged table; the key `other` stands for every country that is not in it."""
    packaged = resources.files("checkin").joinpath("locale", "crisis_lines.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(packaged), dict[str, Country])
