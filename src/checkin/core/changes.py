"""What is new for somebody, and what is gone: what they may see now, beside what they were told of before."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

KEPT = timedelta(days=90)
"""How long it is remembered that something is gone; a reader who was away longer may have to begin anew."""


class Key(NamedTuple):
    """What a thing is found by: its kind, and its id among those of its kind."""

    kind: str
    id: str


class Known(Struct, frozen=True):
    """What a person was told of a thing: in which version of their feed, a hash of what it said, and if it is gone."""

    version: int
    tag: bytes
    is_gone: bool


class Feed(Struct, frozen=True, kw_only=True):
    """Where a person's feed stands. Of what went in version *forgotten* or before, nothing is remembered."""

    person_id: UUID
    id: UUID
    version: int
    forgotten: int


class Place(Struct, frozen=True):
    """How far a reader has come: everything up to *version* of the feed by that id."""

    feed: UUID
    version: int


class Compared(Struct, frozen=True):
    """What has to be told that was not told yet."""

    changed: list[Key]
    gone: list[Key]


def compare(known: Mapping[Key, Known], seen: Mapping[Key, bytes], again: int = 0) -> Compared:
    """Return what is new, different, back again or gone in *seen*, which holds a hash of each thing there is now.

    What was told in version *again* or before is told again.
    """
    changed = [key for key, tag in seen.items() if not _is_told(known.get(key), tag, again)]
    gone = [key for key, one in known.items() if not one.is_gone and key not in seen]
    return Compared(changed, gone)


def _is_told(known: Known | None, tag: bytes, again: int) -> bool:
    return known is not None and not known.is_gone and known.tag == tag and known.version > again


def can_go_on(feed: Feed, place: Place) -> bool:
    """Say whether all that has changed since *place* is still known.

    It is not when the feed began anew, or when something is forgotten that went after it.
    """
    return place.feed == feed.id and feed.forgotten <= place.version <= feed.version
