"""Adds up what the words of a text say together, beside the phrases of the danger rules.

The rules know phrases; people in danger often use none of them ("the dog can stay with her, he likes her more anyway"),
and others use them out of danger ("the voices are not telling me to kill myself or anything, called my nurse").
Here every word, what it is about, how it begins, and how words begin that stand near each other carry points, learned
from labelled texts by many authors (`make danger-points`).
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from sys import intern
from typing import Final

from msgspec import Struct

from checkin.core import normalise
from checkin.core.danger_words import BLANK, PAUSE, STOP

ENOUGH: Final = 100  # points from which a text speaks of danger, speaks of it plainly, or is kept as the rules found it
FEWEST: Final = 3  # different words: what says less is for the rules alone
AT_ONCE: Final = 24  # words added up together: what is said among many everyday things must not drown in them
STEP: Final = 12  # words from where one part of a longer text begins to where the next does
LONG: Final = 100  # words; nobody types a text that is longer, and its parts lie side by side
DENIED_FOR: Final = 4  # words
EDGE: Final = "^"  # before the first word of a sentence, and of the text
END: Final = "$"  # after the last word of the text
NUMBER: Final = "#"  # any number: how low somebody's scores are is for the trend
SIGNS: Final = frozenset((STOP, PAUSE, BLANK))
FIRST: Final = 3  # letters that how a word begins has at least where it is listed
BEGINNING: Final = 5  # letters that stand for every longer word that begins so
STEM: Final = 4  # letters that stand for a word beside others
FARTHEST: Final = 4  # words from one to another that stand near each other
NOT: Final = "not"  # the concept of what denies
MOST: Final = 4095  # points a key may have, either way

_BITS: Final = 24  # of the sum of one kind of points: that of 2,000 keys, and AT_ONCE words have some 300
_FIELD: Final = (1 << _BITS) - 1


class Points(Struct, frozen=True):
    """What a text adds up to: that it speaks of danger, that it does so plainly, that what the rules found is so."""

    danger: int
    plain: int
    found: int


class Table(Struct, frozen=True):
    """All keys that have points, each as a `_pack`; keys of several words by one word after the other.

    `begun` are the FIRST letters of all words that may bring something.
    """

    begun: set[str]
    alone: dict[str, int]
    following: dict[str, dict[str, int]]
    in_a_row: dict[str, dict[str, int]]
    three: dict[str, dict[str, dict[str, int]]]
    apart: dict[str, dict[str, int]]


class Meant(Struct, frozen=True, kw_only=True):
    """What one word brings: the packs of its keys, of those it has where it is denied, of those it begins.

    It `denies` what follows. An unknown word brings nothing.
    """

    denies: bool
    shown: str
    stem: str
    own: tuple[int, ...]
    denied: tuple[int, ...]
    following: dict[str, int]
    in_a_row: dict[str, int]
    three: dict[str, dict[str, int]]
    apart: dict[str, int]


NO_MEANING: Final = Meant(
    denies=False, shown="", stem="", own=(), denied=(), following={}, in_a_row={}, three={}, apart={}
)


class Concepts(Struct, frozen=True):
    """What words are about, by name: whole words, and how words begin, by their first letters."""

    words: Mapping[str, tuple[str, ...]]
    stems: Mapping[str, list[tuple[str, str]]]


@cache
def table() -> Table:
    """The points of each key, as packaged; "" has those every text begins with."""
    found = Table(set(), {}, {}, {}, {}, {})
    for number, (key, points) in enumerate(written()):
        pack = _pack(number, points)
        match [intern(part) for part in key.split(" ")]:
            case [first, _, other]:
                found.apart.setdefault(first, {})[other] = pack
            case [first, second] if not second.startswith("@"):
                found.following.setdefault(first, {})[second] = pack
            case _:
                match [intern(part) for part in key.split("+")]:
                    case [first, second, third]:
                        found.three.setdefault(first, {}).setdefault(second, {})[third] = pack
                    case [first, second]:
                        found.in_a_row.setdefault(first, {})[second] = pack
                    case _:
                        found.alone[key] = pack
    found.begun.update(word[:FIRST] for word in _known(found))
    return found


def _known(found: Table) -> set[str]:
    """The words, or how they begin, that stand in keys or are about something."""
    rows = [found.following, found.in_a_row, found.apart, *found.three.values()]
    known = set[str](concepts().words).union(found.alone, found.three, *rows)
    return known.union(*(row for rows_of in rows for row in rows_of.values()))


def written() -> Iterator[tuple[str, Points]]:
    """The keys that have points, as packaged, and these."""
    for line in _file("points.tsv").splitlines()[1:]:
        key, danger, plain, found = line.split("\t")
        yield key, Points(int(danger), int(plain), int(found))


@cache
def concepts() -> Concepts:
    """What words are about, as packaged: "knif*" is every word that begins so."""
    lists: dict[str, str] = tomllib.loads(_file("concepts.toml"))["concepts"]
    words: dict[str, tuple[str, ...]] = {}
    for name, listed in lists.items():
        for word in normalise.fold(listed).split():
            words[word] = (*words.get(word, ()), name)
    stems: dict[str, list[tuple[str, str]]] = {}
    for word, names in words.items():
        if word.endswith("*"):
            stems.setdefault(word[:FIRST], []).extend((word[:-1], name) for name in names)
    return Concepts(words, stems)


def _file(name: str) -> str:
    return (resources.files("checkin.core") / "danger_rules" / name).read_text("utf-8")


def says_little(words: Sequence[str]) -> bool:
    """Whether the words are too few different ones to be judged by their points."""
    return len(words) < FEWEST or len(set(words) - SIGNS) < FEWEST


def points(words: Sequence[str]) -> Points:
    """Add up the points of *words* as `danger_words.words` gives them; of a long text, those of its worst parts."""
    first, *others = map(_add, parts_of(words))
    if not others:
        return first
    parts = [first, *others]
    worst = max(parts, key=lambda part: part.danger)
    return Points(worst.danger, worst.plain, max(part.found for part in parts))


def parts_of(words: Sequence[str]) -> list[Sequence[str]]:
    """The parts of a text whose points are added up together: one, unless it is long. A sentence counts once."""
    words = said_once(words)
    step = STEP if len(words) <= LONG else AT_ONCE
    return [words[at : at + AT_ONCE] for at in range(0, max(len(words) - AT_ONCE + step, 1), step)]


def said_once(words: Sequence[str]) -> list[str]:
    """The words without sentences that were said before, and without the signs at the end: a laugh, a full stop."""
    once = list(words)
    if STOP in words:
        sentences, start = dict[tuple[str, ...], None](), 0
        for at, word in enumerate([*words, STOP]):
            if word == STOP:
                sentences[tuple(words[start:at])] = None
                start = at + 1
        once = [word for sentence in sentences for word in (*sentence, STOP)]
    while once and once[-1] in SIGNS:
        once.pop()
    return once


def _pack(number: int, points: Points) -> int:
    """The *number* of a key and its points in one, so that a set of them has each key once and one sum adds up all."""
    danger, plain, found = points.danger + MOST, points.plain + MOST, points.found + MOST
    return danger | plain << _BITS | found << 2 * _BITS | number << 3 * _BITS


def _add(words: Sequence[str]) -> Points:
    packs = _packs(words)
    together, most = sum(packs), MOST * len(packs)
    return Points(
        (together & _FIELD) - most, (together >> _BITS & _FIELD) - most, (together >> 2 * _BITS & _FIELD) - most
    )


def _packs(words: Sequence[str]) -> set[int]:
    """Those `keys` of *words* that have points."""
    said: set[int | None] = {table().alone[""]}
    edge, row = _meant(EDGE), [_meant(word) for word in words]
    before, denied = edge, 0
    for word, meant in zip(words, row, strict=True):
        if word in SIGNS:
            if word == STOP:
                before, denied = edge, 0
            continue
        said.update(meant.own)
        said.add(before.following.get(meant.shown))
        if denied > 0:
            said.update(meant.denied)
        before, denied = meant, DENIED_FOR if meant.denies else denied - 1
    stems = [meant.stem for meant in (*row, _meant(END))] + [""] * FARTHEST
    for at, meant in enumerate((edge, *row)):
        following = stems[at]
        said.add(meant.in_a_row.get(following))
        if third := meant.three.get(following):
            said.add(third.get(stems[at + 1]))
        if meant.apart:
            said.update(map(meant.apart.get, stems[at + 1 : at + FARTHEST]))
    said.discard(None)
    return said  # type: ignore[return-value]  # None is gone


@lru_cache(maxsize=8192)
def _meant(word: str) -> Meant:
    given, shown, stem = table(), _shown(word), _stem(word)
    if shown[:FIRST] not in given.begun:
        return NO_MEANING
    names = about(word)
    own = [shown, *_beginning(word), *(f"@{name}" for name in names)]
    return Meant(
        denies=NOT in names,
        shown=shown,
        stem=stem,
        own=tuple(given.alone[key] for key in own if key in given.alone),
        denied=tuple(given.alone[key] for key in (f"no @{name}" for name in names) if key in given.alone),
        following=given.following.get(shown, {}),
        in_a_row=given.in_a_row.get(stem, {}),
        three=given.three.get(stem, {}),
        apart=given.apart.get(stem, {}),
    )


def keys(words: Sequence[str]) -> set[str]:
    """All that *words* could have points for, as points.tsv has it; what is said twice counts once.

    A word `pills`, two in a row `my pills`, what one is about `@took` or, denied just before, `no @took`, how a long
    one begins `overd*`, how two or three in a row begin `all+my+pill`, how two begin that stand near each other
    `took .. pill`.
    """
    said = {""}
    for before, word, is_denied in _in_turn(words):
        names = [f"@{name}" for name in about(word)]
        said.update((_shown(word), *_beginning(word), *names, f"{_shown(before)} {_shown(word)}"))
        if is_denied:
            said.update(f"no {name}" for name in names)
    stems = [EDGE, *map(_stem, words), END]
    said.update(map("+".join, pairwise(stems)))
    said.update(map("+".join, zip(stems, stems[1:], stems[2:], strict=False)))
    for far in range(2, FARTHEST + 1):
        said.update(map(" .. ".join, zip(stems, stems[far:], strict=False)))
    return said


def _in_turn(words: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Each word after the one before it in its sentence, and whether it is denied by one just before."""
    before, denied = EDGE, 0
    for word in words:
        if word in SIGNS:
            if word == STOP:
                before, denied = EDGE, 0
            continue
        yield before, word, denied > 0
        before = word
        denied = DENIED_FOR if NOT in about(word) else denied - 1


def _shown(word: str) -> str:
    return NUMBER if word.isdigit() else intern(word)


def _stem(word: str) -> str:
    return NUMBER if word.isdigit() else intern(word[:STEM])


def _beginning(word: str) -> Iterator[str]:
    if len(word) > BEGINNING and not word.isdigit():
        yield f"{word[:BEGINNING]}*"


@lru_cache(maxsize=8192)
def about(word: str) -> tuple[str, ...]:
    """What a word is about: the concepts whose lists hold it, or a beginning of it."""
    known = concepts()
    begins = known.stems.get(word[:FIRST], ())
    found = [*known.words.get(word, ()), *(name for stem, name in begins if word.startswith(stem))]
    return tuple(dict.fromkeys(found))
