"""Screens a text for danger to the person who wrote it: a safety net, not triage, and not clinically validated."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from checkin.core import danger_phrases, danger_places, danger_points, danger_words, normalise
from checkin.core.danger_phrases import Family, Manners, Phrase
from checkin.core.danger_points import Points
from checkin.core.danger_words import BLANK, PAUSE, STOP
from checkin.core.words import REACTIONS, TAPBACKS, TAPBACKS_NAMED

_QUOTED = re.compile(r"[\"'].*[\"']|[\"'].*", re.DOTALL)
_QUOTE_SIGNS = frozenset("\"'“”„‟«»″＂‘’‛´`")
_OVERLAP = 200  # characters read twice where a text is longer than is read at once
_NAMED_WITHIN = 80  # characters in which a tapback says whose it is
_LONG = 80  # words; a text message has 15
_SENTENCE = 30  # words
_AROUND = 16  # words on either side that no phrase and no denial reaches beyond
_ANSWER = 8  # words between a question, what it asks about, and its answer
_THIRD_WITHIN = 6  # words between somebody else and what they do


class Tier(StrEnum):
    """How near the danger is.

    A: one's own wish, plan or act to die or to hurt oneself, in plain words. B: the same, indirectly.
    C: worth knowing: somebody else's danger, the past, or the same words denied.
    """

    a = "A"
    b = "B"
    c = "C"
    none = "none"


class Screening(Struct, frozen=True):
    """What a text was found to say: its tier, the family of phrases that decided, whether to act this minute.

    `now` says that somebody ELSE is in danger this minute: tier C, but the answer names 911. `language` is that of the
    phrase, "en" where no phrase decided.
    """

    tier: Tier
    family: str | None = None
    now: bool = False
    language: str = "en"

    @property
    def is_pressing(self) -> bool:
        """Whether it cannot wait: one's own danger, or somebody else's this minute."""
        return self.tier in (Tier.a, Tier.b) or self.now


NOTHING = Screening(Tier.none)
FAILED = Screening(Tier.b, "screen_failed")
BY_POINTS = "all its words together"
ENOUGH_IF_LOWERED = 220  # points, where the rules heard a phrase denied, in the past or of somebody else

_RANK: dict[str, int] = {Tier.a: 3, Tier.b: 2, Tier.c: 1, Tier.none: 0}


def load() -> None:
    """Read the rules and the points now, which takes a second, so that no text has to wait for them."""
    danger_phrases.rules()
    danger_points.table()


def screen(text: str) -> Screening:
    """Screen any text, English and Spanish at once: the phrase that says most, and the points of all words together."""
    return max((_screen(words) for words in parts(text)), key=_weight)


def screen_by_rules(text: str) -> Screening:
    """Screen any text by the phrases of the rules alone."""
    return max((_by_rules(words) for words in parts(text)), key=_weight)


def weighed(found: Screening, points: Points) -> Screening:
    """What the rules found, raised or taken back where the points of all words together say so.

    Where the rules heard nothing, points alone make it B. What they heard denied, in the past or of somebody else needs
    more. A phrase they found is tier C where the points say it was not meant: worth knowing, and never nothing.
    """
    if _RANK[found.tier] >= _RANK[Tier.b]:
        if max(points.found, points.danger) < danger_points.ENOUGH:
            return Screening(Tier.c, found.family, language=found.language)
    elif points.danger >= (danger_points.ENOUGH if found.tier is Tier.none else ENOUGH_IF_LOWERED):
        found = Screening(Tier.b, BY_POINTS, found.now, found.language)
    if found.tier is Tier.b and points.plain >= danger_points.ENOUGH:
        return Screening(Tier.a, found.family, found.now, found.language)
    return found


def parts(text: str) -> Iterator[list[str]]:
    """The words of a text without what is said on the way and what is harmless; in parts where it is long."""
    rules = danger_phrases.rules()
    text = normalise.clean(text)
    step = normalise.LONGEST - _OVERLAP
    starts = range(0, len(text) - _OVERLAP, step) if len(text) > normalise.LONGEST else (0,)
    for at in starts:
        words = danger_words.words(_unquoted(text[at:]), rules.read, rules.joined)
        _blank(words, rules.asides, PAUSE)
        _blank(words, rules.harmless, BLANK)
        yield words


def screen_safely(text: str) -> tuple[Screening, Exception | None]:
    """Screen a text; where the screen itself fails that counts as tier B, and the error comes along to be logged."""
    try:
        return screen(text), None
    except Exception as error:  # noqa: BLE001 - no fault of ours may leave a person in danger unheard
        return FAILED, error


def _screen(words: Sequence[str]) -> Screening:
    ruled = _by_rules(words)
    found = _with_points(ruled, words)
    if ruled.tier is Tier.none or _RANK[found.tier] >= _RANK[Tier.b]:
        return found
    return next(filter(None, map(_plainly, _after_turns(words))), found)


def _with_points(ruled: Screening, words: Sequence[str]) -> Screening:
    return ruled if danger_points.says_little(words) else weighed(ruled, danger_points.points(words))


def _plainly(words: Sequence[str]) -> Screening | None:
    """What the words say, if they are tier A by the rules, and the points do not take it back."""
    ruled = _by_rules(words)
    if ruled.tier is not Tier.a or _with_points(ruled, words).tier is not Tier.a:
        return None
    return ruled


def _after_turns(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """What is said after each "but": it is neither past nor denied by what stands before it."""
    turns = danger_phrases.rules().turns
    if turns.isdisjoint(words):
        return
    places = [at for at, word in enumerate(words) if word in turns]
    for start, end in zip(places, [*places[1:], len(words)], strict=True):
        yield words[start + 1 : end]


def _by_rules(words: Sequence[str]) -> Screening:
    rules = danger_phrases.rules()
    if rules.families.keys().isdisjoint(words):
        return NOTHING
    best = NOTHING
    for family, start, end in _matches(words, rules.families):
        if (_RANK[family.tier], family.now) <= _weight(best):
            continue
        found = _judge(words, start, end, family)
        if _weight(found) > _weight(best):
            best = found
            if best.tier is Tier.a:
                break
    return best


def _weight(found: Screening) -> tuple[int, bool]:
    return _RANK[found.tier], found.now


def _unquoted(text: str) -> str:
    """The text without what a tapback quotes: those are words the other side wrote."""
    if _QUOTE_SIGNS.isdisjoint(text):
        return text
    opening = normalise.fold(text[:_NAMED_WITHIN])
    reacts = opening.startswith(REACTIONS) and (' to "' in opening or ' a "' in opening)
    if reacts or opening.startswith(TAPBACKS) or any(named in opening for named in TAPBACKS_NAMED):
        return _QUOTED.sub("", normalise.fold(text))
    return text


def _blank(words: list[str], phrases: Mapping[str, list[Phrase]], sign: str) -> None:
    if phrases.keys().isdisjoint(words):
        return
    for start, end in list(_standing(words, phrases)):
        words[start:end] = [sign] * (end - start)


def _standing(words: Sequence[str], phrases: Mapping[str, list[Phrase]]) -> Iterator[tuple[int, int]]:
    """Where any of the phrases stands."""
    present = set(words)
    for at, word in enumerate(words):
        for phrase in phrases.get(word, ()):
            for needed in phrase.needs:
                if needed.isdisjoint(present):
                    break
            else:
                found = danger_places.find(phrase, words, at)
                if found is not None:
                    yield found


def _matches(
    words: Sequence[str], families: Mapping[str, list[tuple[Phrase, Family]]]
) -> Iterator[tuple[Family, int, int]]:
    present = set(words)
    seen: set[tuple[str, ...]] = set()
    for at, word in enumerate(words):
        candidates = families.get(word)
        if candidates is None:
            continue
        if len(words) > _LONG:  # the same words over and over say the same
            around = tuple(words[max(0, at - _AROUND) : at + _AROUND])
            if around in seen:
                continue
            seen.add(around)
        for phrase, family in candidates:
            for needed in phrase.needs:
                if needed.isdisjoint(present):
                    break  # most phrases end here, and to look for a place costs more
            else:
                found = danger_places.find(phrase, words, at)
                if found is not None:
                    yield family, *found


def _judge(words: Sequence[str], start: int, end: int, family: Family) -> Screening:
    """The tier of one phrase found, after what its own clause and sentence say about it."""
    tier = Tier(family.tier)
    if family.unless and _excused(words, start, family):
        return NOTHING
    if family.fixed:
        return Screening(tier, family.name, family.now, family.language)
    manners = danger_phrases.rules().manners[family.language]
    if _is_denied(words, start, end, manners, act=family.act):
        return NOTHING if tier is Tier.c else Screening(Tier.c, family.name, language=family.language)
    if tier is Tier.c:
        return Screening(tier, family.name, family.now, family.language)
    if _is_past(words, start, end, family, manners) or _is_of_others(words, start, end, manners):
        return Screening(Tier.c, family.name, language=family.language)
    return Screening(tier, family.name, language=family.language)


def _excused(words: Sequence[str], start: int, family: Family) -> bool:
    first, last = _sentence(words, start)
    return any(_standing(words[first:last], family.unless))


def _sentence(words: Sequence[str], at: int) -> tuple[int, int]:
    """Where the sentence around a place begins and ends, or as far as a sentence reasonably goes."""
    left, right = max(0, at - _SENTENCE), min(len(words), at + _SENTENCE)
    first = next((place + 1 for place in range(at - 1, left - 1, -1) if words[place] == STOP), left)
    last = next((place for place in range(at, right) if words[place] == STOP), right)
    return first, last


def _is_denied(words: Sequence[str], start: int, end: int, manners: Manners, *, act: bool) -> bool:
    """Whether a "not" reaches the phrase: only words that carry it on may stand between."""
    said = words[start:end]
    if act and STOP in said and _is_led_by_no(words, end - 1, manners):
        return True  # "at the bridge. not going to jump"
    if not manners.deny.isdisjoint(said):
        return False  # "aint no reason to live": a second "no" takes nothing back
    if _is_led_by_no(words, start, manners):
        return True
    if _is_answered_no(words, start, end, manners):
        return True
    while end < len(words) and words[end] == PAUSE:
        end += 1
    last = end + 1 == len(words) or (end + 1 < len(words) and words[end + 1] in {STOP, PAUSE})
    return end < len(words) and last and words[end] in manners.deny_after


def _is_led_by_no(words: Sequence[str], at: int, manners: Manners) -> bool:
    for place in range(at - 1, -1, -1):
        word = words[place]
        if word in manners.deny:
            return True
        if word not in manners.through and not (word in manners.me and words[place - 1] in manners.opinion):
            return False
    return False


def _is_answered_no(words: Sequence[str], start: int, end: int, manners: Manners) -> bool:
    """Whether somebody asked about it and the answer was no: "he asked if i was suicidal, told him no"."""
    if manners.asked.isdisjoint(words[max(0, start - _ANSWER) : start]):
        return False
    answer = words[end : end + _ANSWER]
    return not manners.deny.isdisjoint(answer) and manners.lied.isdisjoint(words[end:])


def _is_past(words: Sequence[str], start: int, end: int, family: Family, manners: Manners) -> bool:
    first, last = _sentence(words, start)
    if not manners.again.isdisjoint(words[first:last]):
        return False
    left = max(first, start - 4)
    if not manners.habit.isdisjoint(words[left:end]):
        return True
    past_form = not manners.forms.isdisjoint(words[start:end])
    if not past_form and (not family.act or not manners.present.isdisjoint(words[max(first, start - 2) : end])):
        return False
    return any(_standing(words[first:last], danger_phrases.rules().past))


def _is_of_others(words: Sequence[str], start: int, end: int, manners: Manners) -> bool:
    """Whether the nearest person named before the phrase is somebody else."""
    if not manners.me.isdisjoint(words[start:end]):
        return False
    for place in range(start - 1, max(-1, start - 1 - _THIRD_WITHIN), -1):
        word = words[place]
        if word in manners.people:
            before = place - 2 if words[place - 1] in manners.me else place - 1
            return before < 0 or words[before] not in manners.object_of
        if word not in manners.between:
            return False
    return False
