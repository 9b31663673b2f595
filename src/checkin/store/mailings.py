"""Texts to many people at once, put into the outbox by COPY."""

from datetime import datetime
from typing import Final
from uuid import UUID

from checkin.store.ids import new_ids
from checkin.store.outbox import Letter
from checkin.store.people import phone_hash
from checkin.store.pool import Connection

QUEUED: Final = (
    *("mentee_id", "id", "person_id", "lane", "dedupe_key", "day", "phone", "phone_hash", "body"),
    *("not_before", "expires_at", "created_at"),
)


async def queue(conn: Connection, letters: list[Letter], now: datetime) -> list[UUID]:
    """Queue texts of which none is there yet, and return their ids in order.

    For the database it is half the work of `outbox.enqueue`, which looks whether a text is there as it writes it;
    here one that is makes the caller's transaction fail.
    """
    ids = new_ids(now, len(letters))
    rows = [_row(conn, letter, message, now) for letter, message in zip(letters, ids, strict=True)]
    await conn.copy_records_to_table("outbox", records=rows, columns=QUEUED)
    return ids


def _row(conn: Connection, letter: Letter, message: UUID, now: datetime) -> tuple[object, ...]:
    return (
        letter.about,
        message,
        letter.to,
        letter.lane,
        letter.key,
        letter.day,
        conn.vault.seal("outbox.phone", message, letter.phone),
        letter.phone_hash or phone_hash(conn, letter.phone),
        conn.vault.seal("outbox.body", message, letter.body),
        letter.not_before,
        letter.expires_at,
        now,
    )
