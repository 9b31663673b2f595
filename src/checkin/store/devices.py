"""The devices a push may go to: a few a person, and each push token with its latest owner alone."""

from datetime import datetime
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

from checkin.core import pushes
from checkin.core.pushes import Provider
from checkin.store.pool import Connection

PLACE = "devices.push_token"
# Of a device d at the time $1: it is signed in, or was told of without a session, as by a token made by hand.
IS_SIGNED_IN = """(d.session_id is null or exists (
                       select 1
                         from sessions s
                        where s.person_id = d.person_id
                          and s.id = d.session_id
                          and s.ended_at is null
                          and s.expires_at > $1))"""


class Device(Struct, frozen=True, kw_only=True):
    """One installation of an app. *platform* is "ios", "android" or "web".

    *push_token* is as *push_provider* understands it; a device has both or neither.
    """

    id: UUID
    platform: str
    app_version: str
    push_token: str | None
    push_provider: Provider | None
    seen_at: datetime


# Always the person before the token: two who wait for each other would wait for ever.
LOCK_OWNER = """
    select pg_advisory_xact_lock(hashtextextended('devices:' || $1::text, 0))
"""
TAKE_FROM_OTHERS = """
    delete from devices where push_token_hash = $3 and (person_id, id) <> ($1, $2)
"""
SAVE = """
    insert into devices (person_id, id, platform, app_version, push_token, push_token_hash, push_provider,
                         added_at, seen_at, session_id)
    values ($1, $2, $3, $4, $5, $6, $8, $7, $7, $9)
        on conflict (person_id, id) do update
       set platform = excluded.platform, app_version = excluded.app_version, push_token = excluded.push_token,
           push_token_hash = excluded.push_token_hash, push_provider = excluded.push_provider,
           seen_at = excluded.seen_at, session_id = coalesce(excluded.session_id, devices.session_id)
"""
DROP_SURPLUS = """
    delete from devices
     where person_id = $1
       and id in (select id from devices where person_id = $1 and id <> $2 order by seen_at desc, id offset $3)
"""


async def save(conn: Connection, person_id: UUID, device: Device, session_id: UUID | None, most: int) -> None:
    """Keep a device; its push token leaves whoever had it, and the person's least recently seen go beyond *most*.

    It is in the session it was told of in last; one that no session tells of stays where it was.
    """
    token = sealed = None
    await conn.execute(LOCK_OWNER, str(person_id))
    if device.push_token is not None and device.push_provider is not None:
        token = _hash(conn, device.push_provider, device.push_token)
        sealed = conn.vault.seal(PLACE, _row(person_id, device.id), device.push_token)
        await conn.execute(LOCK_OWNER, token.hex())
        await conn.execute(TAKE_FROM_OTHERS, person_id, device.id, token)
    row = person_id, device.id, device.platform, device.app_version, sealed, token, device.seen_at, device.push_provider
    await conn.execute(SAVE, *row, session_id)
    await conn.execute(DROP_SURPLUS, person_id, device.id, most - 1)


ONE = f"""
    select d.id, d.platform, d.app_version, d.push_token, d.push_provider, d.seen_at, {IS_SIGNED_IN} as is_signed_in
      from devices d
     where d.person_id = $2
       and d.id = $3
"""  # noqa: S608 - our own words


async def one(conn: Connection, person_id: UUID, device_id: UUID, now: datetime) -> tuple[Device, bool] | None:
    """Return a device, and whether it is signed in: nothing is pushed to one that is not."""
    row = await conn.fetchrow(ONE, now, person_id, device_id)
    return None if row is None else (_device(conn, person_id, row), row["is_signed_in"])


OF_PERSON = """
    select id, platform, app_version, push_token, push_provider, seen_at
      from devices
     where person_id = $1
     order by seen_at desc, id
"""


async def of_person(conn: Connection, person_id: UUID) -> list[Device]:
    """Return a person's devices, the one seen last first."""
    return [_device(conn, person_id, row) for row in await conn.fetch(OF_PERSON, person_id)]


REMOVE = """
    delete from devices where person_id = $1 and id = $2
"""


async def remove(conn: Connection, person_id: UUID, device_id: UUID) -> None:
    """Forget a device, if there is one."""
    await conn.execute(REMOVE, person_id, device_id)


FORGET_PUSH = """
    update devices
       set push_token = null, push_token_hash = null, push_provider = null
     where person_id = $1
       and id = $2
       and push_token_hash = $3
"""


async def drop_token(conn: Connection, person_id: UUID, device_id: UUID, provider: Provider, token: str) -> None:
    """Forget a push token that its service does not know any more, unless the device has sent another one since."""
    await conn.execute(FORGET_PUSH, person_id, device_id, _hash(conn, provider, token))


def token_of(conn: Connection, person_id: UUID, device_id: UUID, sealed: bytes) -> str:
    """Return the push token in a device's row."""
    return conn.vault.open(PLACE, _row(person_id, device_id), sealed)


def _hash(conn: Connection, provider: Provider, token: str) -> bytes:
    return conn.vault.hash("push_token", pushes.identity(provider, token))


def _device(conn: Connection, person_id: UUID, row: Record) -> Device:
    sealed, provider = row["push_token"], row["push_provider"]
    return Device(
        id=row["id"],
        platform=row["platform"],
        app_version=row["app_version"],
        push_token=None if sealed is None else token_of(conn, person_id, row["id"], sealed),
        push_provider=None if provider is None else Provider(provider),
        seen_at=row["seen_at"],
    )


def _row(person_id: UUID, device_id: UUID) -> str:
    return f"{person_id}:{device_id}"
