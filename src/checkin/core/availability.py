"""When somebody may be asked about an alert: their working hours, their digest, and how much they can carry."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Annotated

from msgspec import Meta, Struct

from checkin.core import wall
from checkin.core.nudges import Weekday

LOOK_AHEAD = 8  # days; every weekday comes within 7, and a window the clocks skip comes a week later

OpenAlerts = Annotated[int, Meta(ge=1, le=100)]


class Window(Struct, frozen=True, order=True):
    """Open from *opens* until *closes* (wall times) on an ISO weekday (Monday is 1).

    One that closes at or before it opens goes on until the next morning.
    """

    weekday: Weekday
    opens: time
    closes: time


class Availability(Struct, frozen=True, kw_only=True):
    """What one person has chosen. No *hours* means never.

    *digest_at* is the wall time at which alerts that can wait come together in one text; None: each by itself.
    *limit* is how many open alerts they can carry; None: any number.
    """

    hours: tuple[Window, ...]
    digest_at: time | None = None
    limit: OpenAlerts | None = None


def every_day(opens: time, closes: time) -> tuple[Window, ...]:
    """Return the same window on all seven days."""
    return tuple(Window(weekday, opens, closes) for weekday in range(1, 8))


def opens_at(hours: tuple[Window, ...], zone: str, now: datetime) -> datetime | None:
    """Return *now* where *hours* are open on the wall of *zone*, else the next opening (UTC); None if there is none."""
    openings: list[datetime] = []
    today = wall.local_day(now, zone)
    for ahead in range(-1, LOOK_AHEAD + 1):
        if openings:
            break  # a later day opens later
        for opens, closes in _windows_on(today + ahead * wall.DAY, hours, zone):
            if opens <= now < closes:
                return now
            if now < opens < closes:
                openings.append(opens)
    return min(openings, default=None)


def closes_at(hours: tuple[Window, ...], zone: str, now: datetime) -> datetime | None:
    """Return when *hours*, open at *now* on the wall of *zone*, close (UTC); None where they do not within days."""
    end = now
    for _ in range(LOOK_AHEAD):
        today = wall.local_day(end, zone)
        windows = [*_windows_on(today - wall.DAY, hours, zone), *_windows_on(today, hours, zone)]
        later = max((closes for opens, closes in windows if opens <= end < closes), default=None)
        if later is None:
            return end
        end = later
    return None


def _windows_on(day: date, hours: tuple[Window, ...], zone: str) -> Iterator[tuple[datetime, datetime]]:
    """Yield when each window of a local day opens and closes."""
    for window in hours:
        if window.weekday == day.isoweekday():
            closing_day = day if window.opens < window.closes else day + wall.DAY
            yield wall.instant(day, window.opens, zone), wall.instant(closing_day, window.closes, zone)


def is_open(hours: tuple[Window, ...], zone: str, now: datetime) -> bool:
    """Say whether *now* is inside *hours*."""
    return opens_at(hours, zone, now) == now


def is_digest_time(chosen: Availability, zone: str, moment: datetime) -> bool:
    """Say whether *moment* is exactly when a digest is due."""
    if chosen.digest_at is None:
        return False
    return wall.instant(wall.local_day(moment, zone), chosen.digest_at, zone) == moment


def next_digest(chosen: Availability, zone: str, after: datetime) -> datetime | None:
    """Return the first digest strictly later than *after* that falls into the hours (UTC); None if none does."""
    if chosen.digest_at is None:
        return None
    today = wall.local_day(after, zone)
    for ahead in range(LOOK_AHEAD + 1):
        at = wall.instant(today + ahead * wall.DAY, chosen.digest_at, zone)
        if at > after and is_open(chosen.hours, zone, at):
            return at
    return None
