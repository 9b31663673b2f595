"""Texts of 1,600 characters that are made to take long to read."""

import random
from collections.abc import Callable
from itertools import cycle, islice
from string import ascii_lowercase
from time import process_time
from typing import Final

from checkin.core import normalise

LENGTH: Final = normalise.LONGEST
YARDSTICK: Final = 0.0041  # seconds that `slowness` takes on the machine whose figures the targets are
OVER_AND_OVER: Final = {
    "quotes": "\"'",
    "nested quotes": '"(“‘',
    "tapbacks": 'Liked "',
    "tapbacks in Spanish": 'Le gustó a "hola" ',
    "brackets": "(",
    "dots": "...! ",
    "line breaks": "\r\n\v",
    "no": "no ",
    "not": "not suicidal ",
    "denied": "i dont want to not ",
    "goodbye": "adios no ",
    "the past": "i used to want to kill myself years ago ",
    "somebody else": "my friend wants to die ",
    "at the end": "i can't do this anymore ",
    "at the end in Spanish": "no doy mas ",
    "said with an object": "cant keep fighting ",
    "of course not": "not kms ",
    "half a phrase": "i want it all to ",
    "letters apart": "s u i c i d e ",
    "letters apart otherwise": "k - * ",
    "masked": "k*ll ",
    "stars": "k*",
    "half scores": "mood 7 hope ",
    "scores": "7 5 ",
    "fractions": "7 out of ",
    "leads": "hi im at ",
    "keywords": "please dont stop texting ",
    "requests": "can you call i need ",
    "corrections": "change to 4 ",
    "pauses": "pause for a couple of ",
    "alert numbers": "#41 called ",
    "emoji": "🙂💀🔪",
    "a family": "👨‍👩‍👧‍👦",
    "keycaps": "7️⃣",
    "right to left": "אני רוצה למות ",
    "turned about": "\u202ek\u202ci\u200b",
    "accents": "e\u0301\u0302\u0303",
    "only accents": "\u0301",
    "letters that open up": "\ufdfa",
    "words that open up": "\ufdfa ﬃ ",
    "everything": '7️⃣ no "k*ll" 🙂 אני (i used to) s u i 10/10 ³½ #41 don\'t... ',
}
ALPHABETS: Final = {"digits": "0123456789", "one letter": ascii_lowercase, "one accented letter": "áéíóúüñàèìòùâêîôû"}


def over_and_over(part: str, rng: random.Random) -> str:
    """Repeat *part*; two letters behind it make it a text that was not seen before."""
    return "".join(islice(cycle(part), LENGTH - 2)) + rng.choice("bcdfgh") + rng.choice("qwxz")


def one_of(alphabet: str, rng: random.Random) -> str:
    return rng.choice(alphabet) * LENGTH


def letters(rng: random.Random, size: int) -> str:
    return "".join(rng.choices(ascii_lowercase, k=size))


def words(make: Callable[[random.Random], str], rng: random.Random) -> str:
    """Fill a text with words that *make* makes."""
    made = ""
    while len(made) < LENGTH:
        made += make(rng) + " "
    return made[:LENGTH]


def glued(rng: random.Random) -> str:
    return "".join(rng.choices(["i", "me", "to", "a", "no", "my", "die"], k=30))[:40]


def keyword(rng: random.Random) -> str:
    known = "i want to die kill myself end it all can't anymore no quiero vivir ya not suicidal stop 7 5 mood call me"
    return rng.choice(known.split())


WORDS: Final[dict[str, Callable[[random.Random], str]]] = {
    "unknown words": lambda rng: letters(rng, 7),
    "long words": lambda rng: letters(rng, 39),
    "stretched words": lambda rng: "".join(letter * 3 for letter in letters(rng, 4)),
    "words run together": glued,
    "keyword fragments": keyword,
    "cut keywords": lambda rng: keyword(rng)[: rng.randint(1, 4)],
    "masked words": lambda rng: f"{letters(rng, 2)}*{letters(rng, 2)}",
    "much masked words": lambda rng: "*".join(letters(rng, 5)),
    "hyphened words": lambda rng: f"{letters(rng, 3)}-{letters(rng, 3)}",
    "looks like letters": lambda rng: "".join(rng.choices("ksu1c*#.-@$", k=7)),
    "numbered words": lambda rng: f"{rng.randrange(100)}{letters(rng, 5)}",
    "any characters": lambda rng: chr(rng.choice((rng.randrange(0x20, 0x3000), rng.randrange(0x1F000, 0x1FB00)))),
    "any characters in one word": lambda rng: "".join(chr(rng.randrange(0x3400, 0x9FFF)) for _ in range(LENGTH)),
    "accents piled up": lambda rng: (
        rng.choice(ascii_lowercase) + "".join(rng.choices("\u0301\u0334\u200b\u035f", k=30))
    ),
}
NAMES: Final = (*ALPHABETS, *OVER_AND_OVER, *WORDS)


def text(name: str, attempt: int) -> str:
    """Return the text *name*, a different one for each *attempt*, so that no memory of words makes it look quick."""
    rng = random.Random(f"{name} {attempt}")
    if name in ALPHABETS:
        return one_of(ALPHABETS[name], rng)
    if name in OVER_AND_OVER:
        return over_and_over(OVER_AND_OVER[name], rng)
    return words(WORDS[name], rng)


def slowness() -> float:
    """Return how much slower than usual this machine is right now, at least 1: others may be at work on it."""
    began, number = process_time(), 0
    for step in range(100_000):
        number = (number * 31 + step) % 1_000_003
    return max(1.0, (process_time() - began) / YARDSTICK)
