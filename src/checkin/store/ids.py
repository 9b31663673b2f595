"""Row ids: UUID version 7 (RFC 9562), so that new rows lie together; PostgreSQL makes its own only from 18 on."""

import os
from datetime import datetime
from uuid import UUID


def new_id(now: datetime) -> UUID:
    """Return a fresh UUIDv7 stamped with *now*, to the millisecond."""
    millis = int(now.timestamp() * 1000)
    random = int.from_bytes(os.urandom(10))
    return UUID(int=millis << 80 | 7 << 76 | (random >> 68 & 0xFFF) << 64 | 2 << 62 | random & ((1 << 62) - 1))
