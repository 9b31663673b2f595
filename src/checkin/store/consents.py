"""What people agreed to, in which words, when and how; and when they took it back."""

from datetime import datetime
from uuid import UUID

from checkin.store.pool import Connection

TEXTS = "check_ins_by_sms"

GIVE = """
    insert into consents (person_id, purpose, given_at, version, source)
    values ($1, $2, $3, $4, $5)
        on conflict (person_id, purpose) where withdrawn_at is null do nothing
"""


async def give(conn: Connection, person_id: UUID, purpose: str, version: str, source: str, now: datetime) -> None:
    """Write that a person agreed to *purpose* in the words of *version*; nothing if that stands already."""
    await conn.execute(GIVE, person_id, purpose, now, version, source)


WITHDRAW = """
    update consents
       set withdrawn_at = greatest($3, given_at), withdrawn_source = $4
     where person_id = any ($1::uuid[])
       and purpose = $2
       and withdrawn_at is null
"""

OPT_OUT = """
    update people set opted_out_at = coalesce(opted_out_at, $2) where id = any ($1::uuid[])
"""


async def opt_out(conn: Connection, people: list[UUID], source: str, now: datetime) -> None:
    """Stop all texts to *people* and take their consent to them back."""
    await conn.execute(OPT_OUT, people, now)
    await conn.execute(WITHDRAW, people, TEXTS, now, source)


OPT_IN = """
    update people
       set opted_out_at = null,
           status = case when status = 'invited' then 'active' else status end
     where id = $1
"""


async def opt_in(conn: Connection, person_id: UUID, version: str, source: str, now: datetime) -> None:
    """Let texts go to a person; an invited one is active from now on. Their yes is kept with its words' *version*."""
    await conn.execute(OPT_IN, person_id)
    await give(conn, person_id, TEXTS, version, source, now)
