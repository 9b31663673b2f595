"""Loads the danger rules and finds their phrases among the words of a text."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct

from checkin.core import danger_words
from checkin.core.danger_words import PAUSE, STOP, Joined, Reader, Spelling

LANGUAGES = ("en", "es")
GAP = 3  # words that "..." may stand for
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
    """A phrase ready to be found: the slots before and after its rarest word."""

    anchor: frozenset[str]
    before: tuple[Slot, ...]
    after: tuple[Slot, ...]
    needs: frozenset[str]


class Family(Struct, frozen=True, kw_only=True):
    """Phrases that mean the same thing."""

    name: str
    tier: str
    language: str
    act: bool
    now: bool
    fixed: bool
    unless: tuple[Phrase, ...]


class Manners(Struct, frozen=True, kw_only=True):
    """What lowers a phrase in one language: who denies, what may stand between, when, and who else."""

    deny: frozenset[str]
    through: frozenset[str]
    deny_after: frozenset[str]
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
            makers[language].phrase(text, CLAUSE) for language, file in files().items() for text in getattr(file, name)
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
        families=families,
        harmless=lists["harmless"],
        asides=lists["asides"],
        past=lists["past_phrases"],
        manners={language: _manners(file) for language, file in files().items()},
    )


def find(phrase: Phrase, words: Sequence[str], at: int) -> tuple[int, int] | None:
    """Where the phrase stands whose rarest word is at place *at*: first word and end; None where it does not."""
    last = _walk(phrase.after, words, {at + 1}, 1)
    if not last:
        return None
    first = _walk(phrase.before, words, {at - 1}, -1)
    return (max(first) + 1, min(last)) if first else None


def _walk(slots: tuple[Slot, ...], words: Sequence[str], places: set[int], step: int) -> set[int]:
    length = len(words)
    for slot in slots:
        if slot.ends:
            closers = rules().closers
            places = {at for at in places if not 0 <= at < length or words[at] in closers}
        elif slot.gap:
            places = _skip(words, places, step, slot)
        else:
            wanted = slot.words
            met = {at + step for at in places if 0 <= at < length and words[at] in wanted}
            places = places | met if slot.optional else met
        if not places:
            break
    return places


def _skip(words: Sequence[str], places: set[int], step: int, slot: Slot) -> set[int]:
    reached = set(places)
    for at in places:
        for _ in range(slot.gap):
            if not 0 <= at < len(words) or words[at] in slot.stops:
                break
            at += step
            reached.add(at)
    return reached


class _Maker:
    """Makes phrases from how they are written in one rule file."""

    def __init__(self, file: RuleFile, fillers: frozenset[str], meant: Mapping[str, str]) -> None:
        self.lists = {name: text.split() for name, text in file.words.items()}
        self.fillers = fillers
        self.meant = meant
        self.common = frozenset(file.reading["common"].split())
        self.seen: set[str] = set()
        for part in (file.denial, file.past, file.others):
            self.seen.update(word for text in part.values() for word in text.split())
        self.seen.update(file.reading["closers"].split())

    def phrase(self, text: str, stops: frozenset[str] = SENTENCE) -> Phrase:
        """Compile one written phrase; raises ValueError where it has no word of its own."""
        slots = [slot for part in text.split() for slot in self._slot(part, stops)]
        required = [place for place, slot in enumerate(slots) if slot.words and not slot.optional]
        if not required:
            raise ValueError(f"a phrase needs a word that must be there: {text}")
        rarest = min(required, key=lambda place: self._commonness(slots[place].words))
        others = [slots[place].words for place in required if place != rarest]
        return Phrase(
            anchor=slots[rarest].words,
            before=tuple(reversed(slots[:rarest])),
            after=tuple(slots[rarest + 1 :]),
            needs=min(others, key=self._commonness, default=frozenset()),
        )

    def _commonness(self, words: frozenset[str]) -> int:
        return len(words) + 1000 * len(words & self.common)

    def _slot(self, part: str, stops: frozenset[str]) -> Iterator[Slot]:
        if part == "...":
            yield Slot(gap=GAP, stops=stops)
            return
        if part == "$":
            yield Slot(ends=True)
            return
        optional = part.startswith("(")
        words: set[str] = set()
        for option in part.strip("()").split("/"):
            if option.startswith("<"):
                words.update(self.lists[option.strip("<>")])
            else:
                words.update(NUMBERS.get(option, (option.replace("'", ""),)))
        words = {self.meant.get(word, word) for word in words}
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
        unless=tuple(maker.phrase(text) for text in written.unless),
    )
    for text in written.phrases:
        phrase = maker.phrase(text)
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
    return Spelling(
        words=known | fillers,
        meant=meant,
        hidden=tuple(sorted(_all("reading", "masked"))),
        deletions=danger_words.deletions(_all("reading", "corrected")),
        lookalikes=_all("reading", "lookalikes"),
        pictures=pictures,
        fillers=fillers,
    )


def _manners(file: RuleFile) -> Manners:
    def listed(part: dict[str, str], name: str) -> frozenset[str]:
        return frozenset(part[name].split())

    return Manners(
        deny=_all("denial", "words"),
        through=_all("denial", "through"),
        deny_after=listed(file.denial, "after"),
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
