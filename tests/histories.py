"""Made-up histories for the detector: usual levels, days missed, and now and then a lasting fall."""

import random
from datetime import date
from uuid import UUID

from checkin.core.dry_runs import History
from checkin.core.trend import Report
from tests.people import DAY, MONDAY

FALL = 1.6  # points
FALL_DAYS = 12


def reports(seed: int, days: int, *, until: date = MONDAY, falls_every: int = 60) -> list[Report]:
    """Return about two thirds of *days* answered, the last on or before *until*, with a fall every so many days."""
    dice = random.Random(seed)
    mood, hope = dice.uniform(5, 8), dice.uniform(5, 8)
    found = []
    for number in range(days):
        is_low = number % falls_every >= falls_every - FALL_DAYS
        if dice.random() < 0.66:
            scores = [round(dice.gauss(level - FALL * is_low, 1.2)) for level in (mood, hope)]
            found.append(Report(until - (days - 1 - number) * DAY, *(min(max(score, 0), 10) for score in scores)))
    return found


def programme(seed: int, mentees: int, days: int, *, falls_every: int = 180) -> list[History]:
    """Return the histories of a whole programme, shared out between three mentors and nobody."""
    return [
        History(
            mentee_id=UUID(int=number),
            mentor_id=UUID(int=1000 + number % 4) if number % 4 else None,
            reports=reports(seed * 1000 + number, days, falls_every=falls_every),
        )
        for number in range(mentees)
    ]
