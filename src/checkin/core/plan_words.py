"""Times, weekdays and hours of a plan as people write them in one field: "09:00 18:30", "mon-fri", "21:00-08:00"."""

import re
from collections.abc import Iterator
from datetime import time
from typing import Final

MOST_TIMES: Final = 6
NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS: Final = (
    *((name.lower(), number) for number, name in enumerate(NAMES, 1)),
    *((name, number) for number, name in enumerate(("lun", "mar", "mie", "jue", "vie", "sab", "dom"), 1)),
    *((str(number), number) for number in range(1, 8)),
)
NUMBERS: Final = dict(_DAYS)
TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


def read_time(text: str) -> time | None:
    """Return a wall time such as 18:00 or 9:30; None for anything else."""
    found = TIME.fullmatch(text)
    return None if found is None else time(int(found[1]), int(found[2]))


def read_times(text: str) -> tuple[time, ...] | None:
    """Return one to six times with spaces or commas between, sorted, each once; None for anything else."""
    times = {read_time(word) for word in _words(text)}
    sound = sorted(at for at in times if at is not None)
    return tuple(sound) if None not in times and 1 <= len(sound) <= MOST_TIMES else None


def read_weekdays(text: str) -> tuple[int, ...] | None:
    """Return ISO weekdays (Monday is 1), sorted, from days and ranges; None for anything else.

    Days are named in English or Spanish by three letters, or numbered: "mon-fri", "1-5", "sat, sun", "fri-mon".
    """
    days: set[int] = set()
    for word in _words(text.lower()):
        ends = [NUMBERS.get(end) for end in word.split("-")]
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or first is None or last is None:
            return None
        days.update((first + n - 1) % 7 + 1 for n in range((last - first) % 7 + 1))
    return tuple(sorted(days)) or None


def read_hours(text: str) -> tuple[time, time] | None:
    """Return where hours begin and end, written 21:00-08:00; None for anything else."""
    ends = [read_time(end.strip()) for end in text.split("-")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        return None
    return ends[0], ends[1]


def tell_times(times: tuple[time, ...]) -> str:
    """Return times as `read_times` reads them."""
    return " ".join(f"{at:%H:%M}" for at in sorted(times))


def tell_weekdays(days: tuple[int, ...]) -> str:
    """Return weekdays for people: "every day", or "Mon, Tue"."""
    return "every day" if len(set(days)) == len(NAMES) else ", ".join(NAMES[day - 1] for day in sorted(set(days)))


def _words(text: str) -> Iterator[str]:
    return (word for word in re.split(r"[\s,]+", text) if word)
