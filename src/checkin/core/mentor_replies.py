"""Reads a mentor's answer to an alert, or their leave."""

from collections.abc import Sequence

from msgspec import Struct

from checkin.core import scores, words
from checkin.core.normalise import BREAK, Message
from checkin.core.words import Kind

USUAL_LEAVE = 7  # days, when none or 0 is given
LONGEST_LEAVE = 60  # days
LONGEST_NUMBER = 9  # digits of an alert's short number


class MentorReply(Struct, frozen=True, kw_only=True):
    """One answer: `number` is the alert's short number, `days` the length of a leave (1-60)."""

    kind: Kind
    number: int | None = None
    note: str | None = None
    days: int | None = None


def read(message: Message) -> MentorReply | None:
    """The answer in the message; None when it is none of a mentor's words.

    A word with more words behind it counts only when the alert's number stands beside it, so that
    "ok so i called her" and "not safe 41" record nothing.
    """
    whole = message.whole
    if whole in words.MENTOR:
        return MentorReply(kind=words.MENTOR[whole])
    if whole in words.BACK:
        return MentorReply(kind=Kind.back)
    said = message.said
    if said and said[0] in words.AWAY:
        return _away(said)
    return _numbered(message, said)


def leave(said: Sequence[str]) -> tuple[int, int] | None:
    """Days asked for in "[for] [N] [days|weeks|month]", 1-60, and how many words said so.

    Nothing, 0, "until friday" and any other "for …" ask for the usual 7 days; None when the words
    speak of something else.
    """
    if not said or said[0] == BREAK:
        return USUAL_LEAVE, 0
    if said[0] in words.LEAVE_UNTIL:
        return USUAL_LEAVE, len(said)
    at = 1 if said[0] in words.LEAVE_FOR else 0
    if tuple(said[at : at + 2]) == ("a", "couple"):
        of = 1 if tuple(said[at + 2 : at + 3]) == ("of",) else 0
        span = _span(["2", *said[at + 2 + of :]])
        return None if span is None else (span[0], at + of + 1 + span[1])
    span = _span(said[at:])
    if span is not None:
        return span[0], at + span[1]
    if said[0] == "de" and words.DAYS_IN.keys().isdisjoint(said):
        return None  # "fuera de servicio"
    return (USUAL_LEAVE, len(said)) if at or said[0][0].isdigit() else None


def _span(said: Sequence[str]) -> tuple[int, int] | None:
    """The days in "3", "3 days", "a week", "week"; None without a readable number."""
    if not said:
        return None
    first, second = said[0], said[1] if len(said) > 1 else ""
    if first in words.DAYS_IN:
        return _limited(words.DAYS_IN[first]), 1
    if first in words.A_SINGLE:
        return (_limited(words.DAYS_IN[second]), 2) if second in words.DAYS_IN else None
    if first.isdigit():
        count = int(first[:4])
    elif first in words.NUMBERS:
        count = words.NUMBERS[first]
    else:
        return None
    if second in words.NOT_DAYS or (second == BREAK and len(said) > 2 and said[2].isdigit()):
        return None  # "3 hours", "1.5 weeks"
    each = words.DAYS_IN.get(second)
    return _limited(count * (each or 1)), 1 if each is None else 2


def _limited(days: int) -> int:
    return min(days, LONGEST_LEAVE) or USUAL_LEAVE


def _away(said: Sequence[str]) -> MentorReply | None:
    asked = leave(said[1:])
    return None if asked is None else MentorReply(kind=Kind.away, days=asked[0])


def _numbered(message: Message, said: Sequence[str]) -> MentorReply | None:
    """A word beside the alert's number: "CALLED 41 she is ok", "#41 OK", "OK, 41".

    An everyday word behind a bare number has to end the text: "7 ok day" is how somebody is.
    """
    places = [place for place, word in enumerate(said) if word != BREAK][:4]
    found = [said[place] for place in places]
    for size in (3, 2, 1):
        kind = words.MENTOR.get(" ".join(found[:size])) if len(found) > size else None
        if kind is not None:
            return _answer(message, kind, places[size], places[size] + 1)
        word = " ".join(found[1 : size + 1])
        kind = words.MENTOR.get(word) if len(found) > size else None
        if kind is not None:
            goes_on = _behind(message, places[size] + 1)
            if goes_on and word in words.EVERYDAY and not _follows(message, places[0], "#"):
                return None
            return _answer(message, kind, places[0], places[size] + 1)
    return None


def _answer(message: Message, kind: Kind, place: int, rest: int) -> MentorReply | None:
    number = _alert_number(message, place)
    if number is None or _goes_on_in_numbers(message, place, rest):
        return None
    after = " ".join(message.said[rest:])
    if kind in {Kind.called, Kind.safe}:
        if _says(after, words.UNANSWERED):
            kind = Kind.no_answer
        elif kind is Kind.called and _says(after, words.LEFT_MESSAGE):
            kind = Kind.left_message
        elif kind is Kind.called and _says(after, words.SOMEBODY_ELSE):
            kind = Kind.no_answer
    return MentorReply(kind=kind, number=number, note=message.rest(rest))


def _goes_on_in_numbers(message: Message, place: int, rest: int) -> bool:
    """Whether what looks like an alert's number is one of two scores or of several alerts: "ok 7 5", "OK 41, 42"."""
    behind = _behind(message, rest)
    if behind and all(word.isdecimal() for word in behind):
        return True
    found = scores.read(message, message.spots[place]) if rest == place + 1 else None
    return found is not None and found.both


def _behind(message: Message, rest: int) -> list[str]:
    """The words and numbers from there on, without the 3 of a heart."""
    places = range(rest, len(message.said))
    return [message.said[at] for at in places if message.said[at] != BREAK and not _follows(message, at, "<")]


def _follows(message: Message, place: int, mark: str) -> bool:
    at = message.spots[place]
    return at > 0 and message.tokens[at - 1].text == mark


def _says(flat: str, phrases: Sequence[str]) -> bool:
    return any(f" {phrase} " in f" {flat} " for phrase in phrases)


def _alert_number(message: Message, place: int) -> int | None:
    """A whole number from 1 that stands by itself: no phone number, time, decimal or "41st"."""
    at = message.spots[place]
    tokens = message.tokens
    token = tokens[at]
    if token.sort != "number" or len(token.text) > LONGEST_NUMBER or int(token.text) == 0:
        return None
    after = tokens[at + 1 : at + 3]
    if after and not after[0].spaced and after[0].sort != "picture":
        runs_on = after[0].sort != "mark" or (len(after) == 2 and not after[1].spaced and after[1].sort == "number")
        if runs_on or after[0].text == "%":
            return None
    return int(token.text)
