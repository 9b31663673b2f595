"""What people agreed to, in which words, when and how; and when they took it back."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from checkin.core.consents import Purpose
from checkin.store.pool import Connection

TEXTS = Purpose.check_ins_by_sms.value
CLINIC = Purpose.clinical_contact.value


class Consent(Struct, frozen=True, kw_only=True):
    """One yes to one purpose, in the words of *version*, and how it ended if it has."""

    purpose: Purpose
    version: str
    given_at: datetime
    source: str
    withdrawn_at: datetime | None
    withdrawn_source: str | None


GIVE = """
    insert into consents (person_id, purpose, given_at, version, source)
    select $1, $2, greatest($3, max(withdrawn_at) + interval '1 microsecond'), $4, $5
      from consents
     where person_id = $1
       and purpose = $2
        on conflict (person_id, purpose) where withdrawn_at is null do nothing
 returning true
"""


async def give(conn: Connection, person_id: UUID, purpose: str, version: str, source: str, now: datetime) -> bool:
    """Write that a person agreed to *purpose* in the words of *version*; nothing, and False, if one stands already."""
    return bool(await conn.fetchval(GIVE, person_id, purpose, now, version, source))


STANDS = """
    select exists (select 1 from consents where person_id = $1 and purpose = $2 and withdrawn_at is null)
"""


async def stands(conn: Connection, person_id: UUID, purpose: str) -> bool:
    """Say whether a person agrees to *purpose* now."""
    standing: bool = await conn.fetchval(STANDS, person_id, purpose)
    return standing


SINCE = """
    select given_at from consents where person_id = $1 and purpose = $2 and withdrawn_at is null
"""


async def since(conn: Connection, person_id: UUID, purpose: str) -> datetime | None:
    """Return since when a person agrees to *purpose*; None if they do not now."""
    given_at: datetime | None = await conn.fetchval(SINCE, person_id, purpose)
    return given_at


LATEST = """
    select purpose, version, given_at, source, withdrawn_at, withdrawn_source
      from consents
     where person_id = $1
       and purpose = $2
     order by given_at desc
     limit 1
"""


async def latest(conn: Connection, person_id: UUID, purpose: str) -> Consent | None:
    """Return a person's latest yes to *purpose*, whether it stands or not."""
    row = await conn.fetchrow(LATEST, person_id, purpose)
    return None if row is None else msgspec.convert(dict(row), Consent)


HISTORY = """
    select c.purpose, c.version, c.given_at, c.source, c.withdrawn_at, c.withdrawn_source
      from (select purpose, version, given_at, source, withdrawn_at, withdrawn_source,
                   row_number() over (partition by purpose order by given_at desc) as place
              from consents
             where person_id = $1) c
     where c.place <= $2
     order by c.purpose, c.given_at desc
"""


async def history(conn: Connection, person_id: UUID, most: int) -> list[Consent]:
    """Return the latest *most* yeses to each purpose, the newest first; one that stands is the first of its purpose."""
    return [msgspec.convert(dict(row), Consent) for row in await conn.fetch(HISTORY, person_id, most)]


WITHDRAW = """
    update consents
       set withdrawn_at = greatest($3, given_at), withdrawn_source = $4
     where person_id = any ($1::uuid[])
       and purpose = $2
       and withdrawn_at is null
 returning true
"""


async def withdraw(conn: Connection, person_id: UUID, purpose: str, source: str, now: datetime) -> bool:
    """Take a person's consent to *purpose* back; nothing, and False, if none stands."""
    return bool(await conn.fetchval(WITHDRAW, [person_id], purpose, now, source))


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


async def opt_in(conn: Connection, person_id: UUID, version: str, source: str, now: datetime) -> bool:
    """Let texts go to a person; an invited one is active from now on. Their yes is kept with its words' *version*.

    Returns False if one stands already.
    """
    await conn.execute(OPT_IN, person_id)
    return await give(conn, person_id, TEXTS, version, source, now)
