"""How often something may be done: so many times in any window of time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

NOTHING: Final = timedelta()


class Limit(Struct, frozen=True):
    """At most *most* times within any *window*; *name* is what callers are told."""

    name: str
    most: int
    window: timedelta


class Use(Struct, frozen=True):
    """What was used of a limit within its window: how often, *most* at most, and when first of those (UTC)."""

    count: int
    first: datetime | None


class Room(Struct, frozen=True):
    """What is left of a limit: so many times, or none for the *wait*."""

    limit: Limit
    left: int
    wait: timedelta


def room(limit: Limit, use: Use, now: datetime) -> Room:
    """Return what is left of *limit* at *now*; *use* counts the newest *most* times alone."""
    if use.count < limit.most or use.first is None:
        return Room(limit, limit.most - use.count, NOTHING)
    return Room(limit, 0, max(use.first + limit.window - now, NOTHING))


def tightest(rooms: Iterable[Room]) -> Room:
    """Return the limit that holds longest, or where none does the one with the least left."""
    return max(rooms, key=lambda one: (one.wait, -one.left))


def used_once(room: Room) -> Room:
    """Return what is left when one more is taken from *room*."""
    return Room(room.limit, room.left - 1, room.wait)
