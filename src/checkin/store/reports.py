"""Messages as the carrier reports of them: where each stands, and what a report makes of it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from checkin.core.delivery import Lane, Status
from checkin.store.pool import Connection

LOCK_READERS = """
    select p.id
      from people p
      join outbox o
        on o.id = $1
       and (p.id = o.person_id or p.phone_hash = o.phone_hash)
     order by p.id
       for no key update of p
"""


async def lock_readers(conn: Connection, message_id: UUID | None) -> None:
    """Lock whom a message is to, and whoever has the phone it goes to: before the message, as a stop does."""
    await conn.execute(LOCK_READERS, message_id)


LOCK = """
    select mentee_id, id, status, person_id, phone_hash, lane, attempts, attempt_id, provider_sid, error_code,
           expires_at
      from outbox
     where id = $1
       for update
"""


class Standing(Struct, frozen=True, kw_only=True):
    """Where a message stands: its status, whose it is, its latest attempt and what the carrier calls it."""

    mentee_id: UUID
    id: UUID
    status: Status
    person_id: UUID | None
    phone_hash: bytes
    lane: Lane
    attempts: int
    attempt_id: UUID | None
    provider_sid: str | None
    error_code: int | None
    expires_at: datetime


async def lock(conn: Connection, message_id: UUID | None) -> Standing | None:
    """Lock a message for this transaction; nothing for none, or an id we never gave out."""
    row = await conn.fetchrow(LOCK, message_id)
    if row is None:
        return None
    return Standing(
        mentee_id=row["mentee_id"],
        id=row["id"],
        status=Status(row["status"]),
        person_id=row["person_id"],
        phone_hash=row["phone_hash"],
        lane=Lane(row["lane"]),
        attempts=row["attempts"],
        attempt_id=row["attempt_id"],
        provider_sid=row["provider_sid"],
        error_code=row["error_code"],
        expires_at=row["expires_at"],
    )


REPORTED = """
    update outbox
       set status = $3, provider_sid = coalesce(provider_sid, $4), error_code = coalesce($5, error_code),
           sent_at = coalesce(sent_at, $6), claimed_until = null,
           settled_at = case when $3 in ('delivered', 'undelivered', 'failed') then $6 end
     where mentee_id = $1
       and id = $2
"""


async def reported(
    conn: Connection, mentee_id: UUID, message_id: UUID, status: Status, sid: str, code: int | None, now: datetime
) -> None:
    """Write down what the carrier says became of a message."""
    await conn.execute(REPORTED, mentee_id, message_id, status, sid, code, now)


RETRY = """
    update outbox
       set status = 'queued', not_before = $3, provider_sid = $4, error_code = $5, claimed_until = null,
           sent_at = null, settled_at = null
     where mentee_id = $1
       and id = $2
"""


async def retry(conn: Connection, message: Standing, at: datetime, sid: str, code: int | None) -> None:
    """Queue a message for another attempt at *at*: the carrier's *sid* did not arrive. It was locked with `lock`."""
    await conn.execute(RETRY, message.mentee_id, message.id, at, sid, code)
