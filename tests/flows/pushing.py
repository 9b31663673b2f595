"""Devices and nudges for tests of push, and a beat of the worker that sends both ways."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

from checkin import flows, store
from checkin.core.people import Person
from checkin.core.pushes import Provider, Way
from checkin.flows.delivery import Sender
from checkin.gateway.push import Pushers
from checkin.gateway.twilio import Twilio
from checkin.store.devices import Device
from checkin.store.ids import new_id
from checkin.store.pool import Connection, Pool
from tests.gateway.test_push import pusher_at
from tests.people import NOW
from tests.pretend_push import PretendPush

SENDER: Final = Sender("+15005550006", 1000)
CALLBACKS: Final = "https://checkin.example.org/webhooks/twilio/status"
DUE: Final = datetime.fromisoformat("2026-11-16T23:06:00+00:00")
"""18:06 in New York: every nudge of that Monday is due."""
SECOND: Final = timedelta(seconds=1)


class Both(Struct, frozen=True):
    """Both ways a message may go: the push services and what they have, and the carrier."""

    pool: Pool
    pushers: Pushers
    service: PretendPush
    carrier: Twilio

    async def beat(self, now: datetime) -> None:
        """Do what a worker does in one beat, in the order of its table."""
        while await flows.pushes.send_due(self.pool, self.pushers, lambda: now):
            pass
        while await flows.delivery.send_due(self.pool, self.carrier, SENDER, CALLBACKS, lambda: now):
            pass

    async def settle(self, now: datetime) -> None:
        """Decide what stayed uncertain."""
        await flows.delivery.settle_lapsed(self.pool, self.carrier, lambda: now)

    def pushed(self) -> list[str]:
        """Return the tokens of the devices that took a push, one each."""
        return [taken.token for taken in self.service.taken]


@asynccontextmanager
async def both_ways(pool: Pool, carrier: Twilio) -> AsyncIterator[Both]:
    """Lend both ways, with both push services set up."""
    async with PretendPush() as service:
        pushers = {provider: pusher_at(provider, service, SECOND) for provider in Provider}
        yield Both(pool, pushers, service, carrier)
        for pusher in pushers.values():
            await pusher.close()


async def add_device(
    conn: Connection, owner: Person, token: str, provider: Provider = Provider.fcm, *, at: datetime = NOW
) -> UUID:
    """Give somebody a device, last seen *at* that time."""
    device = Device(
        id=new_id(at), platform="ios", app_version="1", push_token=token, push_provider=provider, seen_at=at
    )
    await flows.devices.save(conn, owner.id, device)
    return device.id


async def choose_push(conn: Connection, person: Person) -> None:
    await store.pushes.choose(conn, person.id, Way.push)


async def nudge(conn: Connection, now: datetime = DUE) -> None:
    """Plan every nudge that is due."""
    await flows.nudges.ask_due(conn, now)


async def nudge_by_push(conn: Connection, person: Person) -> None:
    """Let somebody with one phone choose push, and plan every nudge that is due."""
    await choose_push(conn, person)
    await add_device(conn, person, "phone-1234")
    await nudge(conn)


async def message_of(conn: Connection, person: Person) -> Record:
    """Return a person's one message as it stands."""
    row = await conn.fetchrow(
        "select id, status, way, fell_back, attempts, provider_sid from outbox where person_id = $1", person.id
    )
    assert row is not None
    return row


async def standing_of(conn: Connection, person: Person) -> tuple[str, str, str | None]:
    """Return a person's one message's status, its way, and why it fell back."""
    row = await message_of(conn, person)
    return row["status"], row["way"], row["fell_back"]
