"""Turns a text message as sent into the text that is stored and the words that are matched."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from msgspec import Struct

LONGEST = 1600  # characters looked at; the longest message a carrier passes on

Sort = Literal["word", "number", "odd", "mark", "picture"]

ODD = "\x1a"  # stands for ², ½ and their like: numeric, but nothing a person writes as a score
BREAK = "|"

_LINE_BREAKS = re.compile("\r\n?|[\v\f\x85]")
_NOT_STORED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+(?:'[^\W\d_]+)*|\n|[^\S\n]+|[\s\S]")
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
_ASCII_SAME = str.maketrans({"`": "'"})
_CLAUSE_ENDS = frozenset(".!?,;:\n()–—…¿¡")
_NOTE_LEADS = frozenset(" \t\n,.;:-–—/|&+!?…•·*_~=)]}>")
_PLEASE = frozenset(("please", "pls", "plz", "plss", "porfavor", "porfa"))


class Token(Struct, frozen=True):
    """A piece of a message; `start` and `end` are places in the stored text."""

    sort: Sort
    text: str
    start: int
    end: int
    spaced: bool


class Message(Struct, frozen=True):
    """A message ready to be matched.

    `flat` is its folded words and numbers between single spaces, `|` where a clause ends, without
    "please"; `spots` holds the token of each of those words, in the same order.
    """

    text: str
    tokens: tuple[Token, ...]
    flat: str
    spots: tuple[int, ...]

    @property
    def whole(self) -> str:
        """The words alone, when the message is one clause; a word said over and over counts once."""
        words = self.flat.strip(" |")
        if " " not in words:
            return words
        said = {word for word in words.split(" ") if word != BREAK}
        return said.pop() if len(said) == 1 else words

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
    return _NOT_STORED.sub("", _LINE_BREAKS.sub("\n", text))


def fold(text: str) -> str:
    """The text for matching: NFKC, ASCII digits, no case, accents or invisible characters, single spaces."""
    text = clean(text)[:LONGEST]
    folded = text.lower().translate(_ASCII_SAME) if text.isascii() else "".join(map(_folded, text))[:LONGEST]
    return " ".join(folded.split())


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
    tokens = _tokens(text[:LONGEST])
    flat, spots = _flatten(tokens)
    return Message(text, tokens, flat, spots)


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


def _tokens(text: str) -> tuple[Token, ...]:
    """Tokens with places in *text*, though folding a character may yield none or several."""
    places: list[int] | None = None
    if text.isascii():
        shadow = text.lower().translate(_ASCII_SAME)
    else:
        shadow, places = _shadow(text)
    found: list[Token] = []
    spaced = True
    for match in _TOKEN.finditer(shadow):
        piece = match.group()
        start, end = match.span()
        if places is not None:
            start, end = places[start], places[end - 1] + 1
        first = piece[0]
        if first.isalpha():
            found.append(Token("word", piece.replace("'", "") if "'" in piece else piece, start, end, spaced))
        elif "0" <= first <= "9":
            found.append(Token("number", piece, start, end, spaced))
        elif first != "\n" and first.isspace():
            spaced = True
            continue
        elif first == ODD:
            found.append(Token("odd", piece, start, end, spaced))
        else:
            found.append(Token("mark" if _is_mark(first) else "picture", piece, start, end, spaced))
        spaced = first == "\n"
    while found and found[-1].text == "\n":
        found.pop()
    return tuple(found)


def _shadow(text: str) -> tuple[str, list[int]]:
    pieces: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        piece = _folded(char)
        if piece:
            pieces.append(piece)
            places.extend([place] * len(piece))
        if len(places) >= LONGEST:  # one character may open up into eighteen
            break
    return "".join(pieces), places


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
    if category in {"Lo", "So"} and unicodedata.is_normalized("NFKD", char):
        return char  # as most of the world's letters and emoji are
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if _only_looks_numeric(char):
        return ODD
    opened = unicodedata.normalize("NFKD", char.casefold())
    kept = (part for part in opened if unicodedata.category(part) not in {"Mn", "Me", "Cf", "Cc", "Cs"})
    return _SPACE.sub(" ", "".join(_SAME.get(part, part) for part in kept).casefold())


def _only_looks_numeric(char: str) -> bool:
    if unicodedata.category(char) not in {"No", "Nl"}:
        return False
    form = unicodedata.decomposition(char)
    return form == "" or form.startswith(("<super>", "<sub>", "<fraction>"))


def _flatten(tokens: tuple[Token, ...]) -> tuple[str, tuple[int, ...]]:
    words: list[str] = []
    spots: list[int] = []
    for spot, token in enumerate(tokens):
        text = token.text
        if token.sort in {"mark", "picture"}:
            if not words or words[-1] == BREAK or not _ends_clause(tokens, spot):
                continue
            text = BREAK
        elif text in _PLEASE:
            continue
        elif text == "favor" and words and words[-1] == "por":
            words.pop()
            spots.pop()
            continue
        words.append(text)
        spots.append(spot)
    return f" {' '.join(words)} ", tuple(spots)


def _ends_clause(tokens: tuple[Token, ...], spot: int) -> bool:
    token = tokens[spot]
    if token.text == "-":
        return token.spaced and spot + 1 < len(tokens) and tokens[spot + 1].spaced
    return token.text in _CLAUSE_ENDS
