"""Whatever the document allows or forbids, each role gets an answer the document promises."""

import asyncio
import json
from datetime import datetime, timedelta

import pytest

from checkin.clock import Clock
from tests.api import fuzzing
from tests.api.calls import Bearer, Client
from tests.api.test_openapi import COMMITTED
from tests.people import Cast

DAY = "2026-11-20"  # that of the examples in the document, and an hour after the time in them
SOON_AFTER = datetime.fromisoformat("2026-11-20T18:04:00-05:00") + timedelta(hours=1)
DANGER = {
    "mood": 2,
    "hope": 1,
    "note": "i want to die",
    "answered_at": "2026-11-20T17:00:00-05:00",
    "time_zone": "America/New_York",
}
SUCCEED = {
    "mentee": (
        "POST /v1/auth/codes",
        "PUT /v1/me/devices/",
        "PUT /v1/me/check-ins/",
        "POST /v1/me/check-ins/batch",
        "GET /v1/changes",
        "POST /v1/me/calls",
        "GET /v1/me/check-ins/",
        "PATCH /v1/me/nudge-plan",
        "POST /v1/me/help-requests",
        "GET /v1/me/consents",
        "PUT /v1/me/consents/",
        "GET /v1/me/access-log",
    ),
    "mentor": ("GET /v1/me/sessions", "GET /v1/alerts", "POST /v1/alerts/", "POST /v1/help-requests/"),
    "coordinator": (
        "GET /v1/mentees/",
        "PATCH /v1/mentees/",
        "GET /v1/people",
        "GET /v1/programs/",
        "PATCH /v1/programs/",
        "POST /v1/programs/",
        "PUT /v1/programs/",
        "DELETE /v1/programs/",
    ),
}
"""How operations begin of which one at least has to succeed for a role; what one does can leave another nothing."""


@pytest.mark.parametrize("role", SUCCEED)
async def test_every_answer_is_one_the_document_promises(
    client: Client, people: Cast, bearer: Bearer, role: str
) -> None:
    client.app.state.clock.ahead = SOON_AFTER - Clock().now()
    checked_in = await client.put(f"/v1/me/check-ins/{DAY}", json=DANGER, headers=bearer(people.mentee))
    alerts = await client.get("/v1/alerts", headers=bearer(people.mentor))
    asked = await client.post("/v1/me/help-requests", json={"topic": "food"}, headers=bearer(people.mentee))
    known = {
        "path.day": checked_in.json()["day"],
        "path.alert_id": alerts.json()["items"][0]["id"],
        "path.mentee_id": str(people.mentee.id),
        "path.person_id": str(people.other_mentee.id),  # whom one call may let go
        "path.request_id": asked.json()["id"],
        "path.program_id": str(people.program),
        "header.If-Match": "*",
        "header.Accept-Language": "es",  # whatever else it says, and however long, is passed over and never refused
    }
    bridge = fuzzing.Bridge(client.app, asyncio.get_running_loop())

    found = await asyncio.to_thread(fuzzing.fuzz, bridge, bearer(getattr(people, role)), known)

    assert sorted(found.failures) == []
    assert {operation for operation, _ in found.answers} == operations()
    assert [begins for begins in SUCCEED[role] if not found.succeeded(begins)] == []


def operations() -> set[str]:
    paths = json.loads(COMMITTED.read_text())["paths"]
    return {f"{method.upper()} {path}" for path, item in paths.items() for method in item}
