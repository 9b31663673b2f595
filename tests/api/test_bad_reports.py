"""Reports about texts that went out: in any order, repeated, of what we never sent, in words nobody knows."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from httpx import Response

from checkin import store
from checkin.config import Settings
from checkin.core.delivery import Lane
from checkin.store.outbox import Letter
from tests.api.calls import (
    STATUS,
    TAKEN,
    Client,
    outcome,
    post_form,
    text,
)
from tests.people import NOW, Cast

ATTEMPT = uuid4()


async def queued(conn: store.pool.Connection, people: Cast) -> UUID:
    """Queue a text to the mentee and return its id."""
    letter = Letter(
        about=people.mentee.id,
        to=people.mentee.id,
        phone=people.mentee.phone or "",
        lane=Lane.REPLY,
        key="reply:1",
        body="Thank you.",
        not_before=NOW,
        expires_at=NOW + timedelta(hours=1),
    )
    ids = await store.outbox.enqueue(conn, [letter], NOW)
    await conn.execute("update outbox set attempt_id = $1", ATTEMPT)
    return ids[people.mentee.id, "reply:1"]


async def report(client: Client, settings: Settings, message: object, status: str, **more: str) -> Response:
    fields = {"AccountSid": settings.carrier.account_sid, "MessageSid": "SM1", "MessageStatus": status} | more
    return await post_form(client, settings, f"{STATUS}?message={message}&attempt={ATTEMPT}", fields)


REPORTS = {
    "in order": (("queued", "sending", "sent", "delivered"), "delivered"),
    "backwards": (("delivered", "sent", "sending", "queued", "accepted"), "delivered"),
    "twice": (("sent", "sent", "delivered", "delivered"), "delivered"),
    "delivered after all": (("failed", "delivered"), "delivered"),
    "late failure": (("delivered", "undelivered", "failed"), "delivered"),
    "undelivered": (("sent", "undelivered", "sent"), "undelivered"),
    "unknown words": (("sent", "huh", "", "DELIVERED", "delivered\0", "canceled"), "sent"),
    "read": (("sent", "delivered", "read"), "delivered"),
}


@pytest.mark.parametrize("name", REPORTS)
async def test_the_highest_status_stands_in_whatever_order_it_is_reported(
    client: Client, settings: Settings, conn: store.pool.Connection, people: Cast, name: str
) -> None:
    words, expected = REPORTS[name]
    message = await queued(conn, people)

    found = [outcome(await report(client, settings, message, word)) for word in words]

    assert found == [TAKEN] * len(words)
    assert await conn.fetchval("select status from outbox where id = $1", message) == expected


async def test_reports_about_what_we_never_sent_are_taken_and_do_nothing(
    client: Client, settings: Settings, conn: store.pool.Connection, people: Cast
) -> None:
    message = await queued(conn, people)
    unknown = (uuid4(), "", "x", "%00", "%ff", "..%2f..", "1" * 5000, f"{message}&message={uuid4()}")

    found = {str(one): outcome(await report(client, settings, one, "failed")) for one in unknown}
    bare = await post_form(client, settings, STATUS, text(settings, MessageStatus="failed"))

    assert found == dict.fromkeys(map(str, unknown), TAKEN)
    assert outcome(bare) == TAKEN
    assert await conn.fetchval("select status from outbox") == "queued"


async def test_an_error_code_that_is_no_number_is_passed_over(
    client: Client, settings: Settings, conn: store.pool.Connection, people: Cast
) -> None:
    message = await queued(conn, people)
    codes = ("", "x", "-1", "1e9", "９", "²", "9" * 5000, "99999999", "\0", "30003")

    found = {one: outcome(await report(client, settings, message, "failed", ErrorCode=one)) for one in codes}

    assert found == dict.fromkeys(codes, TAKEN)
    assert await conn.fetchval("select error_code from outbox") is None
