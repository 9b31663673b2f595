"""A person's devices are told to us, and forgotten."""

from uuid import UUID

from checkin import core, store
from checkin.core.errors import SignedOut
from checkin.store.devices import Device
from checkin.store.pool import Connection


async def save(conn: Connection, person_id: UUID, device: Device, session: UUID | None = None) -> Device:
    """Keep a device, or what is new about it; returns it as it is stored.

    Its push token leaves whoever had it before. Beyond ten a person, the least recently seen one goes. It belongs to
    the *session* it was told of in last, and is forgotten with that. Raises SignedOut when that has ended.
    """
    async with conn.transaction():
        if session is not None:
            found = await store.sessions.lock(conn, person_id, session)
            if found is None or found[1].ended:
                raise SignedOut("sign in again")
        await store.devices.save(conn, person_id, device, session, core.sign_in.MOST_DEVICES)
        if session is not None:
            await store.sessions.name_device(conn, person_id, session, device.id)
    return device


async def remove(conn: Connection, person_id: UUID, device_id: UUID) -> None:
    """Forget a device, if there is one."""
    await store.devices.remove(conn, person_id, device_id)
