"""Loads the danger rules: families of phrases, and what lowers them."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import permutations

import msgspec
from msgspec import Struct

from checkin.core import danger_words
from checkin.core.danger_words import PAUSE, STOP, Joined, Reader, Spelling

LANGUAGES = ("en", "es")
GAP = 3  # words that "..." may stand for
NEAR = 8  # words between two things said in one sentence ("&")
FAR = 12  # words between two things said in one message ("+")
SENTENCE = frozenset((STOP,))
CLAUSE = frozenset((STOP, PAUSE))
NUMBERS = {"#": tuple(map(str, range(10, 1000))), "##": tuple(map(str, range(1950, 2100)))}


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """A text and the tier it must be given."""

    tier: str
    text: str


class FamilyFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One family of phrases as written in a rule file; what each key means stands at the top of `en.toml`."""

    name: str
    tier: str
    reason: str
    phrases: list[str]
    unless: list[str] = []
    act: bool = False
    now: bool = False
    fixed: bool = False
    examples: list[str] = []
    lowered: list[str] = []
    harmless: list[str] = []


class RuleFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule file, one a language."""

    words: dict[str, str]
    spellings: dict[str, str]
    joined: dict[str, str]
    reading: dict[str, str]
    denial: dict[str, str]
    past: dict[str, str]
    others: dict[str, str]
    asides: list[str]
    past_phrases: list[str]
    harmless: list[str]
    family: list[FamilyFile]


class Slot(Struct, frozen=True):
    """A place in a phrase: one of `words`; or up to `gap` words, none of `stops`; or the edge of a thought."""

    words: frozenset[str] = frozenset()
    optional: bool = False
    gap: int = 0
    ends: bool = False
    stops: frozenset[str] = frozenset()


class Phrase(Struct, frozen=True):
    """A phrase ready to be found: the slots before and after its rarest word; `needs` is said too, rarest first."""

    anchor: frozenset[str]
    before: tuple[Slot, ...]
    after: tuple[Slot, ...]
    needs: tuple[frozenset[str], ...]


class Family(Struct, frozen=True, kw_only=True):
    """Phrases that mean the same thing."""

    name: str
    tier: str
    language: str
    act: bool
    now: bool
    fixed: bool
    unless: Mapping[str, list[Phrase]]


class Manners(Struct, frozen=True, kw_only=True):
    """What lowers a phrase in one language: who denies, what may stand between, when, and who else."""

    deny: frozenset[str]
    through: frozenset[str]
    deny_after: frozenset[str]
    asked: frozenset[str]
    lied: frozenset[str]
    me: frozenset[str]
    opinion: frozenset[str]
    present: frozenset[str]
    forms: frozenset[str]
    habit: frozenset[str]
    again: frozenset[str]
    people: frozenset[str]
    between: frozenset[str]
    object_of: frozenset[str]


class Rules(Struct, frozen=True, kw_only=True):
    """All languages together."""

    read: Reader
    joined: Joined
    closers: frozenset[str]
    turns: frozenset[str]
    families: Mapping[str, list[tuple[Phrase, Family]]]
    harmless: Mapping[str, list[Phrase]]
    asides: Mapping[str, list[Phrase]]
    past: Mapping[str, list[Phrase]]
    manners: Mapping[str, Manners]


@cache
def files() -> dict[str, RuleFile]:
    """The rule files by language, as packaged."""
    folder = resources.files("checkin.core") / "danger_rules"
    return {
        language: msgspec.convert(tomllib.loads((folder / f"{language}.toml").read_text("utf-8")), RuleFile)
        for language in LANGUAGES
    }


@cache
def rules() -> Rules:
    """The rules of all languages, compiled on first use."""
    written = files().values()
    fillers = frozenset(word for file in written for word in file.reading["fillers"].split())
    meant = {other: word for file in written for word, others in file.spellings.items() for other in others.split()}
    makers = {language: _Maker(file, fillers, meant) for language, file in files().items()}
    families: dict[str, list[tuple[Phrase, Family]]] = {}
    for language, file in files().items():
        for family in file.family:
            _add_family(families, family, language, makers[language])
    lists = {
        name: _index(
            phrase
            for language, file in files().items()
            for text in getattr(file, name)
            for phrase in makers[language].phrases(text, CLAUSE)
        )
        for name in ("harmless", "asides", "past_phrases")
    }
    known = frozenset(word for maker in makers.values() for word in maker.seen)
    return Rules(
        read=danger_words.reader(_spelling(known, fillers, meant)),
        joined=danger_words.joined(
            {apart.strip(): word for file in written for word, ways in file.joined.items() for apart in ways.split(",")}
        ),
        closers=_all("reading", "closers"),
        turns=_all("reading", "turns"),
        families=families,
        harmless=lists["harmless"],
        asides=lists["asides"],
        past=lists["past_phrases"],
        manners={language: _manners(file) for language, file in files().items()},
    )


class _Maker:
    """Makes phrases from how they are written in one rule file."""

    def __init__(self, file: RuleFile, fillers: frozenset[str], meant: Mapping[str, str]) -> None:
        self.lists = file.words
        self.fillers = fillers
        self.meant = meant
        self.common = frozenset(file.reading["common"].split())
        self.seen: set[str] = set()
        for part in (file.denial, file.past, file.others):
            self.seen.update(word for text in part.values() for word in text.split())
        self.seen.update(file.reading["closers"].split())

    def phrases(self, text: str, stops: frozenset[str] = SENTENCE) -> Iterator[Phrase]:
        """Compile one written phrase, in every order where "&" or "+" says that the order does not matter."""
        for sign, between in ((" & ", Slot(gap=NEAR, stops=stops)), (" + ", Slot(gap=FAR))):
            if sign in text:
                for order in permutations(text.split(sign)):
                    yield self._phrase(text, order, stops, between)
                return
        yield self._phrase(text, (text,), stops, Slot())

    def _phrase(self, text: str, parts: Sequence[str], stops: frozenset[str], between: Slot) -> Phrase:
        slots = [slot for part in parts for slot in (between, *self._slots(part, stops))][1:]
        required = [place for place, slot in enumerate(slots) if slot.words and not slot.optional]
        if not required:
            raise ValueError(f"a phrase needs a word that must be there: {text}")
        rarest = min(required, key=lambda place: self._commonness(slots[place].words))
        others = [slots[place].words for place in required if place != rarest]
        return Phrase(
            anchor=slots[rarest].words,
            before=tuple(reversed(slots[:rarest])),
            after=tuple(slots[rarest + 1 :]),
            needs=tuple(sorted(others, key=self._commonness)),
        )

    def _commonness(self, words: frozenset[str]) -> int:
        return len(words) + 1000 * len(words & self.common)

    def _slots(self, text: str, stops: frozenset[str]) -> Iterator[Slot]:
        for part in text.split():
            yield from self._slot(part, stops)

    def _options(self, text: str) -> Iterator[str]:
        for option in text.split("/"):
            if option.startswith("<"):
                yield from self._options(self.lists[option.strip("<>")].replace(" ", "/"))
            else:
                yield from NUMBERS.get(option, (option.replace("'", ""),))

    def _slot(self, part: str, stops: frozenset[str]) -> Iterator[Slot]:
        if part == "...":
            yield Slot(gap=GAP, stops=stops)
            return
        if part == "$":
            yield Slot(ends=True)
            return
        optional = part.startswith("(")
        words = {self.meant.get(word, word) for word in self._options(part.strip("()"))}
        self.seen.update(words)
        if words <= self.fillers:
            return
        yield Slot(words=frozenset(words - self.fillers), optional=optional)


def _add_family(
    families: dict[str, list[tuple[Phrase, Family]]], written: FamilyFile, language: str, maker: _Maker
) -> None:
    family = Family(
        name=written.name,
        tier=written.tier,
        language=language,
        act=written.act,
        now=written.now,
        fixed=written.fixed,
        unless=_index(phrase for text in written.unless for phrase in maker.phrases(text)),
    )
    for phrase in (phrase for text in written.phrases for phrase in maker.phrases(text)):
        for word in phrase.anchor:
            families.setdefault(word, []).append((phrase, family))


def _index(phrases: Iterator[Phrase]) -> dict[str, list[Phrase]]:
    index: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        for word in phrase.anchor:
            index.setdefault(word, []).append(phrase)
    return index


def _spelling(known: frozenset[str], fillers: frozenset[str], meant: Mapping[str, str]) -> Spelling:
    pictures = {
        picture: word
        for file in files().values()
        for picture, word in (pair.split("=") for pair in file.reading.get("pictures", "").split())
    }
    hidden = _all("reading", "masked")
    return Spelling(
        words=known | fillers,
        meant=meant,
        hidden=hidden,
        masked={
            first: tuple(sorted(word for word in hidden if word[0] == first)) for first in {word[0] for word in hidden}
        },
        deletions=danger_words.deletions(_all("reading", "corrected")),
        lookalikes=_all("reading", "lookalikes"),
        pictures=pictures,
        fillers=fillers,
        begun=danger_words.beginnings(known | fillers),
    )


def _manners(file: RuleFile) -> Manners:
    def listed(part: dict[str, str], name: str) -> frozenset[str]:
        return frozenset(part[name].split())

    return Manners(
        deny=_all("denial", "words"),
        through=_all("denial", "through"),
        deny_after=listed(file.denial, "after"),
        asked=_all("denial", "asked"),
        lied=_all("denial", "lied"),
        me=listed(file.others, "me"),
        opinion=_all("denial", "opinion"),
        present=listed(file.past, "present"),
        forms=listed(file.past, "forms"),
        habit=listed(file.past, "habit"),
        again=_all("past", "again"),
        people=listed(file.others, "pronouns") | _all("others", "people"),
        between=_all("others", "between"),
        object_of=listed(file.others, "object_of"),
    )


def _all(part: str, name: str) -> frozenset[str]:
    return frozenset(word for file in files().values() for word in getattr(file, part)[name].split()) | (
        frozenset((PAUSE, STOP)) if name == "closers" else frozenset()
    )
