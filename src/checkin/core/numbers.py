"""Reads one number in a message and says whether it can be a score."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from checkin.core import words
from checkin.core.normalise import Token

HIGHEST = 10

Worth = Literal["score", "bad", "count"]

BETWEEN = frozenset(",;/+&|\\()[]{}\"'!?…·•~-–—.\n")  # marks that may part two scores
AFTER_LABEL = BETWEEN | frozenset(":=>")
PARTS = AFTER_LABEL - frozenset("!?….\n\"'")  # of these, the marks that end no sentence
_MINUS = frozenset("-–")
_MONEY = frozenset("$€£¥")


class Number(Struct, frozen=True):
    """A number at a place: a score, one that spoils the answer, or one that counts something else."""

    worth: Worth
    value: int
    start: int
    end: int


def find(tokens: Sequence[Token], at: int, *, first: bool = False) -> Number | None:
    """The number that starts at this token, with "/10" and the like taken in; None if none does."""
    if at >= len(tokens):
        return None
    token = tokens[at]
    if token.sort == "mark":
        return _marked_number(tokens, at)
    if token.sort == "odd":
        return Number("bad", 0, at, at + 1)
    value = words.NUMBERS.get(token.text) if token.sort == "word" else _value(token)
    if value is None:
        return None
    end = at + 1
    if _is_glued(tokens, end, "number", "odd") or _is_decimal(tokens, end):
        return Number("count" if _counts(tokens, end + 2, 0, first) else "bad", value, at, end + 2)
    if is_text(tokens, end, ":") and _is_glued(tokens, end, "mark") and _is_glued(tokens, end + 1, "number"):
        return Number("count" if len(tokens[end + 1].text) == 2 else "bad", value, at, end + 2)
    if _counts(tokens, end, value, first) or _is_text_speak(tokens, at):
        return Number("count", value, at, end)
    of_ten = _past_out_of_ten(tokens, end)
    if of_ten != end and _counts(tokens, of_ten, HIGHEST, first):
        return Number("count", value, at, of_ten)
    end = _past_about(tokens, of_ten)
    bad = value > HIGHEST or _is_more_than_a_number(tokens, at, end)
    return Number("bad" if bad else "score", value, at, end)


def _marked_number(tokens: Sequence[Token], at: int) -> Number | None:
    """A number behind a minus, a decimal point or a currency sign; other marks are separators."""
    if not _is_glued(tokens, at + 1, "number"):
        return None
    token = tokens[at]
    opens = token.spaced or at == 0 or tokens[at - 1].sort in {"mark", "picture"}
    if token.text in _MONEY:
        return Number("count", 0, at, at + 2)
    if opens and (token.text in _MINUS or (token.text == "." and not is_text(tokens, at - 1, "."))):
        return Number("bad", 0, at, at + 2)
    return None


def _value(token: Token) -> int | None:
    if token.sort != "number":
        return None
    plain = len(token.text) <= 3 and (token.text == "0" or token.text[0] != "0")
    return int(token.text) if plain else HIGHEST + 1


def _counts(tokens: Sequence[Token], at: int, value: int, first: bool) -> bool:
    """Whether what stands here is counted by the number before it: hours, kids, %, "2nd", "8am"."""
    if at >= len(tokens):
        return False
    token = tokens[at]
    if token.sort == "mark":
        return token.text == "%" or (token.text in _MONEY and not token.spaced)
    if token.sort != "word":
        return False
    if not token.spaced:
        return not _may_be_glued(tokens, at)
    if token.text in words.INITIALS and _opens_number(tokens, at + 1):
        return False  # "m7 h5": h for hope, not for hours
    if token.text in words.COUNTED_ALONE:
        return first or value == 1 or value > HIGHEST
    if token.text in {"a", "p"} and is_text(tokens, at + 1, ".") and is_text(tokens, at + 2, "m"):
        return True
    return token.text in words.COUNTED


def _opens_number(tokens: Sequence[Token], at: int) -> bool:
    while at < len(tokens) and tokens[at].text in AFTER_LABEL:
        at += 1
    return at < len(tokens) and (tokens[at].sort == "number" or tokens[at].text in words.NUMBERS)


def _may_be_glued(tokens: Sequence[Token], at: int) -> bool:
    """Whether letters may touch a score: "7ish", "7mood", "7and5", "m7h5"."""
    text = tokens[at].text
    if text in words.AND or text in words.INITIALS:
        return _is_glued(tokens, at + 1, "number")
    return text == "ish" or text in words.LABELS


def _is_text_speak(tokens: Sequence[Token], at: int) -> bool:
    """Whether the figure stands for a word: "2 much", "4 real"; right behind a label only in "hope 2 see"."""
    after = words.TEXT_SPEAK.get(tokens[at].text)
    if after is None or at + 1 >= len(tokens) or tokens[at + 1].text not in after:
        return False
    before = tokens[at - 1] if at else None
    if before is not None and before.text in PARTS:
        return False
    if before is not None and (before.text in words.LABELS or before.text in words.INITIALS):
        return words.LABELS.get(before.text) == "hope" and tokens[at + 1].text in words.HOPED
    if tokens[at + 1].text != "me":
        return True
    if before is not None and before.sort == "number":
        return False  # "4 4 me and my mom fought"
    return at + 2 >= len(tokens) or tokens[at + 2].sort != "word" or tokens[at + 2].text in words.AFTER_ME


def _past_out_of_ten(tokens: Sequence[Token], at: int) -> int:
    ten = at
    if is_text(tokens, at, "/") or (at < len(tokens) and tokens[at].text in words.OUT_OF):
        ten = at + 1
    elif is_text(tokens, at, "out") and is_text(tokens, at + 1, "of"):
        ten = at + 2
    if ten == at or ten >= len(tokens):
        return at
    is_ten = tokens[ten].text == "10" or words.NUMBERS.get(tokens[ten].text) == HIGHEST
    return ten + 1 if is_ten and not _is_decimal(tokens, ten + 1) else at


def _past_about(tokens: Sequence[Token], at: int) -> int:
    return at + 1 if is_text(tokens, at, "ish") else at


def _is_more_than_a_number(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether the number goes on: "7 and a half", "6 or 7", "diez y seis"."""
    following = [token.text for token in tokens[end : end + 3]]
    if not following:
        return False
    if following[0] in words.HALF or (following[0] in words.AND and words.HALF.intersection(following[1:])):
        return True
    if following[0] in words.RANGE and len(following) > 1:
        return following[1].isdigit() or following[1] in words.NUMBERS
    if tokens[at].text == "diez" and following[0] == "y" and len(following) > 1:
        return 0 < words.NUMBERS.get(following[1], 0) < HIGHEST
    return False


def _is_decimal(tokens: Sequence[Token], at: int) -> bool:
    return is_text(tokens, at, ".") and _is_glued(tokens, at, "mark") and _is_glued(tokens, at + 1, "number")


def _is_glued(tokens: Sequence[Token], at: int, *sorts: str) -> bool:
    return at < len(tokens) and tokens[at].sort in sorts and not tokens[at].spaced


def is_text(tokens: Sequence[Token], at: int, text: str) -> bool:
    return 0 <= at < len(tokens) and tokens[at].text == text
