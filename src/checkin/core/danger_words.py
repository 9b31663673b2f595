"""Turns a text as people type it into the plain words that danger rules are matched against."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from checkin.core import normalise

STOP = "."  # a sentence ends here
PAUSE = ","  # a clause may end here
BLANK = "~"  # stood for something harmless

Reader = Callable[[str], tuple[str, ...]]
Joined = Callable[[str], str]

_LETTERS_APART = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .\-_*]{1,2}){2,}[^\W\d_](?![^\W_])")
_APART = re.compile(r"[ .\-_*]")
_PIECES = re.compile(r"[^\W_]+(?:'+[^\W_]+)*'*|[.!?;]+|[^\w\s']|_")
_NUMBER_WORD = re.compile(r"([0-9]+)([^\W\d_]+)")
_LETTER = re.compile(r"[^\W\d_]")
_RUNS = re.compile(r"(.)\1{2,}")
_DOUBLES = re.compile(r"(.)\1+")
_MASKS = re.compile(r"[*#_\-.•x]+")
_LOOKS = ("0o 1i 3e 4a 5s 7t 8b @a $s !i |l €e +t £l", "0o 1l 3e 4a 5s 7t 8b @a $s !l |i €e +t £l")
_AS_LETTERS = tuple(str.maketrans({pair[0]: pair[1] for pair in look.split()}) for look in _LOOKS)
_EDGES = "\"'.,!?;:()[]{}<>~^&%=/\\"
_SHORTEST_GLUED = 6  # letters; "wanttodie" is taken apart, "today" is not
_LONGEST_GLUED = 40
_LONGEST_PART = 12
_BEGUN = 3


class Spelling(Struct, frozen=True):
    """How words are recognised.

    `words` are all words the rules know, `meant` maps other spellings to them, `hidden` are those people mask, by their
    first letters in `masked`; `deletions` maps each correctable word less one letter to that word, `lookalikes` are
    never corrected, `pictures` are emoji that stand for a word, `begun` are the first letters of `words`.
    """

    words: frozenset[str]
    meant: Mapping[str, str]
    hidden: frozenset[str]
    masked: Mapping[str, tuple[str, ...]]
    deletions: Mapping[str, tuple[str, ...]]
    lookalikes: frozenset[str]
    pictures: Mapping[str, str]
    fillers: frozenset[str]
    begun: frozenset[str]


def words(text: str, read: Reader, join: Joined) -> list[str]:
    """The plain words of *text*, fillers left out, between the signs STOP and PAUSE.

    Upper case, accents, invisible characters, masking, spread-out letters and common misspellings make no difference.
    Looks at as much as `normalise.fold` does: 1,600 characters.
    """
    folded = normalise.fold(normalise.clean(text).replace("\n", " . "))
    folded = join(_LETTERS_APART.sub(_together, folded))
    return [word for chunk in folded.split(" ") for word in read(chunk)]


def deletions(correctable: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Each correctable word less any one letter, and what it may have been."""
    index: dict[str, tuple[str, ...]] = {}
    for word in sorted(correctable):
        for short in {word, *_less_one(word)}:
            index[short] = (*index.get(short, ()), word)
    return index


def beginnings(words: frozenset[str]) -> frozenset[str]:
    """The letters that words of three and more begin with."""
    return frozenset(word[:_BEGUN] for word in words)


def joined(ways: Mapping[str, str]) -> Joined:
    """What writes as one word what people write as two: "do not" as "dont"."""
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(ways, key=len, reverse=True))) + r")\b")

    def join(text: str) -> str:
        return pattern.sub(lambda match: ways[match.group()], text)

    return join


def reader(spelling: Spelling) -> Reader:
    """What reads one piece between spaces; it remembers what it has read, as people use the same words."""

    @lru_cache(maxsize=8192)
    def read(chunk: str) -> tuple[str, ...]:
        return tuple(word for word in _parts(chunk, spelling) if word not in spelling.fillers)

    return read


def _together(match: re.Match[str]) -> str:
    return _APART.sub("", match.group())


def _parts(chunk: str, spelling: Spelling) -> Iterator[str]:
    if chunk.isalpha():
        yield from _word(chunk, spelling)
        return
    core = chunk.strip(_EDGES)
    unmasked = _unmasked(core, spelling) if len(core) > 1 and not core.isalpha() else None
    if unmasked is not None:
        before, _, after = chunk.partition(core)
        yield from _signs(before)
        yield unmasked
        yield from _signs(after)
        return
    if chunk == "-":
        yield PAUSE
        return
    for piece in _PIECES.findall(chunk):
        if piece in spelling.meant:
            yield spelling.meant[piece]
        elif piece in spelling.pictures:
            yield spelling.pictures[piece]
        elif piece[0].isalnum():
            plain = piece.replace("'", "")
            numbered = _NUMBER_WORD.fullmatch(plain)
            if numbered:
                yield numbered[1]
                yield from _word(numbered[2], spelling)
            else:
                yield from _word(plain, spelling)
        else:
            yield from _signs(piece)


@lru_cache(maxsize=1024)
def _signs(marks: str) -> tuple[str, ...]:
    if ".." in marks:
        return (PAUSE,)
    if any(mark in ".!?;" for mark in marks):
        return (STOP,)
    if any(mark in ",:()[]" or not mark.isascii() for mark in marks):
        return (PAUSE,)
    return ()


def _word(word: str, spelling: Spelling) -> Iterator[str]:
    found = _known(word, spelling)
    if found is not None:
        yield found
        return
    if _RUNS.search(word):
        for shorter in (_RUNS.sub(r"\1\1", word), _RUNS.sub(r"\1", word), _DOUBLES.sub(r"\1", word)):
            found = _known(shorter, spelling)
            if found is not None:
                yield found
                return
    near = _nearest(word, spelling)
    if near is not None:
        yield near
        return
    yield from _unglued(word, spelling)


def _known(word: str, spelling: Spelling) -> str | None:
    if word in spelling.meant:
        return spelling.meant[word]
    return word if word in spelling.words or word in spelling.lookalikes or word.isdigit() else None


def _unmasked(core: str, spelling: Spelling) -> str | None:
    """The word behind `su1c1de` or `k*ll`, where it is one that people mask."""
    if not _LETTER.search(core) or _NUMBER_WORD.fullmatch(core):
        letters = core.translate(_AS_LETTERS[0])
        return letters if len(letters) > 4 and letters in spelling.hidden else None
    for look in _AS_LETTERS:
        letters = core.translate(look)
        found = letters if letters in spelling.hidden else spelling.meant.get(letters)
        if found is not None and found in spelling.hidden:
            return found
    masked = core.translate(_AS_LETTERS[0])
    if not masked[0].isalpha() or not re.search(r"[*#_•]|[^\W_][.\-][^\W_]", masked):
        return None
    parts = re.split(r"[*#_•.\-]+", masked)
    bare = "".join(parts)
    if bare in spelling.hidden:
        return bare
    begun = spelling.masked.get(masked[0], ())
    likely = [word for word in begun if word.startswith(parts[0]) and word.endswith(parts[-1])]
    if len(bare) < 2 or not likely:
        return None
    shape = re.compile(".{1,3}".join(map(re.escape, parts)))
    return next((word for word in likely if shape.fullmatch(word)), None)


def _nearest(word: str, spelling: Spelling) -> str | None:
    """The correctable word one slip away (a letter more, less, other, or two swapped) that begins alike."""
    if len(word) < 5:
        return None
    for short in (word, *_less_one(word)):
        for meant in spelling.deletions.get(short, ()):
            begins = meant[0] == word[0] or meant[:2] == word[1::-1]
            if begins and abs(len(meant) - len(word)) <= 1 and _one_slip(word, meant):
                return meant
    return None


def _less_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _one_slip(one: str, other: str) -> bool:
    if len(one) > len(other):
        one, other = other, one
    at = next((at for at, char in enumerate(one) if char != other[at]), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    swapped = one[at + 1 : at + 2] + one[at : at + 1]
    return one[at + 1 :] == other[at + 1 :] or (swapped == other[at : at + 2] and one[at + 2 :] == other[at + 2 :])


def _unglued(word: str, spelling: Spelling) -> tuple[str, ...]:
    """The words written as one, as in a hashtag; the word itself where it is not wholly made of known words."""
    if not _SHORTEST_GLUED <= len(word) <= _LONGEST_GLUED:
        return (word,)
    ways: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for start, way in enumerate(ways):
        if way is None:
            continue
        longest = _LONGEST_PART if word[start : start + _BEGUN] in spelling.begun else _BEGUN - 1
        for end in range(start + 1, min(start + longest, len(word)) + 1):
            part, other = word[start:end], ways[end]
            if part in spelling.words and (other is None or len(way) + 1 < len(other)):
                ways[end] = (*way, part)
    found = ways[-1]
    return found if found is not None and len(found) < len(word) / 2 else (word,)
