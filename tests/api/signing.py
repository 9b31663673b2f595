"""Signing in as the tests do it: the code is read from the text that is queued."""

import re
from datetime import datetime, timedelta
from typing import Any

from httpx import Response

from checkin import flows
from checkin.core.people import Person
from checkin.store.pool import Connection
from tests.api.calls import Client, Headers, Outcome
from tests.phones import sent_to

CODES = "/v1/auth/codes"
TOKENS = "/v1/auth/tokens"
REFRESH = "/v1/auth/tokens/refresh"
SESSION = "/v1/auth/session"
SESSIONS = "/v1/me/sessions"
DEVICE = "0193d5b2-7c00-7aaa-8bbb-0000000000d1"
OTHER_DEVICE = "0193d5b2-7c00-7aaa-8bbb-0000000000d2"

ASKED: Outcome = (202, "")
TOO_OFTEN: Outcome = (429, "too-many-requests")
WRONG: Outcome = (400, "wrong-code")
SIGNED_OUT: Outcome = (401, "signed-out")
Json = dict[str, Any]  # Any: JSON


def now_of(client: Client) -> datetime:
    now: datetime = client.app.state.clock.now()
    return now


def pass_time(client: Client, by: timedelta) -> None:
    client.app.state.clock.ahead += by


async def ask(client: Client, phone: str | None, **more: str) -> Response:
    return await client.post(CODES, json={"phone": phone, **more})


async def codes_of(conn: Connection, client: Client, person: Person) -> list[str]:
    """Let the worker look, and return every code a person was sent, the oldest first."""
    await flows.sign_in.send_codes(conn, now_of(client))
    found = [re.search(r"\b\d{6}\b", body) for body in await sent_to(conn, person)]
    return [one[0] for one in found if one]


async def code_for(client: Client, conn: Connection, person: Person, **more: str) -> Json:
    """Ask for a code, and return what is to be sent for tokens."""
    asked = await ask(client, person.phone, **more)
    assert asked.status_code == 202, asked.text
    request_id: str = asked.json()["request_id"]
    await flows.sign_in.send_codes(conn, now_of(client))
    row = await conn.fetchrow("select id, body from outbox where dedupe_key = $1", f"code:{request_id}")
    assert row is not None
    return {"request_id": request_id, "code": conn.vault.open("outbox.body", row["id"], row["body"])[:6], **more}


async def sign_in(client: Client, conn: Connection, person: Person, **more: str) -> Json:
    """Sign somebody in, and return their tokens."""
    answered = await client.post(TOKENS, json=await code_for(client, conn, person, **more))
    assert answered.status_code == 200, answered.text
    tokens: Json = answered.json()
    return tokens


async def refresh(client: Client, token: str) -> Response:
    return await client.post(REFRESH, json={"refresh_token": token})


def headers_of(tokens: Json) -> Headers:
    return {"Authorization": f"Bearer {tokens['access_token']}"}
