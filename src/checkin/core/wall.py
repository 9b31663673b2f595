"""What the clock on a person's wall says: local days, wall times and quiet hours as instants in UTC.

Everything here counts on the wall calendar of an IANA zone, never in blocks of 24 hours.
Instants must be aware; naive ones raise ValueError, because Python would read them in the machine's own zone.
Unknown zones raise ValueError too; dates within a day of year 1 or 9999 raise OverflowError.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MIDNIGHT = time()
ANSWERS_UNTIL = time(3)
"""Until this wall time an answer still counts for the day before."""

NOT_PLACES = frozenset({"Factory", "localtime"})
"""Names found in the zone files that mean "not set" and "whatever this machine uses"."""


class Span(Struct, frozen=True):
    """Wall times [start, end) counted from the midnight that begins a day, on the clock face: 24 hours is its end."""

    start: timedelta
    end: timedelta


def instant(day: date, at: time, zone: str) -> datetime:
    """Return the moment, in UTC, at which the wall clock of *zone* shows *at* on *day*.

    A time that is skipped (gap, in spring) is the first moment after the gap: 02:30 becomes 03:00. A time that is
    shown twice (fold, in autumn) is the first of the two. A whole day that a zone skipped (Pacific/Apia on
    2011-12-30) is a gap like any other: the first moment of the day after. Later wall times never give earlier
    instants.
    """
    return _instant(day, at, zone)


@lru_cache(maxsize=8192)
def _instant(day: date, at: time, zone: str) -> datetime:
    """Return `instant`, remembered: a thousand people due together share days, times and zones."""
    skipped = _skipped(day, at, zone)
    if skipped is not None:
        return skipped[0]
    return _shown(day, at, zone, fold=0).astimezone(UTC)


def kind_of(day: date, at: time, zone: str) -> Literal["plain", "gap", "fold"]:
    """Say whether *zone* shows this wall time once, never (gap) or twice (fold)."""
    before, after = _offsets(day, at, zone)
    if before == after:
        return "plain"
    return "gap" if before < after else "fold"


def since_midnight(at: time) -> timedelta:
    """Return what the clock face shows as a length, as in Span."""
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)


def instant_at(day: date, length: timedelta, zone: str) -> datetime:
    """Return `instant` of the wall time *length* (0 to 24 hours) into the clock face of *day*."""
    shown = datetime.combine(day, MIDNIGHT) + length
    return instant(shown.date(), shown.time(), zone)


def gap_at(day: date, length: timedelta, zone: str) -> Span | None:
    """Return what the clocks skip around the wall time *length* into *day*, or None when they do show it.

    The span may begin before the day's midnight or end after the next.
    """
    midnight = datetime.combine(day, MIDNIGHT, tzinfo=UTC)
    shown = midnight + length
    skipped = _skipped(shown.date(), shown.time(), zone)
    if skipped is None:
        return None
    moment, before, after = skipped
    return Span(moment + before - midnight, moment + after - midnight)


def local_day(now: datetime, zone: str) -> date:
    """Return the date on the wall calendar of *zone*."""
    return local(now, zone).date()


def local(now: datetime, zone: str) -> datetime:
    """Return *now* as the wall of *zone* shows it."""
    if now.tzinfo is None:
        raise ValueError("a naive time has no place on a wall")
    return now.astimezone(_zone(zone))


def answer_day(now: datetime, zone: str) -> date:
    """Return the day an answer given *now* counts for: until 03:00 it is still the day before.

    The day changes exactly at `day_ends` and never goes back, even where the hour around 03:00 repeats.
    """
    today = local_day(now, zone)
    yesterday = today - DAY
    return yesterday if now < day_ends(yesterday, zone) else today


def day_ends(day: date, zone: str) -> datetime:
    """Return the first moment, in UTC, at which an answer no longer counts for *day*: 03:00 the next morning."""
    return instant(day + DAY, ANSWERS_UNTIL, zone)


def is_quiet(now: datetime, zone: str, quiet_from: time, quiet_until: time) -> bool:
    """Say whether the wall of *zone* is inside the quiet hours; *quiet_until* itself is no longer quiet."""
    return is_between(local(now, zone).time(), quiet_from, quiet_until)


def is_between(at: time, start: time, end: time) -> bool:
    """Say whether *at* is in [start, end), which may go round midnight; equal times are an empty window."""
    if start <= end:
        return start <= at < end
    return at >= start or at < end


def quiet_ends(now: datetime, zone: str, quiet_from: time, quiet_until: time) -> datetime:
    """Return the moment, in UTC, at which the quiet hours around *now* end; *now* itself when it is not quiet.

    That is always the next showing of *quiet_until*: an autumn hour that repeats outside the window in the middle
    of the night does not end it.
    """
    if not is_quiet(now, zone, quiet_from, quiet_until):
        return now.astimezone(UTC)
    day = local_day(now, zone)
    while True:
        for end in (instant(day, quiet_until, zone), _shown(day, quiet_until, zone, fold=1).astimezone(UTC)):
            if end > now and not is_quiet(end, zone, quiet_from, quiet_until):
                return end
        day += DAY


def is_zone(name: str) -> bool:
    """Say whether *name* is an IANA zone, spelled exactly; the name is only compared, never looked up as a file."""
    return name in _zones()


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - NOT_PLACES


@cache
def _zone(name: str) -> ZoneInfo:
    """Return the zone, read once a process: ZoneInfo's own cache drops all but the last eight."""
    if not is_zone(name):
        raise ValueError("not an IANA time zone")
    return ZoneInfo(name)


def _shown(day: date, at: time, zone: str, *, fold: Literal[0, 1]) -> datetime:
    return datetime.combine(day, at, tzinfo=_zone(zone)).replace(fold=fold)


def _offsets(day: date, at: time, zone: str) -> tuple[timedelta, timedelta]:
    """Return the offsets read with fold 0 and 1, which PEP 495 makes differ in gaps (rising) and folds (falling)."""
    first = _shown(day, at, zone, fold=0)
    return _offset(first), _offset(first.replace(fold=1))


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _skipped(day: date, at: time, zone: str) -> tuple[datetime, timedelta, timedelta] | None:
    """Return the change of clocks that skips this wall time (UTC, offset before, offset after), or None.

    Changes fall on whole seconds, and in a gap the two readings of the wall time lie on either side of it.
    """
    before, after = _offsets(day, at, zone)
    if before >= after:
        return None
    early = datetime.combine(day, at, tzinfo=UTC).replace(microsecond=0) - after
    seconds = range((after - before) // SECOND + 1)
    place = _zone(zone)
    changed = bisect_left(seconds, True, key=lambda n: _offset((early + n * SECOND).astimezone(place)) == after)
    return early + changed * SECOND, before, after
