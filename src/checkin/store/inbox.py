"""The inbox: every text that came in, once, whatever the carrier repeats."""

from datetime import datetime
from uuid import UUID

from checkin.store.pool import Connection

REMEMBER = """
    insert into inbox (provider_sid, person_id, body, body_hash, reading, tier, received_at)
    values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (provider_sid) do nothing
 returning true
"""


async def remember(
    conn: Connection, sid: str, person_id: UUID | None, body: str, reading: str, tier: str, now: datetime
) -> bool:
    """Keep a text under the carrier's id. Returns False when that id was there already: nothing more to do."""
    sealed = conn.vault.seal("inbox.body", sid, body)
    found = await conn.fetchval(REMEMBER, sid, person_id, sealed, conn.vault.hash("text", body), reading, tier, now)
    return found is True


SAME_BODY = """
    select body_hash = $2 from inbox where provider_sid = $1
"""


async def is_same(conn: Connection, sid: str, body: str) -> bool:
    """Whether the text kept under *sid* says what *body* says."""
    return await conn.fetchval(SAME_BODY, sid, conn.vault.hash("text", body)) is True
