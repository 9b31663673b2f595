"""What a migration makes of the rows that are there before it."""

from uuid import UUID, uuid4

from checkin import flows, store
from checkin.cli.database import migrate
from checkin.core.pushes import Provider
from checkin.store.devices import Device
from checkin.store.pool import Connection
from tests.people import NOW, Cast

SESSIONS_OF_DEVICES = "20261130000024"


async def tell_of_device(conn: Connection, person_id: UUID) -> UUID:
    """Keep a device as it was kept before: of no session."""
    device = Device(
        id=uuid4(),
        platform="ios",
        app_version="1",
        push_token=uuid4().hex,
        push_provider=Provider.fcm,
        seen_at=NOW,
    )
    await store.devices.save(conn, person_id, device, None, 10)
    return device.id


async def test_a_phone_that_may_have_signed_out_before_devices_had_sessions_is_forgotten(
    url: str, conn: Connection, people: Cast
) -> None:
    kept = await tell_of_device(conn, people.mentee.id)
    stands = await flows.sessions.begin(conn, people.mentee, kept, NOW)
    over = await flows.sessions.begin(conn, people.mentee, None, NOW)
    await flows.sessions.end(conn, people.mentee.id, over.session, NOW)
    await tell_of_device(conn, people.mentee.id)  # the one that signed out
    await tell_of_device(conn, people.mentor.id)  # one whose sessions were cleared away long ago
    await conn.execute("alter table devices drop column session_id")
    await conn.execute("delete from schema_migrations where version = $1", SESSIONS_OF_DEVICES)

    migrate(url)

    rows = await conn.fetch("select id, session_id from devices")
    assert [(row["id"], row["session_id"]) for row in rows] == [(kept, stands.session)]
