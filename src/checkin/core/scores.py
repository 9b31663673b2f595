"""Reads the mood and the hope out of a message, both 0-10, mood first."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from checkin.core import normalise, numbers, words
from checkin.core.normalise import Message, Token
from checkin.core.numbers import Number

STRAYS = 4  # words that may stand before the first label, or between the two


class Scores(Struct, frozen=True, kw_only=True):
    """One or two scores and the words beside them; `labelled` when a label said which score a single one is."""

    mood: int | None = None
    hope: int | None = None
    note: str | None = None
    labelled: bool = False

    @property
    def both(self) -> bool:
        return self.mood is not None and self.hope is not None


class _Labelled(Struct, frozen=True):
    label: words.Label
    number: Number


def read(message: Message, start: int = 0) -> Scores | None:
    """The scores at the start of the message, from token *start* on.

    None when there are none, and when a bad one spoils them: out of range, decimal, negative, a leading
    zero, digits run together, or a third bare number.
    """
    tokens = message.tokens
    if not any(token.sort == "number" or token.text in words.NUMBERS for token in tokens):
        return None
    at = _past_fillers(tokens, start)
    first = numbers.find(tokens, at, first=True)
    if first is None:
        return _labelled(message, at)
    if first.worth != "score":
        return None
    return _numbered(message, first)


def _past_fillers(tokens: Sequence[Token], at: int) -> int:
    before = ""
    while at < len(tokens):
        token = tokens[at]
        if token.sort == "word":
            placed = token.text in words.PLACED_AT and before in words.PLACED
            pleads = token.text == "por" and numbers.is_text(tokens, at + 1, "favor")
            if not (placed or pleads or normalise.is_among(token.text, words.FILLERS)):
                break
            if token.text in words.INITIALS and numbers.find(tokens, at + 1) is not None:
                break
            before = token.text
        elif token.sort not in {"mark", "picture"} or numbers.find(tokens, at) is not None:
            break
        at += 1
    return at


# Two numbers, or one, at the start


def _numbered(message: Message, first: Number) -> Scores | None:
    tokens = message.tokens
    beside = _label_beside(tokens, first)
    if beside is not None:
        return _number_then_label(message, first, beside)
    second = _next_number(tokens, first.end)
    if second is None:
        return _alone(message, first)
    if second.worth == "bad" or _is_joined_oddly(tokens, first.end, second.start):
        return None
    if second.worth == "count" or _is_a_pronoun(tokens, second):
        return _partial(message, "mood", first, labelled=False)
    return _pair(message, first.value, second.value, second.end)


def _alone(message: Message, number: Number) -> Scores | None:
    after = message.tokens[number.end : number.end + 2]
    if after and after[0].sort == "mark" and after[0].text not in numbers.AFTER_LABEL and after[-1].sort == "number":
        return None  # 7*5, 7@5, 7_5
    if _is_a_pronoun(message.tokens, number):
        return None
    if numbers.is_text(message.tokens, number.end, "of") or numbers.is_text(message.tokens, number.end, "de"):
        return None
    return _partial(message, "mood", number, labelled=False)


def _is_joined_oddly(tokens: Sequence[Token], start: int, end: int) -> bool:
    return any(token.sort == "mark" and token.text not in numbers.BETWEEN for token in tokens[start:end])


def _is_a_pronoun(tokens: Sequence[Token], number: Number) -> bool:
    """Whether it is a word and no score: "one of those days", "zero energy", "two more weeks"."""
    token = tokens[number.start]
    if token.sort != "word" or number.end >= len(tokens) or tokens[number.end].sort != "word":
        return False
    return number.value <= 1 or tokens[number.end].text in words.NOT_ONE


def _next_number(tokens: Sequence[Token], at: int) -> Number | None:
    """The number after separators, one "and" and one article; a mark that is no separator is passed too."""
    joined = article = False
    while at < len(tokens):
        number = numbers.find(tokens, at)
        if number is not None:
            return number
        token = tokens[at]
        if token.sort == "word":
            if token.text in words.AND and not joined:
                joined = True
            elif token.text in words.AND_ARTICLE and not article:
                article = True
            else:
                return None
        at += 1
    return None


def _pair(message: Message, mood: int, hope: int, end: int, *strays: str) -> Scores | None:
    third = _next_number(message.tokens, end)
    if third is not None and third.worth != "count" and not _is_worded(message.tokens, third, end):
        return None
    return Scores(mood=mood, hope=hope, note=_note(message, end, strays), labelled=True)


def _is_worded(tokens: Sequence[Token], number: Number, end: int) -> bool:
    """Whether a third number belongs to words, as in "3 kids fighting" or "#1 dad"."""
    if number.value > numbers.HIGHEST and numbers.is_text(tokens, number.end, "/"):
        return True  # 24/7, 12/5
    hashed = any(token.text in {"#", "@", "<"} for token in tokens[end : number.start])
    return hashed or (number.end < len(tokens) and tokens[number.end].sort == "word")


def _partial(message: Message, label: words.Label, number: Number, *, labelled: bool, end: int = 0) -> Scores:
    said = _note(message, end or number.end, ())
    if label == "mood":
        return Scores(mood=number.value, note=said, labelled=labelled)
    return Scores(hope=number.value, note=said, labelled=labelled)


def _note(message: Message, end: int, strays: Sequence[str]) -> str | None:
    start = message.tokens[end - 1].end
    pieces = [*strays, normalise.note(message.text, start)]
    return " ".join(piece for piece in pieces if piece) or None


# Labels


def _label(tokens: Sequence[Token], at: int) -> words.Label | None:
    if at >= len(tokens) or tokens[at].sort != "word":
        return None
    text = tokens[at].text
    if text in words.INITIALS:
        number = numbers.find(tokens, _past(tokens, at + 1, numbers.AFTER_LABEL))
        return None if number is None else words.INITIALS[text]
    return words.LABELS.get(text) or words.LABELS.get(text.removesuffix("s"))


def _past(tokens: Sequence[Token], at: int, marks: frozenset[str], fillers: frozenset[str] = frozenset()) -> int:
    """The next token that is no picture, none of these marks and none of these words, and is not part of a number."""
    while at < len(tokens) and numbers.find(tokens, at) is None:
        token = tokens[at]
        if token.sort == "word":
            if token.text not in fillers:
                break
        elif token.sort == "mark" and token.text not in marks:
            break
        at += 1
    return at


def _label_then_number(tokens: Sequence[Token], at: int) -> _Labelled | None:
    label = _label(tokens, at)
    if label is None:
        return None
    number = numbers.find(tokens, _past(tokens, at + 1, numbers.AFTER_LABEL, words.TO_LABEL))
    return None if number is None or number.worth == "count" else _Labelled(label, number)


def _label_beside(tokens: Sequence[Token], number: Number) -> int | None:
    """Where the label right after a number stands, if one does."""
    at = _past(tokens, number.end, numbers.AFTER_LABEL, words.TO_LABEL)
    return at if _label(tokens, at) is not None else None


def _number_then_label(message: Message, first: Number, beside: int) -> Scores | None:
    """Scores in "7 mood 5 hope"; "7 hope 5" and "7 mood 5" both mean mood first."""
    tokens = message.tokens
    label = _label(tokens, beside)
    assert label is not None
    after = _next_number(tokens, beside + 1) or _own_number(tokens, beside)
    if after is None:
        other = _label_then_number(tokens, _past(tokens, beside + 1, numbers.AFTER_LABEL, words.TO_LABEL))
        if other is not None and other.label != label:
            return _by_label(message, _Labelled(label, first), other, other.number.end)
        return _partial_beside(message, label, first, beside)
    if after.worth == "bad":
        return None
    if after.worth == "count":
        return _partial_beside(message, label, first, beside)
    last = _label_beside(tokens, after)
    if last is not None and _label(tokens, last) != label:
        follows = numbers.find(tokens, _past(tokens, last + 1, numbers.AFTER_LABEL, words.TO_LABEL))
        if follows is None:
            return _by_label(message, _Labelled(label, first), _other(label, after), last + 1)
    return _pair(message, first.value, after.value, after.end)


def _partial_beside(message: Message, label: words.Label, number: Number, beside: int) -> Scores:
    """One score; "7 hope" is labelled, while "7 hope tomorrow is better" only hopes."""
    tokens = message.tokens
    if label == "hope" and beside + 1 < len(tokens) and tokens[beside + 1].sort == "word":
        return _partial(message, "mood", number, labelled=False)
    return _partial(message, label, number, labelled=True, end=beside + 1)


def _own_number(tokens: Sequence[Token], label: int) -> Number | None:
    found = _label_then_number(tokens, label)
    return None if found is None else found.number


def _other(label: words.Label, number: Number) -> _Labelled:
    return _Labelled("hope" if label == "mood" else "mood", number)


def _labelled(message: Message, at: int) -> Scores | None:
    """Labels before their numbers, near the start, in either order."""
    tokens = message.tokens
    for place in _near(tokens, at):
        both = _two_labels(message, place)
        if both is not None:
            return both
        first = _label_then_number(tokens, place)
        if first is not None:
            return _from_label(message, at, place, first)
    return None


def _near(tokens: Sequence[Token], at: int) -> Iterator[int]:
    """The places a first label may stand: here, or behind a few words that hold no number."""
    strays = 0
    while at < len(tokens) and strays <= STRAYS and numbers.find(tokens, at) is None:
        if tokens[at].sort == "word":
            yield at
            strays += 1
        at += 1


def _two_labels(message: Message, at: int) -> Scores | None:
    """Scores behind both labels: "mood and hope 7 5", "mood/hope: 7/5"."""
    tokens = message.tokens
    label = _label(tokens, at)
    if label is None:
        return None
    beside = _past(tokens, at + 1, numbers.AFTER_LABEL, words.TO_LABEL)
    other = _label_then_number(tokens, beside)
    if other is None or other.label == label:
        return None
    second = _next_number(tokens, other.number.end)
    if second is None or second.worth == "count" or _label(tokens, beside) is None:
        return None
    return _by_label(message, _Labelled(label, other.number), _other(label, second), second.end)


def _from_label(message: Message, start: int, at: int, first: _Labelled) -> Scores | None:
    tokens = message.tokens
    if first.number.worth == "bad":
        return None
    strays = _between(message, start, at)
    for place in _near(tokens, first.number.end):
        second = _label_then_number(tokens, place)
        if second is not None and second.label != first.label:
            between = _between(message, first.number.end, place)
            return _by_label(message, first, second, second.number.end, strays, between)
    following = _next_number(tokens, first.number.end)
    if following is not None and following.worth != "count":
        beside = _label_beside(tokens, following)
        if first.label == "mood" or beside is not None:
            return _by_label(message, first, _other(first.label, following), (beside or following.end - 1) + 1, strays)
        return None
    if at != start or _is_hoping(tokens, first):
        return None
    return _partial(message, first.label, first.number, labelled=True)


def _by_label(message: Message, one: _Labelled, two: _Labelled, end: int, *strays: str) -> Scores | None:
    if one.number.worth != "score" or two.number.worth != "score":
        return None
    mood, hope = (one, two) if one.label == "mood" else (two, one)
    return _pair(message, mood.number.value, hope.number.value, end, *strays)


def _between(message: Message, start: int, end: int) -> str:
    """The words passed over, as typed; connecting words alone are none."""
    passed = message.tokens[start:end]
    if all(token.sort != "word" or token.text in words.TO_LABEL for token in passed):
        return ""
    said = normalise.note(message.text[passed[0].start : passed[-1].end])
    return said.rstrip(" ,;:-–—") if said else ""


def _is_hoping(tokens: Sequence[Token], found: _Labelled) -> bool:
    """Whether the figure stands for "to" or "for": "hope 2 see u", "hope 4 rain", but not "hope: 2 bad day"."""
    at = found.number.end
    if tokens[found.number.start - 1].text in numbers.PARTS:
        return False
    if found.label != "hope" or tokens[found.number.start].text not in words.TEXT_SPEAK or at >= len(tokens):
        return False
    return tokens[at].sort == "word" and tokens[at].text not in words.AFTER_HOPE
