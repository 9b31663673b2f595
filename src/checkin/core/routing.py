"""Who is asked about an alert and in which order: a program's rules, read from a file of its own.

A file has the four urgencies, each with its steps in order: `[[now.step]]`, `[[soon.step]]`, `[[hours.step]]`,
`[[digest.step]]`. A step has `ask` (places), `together` (all of them at once; else the first who can be asked) and
`wait` ("5 min", "4 h", "2 d"; left out, the usual one). The last step is repeated until somebody answers, so it asks
the coordinators and those on call, and anybody else only together with them.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from msgspec import Struct

from checkin.core.alerts import Urgency
from checkin.core.errors import BadRouting, Mistake

DEFAULT: Final = "mentor-first"
READY_MADE: Final = (DEFAULT, "clinician-first", "group-facilitator", "clinic-attached")
MOST_STEPS: Final = 12
KEYS: Final = frozenset({"ask", "together", "wait"})
LENGTH: Final = re.compile(r"([1-9][0-9]{0,3}) ?(min|h|d)")
UNITS: Final = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST: Final = {
    Urgency.now: timedelta(hours=1),
    Urgency.soon: timedelta(hours=1),
    Urgency.hours: timedelta(days=7),
    Urgency.digest: timedelta(days=7),
}
PART: Final = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
PATH: Final = rf"((?:{PART.pattern})(?:\s*\.\s*(?:{PART.pattern}))*)"
HEADER: Final = re.compile(rf"\s*\[\[?\s*{PATH}\s*\]\]?\s*(?:#.*)?$")
KEY: Final = re.compile(rf"\s*{PATH}\s*=")
NO_BRACKETS: Final = re.compile(r"""#.*|"(?:\\.|[^"\\])*"|'[^']*'""")
BYTE_ORDER_MARK: Final = "\ufeff"  # some editors write one in front
SYNTAX: Final = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")


class Place(StrEnum):
    """Where somebody stands towards a mentee. coordinator and on_call may be several people: they are asked in turn."""

    mentor = "mentor"
    cover = "cover"
    facilitator = "facilitator"
    clinical_contact = "clinical_contact"
    coordinator = "coordinator"
    on_call = "on_call"


LAST: Final = frozenset({Place.coordinator, Place.on_call})
"""Who may stand at the end: the program answers for it that these are never empty.

Where others stand beside them they are asked together: else the first who can be asked is asked again and again."""


class RouteStep(Struct, frozen=True, kw_only=True):
    """Ask these places, all *together* or the first who can be asked; *wait* None is the urgency's usual length."""

    ask: tuple[Place, ...]
    together: bool = False
    wait: timedelta | None = None


Routing = Mapping[Urgency, tuple[RouteStep, ...]]


@lru_cache(maxsize=256)
def parse(source: str) -> Routing:
    """Return the rules in a file's text. Raises BadRouting with every mistake and its line (the first is 1)."""
    source = source.removeprefix(BYTE_ORDER_MARK)
    try:
        found = tomllib.loads(source)
    except tomllib.TOMLDecodeError as problem:
        at = SYNTAX.search(str(problem))
        line = int(at[1]) if at and at[1] else source.count("\n") + 1
        raise BadRouting((Mistake(line, SYNTAX.sub("", str(problem))),)) from None
    except (ValueError, RecursionError):
        raise BadRouting((Mistake(1, "a number is too long, or lists are nested too deep"),)) from None
    lines = _lines(source)
    mistakes = list(_unknown(found, lines))
    routing = {urgency: _steps(urgency, found.get(urgency.value), lines, mistakes) for urgency in Urgency}
    if mistakes:
        raise BadRouting(tuple(sorted(mistakes, key=lambda mistake: mistake.line)))
    return routing


@lru_cache(maxsize=len(READY_MADE))
def ready_made(name: str) -> str:
    """Return the text of one of READY_MADE."""
    return resources.files("checkin").joinpath("routing", f"{name}.toml").read_text(encoding="utf-8")


def default() -> Routing:
    """Return the rules of a program without a file."""
    return parse(ready_made(DEFAULT))


def is_for_groups(routing: Routing) -> bool:
    """Say whether somebody who facilitates a group is asked about anything."""
    return any(Place.facilitator in step.ask for steps in routing.values() for step in steps)


def last_places(routing: Routing) -> list[tuple[Urgency, tuple[Place, ...]]]:
    """Return the places of each urgency's last step that may stand at the end."""
    return [(urgency, tuple(place for place in steps[-1].ask if place in LAST)) for urgency, steps in routing.items()]


Lines = dict[tuple[str, int, str], int]
"""The line of a key by table, the table's number among those of its name, and key; the table's own under ""."""


def _lines(source: str) -> Lines:
    """Return where everything stands; tomllib does not tell. The head of the file is the table ""."""
    found: Lines = {}
    counts: dict[str, int] = {}
    table: tuple[str, ...] = ()
    number, depth = 0, 0
    for line, text in enumerate(source.split("\n"), start=1):
        header, key = HEADER.match(text), KEY.match(text)
        if depth == 0 and header:
            table = _path(header[1])
            name = ".".join(table)
            number = counts.get(name, 0)
            counts[name] = number + 1
            found[name, number, ""] = line
            found.setdefault((table[0], 0, ""), line)
        elif depth == 0 and key:
            *above, last = (*table, *_path(key[1]))
            found[".".join(above), number, last] = line
            found.setdefault(((*above, last)[0], 0, ""), line)
        brackets = NO_BRACKETS.sub("", text)
        depth += sum(brackets.count(one) for one in "[{") - sum(brackets.count(one) for one in "]}")
    return found


def _path(dotted: str) -> tuple[str, ...]:
    """Return the parts of a key, without their quotation marks."""
    return tuple(part.strip("\"'") for part in PART.findall(dotted))


def _unknown(found: Mapping[str, Any], lines: Lines) -> Iterator[Mistake]:  # Any: TOML
    for name in found:
        if name not in list(Urgency):
            line = lines.get(("", 0, name)) or lines.get((name, 0, "")) or 1
            yield Mistake(line, f"{name} is not known; the urgencies are {', '.join(Urgency)}")


def _steps(urgency: Urgency, found: Any, lines: Lines, mistakes: list[Mistake]) -> tuple[RouteStep, ...]:  # Any: TOML
    head = lines.get((urgency.value, 0, "")) or lines.get(("", 0, urgency.value)) or 1
    tables = found.get("step") if isinstance(found, dict) else None
    if not (isinstance(tables, list) and tables and all(isinstance(one, dict) for one in tables)):
        mistakes.append(Mistake(head, f"{urgency} has no steps; write [[{urgency}.step]] and what it asks"))
        return ()
    mistakes += [
        Mistake(lines.get((urgency.value, 0, name), head), f"{urgency}.{name} is not known; write [[{urgency}.step]]")
        for name in found
        if name != "step"
    ]
    if len(tables) > MOST_STEPS:
        mistakes.append(Mistake(head, f"{urgency} has {len(tables)} steps; at most {MOST_STEPS} are taken"))
    steps = []
    for number, table in enumerate(tables):
        own = lines.get((f"{urgency}.step", number, ""), lines.get((urgency.value, 0, "step"), head))
        at = {key: lines.get((f"{urgency}.step", number, key), own) for key in ("", "ask", *table)}
        steps.append(_step(urgency, table, at, mistakes))
    if not LAST & set(steps[-1].ask):
        mistakes.append(Mistake(at["ask"], f"the last step of {urgency} must ask coordinator or on_call"))
    elif not (steps[-1].together or LAST.issuperset(steps[-1].ask)):
        mistakes.append(
            Mistake(at["ask"], f"the last step of {urgency} asks only coordinator and on_call, or everybody together")
        )
    return tuple(steps)


def _step(urgency: Urgency, table: dict[str, Any], at: dict[str, int], mistakes: list[Mistake]) -> RouteStep:
    mistakes += [Mistake(at[key], f"{key} is not known; a step has ask, together, wait") for key in table.keys() - KEYS]
    together = table.get("together", False)
    ask = _places(table.get("ask"), at["ask"], mistakes)
    if not isinstance(together, bool):
        mistakes.append(Mistake(at["together"], "together is true or false"))
    elif together and len(ask) == 1:
        mistakes.append(Mistake(at["together"], "together needs two places or more"))
    return RouteStep(ask=ask, together=together is True, wait=_wait(urgency, table, at, mistakes))


def _places(named: Any, line: int, mistakes: list[Mistake]) -> tuple[Place, ...]:  # Any: TOML
    if not (isinstance(named, list) and named):
        mistakes.append(Mistake(line, 'ask is a list of places, such as ["mentor"]'))
        return ()
    unknown = [str(one) for one in named if one not in list(Place)]
    mistakes += [Mistake(line, f"{one} is not a place; the places are {', '.join(Place)}") for one in unknown]
    known = [Place(one) for one in named if one in list(Place)]
    if len(set(known)) != len(known):
        mistakes.append(Mistake(line, "a place is asked twice in one step"))
    return tuple(known)


def _wait(
    urgency: Urgency, table: dict[str, Any], at: dict[str, int], mistakes: list[Mistake]
) -> timedelta | None:  # Any: TOML
    said = table.get("wait")
    if said is None:
        return None
    found = LENGTH.fullmatch(said) if isinstance(said, str) else None
    length = None if found is None else int(found[1]) * UNITS[found[2]]
    if length is None:
        mistakes.append(Mistake(at["wait"], 'wait is a length, such as "5 min", "4 h" or "2 d"'))
    elif length > LONGEST[urgency]:
        longest = LONGEST[urgency]
        told = f"{longest.days} d" if longest.days else f"{longest // timedelta(minutes=1)} min"
        mistakes.append(Mistake(at["wait"], f"wait is at most {told} where the urgency is {urgency}"))
    return length
