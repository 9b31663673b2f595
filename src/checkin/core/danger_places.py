"""Finds where a phrase of the danger rules stands among the words of a text."""

from collections.abc import Collection, Sequence

from checkin.core import danger_phrases
from checkin.core.danger_phrases import Phrase, Slot


def find(phrase: Phrase, words: Sequence[str], at: int) -> tuple[int, int] | None:
    """Where the phrase stands whose rarest word is at place *at*: first word and end; None where it does not."""
    if not _may_follow(phrase.before, words, at - 1):
        return None  # most phrases end here, and a walk costs more
    last = _walk(phrase.after, words, at + 1, 1)
    if not last:
        return None
    first = _walk(phrase.before, words, at - 1, -1)
    return (max(first) + 1, min(last)) if first else None


def _may_follow(slots: tuple[Slot, ...], words: Sequence[str], at: int) -> bool:
    if not slots or not slots[0].words or slots[0].optional:
        return True
    return 0 <= at < len(words) and words[at] in slots[0].words


def _walk(slots: tuple[Slot, ...], words: Sequence[str], at: int, step: int) -> Collection[int]:
    """The places the slots may lead to from place *at*; none where the words are others."""
    for number, slot in enumerate(slots):
        if slot.gap or slot.optional:
            return _walk_all(slots[number:], words, {at}, step)
        if slot.ends:
            if 0 <= at < len(words) and words[at] not in danger_phrases.rules().closers:
                return ()
        elif 0 <= at < len(words) and words[at] in slot.words:
            at += step
        else:
            return ()
    return (at,)


def _walk_all(slots: tuple[Slot, ...], words: Sequence[str], places: set[int], step: int) -> set[int]:
    length = len(words)
    for slot in slots:
        if slot.ends:
            closers = danger_phrases.rules().closers
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
