"""Row ids (RFC 9562): version 7, so that new rows lie together, or version 8, made of what the row says."""

import os
from datetime import datetime
from uuid import UUID

from asyncpg.pgproto import pgproto

RANDOM = 10  # bytes of an id that are drawn


def new_id(now: datetime) -> UUID:
    """Return a fresh UUIDv7 stamped with *now*, to the millisecond."""
    return UUID(int=_new(_stamp(now), os.urandom(RANDOM)))


def new_ids(now: datetime, count: int) -> list[UUID]:
    """Return *count* of them, as the driver's own kind of UUID, which is made and written out many times as fast."""
    stamp, drawn = _stamp(now), os.urandom(count * RANDOM)
    numbers = (_new(stamp, drawn[start : start + RANDOM]) for start in range(0, len(drawn), RANDOM))
    return [pgproto.UUID(number.to_bytes(16)) for number in numbers]


def _stamp(now: datetime) -> int:
    return int(now.timestamp() * 1000) << 80


def _new(stamp: int, drawn: bytes) -> int:
    random = int.from_bytes(drawn)
    return stamp | 7 << 76 | (random >> 68 & 0xFFF) << 64 | 2 << 62 | random & ((1 << 62) - 1)


def made_of(digest: bytes) -> UUID:
    """Return the id that stands for a hash of at least 16 bytes: the same for the same (RFC 9562, version 8)."""
    return UUID(int=int.from_bytes(digest[:16]) & ~(0xF << 76) & ~(3 << 62) | 8 << 76 | 2 << 62)
