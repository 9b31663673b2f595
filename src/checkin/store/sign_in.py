"""Codes to sign in with: asked for, sent, tried and used up."""

import hmac
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from checkin.core.sign_in import MOST_TRIES, Asked
from checkin.store.people import phone_hash
from checkin.store.pool import Connection


class CodeRequest(Struct, frozen=True, kw_only=True):
    """Somebody wants to sign in by a code sent to *phone* (E.164)."""

    id: UUID
    phone: str
    expires_at: datetime


RECENT = """
    select asked_at, used_at is not null as used
      from sign_in_codes
     where phone_hash = $1
       and asked_at > $2
     order by asked_at desc
"""


async def recent(conn: Connection, phone: str, since: datetime) -> list[Asked]:
    """Return the codes asked for at a number (E.164) after *since*, the newest first."""
    return [Asked(row["asked_at"], row["used"]) for row in await conn.fetch(RECENT, phone_hash(conn, phone), since)]


SAME = """
    select id, expires_at
      from sign_in_codes
     where phone_hash = $1
       and key_hash = $2
       and expires_at > $3
       and (tries < $4 or used_at is not null)
     order by asked_at desc
     limit 1
"""


async def same(conn: Connection, phone: str, device: UUID | None, key: str, now: datetime) -> CodeRequest | None:
    """Return the request that was made for a number (E.164) from a device under a key, while its code may live.

    One whose code was used is still the same: a duplicate that comes late wants no second text. One that was guessed
    at too often is over.
    """
    row = await conn.fetchrow(SAME, phone_hash(conn, phone), _key(conn, phone, device, key), now, MOST_TRIES)
    return None if row is None else CodeRequest(id=row["id"], phone=phone, expires_at=row["expires_at"])


ADD = """
    insert into sign_in_codes (id, phone, phone_hash, device_hash, asked_at, expires_at, send_at, key_hash)
    values ($1, $2, $3, $4, $5, $6, $5, $7)
"""


async def add(
    conn: Connection, asked: CodeRequest, device: UUID | None, now: datetime, *, key: str | None = None
) -> None:
    """Keep a request; the code is made when it is sent."""
    sealed = conn.vault.seal("sign_in_codes.phone", asked.id, asked.phone)
    named = None if key is None else _key(conn, asked.phone, device, key)
    row = asked.id, sealed, phone_hash(conn, asked.phone), _device(conn, device), now, asked.expires_at, named
    await conn.execute(ADD, *row)


CLAIM_UNSENT = """
    with due as (
        select id, phone from sign_in_codes where send_at <= $1 order by send_at limit $2 for update skip locked
    )
    update sign_in_codes c
       set send_at = null, phone = null
      from due
     where c.id = due.id
 returning c.id, due.phone, c.expires_at
"""


async def claim_unsent(conn: Connection, now: datetime, limit: int) -> list[CodeRequest]:
    """Take up to *limit* requests that nobody has looked at yet; they are never handed out again."""
    return [
        CodeRequest(
            id=row["id"],
            phone=conn.vault.open("sign_in_codes.phone", row["id"], row["phone"]),
            expires_at=row["expires_at"],
        )
        for row in await conn.fetch(CLAIM_UNSENT, now, limit)
    ]


GIVE = """
    update sign_in_codes set person_id = $2, code_hash = $3 where id = $1
"""


async def give(conn: Connection, request_id: UUID, person_id: UUID, code: str) -> None:
    """Make *code* the one that answers a request, for one person."""
    await conn.execute(GIVE, request_id, person_id, _code(conn, request_id, code))


TRY = """
    update sign_in_codes
       set tries = tries + 1
     where id = $1
       and expires_at > $2
       and used_at is null
       and tries < $3
 returning person_id, code_hash, device_hash
"""


async def try_code(conn: Connection, request_id: UUID, code: str, device: UUID | None, now: datetime) -> UUID | None:
    """Look once whether *code* answers a request, and return whose it is.

    Each look is counted, whatever comes of it: after the fifth nobody looks any more. The request is locked until
    this transaction ends.
    """
    row = await conn.fetchrow(TRY, request_id, now, MOST_TRIES)
    if row is None:
        return None
    right = hmac.compare_digest(row["code_hash"] or bytes(32), _code(conn, request_id, code))
    ours = row["device_hash"] == _device(conn, device)
    person: UUID | None = row["person_id"]
    return person if right and ours else None


WITHDRAW = """
    update sign_in_codes set person_id = null, code_hash = null where person_id = $1 and used_at is null
"""


async def withdraw(conn: Connection, person_id: UUID) -> None:
    """Let the codes that were sent to somebody sign nobody in."""
    await conn.execute(WITHDRAW, person_id)


USE_UP = """
    update sign_in_codes set used_at = $2 where id = $1
"""


async def use_up(conn: Connection, request_id: UUID, now: datetime) -> None:
    await conn.execute(USE_UP, request_id, now)


CLEAR = """
    delete from sign_in_codes where asked_at < $1
"""


async def clear(conn: Connection, before: datetime) -> int:
    """Forget the codes that were asked for before a time. Returns how many."""
    return int((await conn.execute(CLEAR, before)).rpartition(" ")[2])


def _code(conn: Connection, request_id: UUID, code: str) -> bytes:
    return conn.vault.hash("sign_in_code", f"{request_id}\0{code}")


def _key(conn: Connection, phone: str, device: UUID | None, key: str) -> bytes:
    return conn.vault.hash("sign_in_key", f"{phone}\0{device}\0{key}")


def _device(conn: Connection, device: UUID | None) -> bytes | None:
    return None if device is None else conn.vault.hash("sign_in_device", str(device))
