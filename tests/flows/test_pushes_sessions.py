"""A push goes to a device that is signed in; to one that is not any more goes nothing, and the nudge goes by text."""

from datetime import timedelta
from uuid import UUID

import pytest

from checkin import core, flows
from checkin.core.people import Person
from checkin.core.pushes import Provider
from checkin.store.devices import Device
from checkin.store.ids import new_id
from checkin.store.pool import Connection
from tests.flows.pushing import DUE, SECOND, Both, choose_push, nudge, standing_of
from tests.people import Cast
from tests.pretend_twilio import PretendTwilio

BEGAN = DUE - core.sign_in.SESSION_LIFETIME


async def sign_in(conn: Connection, person: Person, *tokens: str, expires_in: timedelta = SECOND) -> UUID:
    """Begin a session that is over *expires_in* after the nudge is due, and tell of a device for each token."""
    began = BEGAN + expires_in
    async with conn.transaction():
        signed = await flows.sessions.begin(conn, person, None, began)
    for token in tokens:
        device = Device(
            id=new_id(began),
            platform="ios",
            app_version="1",
            push_token=token,
            push_provider=Provider.fcm,
            seen_at=began,
        )
        await flows.devices.save(conn, person.id, device, signed.session)
    return signed.session


def texted(pretend: PretendTwilio, person: Person) -> int:
    return sum(message.to == person.phone for message in pretend.messages)


async def test_a_phone_that_is_signed_in_is_pushed_to(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await choose_push(conn, people.mentee)
    await sign_in(conn, people.mentee, "phone-1234")
    await nudge(conn)

    await ways.beat(DUE)

    assert (ways.pushed(), texted(pretend, people.mentee)) == (["phone-1234"], 0)


async def test_after_signing_out_the_nudge_goes_by_text(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await choose_push(conn, people.mentee)
    session = await sign_in(conn, people.mentee, "phone-1234", "phone-5678")
    await nudge(conn)
    await flows.sessions.end(conn, people.mentee.id, session, DUE)

    await ways.beat(DUE)

    assert (ways.pushed(), texted(pretend, people.mentee)) == ([], 1)
    assert await standing_of(conn, people.mentee) == ("sent", "sms", "no_device")


@pytest.mark.parametrize("cleared", [False, True])
async def test_when_the_session_ran_out_the_nudge_goes_by_text(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio, cleared: bool
) -> None:
    await choose_push(conn, people.mentee)
    await sign_in(conn, people.mentee, "phone-1234", expires_in=-timedelta(days=61 if cleared else 0))
    await flows.sign_in.clear(conn, DUE)
    await nudge(conn)

    await ways.beat(DUE)

    assert (ways.pushed(), texted(pretend, people.mentee)) == ([], 1)
    assert await conn.fetchval("select count(*) from devices") == (0 if cleared else 1)


async def test_the_next_device_that_is_signed_in_is_pushed_to(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio
) -> None:
    await choose_push(conn, people.mentee)
    over = await sign_in(conn, people.mentee, "phone-1234", expires_in=timedelta(days=-1))
    await sign_in(conn, people.mentee, "phone-5678", expires_in=timedelta(days=1))
    await conn.execute("update devices set seen_at = $1 where session_id = $2", DUE, over)
    await nudge(conn)

    await ways.beat(DUE)

    assert (ways.pushed(), texted(pretend, people.mentee)) == (["phone-5678"], 0)
