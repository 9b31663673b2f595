"""Sessions: who is signed in where, and which refresh token of each is good."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from checkin.core.people import Status
from checkin.core.sign_in import Standing
from checkin.store.pool import Connection

Because = Literal["signed_out", "replaced", "reused"]


class Session(Struct, frozen=True, kw_only=True):
    """A session its owner may look at and end. *device_id* is the device it was begun on, if that was named."""

    id: UUID
    device_id: UUID | None
    began_at: datetime
    renewed_at: datetime
    expires_at: datetime


BEGIN = """
    insert into sessions (person_id, id, device_id, secret_hash, began_at, renewed_at, expires_at)
    values ($1, $2, $3, $4, $5, $5, $6)
"""
TAKE_DEVICE = """
    update devices set session_id = $2 where person_id = $1 and id = $3
"""


async def begin(
    conn: Connection,
    person_id: UUID,
    session_id: UUID,
    device_id: UUID | None,
    secret: bytes,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Begin a session; *secret* is what every refresh token of it has to show. The device is in no other any more."""
    await conn.execute(BEGIN, person_id, session_id, device_id, secret_hash(conn, session_id, secret), now, expires_at)
    await conn.execute(TAKE_DEVICE, person_id, session_id, device_id)


# The person is locked first, so that two sign-ins at once count each other.
LOCK_PERSON = """
    select 1 from people where id = $1 for no key update
"""
END_SURPLUS = """
    update sessions
       set ended_at = $3, ended_because = 'replaced'
     where person_id = $1
       and ended_at is null
       and (device_id = $2
            or id in (select id from sessions
                       where person_id = $1 and ended_at is null
                       order by renewed_at desc
                      offset $4))
 returning id
"""
# A statement of its own, and always after the sessions are locked: a device that was being told of is seen by now.
FORGET_DEVICES = """
    delete from devices where person_id = $1 and session_id = any ($2) and id is distinct from $3
"""


async def make_room(conn: Connection, person_id: UUID, device_id: UUID | None, most: int, now: datetime) -> None:
    """End the session that the device had before, and the least recently renewed ones, until there are below *most*.

    The other devices of those it ends hear nothing more. The person is locked until this transaction ends.
    """
    await conn.execute(LOCK_PERSON, person_id)
    ended = await conn.fetch(END_SURPLUS, person_id, device_id, now, most - 1)
    await conn.execute(FORGET_DEVICES, person_id, [row["id"] for row in ended], device_id)


LOCK = """
    select s.secret_hash, s.generation, s.renewed_at, s.expires_at, s.ended_at is not null as ended, p.status
      from sessions s
      join people p on p.id = s.person_id
     where s.person_id = $1
       and s.id = $2
       for update of s
"""


async def lock(conn: Connection, person_id: UUID, session_id: UUID) -> tuple[bytes, Standing] | None:
    """Lock a session for this transaction; returns the hash of its secret, and how it stands."""
    row = await conn.fetchrow(LOCK, person_id, session_id)
    if row is None:
        return None
    return row["secret_hash"], Standing(
        generation=row["generation"],
        renewed_at=row["renewed_at"],
        expires_at=row["expires_at"],
        ended=row["ended"],
        person=Status(row["status"]),
    )


RENEW = """
    update sessions set generation = $3, renewed_at = $4, expires_at = $5 where person_id = $1 and id = $2
"""


async def renew(
    conn: Connection, person_id: UUID, session_id: UUID, generation: int, now: datetime, expires_at: datetime
) -> None:
    """Make *generation* the only one whose refresh token is good."""
    await conn.execute(RENEW, person_id, session_id, generation, now, expires_at)


END = """
    update sessions
       set ended_at = $3, ended_because = $4
     where person_id = $1
       and id = $2
       and ended_at is null
"""


async def end(conn: Connection, person_id: UUID, session_id: UUID, because: Because, now: datetime) -> bool:
    """End a session, and let its devices hear nothing more; whether it had not ended before."""
    ended = (await conn.execute(END, person_id, session_id, now, because)).endswith("1")
    await conn.execute(FORGET_DEVICES, person_id, [session_id], None)
    return ended


NAME_DEVICE = """
    update sessions set device_id = $3 where person_id = $1 and id = $2 and device_id is null and ended_at is null
"""


async def name_device(conn: Connection, person_id: UUID, session_id: UUID, device_id: UUID) -> None:
    """Write down which device a session is on, unless it was said before."""
    await conn.execute(NAME_DEVICE, person_id, session_id, device_id)


LISTED = """
    select id, device_id, began_at, renewed_at, expires_at
      from sessions
     where person_id = $1
       and ended_at is null
       and expires_at > $2
     order by renewed_at desc, id
"""


async def of_person(conn: Connection, person_id: UUID, now: datetime) -> list[Session]:
    """Return where a person is signed in, the session that was used last first."""
    return [Session(**dict(row)) for row in await conn.fetch(LISTED, person_id, now)]


MAY_CALL = """
    select exists (select 1 from people where id = $1 and status <> 'ended')
       and ($2::uuid is null or exists (
               select 1 from sessions where person_id = $1 and id = $2 and ended_at is null))
"""


async def may_call(conn: Connection, person_id: UUID, session_id: UUID | None) -> bool:
    """Whether a person is still with us, and the session that an access token was made in not ended."""
    found: bool = await conn.fetchval(MAY_CALL, person_id, session_id)
    return found


CLEAR = """
    delete from sessions where expires_at < $1 or ended_at < $1
"""


async def clear(conn: Connection, before: datetime) -> int:
    """Forget the sessions that were over before a time, and with them their devices. Returns how many sessions."""
    return int((await conn.execute(CLEAR, before)).rpartition(" ")[2])


def secret_hash(conn: Connection, session_id: UUID, secret: bytes) -> bytes:
    """Return what a session keeps of its secret."""
    return conn.vault.hash("session", f"{session_id}\0{secret.hex()}")
