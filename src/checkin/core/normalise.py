"""Turns a text message as sent into the text that is stored and the words that are matched."""

import re
import unicodedata
from functools import lru_cache
from itertools import islice
from typing import Literal

from msgspec import Struct

LONGEST = 1600  # characters looked at; the longest message a carrier passes on

Sort = Literal["word", "number", "odd", "mark", "picture"]

ODD = "\x1a"  # stands for ², ½ and their like: numeric, but nothing a person writes as a score
BREAK = "|"

_LINE_BREAKS = re.compile("\r\n?|[\v\f\x85]")
_NOT_STORED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_TOKEN = re.compile(r"([^\S\n]*+)(?:([^\W\d_]+(?:'[^\W\d_]+)*)|([0-9]+)|(\n|\S))")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_SPACE = re.compile(r"[^\S\n]+")

_KEYCAP = "\u20e3"
_HIDDEN = frozenset("\u115f\u1160\u3164\uffa0")  # letters by category, blanks to the eye
_SAME: dict[str, str] = {
    _KEYCAP: " ",  # each keycap ends a number of its own
    "🔟": " 10 ",
    "\u2800": " ",  # the blank Braille cell
    "ı": "i",  # the upper case of both is I
    "\u2028": "\n",
    "\u2029": "\n",
    **dict.fromkeys("‘’‛ʼ′´`＇", "'"),
    **dict.fromkeys("“”„‟«»″＂", '"'),
    **dict.fromkeys("‐‑−﹣－", "-"),
}
_UNCHANGED = frozenset(("Cn", "Co"))  # what Unicode gives no meaning
_CLAUSE_ENDS = frozenset(".!?,;:\n()–—…¿¡")
_NOTE_LEADS = frozenset(" \t\n,.;:-–—/|&+!?…•·*_~=)]}>")
_SIGNS = frozenset(("mark", "picture"))
PLEASE = frozenset(("please", "pls", "plz", "plss", "porfavor", "porfa"))


class Token(Struct, frozen=True, gc=False):
    """A piece of a message; `start` and `end` are places in the stored text."""

    sort: Sort
    text: str
    start: int
    end: int
    spaced: bool


class Message(Struct, frozen=True, kw_only=True):
    """A message ready to be matched.

    `shown` is all of it folded. `said` is its folded words and numbers, `|` where a clause ends, without "please";
    `flat` is the same between single spaces, and `spots` holds the token of each of those words, in the same order.
    `whole` is the words alone, when the message is one clause; a word said over and over counts once.
    """

    text: str
    tokens: tuple[Token, ...]
    shown: str
    said: tuple[str, ...]
    flat: str
    spots: tuple[int, ...]
    whole: str

    def rest(self, word: int) -> str | None:
        """What stands from the given word of `flat` to the end, as typed; emoji alone behind a request say nothing."""
        return note(self.text, self.tokens[self.spots[word]].start) if word < len(self.spots) else None

    def says(self, phrase: str, leads: frozenset[str], tails: frozenset[str] | None = None) -> bool:
        """Whether a clause opens with the phrase, given *tails* also ends with it, but for these words and numbers."""
        at = self.flat.find(f" {phrase} ")
        while at >= 0:
            before = self.flat[:at].rpartition(BREAK)[2].split()
            after = self.flat[at + len(phrase) + 2 :].partition(BREAK)[0].split()
            opens = all(word in leads or word.isdigit() for word in before)
            if opens and (tails is None or tails.issuperset(after)):
                return True
            at = self.flat.find(f" {phrase} ", at + 1)
        return False


def clean(text: str) -> str:
    """The text as stored: what was sent, minus NUL, lone surrogates and control characters.

    Tabs and line breaks stay; every kind of line break becomes a newline.
    """
    if text.isprintable():
        return text  # as nearly all are
    return _NOT_STORED.sub("", _LINE_BREAKS.sub("\n", text))


def fold(text: str) -> str:
    """The text for matching: NFKC, ASCII digits, no case, accents or invisible characters, single spaces."""
    return " ".join(_all_folded(clean(text)[:LONGEST])[:LONGEST].split())


def _all_folded(text: str) -> str:
    if not text.isascii():
        text = _BEYOND_ASCII.sub(_run_folded, text)
    return text.lower().replace("`", "'")


def _run_folded(run: re.Match[str]) -> str:
    said = run.group()
    return _folded(said) if len(said) == 1 else "".join(map(_folded, said))


def is_among(word: str, known: frozenset[str]) -> bool:
    """Whether it is one of the words, or one with its last letter drawn out: "heyyy"."""
    if word in known:
        return True
    if len(word) < 3 or word[-1] != word[-2]:
        return False
    short = word.rstrip(word[-1]) + word[-1]
    return short in known or short + word[-1] in known


def message(text: str) -> Message:
    """Split any text into its tokens and words; reads at most 1,600 characters and never fails."""
    text = clean(text)
    shadow, places = _shadow(text[:LONGEST])
    tokens = _tokens(shadow, places)
    said, spots = _flatten(tokens)
    return Message(
        text=text,
        tokens=tokens,
        shown=" ".join(shadow.split()),
        said=said,
        flat=f" {' '.join(said)} ",
        spots=spots,
        whole=_whole(said),
    )


def note(text: str, start: int = 0) -> str | None:
    """What the text says from *start* on, leading separators stripped; bare punctuation says nothing."""
    while start < len(text) and _is_separator(text, start):
        start += 1
    said = text[start:].strip()
    return said if any(_says_something(char) for char in said[:LONGEST]) else None


def _is_separator(text: str, at: int) -> bool:
    char = text[at]
    if char in _NOTE_LEADS:
        return not _opens_emoticon(text, at)
    return _closes_quote(text, at) or (not char.isascii() and _folded(char).strip() == "")


def _closes_quote(text: str, at: int) -> bool:
    return text[at] in "\"'”’»" and (at + 1 == len(text) or text[at + 1].isspace())


def _opens_emoticon(text: str, at: int) -> bool:
    return text[at] in ":;=" and text[at + 1 : at + 2] != "" and not text[at + 1].isspace()


def _says_something(char: str) -> bool:
    return char.isalnum() or not (char.isascii() or _is_mark(char) or _folded(char).strip() == "")


def _is_mark(char: str) -> bool:
    return char.isascii() or unicodedata.category(char) in {"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc"}


@lru_cache(maxsize=1024)
def _sort(char: str) -> Sort:
    if char == ODD:
        return "odd"
    return "mark" if _is_mark(char) else "picture"


def _shadow(text: str) -> tuple[str, list[int] | None]:
    """The text folded, and the place in *text* of each of its characters, if they are not at the same places."""
    beyond = () if text.isascii() else "".join(_BEYOND_ASCII.findall(text))
    if {1}.issuperset(map(len, map(_folded, beyond))):
        return _all_folded(text), None  # as nearly all are
    pieces = list(map(_folded, text))
    places = (place for place, piece in enumerate(pieces) for _ in piece)
    return "".join(pieces)[:LONGEST], list(islice(places, LONGEST))  # one character may open up into eighteen


def _tokens(shadow: str, places: list[int] | None) -> tuple[Token, ...]:
    """Tokens with places in the text, though folding a character may have yielded none or several."""
    found: list[Token] = []
    end, parted = 0, True
    for space, word, number, sign in _TOKEN.findall(shadow.rstrip()):
        start = end + len(space)
        end = start + len(word or number or sign)
        first, last = (start, end) if places is None else (places[start], places[end - 1] + 1)
        spaced = parted or space != ""
        parted = sign == "\n"
        if word:
            found.append(Token("word", word.replace("'", "") if "'" in word else word, first, last, spaced))
        elif number:
            found.append(Token("number", number, first, last, spaced))
        else:
            found.append(Token(_sort(sign), sign, first, last, spaced))
    return tuple(found)


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    """One character folded; keeps line breaks and turns what only looks numeric into `ODD`.

    NFKC alone would make 2 of `²` and 1⁄2 of `½`, and so a score of an exponent.
    """
    if char in _SAME:
        return _SAME[char]
    if char.isascii():
        return char.lower()
    if char in _HIDDEN:
        return ""
    category = unicodedata.category(char)
    if category in _UNCHANGED or (category in {"Lo", "So"} and unicodedata.is_normalized("NFKD", char)):
        return char  # as most of the world's letters and emoji are
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if _only_looks_numeric(char):
        return ODD
    opened = unicodedata.normalize("NFKD", char.casefold())
    kept = (part for part in opened if unicodedata.category(part) not in {"Mn", "Me", "Cf", "Cc", "Cs"})
    return _SPACE.sub(" ", "".join(_SAME.get(part, part) for part in kept).casefold().lower())


def _only_looks_numeric(char: str) -> bool:
    if unicodedata.category(char) not in {"No", "Nl"}:
        return False
    form = unicodedata.decomposition(char)
    return form == "" or form.startswith(("<super>", "<sub>", "<fraction>"))


def _flatten(tokens: tuple[Token, ...]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    words: list[str] = []
    spots: list[int] = []
    for spot, token in enumerate(tokens):
        text = token.text
        if token.sort in _SIGNS:
            if not words or words[-1] == BREAK or not _ends_clause(tokens, spot):
                continue
            text = BREAK
        elif text in PLEASE:
            continue
        elif text == "favor" and words and words[-1] == "por":
            words.pop()
            spots.pop()
            continue
        words.append(text)
        spots.append(spot)
    return tuple(words), tuple(spots)


def _whole(said: tuple[str, ...]) -> str:
    words = [word for word in said if word != BREAK]
    if len(set(words)) == 1:
        return words[0]
    return " ".join(said).strip(" |")


def _ends_clause(tokens: tuple[Token, ...], spot: int) -> bool:
    token = tokens[spot]
    if token.text == "-":
        return token.spaced and spot + 1 < len(tokens) and tokens[spot + 1].spaced
    return token.text in _CLAUSE_ENDS
