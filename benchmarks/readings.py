"""Measure how many texts a second one core screens and reads, and how long the worst text takes.

Ends with 1 unless texts are screened and read at 10,000 a second, as they are when they come in, and no text of up to
1,600 characters takes more than 5 ms, both on a usual machine: what is measured on a slower one is brought to that by a
yardstick taken beside each measurement. The texts are those of the tests, and texts that are made to take long.
"""

import platform
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

from msgspec import Struct

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run by its path, it finds its siblings by package

from checkin.core import danger, danger_phrases, normalise, replies
from tests import adversarial

LEAST_RATE = 10_000  # texts a second, screened and read
MOST_MS = 5.0
ROUNDS = 5
ROUND = 0.4  # seconds
TRIES = 3  # a text's time is the best of these: what else the machine does is not its fault
DATA = Path(__file__).resolve().parents[1] / "tests" / "data"

Read = Callable[[str], object]


class Step(Struct, frozen=True):
    """What is done to a text on its way in, and which of the texts it is done to."""

    name: str
    read: Read
    texts: list[str]


class Pace(Struct, frozen=True, kw_only=True):
    """Texts a second, with their words unseen, then known, then on a usual machine; the slowest texts in ms.

    *slowest* is of the usual texts, *worst* of those made to take long, on a usual machine.
    """

    first: float
    rate: float
    usual: float
    slowest: float
    worst: float
    worst_name: str


def main() -> int:
    daily, screened, mentors = map(texts_of, ("mentee_texts.tsv", "screen_texts.tsv", "mentor_texts.tsv"))
    every = -(-len(screened) // len(daily))  # danger must not outnumber what people text daily
    mentees = daily + screened[::every]
    steps = [
        Step("screen", danger.screen, mentees + mentors),
        Step("read as mentee", replies.read_mentee, mentees),
        Step("read as mentor", replies.read_mentor, mentors),
        Step("screen + read as mentee", as_mentee, mentees),
        Step("screen + read as mentor", as_mentor, mentors),
    ]
    for step in steps:
        step.read("hola")  # the rules are loaded with the first text
    paces = {step.name: measure(step) for step in steps}
    print(f"{len(mentees)} texts of mentees, {len(mentors)} of mentors; one core, Python {platform.python_version()}")
    print(f"worst: {len(adversarial.NAMES)} kinds of text of {adversarial.LENGTH:,} characters, made to take long\n")
    print(table(paces))
    found = shortfalls(paces)
    print("\n" + ("\n".join(found) or f"held: at least {LEAST_RATE:,} a second, no text above {MOST_MS:g} ms"))
    return 1 if found else 0


def texts_of(name: str) -> list[str]:
    """Return the texts in a table of the tests; none if there is no such table."""
    path = DATA / name
    if not path.exists():
        return []
    head, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    at = head.split("\t").index("text")
    return [line.split("\t")[at].replace("\\n", "\n") for line in lines if not line.startswith("#")]


def as_mentee(text: str) -> None:
    body = normalise.clean(text)
    danger.screen_safely(body)
    replies.read_mentee(body)


def as_mentor(text: str) -> None:
    body = normalise.clean(text)
    danger.screen_safely(body)
    replies.read_mentor(body)


def measure(step: Step) -> Pace:
    clear_memory()
    first = len(step.texts) / seconds(step.read, step.texts)
    rounds = [(rate_of(step), adversarial.slowness()) for _ in range(ROUNDS)]
    slowest = max(min(seconds(step.read, [text]) for _ in range(TRIES)) for text in step.texts)
    worst, name = max((worst_of(step.read, name), name) for name in adversarial.NAMES)
    return Pace(
        first=first,
        rate=median(rate for rate, _ in rounds),
        usual=median(rate * slowness for rate, slowness in rounds),
        slowest=slowest * 1000,
        worst=worst * 1000,
        worst_name=name,
    )


def clear_memory() -> None:
    """Forget the characters and words read before, as in a process that has just begun."""
    for remembering in (normalise._folded, danger_phrases.rules().read):
        getattr(remembering, "cache_clear", lambda: None)()


def rate_of(step: Step) -> float:
    """Return the texts a second in a round of ROUND seconds or a little more."""
    done, taken = 0, 0.0
    while taken < ROUND:
        taken += seconds(step.read, step.texts)
        done += len(step.texts)
    return done / taken


def worst_of(read: Read, name: str) -> float:
    """Return the seconds of the quickest of a few texts made to take long, as on a usual machine."""
    texts = [adversarial.text(name, attempt) for attempt in range(TRIES)]
    return min(seconds(read, [text]) / adversarial.slowness() for text in texts)


def seconds(read: Read, texts: list[str]) -> float:
    began = process_time()
    for text in texts:
        read(text)
    return process_time() - began


def table(paces: dict[str, Pace]) -> str:
    lines = [f"{'':<25}{'first time':>11}{'a second':>10}{'usually':>9}{'slowest ms':>12}{'worst ms':>10}  worst"]
    for name, pace in paces.items():
        rates = f"{pace.first:>11,.0f}{pace.rate:>10,.0f}{pace.usual:>9,.0f}"
        figures = f"{rates}{pace.slowest:>12.2f}{pace.worst:>10.2f}"
        lines.append(f"{name:<25}{figures}  {pace.worst_name}")
    return "\n".join(lines)


def shortfalls(paces: dict[str, Pace]) -> list[str]:
    """Return a line for each target that was missed."""
    found = []
    for name, pace in paces.items():
        if name.startswith("screen + read") and pace.usual < LEAST_RATE:
            found.append(f"short: {name}: {pace.usual:,.0f} a second, and {LEAST_RATE:,} are wanted")
        if max(pace.slowest, pace.worst) > MOST_MS:
            found.append(f"short: {name}: a text takes {max(pace.slowest, pace.worst):.1f} ms, and {MOST_MS:g} may be")
    return found


if __name__ == "__main__":
    raise SystemExit(main())
