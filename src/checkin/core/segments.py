"""Counts what a text message costs: the characters of GSM 03.38, septets and segments.

Source: 3GPP TS 23.038 (alphabet), TS 23.040 (concatenation). A text of that alphabet holds 160 septets in one
segment, 153 in each of several; any other character turns the whole text into UCS-2, which holds 70 and 67.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # an escape and a character: two septets
ALPHABET: Final = BASIC | EXTENDED

ONE: Final = 160
OF_SEVERAL: Final = 153
ONE_UCS2: Final = 70
OF_SEVERAL_UCS2: Final = 67

_SAME: Final[dict[str, str]] = {
    **dict.fromkeys("‘’‛ʼ′´`", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict(zip("łŁđĐıðþ", "lLdDidt", strict=True)),
    "…": "...",
    "\t": " ",
    "\xa0": " ",
}


def is_gsm(text: str) -> bool:
    """Whether every character is in the GSM 03.38 alphabet or its extension."""
    return ALPHABET.issuperset(text)


def septets(text: str) -> int:
    """Return the length of *text* in septets. Raises ValueError for a character the alphabet does not have."""
    if not is_gsm(text):
        raise ValueError("not in the GSM alphabet: " + "".join(sorted(set(text) - ALPHABET)))
    return len(text) + sum(map(text.count, EXTENDED))


def segments(text: str) -> int:
    """Return how many segments a carrier bills for *text*; none for an empty one.

    No character is torn apart: neither an escape and what it escapes, nor the two halves of an emoji.
    """
    if is_gsm(text):
        widths = [2 if char in EXTENDED else 1 for char in text]
        return _packed(widths, ONE, OF_SEVERAL)
    return _packed([2 if ord(char) > 0xFFFF else 1 for char in text], ONE_UCS2, OF_SEVERAL_UCS2)


def _packed(widths: Iterable[int], alone: int, of_several: int) -> int:
    widths = list(widths)
    if sum(widths) <= alone:
        return 1 if widths else 0
    count, room = 1, of_several
    for width in widths:
        if width > room:
            count, room = count + 1, of_several
        room -= width
    return count


def fits(text: str, limit: int = 1) -> bool:
    """Whether *text* is all GSM and takes at most *limit* segments."""
    return is_gsm(text) and segments(text) <= limit


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return *text* in the GSM alphabet: as it is where that has the letter, else without accents, else left out."""
    return " ".join("".join(map(_plain, unicodedata.normalize("NFC", text))).split())


def _plain(char: str) -> str:
    char = _SAME.get(char, char)
    if is_gsm(char):
        return char
    return "".join(part for part in unicodedata.normalize("NFKD", char) if is_gsm(part))
