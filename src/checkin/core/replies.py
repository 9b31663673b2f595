"""Reads what a text message asks for: one Reading for any text."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from checkin.core import machines, mentor_replies, normalise, opt_outs, scores, words
from checkin.core.normalise import BREAK, Message
from checkin.core.scores import Scores
from checkin.core.words import Kind

__all__ = ["Kind", "Reading", "Context", "NO_CONTEXT", "read_mentee", "read_mentor"]


class Reading(Struct, frozen=True, kw_only=True):
    """What one message says.

    `mood` and `hope` are 0-10. Both are there for `scores` and `correct`, one of them for `partial`. Scores in
    front of an `opt_out`, `help` or `call_me` ride along with that kind (one or both), so that nothing that
    looks at the kind alone can miss the request: "7 5 STOP" is an opt-out with mood 7 and hope 5. Scores in
    front of a request for practical help keep their kind and carry the `topic`.
    `days` is 1-60, for `pause` and `away`. `number` is the short number of a mentor's alert.
    `note` is text as typed: what follows the scores or the request; the whole of it for `unclear` and
    `practical_help`. `wrong_number` is true when an opt-out says that we text the wrong person.
    """

    kind: Kind
    mood: int | None = None
    hope: int | None = None
    note: str | None = None
    days: int | None = None
    topic: str | None = None
    number: int | None = None
    wrong_number: bool = False


class Context(Struct, frozen=True):
    """What the text alone cannot say.

    YES and SI opt in only someone who is not `opted_in` (invited, or opted out). `missing` is the score that
    was just asked for: a single number without a label is then read as a `partial` with that one filled.
    """

    opted_in: bool = True
    missing: Literal["mood", "hope"] | None = None


NO_CONTEXT = Context()

Openings = Mapping[str, Sequence[tuple[str, ...]]]
"""What a message may open with, word by word, under its first word: most messages meet none of it."""


def _by_first_word(phrases: Sequence[str]) -> Openings:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        found.setdefault(phrase.split()[0], []).append(tuple(phrase.split()))
    return found


_CALL_OPENINGS: Final = _by_first_word(words.CALL_OPENINGS)
_NEED: Final = _by_first_word(words.NEED)
_NEED_LEADS: Final = words.GREETINGS | words.NEED_LEADS
_SKIP: Final = _by_first_word(words.SKIP)
_CORRECT: Final = _by_first_word(words.CORRECT)


def read_mentee(text: str, *, context: Context = NO_CONTEXT) -> Reading:
    """The one thing a mentee's text asks for; never fails. Danger is screened elsewhere."""
    message = normalise.message(text)
    if not message.tokens or machines.wrote(message):
        return Reading(kind=Kind.ignore)
    for rule in _MENTEE_RULES:
        reading = rule(message, context)
        if reading is not None:
            return reading
    return Reading(kind=Kind.unclear, note=_all(message))


def read_mentor(text: str, *, context: Context = NO_CONTEXT) -> Reading:
    """A mentor's answer to an alert, their leave, STOP or HELP; anything else is `other`; never fails.

    An answer that names an alert comes first: "MSG 41 wrong number" and "CALLED 41. Stop." tell of the mentee.
    """
    message = normalise.message(text)
    reply = mentor_replies.read(message)
    if reply is None and (not message.tokens or machines.wrote(message)):
        return Reading(kind=Kind.ignore)
    if reply is None or reply.number is None:
        for rule in (_opt_out, _opt_in, _help):
            reading = rule(message, context)
            if reading is not None:
                return reading
    if reply is None:
        return Reading(kind=Kind.other, note=_all(message))
    return Reading(kind=reply.kind, number=reply.number, note=reply.note, days=reply.days)


def _all(message: Message) -> str | None:
    return message.text.strip() or None


# Leaving and coming back


def _opt_out(message: Message, _: Context) -> Reading | None:
    if message.whole in words.OPT_OUT:
        return Reading(kind=Kind.opt_out)
    wrong = opt_outs.says_wrong_number(message)
    if wrong or opt_outs.says_so(message):
        return _with_scores(message, Reading(kind=Kind.opt_out, wrong_number=wrong))
    return None


def _with_scores(message: Message, reading: Reading) -> Reading:
    found = scores.read(message)
    if found is None:
        return reading
    return replace(reading, mood=found.mood, hope=found.hope)


def _opt_in(message: Message, context: Context) -> Reading | None:
    whole = message.whole
    if whole in words.OPT_IN_ALWAYS or (whole in words.OPT_IN and not context.opted_in):
        return Reading(kind=Kind.opt_in)
    return None


def _help(message: Message, _: Context) -> Reading | None:
    return Reading(kind=Kind.help) if message.whole in words.HELP else None


# A while off


def _pause(message: Message, _: Context) -> Reading | None:
    said = message.said
    if not said or said[0] not in words.PAUSE:
        return None
    at = 1
    while at < len(said) and (said[at] in words.PAUSE_WHAT or said[at] == BREAK):
        at += 1
    asked = mentor_replies.leave(said[at:])
    if asked is None and BREAK in said[:at]:
        asked = mentor_replies.USUAL_LEAVE, 0  # "Pause. I am in hospital"
    if asked is None:
        return None
    days, length = asked
    return Reading(kind=Kind.pause, days=days, note=_worth_keeping(message.rest(at + length)))


def _resume(message: Message, _: Context) -> Reading | None:
    return Reading(kind=Kind.resume) if message.whole in words.RESUME else None


# Asking


def _call_me(message: Message, _: Context) -> Reading | None:
    whole = message.whole
    if whole in words.CALL or whole in words.NEED_HELP:
        return Reading(kind=Kind.call_me)
    said = message.said
    start = _past_words(said, words.GREETINGS)
    asked = _opening(said, start, _CALL_OPENINGS)
    if asked is not None:
        return Reading(kind=Kind.call_me, note=message.rest(start + len(asked)))
    if _is_bare_need_of_help(said[start:]):
        return Reading(kind=Kind.call_me)
    return _needs_to_talk(message)


def _is_bare_need_of_help(said: Sequence[str]) -> bool:
    for size in (2, 3, 4):
        if " ".join(said[:size]) in words.NEED_HELP:
            rest = " ".join(said[size:]).strip(" |")
            return not rest or rest in words.NEED_HELP_TAILS
    return False


def _needs_to_talk(message: Message) -> Reading | None:
    """The wish to talk, anywhere; words in front of it are kept as well as those behind."""
    if words.TALK.isdisjoint(message.said):
        return None
    flat = message.flat
    for phrase in words.CALL_SAYINGS:
        if phrase in flat and message.says(phrase, words.CALL_LEADS):
            at = flat.index(f" {phrase} ")
            behind = message.rest(flat.count(" ", 0, at) + len(phrase.split()))
            in_front = not words.CALL_LEADS.issuperset(flat[:at].split())
            found = scores.read(message)
            note = behind if found is not None or not in_front else _all(message)
            return _with_scores(message, Reading(kind=Kind.call_me, note=note))
    return None


def _opening(said: Sequence[str], at: int, openings: Openings) -> tuple[str, ...] | None:
    """The first of the openings that stands at place *at*."""
    if at >= len(said):
        return None
    return next((words for words in openings.get(said[at], ()) if tuple(said[at : at + len(words)]) == words), None)


def _past_words(said: Sequence[str], passed: frozenset[str]) -> int:
    at = 0
    while at < len(said) and (said[at] == BREAK or normalise.is_among(said[at], passed)):
        at += 1
    return at


def _practical_help(message: Message, _: Context) -> Reading | None:
    topic = _topic(message)
    if topic is None:
        return None
    found = scores.read(message)
    if found is not None and found.both:
        return Reading(kind=Kind.scores, mood=found.mood, hope=found.hope, note=_all(message), topic=topic)
    return Reading(kind=Kind.practical_help, topic=topic, note=_all(message))


def _topic(message: Message) -> str | None:
    """The topic when the message opens with a need, "other" where no word of the table is in it."""
    start = _past_words(message.said, _NEED_LEADS)
    asked = _opening(message.said, start, _NEED)
    if asked is None:
        return None
    said = message.said[start + len(asked) :]
    if all(word == BREAK for word in said):
        return None
    wanted = f" {' '.join(said)} "
    for topic, phrases in words.TOPICS.items():
        if any(f" {phrase} " in wanted for phrase in phrases):
            return topic
    return "other"


def _skip(message: Message, _: Context) -> Reading | None:
    said = message.said
    start = _past_words(said, words.SKIP_LEADS)
    phrase = _opening(said, start, _SKIP)
    if phrase is None:
        return None
    end = start + len(phrase)
    more = [word for word in said[end:] if word != BREAK]
    if len(more) > 2 or any(word.isdigit() or word == normalise.ODD for word in more):
        return None
    nothing = words.SAYS_NOTHING.union(phrase).issuperset(more)
    return Reading(kind=Kind.skip, note=None if nothing else message.rest(end))


def _correct(message: Message, _: Context) -> Reading | None:
    """New scores for the latest check-in; with fewer than two good ones nothing is replaced."""
    said = message.said
    start = _past_words(said, words.CORRECT_LEADS)
    asked = _opening(said, start, _CORRECT)
    if asked is None:
        return None
    at = start + len(asked)
    while at < len(said) and said[at] in words.CORRECT_WHAT:
        at += 1
    if at == len(said):
        return None
    found = scores.read(message, message.spots[at])
    if found is not None and found.both:
        return Reading(kind=Kind.correct, mood=found.mood, hope=found.hope, note=_worth_keeping(found.note))
    return Reading(kind=Kind.unclear, note=_all(message))


def _worth_keeping(note: str | None) -> str | None:
    """The note, unless it only says please and thanks."""
    said = normalise.message(note or "").said
    return None if words.SAYS_NOTHING.union((BREAK,)).issuperset(said) else note


# Scores


def _scores(message: Message, context: Context) -> Reading | None:
    found = scores.read(message)
    if found is None:
        return None
    mood, hope = _as_asked(found, context)
    request = normalise.message(found.note) if found.note else None
    if request is not None:
        reading = _request_behind(request, context)
        if reading is not None:
            return replace(reading, mood=mood, hope=hope)
    topic = _topic(request) if request is not None else None
    kind = Kind.scores if found.both else Kind.partial
    return Reading(kind=kind, mood=mood, hope=hope, note=found.note, topic=topic)


def _request_behind(request: Message, context: Context) -> Reading | None:
    if request.whole in words.OPT_OUT_AFTER_SCORES or opt_outs.says_so(request):
        return Reading(kind=Kind.opt_out)
    return _help(request, context) or _call_me(request, context)


def _as_asked(found: Scores, context: Context) -> tuple[int | None, int | None]:
    """Mood and hope; a score alone, and without a label, is the one that was asked for."""
    if found.both or found.labelled or context.missing is None:
        return found.mood, found.hope
    value = found.mood if found.mood is not None else found.hope
    return (value, None) if context.missing == "mood" else (None, value)


_MENTEE_RULES: tuple[Callable[[Message, Context], Reading | None], ...] = (
    _opt_out,
    _opt_in,
    _help,
    _pause,
    _resume,
    _call_me,
    _practical_help,
    _skip,
    _correct,
    _scores,
)
