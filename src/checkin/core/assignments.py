"""Who may stand by whom, and when."""

from datetime import datetime, timedelta
from enum import StrEnum

from checkin.core.errors import BadInput
from checkin.core.people import Person, Role

LATE = timedelta(minutes=10)  # a start may lie this far back: clocks differ, and calls take a moment
AHEAD = timedelta(days=3653)  # ten years; what shall last longer has no end


class Kind(StrEnum):
    """The mentor, who stands in for them, or whose group it is. A clinical contact comes with the people file."""

    primary = "primary"
    cover = "cover"
    facilitator = "facilitator"


def check(mentee: Person, mentor: Person | None, starts_at: datetime, ends_at: datetime | None, now: datetime) -> None:
    """Raise BadInput unless *mentor* can stand by *mentee* from *starts_at* until *ends_at*."""
    if Role.mentee not in mentee.roles:
        raise BadInput("this person is not a mentee")
    if mentor is None or mentor.program_id != mentee.program_id or not mentor.is_a(Role.mentor):
        raise BadInput("there is no active mentor by that id in the program", "/mentor_id")
    if mentor.id == mentee.id:
        raise BadInput("nobody mentors themselves", "/mentor_id")
    if starts_at < now - LATE:
        raise BadInput("an assignment cannot start in the past", "/starts_at")
    if starts_at > now + AHEAD:
        raise BadInput("an assignment starts within ten years", "/starts_at")
    if ends_at is not None and ends_at > now + AHEAD:
        raise BadInput("an assignment ends within ten years; leave the end out to let it go on", "/ends_at")
    if ends_at is not None and ends_at <= max(starts_at, now):
        raise BadInput("an assignment ends after it starts, and in the future", "/ends_at")


def is_same_time(
    stands: tuple[datetime, datetime | None], asked: tuple[datetime | None, datetime | None], now: datetime
) -> bool:
    """Whether an assignment that *stands* is what is *asked* for: begun by then, and with the same end.

    Without a start it is asked for from *now* on. One that was begun by a call at the same time may lie ahead a little.
    """
    starts_at, ends_at = asked
    begins = stands[0] <= now + LATE if starts_at is None else stands[0] == starts_at
    return begins and stands[1] == ends_at
