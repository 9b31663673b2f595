"""Single resources have an ETag, and a client that has the state it names is not sent it again."""

import json
from uuid import uuid4

import pytest
from httpx import Response

from checkin import core, flows, store
from checkin.core.help_requests import Topic
from checkin.store.pool import Connection
from tests.api.calls import ANSWER, TODAY, Bearer, Client, outcome
from tests.api.test_openapi import COMMITTED, operations
from tests.people import NOW, Cast

DEVICE = f"/v1/me/devices/{uuid4()}"
SINGLE = {
    "getMe": ("mentee", "/v1/me"),
    "getTrend": ("mentee", "/v1/me/trend"),
    "getCheckIn": ("mentee", TODAY),
    "getNudgePlan": ("mentee", "/v1/me/nudge-plan"),
    "getDevice": ("mentee", DEVICE),
    "getMentee": ("mentor", "/v1/mentees/{mentee}"),
    "getAlert": ("mentor", "/v1/alerts/{alert}"),
    "getGroup": ("mentee", "/v1/me/group"),
    "getAvailability": ("mentor", "/v1/me/availability"),
    "getMenteeNudgePlan": ("coordinator", "/v1/mentees/{mentee}/nudge-plan"),
    "getPerson": ("coordinator", "/v1/people/{mentee}"),
    "getProgram": ("coordinator", "/v1/programs/{program}"),
    "getRouting": ("coordinator", "/v1/programs/{program}/routing"),
    "getAlertRules": ("coordinator", "/v1/programs/{program}/alert-rules"),
}


def test_every_operation_that_gets_one_thing_can_say_that_it_is_the_same() -> None:
    documented = operations(json.loads(COMMITTED.read_text()))

    assert {name for name in documented if name.startswith("get")} == SINGLE.keys()
    assert {name for name, one in documented.items() if "304" in one["responses"]} == SINGLE.keys()


@pytest.mark.parametrize("name", SINGLE)
async def test_what_a_client_has_is_not_sent_again_until_it_changes(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, name: str
) -> None:
    await client.put(TODAY, json=ANSWER, headers=bearer(people.mentee))
    await client.put(DEVICE, json={"platform": "ios", "app_version": "1.0"}, headers=bearer(people.mentee))
    await flows.help_requests.ask(conn, people.mentee, Topic.food, None, NOW)
    if name == "getGroup":
        await flows.programs.set_routing(conn, people.program, core.routing.ready_made("group-facilitator"), NOW)
        await store.people.assign(conn, people.mentee.id, people.mentor.id, "facilitator", NOW)
    ids = {"mentee": people.mentee.id, "program": people.program, "alert": await conn.fetchval("select id from alerts")}
    who, path = SINGLE[name]
    headers = bearer(getattr(people, who))

    async def read(known: str | None = None) -> Response:
        condition = {} if known is None else {"If-None-Match": known}
        return await client.get(path.format(**ids), headers=headers | condition)

    whole = await read()
    same = [await read(one) for one in (whole.headers["etag"], f'"x", W/{whole.headers["etag"]}', "*")]
    other = await read('"x"')

    assert outcome(whole) == outcome(other) == (200, "")
    assert [(one.status_code, one.content, one.headers["etag"]) for one in same] == [
        (304, b"", whole.headers["etag"])
    ] * 3
    assert other.content == whole.content


async def test_a_check_in_that_is_corrected_has_another_etag(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)
    await client.put(TODAY, json=ANSWER, headers=headers)
    first = await client.get(TODAY, headers=headers)
    corrected = ANSWER | {"mood": 1, "answered_at": "2026-11-16T14:30:00-05:00"}
    await client.put(TODAY, json=corrected, headers=headers)

    again = await client.get(TODAY, headers=headers | {"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.json()["mood"]) == (200, 1)
    assert again.headers["etag"] != first.headers["etag"]
