"""What becomes of an answer: stored, unchanged, or too old to replace the one that stands."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import Struct

from checkin.core import wall
from checkin.core.errors import DayOutOfReach
from checkin.core.trend import Report

REACH_BACK = timedelta(days=30)
CLOCK_SKEW = timedelta(minutes=10)  # a phone's clock may run ahead by this much


class Source(StrEnum):
    """How the answer came in."""

    app = "app"
    sms = "sms"
    web = "web"
    imported = "import"


class Answer(Struct, frozen=True, kw_only=True):
    """What somebody said about one local *day*: mood and hope 0-10 (10 is best), or a skip, perhaps a note."""

    day: date
    mood: int | None = None
    hope: int | None = None
    skipped: bool = False
    note: str | None = None
    note_shared: bool = False
    answered_at: datetime
    time_zone: str
    source: Source

    @property
    def report(self) -> Report | None:
        """The two scores as the trend detector takes them; nothing if either is missing."""
        if self.mood is None or self.hope is None:
            return None
        return Report(self.day, self.mood, self.hope)


class CheckIn(Answer, frozen=True, kw_only=True):
    """An answer as it is stored."""

    id: UUID
    received_at: datetime


Settled = Literal["store", "unchanged", "superseded"]
Outcome = Literal["stored", "unchanged", "superseded"]


def settle(stored: CheckIn | None, arriving: CheckIn) -> Settled:
    """Say what becomes of *arriving* beside the answer *stored* for the same day.

    The newer `answered_at` wins. Two answers of the same instant are ordered by their id, which is derived from
    what they say, so that any order of arrival ends the same.
    """
    if stored is None:
        return "store"
    if stored.id == arriving.id:
        return "unchanged"
    newer = (arriving.answered_at, arriving.id) > (stored.answered_at, stored.id)
    return "store" if newer else "superseded"


def check_reach(day: date, answered_at: datetime, time_zone: str, now: datetime) -> None:
    """Raise DayOutOfReach unless *day* and *answered_at* lie within the last 30 days.

    A day may be today's in the mentee's zone at the time of the answer, or any of the 30 before it.
    """
    if answered_at > now + CLOCK_SKEW:
        raise DayOutOfReach("answered_at lies in the future; check the clock of the device")
    if answered_at < now - REACH_BACK:
        raise DayOutOfReach("answered_at is more than 30 days ago; answers that old are no longer taken")
    today = wall.local_day(now, time_zone)
    if day > wall.local_day(answered_at, time_zone):
        raise DayOutOfReach(f"{day} had not begun in {time_zone} when this was answered")
    if day < today - REACH_BACK:
        raise DayOutOfReach(f"{day} is more than 30 days ago; days that old are closed")
