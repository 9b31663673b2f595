"""Adds up what the words of a text say together, where no phrase of the danger rules says it.

The rules know phrases; people in danger often use none of them ("the dog can stay with her, he likes her more anyway").
Here every word, every two words in a row, and every two things spoken of near each other carry points, learned from
labelled texts by many authors (`make danger-points`). Points may only raise what the rules found, never lower it.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from msgspec import Struct

from checkin.core import normalise
from checkin.core.danger_words import BLANK, PAUSE, STOP

ENOUGH: Final = 100  # points from which a text counts as B
ENOUGH_IF_LOWERED: Final = 320  # the same, where the rules heard a phrase denied, in the past or of somebody else
PLAIN: Final = 100  # points from which danger counts as spoken plainly: A
CAUSE: Final = -25  # points of single words from which it is worth looking at what stands together
NEAR: Final = 4  # words
FEWEST: Final = 5  # words: what is shorter is for the rules
AT_ONCE: Final = 60  # words added up together: a longer text is read in parts, so that length alone raises nothing
EDGE: Final = "^"  # before the first word of a sentence
SIGNS: Final = frozenset((STOP, PAUSE, BLANK))
FIRST: Final = 3  # letters that how a word begins has at least
SPAN: Final = 1000  # concepts there can be

Key = str | tuple[str, str] | int
"""What has points: a word; two in a row; a concept by its number, a concept denied, or two concepts together."""


class Points(Struct, frozen=True):
    """What a text adds up to: how much it speaks of danger, and how plainly."""

    danger: int
    plain: int


class Meant(Struct, frozen=True, kw_only=True):
    """What one word brings: the keys that have points, and those it has besides where it is denied."""

    shown: str
    keys: tuple[Key, ...]
    denied: tuple[Key, ...]
    denies: bool


class Concepts(Struct, frozen=True):
    """What words are about, by number: whole words, and how words begin, by their first letters."""

    names: tuple[str, ...]
    words: Mapping[str, tuple[int, ...]]
    stems: Mapping[str, list[tuple[str, int]]]


@cache
def table() -> Mapping[Key, tuple[int, int]]:
    """The points of each key, for danger and for plainness, as packaged; "" has those every text begins with."""
    lines = (line.split("\t") for line in _file("points.tsv").splitlines()[1:])
    return {key_of(name): (int(danger), int(plain)) for name, danger, plain in lines}


@cache
def concepts() -> Concepts:
    """What words are about, as packaged: "knif*" is every word that begins so."""
    written: dict[str, str] = tomllib.loads(_file("concepts.toml"))["concepts"]
    words: dict[str, tuple[int, ...]] = {}
    for number, listed in enumerate(written.values()):
        for word in normalise.fold(listed).split():
            words[word] = (*words.get(word, ()), number)
    stems: dict[str, list[tuple[str, int]]] = {}
    for word, listed_in in words.items():
        if word.endswith("*"):
            stems.setdefault(word[:FIRST], []).extend((word[:-1], number) for number in listed_in)
    return Concepts(tuple(written), words, stems)


def _file(name: str) -> str:
    return (resources.files("checkin.core") / "danger_rules" / name).read_text("utf-8")


def points(words: Sequence[str]) -> Points:
    """Add up the points of *words* as `danger_words.words` gives them; of a long text, the part that says most."""
    if len(words) <= AT_ONCE:
        return _add(words)
    parts = [words[at : at + AT_ONCE] for at in range(0, len(words), AT_ONCE)]
    return max((_add(part) for part in parts), key=lambda part: part.danger)


def _add(words: Sequence[str]) -> Points:
    """The points of all keys: those of `alone` summed a word at a time, those of `together` if there is cause."""
    given = table()
    said: set[Key] = {""}
    if len(words) < FEWEST or len(set(words) - SIGNS) < FEWEST:
        found = _sum(said)
        return Points(min(found.danger, 0), min(found.plain, 0))
    before, denied = EDGE, 0
    for word in words:
        if word in SIGNS:
            if word == STOP:
                before, denied = EDGE, 0
            continue
        meant = _meant(word)
        said.update(meant.keys)
        two = (before, meant.shown)
        if two in given:
            said.add(two)
        if denied:
            denied -= 1
            said.update(meant.denied)
        if meant.denies:
            denied = NEAR
        before = meant.shown
    found = _sum(said)
    return found if found.danger < CAUSE else _sum(said.union(given.keys() & together(words)))


def _sum(keys: Iterable[Key]) -> Points:
    danger = plain = 0
    for of_danger, of_plain in map(table().__getitem__, keys):
        danger += of_danger
        plain += of_plain
    return Points(danger, plain)


@lru_cache(maxsize=8192)
def _meant(word: str) -> Meant:
    given, found = table(), about(word)
    own: tuple[Key, ...] = (_shown(word), *found)
    return Meant(
        shown=_shown(word),
        keys=tuple(key for key in own if key in given),
        denied=tuple(-number - 1 for number in found if -number - 1 in given),
        denies=_not() in found,
    )


def alone(words: Sequence[str]) -> Iterator[Key]:
    """The keys of each word, of two in a row, and of what each is about, denied within the last words or not.

    A key comes as often as it is said, but its points count once: saying it twice says the same.
    """
    before, denied = EDGE, 0
    for word in words:
        if word in SIGNS:
            if word == STOP:
                before, denied = EDGE, 0
            continue
        shown = _shown(word)
        yield shown
        yield before, shown
        before = shown
        yield from about(word)
        if denied:
            denied -= 1
            yield from (-number - 1 for number in about(word))
        if _not() in about(word):
            denied = NEAR


def _shown(word: str) -> str:
    return "#" if word.isdigit() else word


def together(words: Sequence[str]) -> Iterator[Key]:
    """The keys of every two concepts within a few words of each other, in either order."""
    near: list[tuple[int, int]] = []
    for at, word in enumerate(words):
        here = about(word)
        if word == STOP:
            near = []
        if not here:
            continue
        near = [one for one in near if at - one[0] <= NEAR]
        for number in here:
            for _, other in near:
                yield (number + 1) * SPAN + other if number < other else (other + 1) * SPAN + number
        near += [(at, number) for number in here]


@lru_cache(maxsize=8192)
def about(word: str) -> tuple[int, ...]:
    """What a word is about: the concepts whose lists hold it, or a beginning of it."""
    known = concepts()
    begins = known.stems.get(word[:FIRST], ())
    found = [*known.words.get(word, ()), *(number for stem, number in begins if word.startswith(stem))]
    return tuple(dict.fromkeys(found))


@cache
def _not() -> int:
    return concepts().names.index("not")


def name_of(key: Key) -> str:
    """A key as it is written in points.tsv: "pills", "my pills", "@took", "no @took", "@took @pills"."""
    names = concepts().names
    match key:
        case str():
            return key
        case (first, second):
            return f"{first} {second}"
        case _ if key < 0:
            return f"no @{names[-key - 1]}"
        case _ if key < SPAN:
            return f"@{names[key]}"
        case _:
            return f"@{names[key // SPAN - 1]} @{names[key % SPAN]}"


def key_of(name: str) -> Key:
    """The key written as *name*."""
    first, _, second = name.partition(" ")
    if not second:
        return concepts().names.index(first[1:]) if first.startswith("@") else first
    if not second.startswith("@"):
        return first, second
    number = concepts().names.index(second[1:])
    return -number - 1 if first == "no" else (concepts().names.index(first[1:]) + 1) * SPAN + number
