"""Messages that a process holds under a lease, opened one by one."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

from checkin.core.delivery import Lane
from checkin.core.pushes import Way
from checkin.store.pool import Connection
from checkin.store.vault import CannotOpen

T = TypeVar("T")


class Claimed(Struct, frozen=True, kw_only=True):
    """A message this process holds under a lease, ready to be handed to the carrier."""

    mentee_id: UUID
    id: UUID
    person_id: UUID | None
    lane: Lane
    way: Way
    phone: str
    phone_hash: bytes
    body: str
    attempts: int
    attempt_id: UUID
    provider_sid: str | None
    expires_at: datetime
    claimed_at: datetime


def claimed_of(conn: Connection, row: Record) -> Claimed:
    return Claimed(
        mentee_id=row["mentee_id"],
        id=row["id"],
        person_id=row["person_id"],
        lane=Lane(row["lane"]),
        way=Way(row["way"]),
        phone=conn.vault.open("outbox.phone", row["id"], row["phone"]),
        phone_hash=row["phone_hash"],
        body=conn.vault.open("outbox.body", row["id"], row["body"]),
        attempts=row["attempts"],
        attempt_id=row["attempt_id"],
        provider_sid=row["provider_sid"],
        expires_at=row["expires_at"],
        claimed_at=row["claimed_at"],
    )


class Opened(NamedTuple, Generic[T]):
    """What rows hold, and the ids of those that are damaged or were sealed with a key that is gone."""

    readable: list[T]
    unreadable: list[UUID]


def opened(conn: Connection, rows: Iterable[Record], open_one: Callable[[Connection, Record], T]) -> Opened[T]:
    """Open every row by itself, so that one that cannot be opened does not hold up the others."""
    readable: list[T] = []
    unreadable: list[UUID] = []
    for row in rows:
        try:
            readable.append(open_one(conn, row))
        except CannotOpen:
            unreadable.append(row["id"])
    return Opened(readable, unreadable)


FAIL = """
    update outbox set status = 'failed', settled_at = $2, claimed_until = null where id = any ($1::uuid[])
"""


async def fail(conn: Connection, messages: list[UUID], now: datetime) -> None:
    """Let go of messages that nobody can read."""
    await conn.execute(FAIL, messages, now)
