"""The pretend phones' texts, and the clock that can be moved."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from checkin.core.people import Person
from checkin.store.people import person_of, phone_hash
from checkin.store.pool import Connection


class PhoneText(Struct, frozen=True, kw_only=True):
    """One text on a pretend phone; *received* is true for those the phone got from us."""

    sid: str
    received: bool
    body: str
    at: datetime


ADD = """
    insert into sandbox_texts (sid, phone_hash, direction, body, at) values ($1, $2, $3, $4, $5)
        on conflict (sid) do nothing
"""


async def add_text(conn: Connection, sid: str, phone: str, direction: str, body: str, at: datetime) -> None:
    """Put a text on the phone *phone*; *direction* is "to_phone" or "from_phone"."""
    sealed = conn.vault.seal("sandbox_texts.body", sid, body)
    await conn.execute(ADD, sid, phone_hash(conn, phone), direction, sealed, at)


ADD_PUSH = """
    insert into sandbox_texts (sid, phone_hash, direction, body, at)
    select $1, phone_hash, 'to_phone', $3, $4 from outbox where id = $2
        on conflict (sid) do nothing
"""


async def add_push(conn: Connection, sid: str, message: UUID, words: str, at: datetime) -> None:
    """Put a push on the phone that *message* is for; it reads so that nobody takes it for a text."""
    sealed = conn.vault.seal("sandbox_texts.body", sid, f"(push) {words}")
    await conn.execute(ADD_PUSH, sid, message, sealed, at)


ON_PHONE = """
    select sid, direction, body, at
      from (select sid, direction, body, at
              from sandbox_texts
             where phone_hash = $1
             order by at desc, sid desc
             limit $2) as newest
     order by at, sid
"""


async def on_phone(conn: Connection, phone: str, limit: int = 50) -> list[PhoneText]:
    """Return the newest texts on a phone, the oldest of them first."""
    return [
        PhoneText(
            sid=row["sid"],
            received=row["direction"] == "to_phone",
            body=conn.vault.open("sandbox_texts.body", row["sid"], row["body"]),
            at=row["at"],
        )
        for row in await conn.fetch(ON_PHONE, phone_hash(conn, phone), limit)
    ]


PEOPLE = """
    select id, program_id, roles, status, name, phone, language, time_zone, opted_out_at, unreachable_at
      from people
     where phone is not null
     order by created_at, id
     limit 200
"""


async def people(conn: Connection) -> list[Person]:
    """Return everybody with a pretend phone."""
    return [person_of(conn, row) for row in await conn.fetch(PEOPLE)]


AHEAD = """
    select ahead from sandbox_clock
"""


async def ahead(conn: Connection) -> timedelta:
    """Return by how much the sandbox's clock is ahead of the real one."""
    found: timedelta = await conn.fetchval(AHEAD)
    return found


SET_AHEAD = """
    update sandbox_clock set ahead = greatest(ahead, $1)
"""


async def set_ahead(conn: Connection, value: timedelta) -> None:
    """Move the sandbox's clock; never back."""
    await conn.execute(SET_AHEAD, value)


NEXT_DUE = """
    select min(at) from (
        select min(next_nudge_at) as at from nudge_plans where next_nudge_at > $1
        union all
        select min(next_step_at) from alerts where next_step_at > $1
        union all
        select min(not_before) from outbox where status = 'queued' and not_before > $1
    ) as due
"""


async def next_due(conn: Connection, after: datetime) -> datetime | None:
    """Return when something happens next by itself."""
    found: datetime | None = await conn.fetchval(NEXT_DUE, after)
    return found


NEXT_DUE_NUDGE = """
    select min(next_nudge_at) from nudge_plans where next_nudge_at > $1 and ($2::uuid is null or mentee_id = $2)
"""


async def next_due_nudge(conn: Connection, after: datetime, mentee_id: UUID | None = None) -> datetime | None:
    """Return when it is decided next whether *mentee_id* is asked; without one, whether anybody is."""
    found: datetime | None = await conn.fetchval(NEXT_DUE_NUDGE, after, mentee_id)
    return found


LAST_DECISION = """
    select decision, due_at from nudges where mentee_id = $1 order by decided_at desc limit 1
"""


async def last_decision(conn: Connection, mentee_id: UUID) -> tuple[str, datetime] | None:
    """Return what became of a mentee's latest nudge, "sent" or why not, and when it was due."""
    row = await conn.fetchrow(LAST_DECISION, mentee_id)
    return None if row is None else (row["decision"], row["due_at"])


# Moving takes as long as the worker needs for what becomes due; its transaction is left alone meanwhile.
LOCK_CLOCK = """
    select pg_try_advisory_xact_lock(hashtext('sandbox_clock'))
      from set_config('idle_in_transaction_session_timeout', '0', true)
"""


async def lock_clock(conn: Connection) -> bool:
    """Be the one who moves the clock until this transaction ends; False when somebody else is."""
    locked: bool = await conn.fetchval(LOCK_CLOCK)
    return locked


UNDONE = """
    select (select count(*) from nudge_plans where next_nudge_at <= $1)
         + (select count(*) from alerts where next_step_at <= $1)
         + (select count(*) from sign_in_codes where send_at <= $1)
         + (select count(*) from outbox where (status = 'queued' and not_before <= $1) or status = 'claimed')
"""


async def undone(conn: Connection, now: datetime) -> int:
    """Return how much work is due at *now* and not done yet."""
    count: int = await conn.fetchval(UNDONE, now)
    return count
