"""Hostile calls about people, help and assignments: each row is a call, its status and the kind of problem it tells."""

import json
from uuid import uuid4

import pytest

from checkin.store.pool import Connection
from tests.api.calls import INVALID, JSON, NOTHING, OK, WRONG_TYPE, Bearer, Client, Outcome, miswritten, outcome
from tests.people import ZONE, Cast

NEW = {"name": "Hal", "phone": "+1 212 555 0190", "roles": ["mentee"], "language": "es", "time_zone": ZONE}
MINE: dict[str, Outcome] = {
    '{"mentee_id": "0193d5b2-7c00-7aaa-8bbb-000000000041"}': INVALID,
    '{"role": "coordinator"}': INVALID,
    '{"roles": ["coordinator"]}': INVALID,
    '{"phone": "+12125550199"}': INVALID,
    '{"status": "active"}': INVALID,
    '{"id": "0193d5b2-7c00-7aaa-8bbb-000000000041"}': INVALID,
    '{"program_id": "0193d5b2-7c00-7aaa-8bbb-000000000041"}': INVALID,
    '{"opted_out": false}': INVALID,
    '{"name": null}': INVALID,
    '{"name": 7}': INVALID,
    '{"name": ""}': INVALID,
    '{"name": "   "}': INVALID,
    '{"name": "' + "n" * 81 + '"}': INVALID,
    '{"name": "a\\u0000b"}': INVALID,
    '{"name": "\\ud800"}': INVALID,
    '{"name": "a", "name": "b"}': INVALID,
    '{"language": "fr"}': INVALID,
    '{"language": null}': INVALID,
    '{"language": ["en"]}': INVALID,
    '{"time_zone": "Mars/Phobos"}': INVALID,
    '{"time_zone": "../etc/passwd"}': INVALID,
    '{"time_zone": ""}': INVALID,
    '{"nudges_by": "email"}': INVALID,
    '{"nudges_by": "PUSH"}': INVALID,
    '{"nudges_by": null}': INVALID,
    '{"nudges_by": true}': INVALID,
    '{"nudges_by": ["push"]}': INVALID,
    '{"nudges_by": ""}': INVALID,
    "[]": INVALID,
    "null": INVALID,
    "": INVALID,
    "{": INVALID,
    "{}": OK,
}
NAMES = (
    "=cmd|' /C calc'!A0",
    "a\r\nSet-Cookie: b=c",
    "\x1b[31mred",
    "\u202eabc",
    "<script>",
    "'; drop table people; --",
)
FIELDS: dict[str, tuple[object, ...]] = {
    "phone": (
        "555",
        "+1 212 555 0190;ext=1",
        "📞",
        "+1 212 555 ０１９０",
        12125550190,
        None,
        "+" * 33,
        "phone",
    ),
    "roles": ([], ["admin"], "mentee", ["mentee"] * 4, [None], None, {"mentee": True}),
    "consented": ("yes", 1, None),
    "status": ("active",),
    "program_id": (str(uuid4()),),
    "name": (None, "", " ", 7, ["Hal"]),
    "time_zone": ("Mars/Phobos", "", None, "n" * 65),
    "language": ("de", None, 1),
    "nudges_by": ("push",),  # one's own to choose
}
QUERIES: dict[str, Outcome] = {
    **{f"limit={value}": INVALID for value in ("1000000000", "0", "-1", "x", "1.5", "")},
    **{f"cursor={value}": INVALID for value in ("", "a", "====", "%00", "%ff", "MjAyNi0xMS0xNg", "a" * 201)},
    **{f"role={value}": INVALID for value in ("admin", "MENTEE", "mentee'--", "%00")},
    **{f"status={value}": INVALID for value in ("gone", "Active", "%00")},
    "role=mentee&status=active&limit=100": OK,
}
HELP: dict[str, Outcome] = {
    "{}": INVALID,
    '{"topic": "money"}': INVALID,
    '{"topic": null}': INVALID,
    '{"topic": "food", "words": ""}': INVALID,
    '{"topic": "food", "words": "' + "w" * 501 + '"}': INVALID,
    '{"topic": "food", "words": 7}': INVALID,
    '{"topic": "food", "due_on": "2026-11-15"}': INVALID,
    '{"topic": "food", "due_on": "2027-11-15"}': INVALID,
    '{"topic": "food", "due_on": "2026-02-30"}': INVALID,
    '{"topic": "food", "due_on": "2026-11-18T00:00:00Z"}': INVALID,
    '{"topic": "food", "mentee_id": "0193d5b2-7c00-7aaa-8bbb-000000000041"}': INVALID,
    '{"topic": "food", "status": "done"}': INVALID,
}
OUTCOMES = (
    '{"outcome": "talked"}',
    '{"outcome": null}',
    "{}",
    '{"outcome": "helped", "note": ""}',
    '{"status": "done"}',
)
IDS = ("10000000000000000000000", "41", "..%2f..", "%00", "%ff", "not-an-id", str(uuid4()), "{" * 40)
PATHS = {
    "/v1/people/{}/ending": None,
    "/v1/assignments/{}/ending": None,
    "/v1/assignments/{}/transfer": {"mentor_id": str(uuid4())},
    "/v1/mentees/{}/assignments": {"mentor_id": str(uuid4()), "kind": "cover"},
    "/v1/help-requests/{}/taking": {},
    "/v1/help-requests/{}/outcome": {"outcome": "helped"},
}


async def test_a_patch_of_ones_own_is_read_strictly(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee) | JSON | {"If-Match": "*"}

    found = {raw: outcome(await client.patch("/v1/me", content=raw.encode(), headers=headers)) for raw in MINE}

    assert found == MINE
    row = await conn.fetchrow("select roles, status from people where id = $1", people.mentee.id)
    assert row is not None
    assert tuple(row) == (["mentee"], "active")


@pytest.mark.parametrize("path", ["/v1/me", "/v1/me/availability"])
async def test_a_patch_is_taken_as_a_merge_patch_or_as_json_only(
    client: Client, people: Cast, bearer: Bearer, path: str
) -> None:
    expected = {"application/merge-patch+json": OK, "application/json": OK}
    expected |= dict.fromkeys(("application/json-patch+json", "text/plain", "multipart/form-data"), WRONG_TYPE)

    found = {}
    for given in expected:
        headers = bearer(people.mentor) | {"If-Match": "*", "Content-Type": given}
        found[given] = outcome(await client.patch(path, content=b"{}", headers=headers))

    assert found == expected


async def test_names_are_data_whatever_they_hold(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee) | {"If-Match": "*"}

    found = [(await client.patch("/v1/me", json={"name": name}, headers=headers)).json()["name"] for name in NAMES]

    assert found == list(NAMES)


async def test_an_invitation_is_read_strictly(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.coordinator)
    bad = [NEW | {field: value} for field, values in FIELDS.items() for value in values]
    bad += [{key: value for key, value in NEW.items() if key != field} for field in NEW]
    before = await conn.fetchval("select count(*) from people")

    found = {json.dumps(body): outcome(await client.post("/v1/people", json=body, headers=headers)) for body in bad}

    assert found == dict.fromkeys(found, INVALID)
    assert await conn.fetchval("select count(*) from people") == before


async def test_a_list_of_people_takes_only_what_is_ours(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.coordinator)

    found = {query: outcome(await client.get(f"/v1/people?{query}", headers=headers)) for query in QUERIES}

    assert found == QUERIES


async def test_a_cursor_of_somebody_elses_list_or_of_another_list_is_refused(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await conn.execute("update people set roles = array['coordinator'] where id = $1", people.other_mentor.id)
    page = await client.get("/v1/people?limit=1", headers=bearer(people.coordinator))
    cursor = page.json()["next_cursor"]
    touched = [cursor[:-1], cursor + "A", cursor.swapcase(), miswritten(cursor)]

    mine = await client.get(f"/v1/people?cursor={cursor}", headers=bearer(people.coordinator))
    theirs = await client.get(f"/v1/people?cursor={cursor}", headers=bearer(people.other_mentor))
    other_list = await client.get(f"/v1/me/check-ins?cursor={cursor}", headers=bearer(people.coordinator))
    found = [
        outcome(await client.get(f"/v1/people?cursor={one}", headers=bearer(people.coordinator))) for one in touched
    ]

    assert [outcome(one) for one in (mine, theirs, other_list)] == [OK, INVALID, INVALID]
    assert found == [INVALID] * len(touched)


async def test_a_request_for_help_and_its_outcome_are_read_strictly(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    mentee, mentor = bearer(people.mentee) | JSON, bearer(people.mentor) | JSON
    mine = "/v1/me/help-requests"

    found = {raw: outcome(await client.post(mine, content=raw.encode(), headers=mentee)) for raw in HELP}
    asked = (await client.post(mine, json={"topic": "food"}, headers=mentee)).json()["id"]
    path = f"/v1/help-requests/{asked}/outcome"
    ended = [outcome(await client.post(path, content=raw.encode(), headers=mentor)) for raw in OUTCOMES]

    assert found == HELP
    assert ended == [INVALID] * len(OUTCOMES)
    assert await conn.fetchval("select count(*) from help_requests where closed_at is null") == 1


async def test_ids_that_are_none_are_not_found(client: Client, people: Cast, bearer: Bearer) -> None:
    headers, found = bearer(people.coordinator), {}

    for path, body in PATHS.items():
        for one in IDS:
            where = path.format(one)
            sent = (
                client.post(where, headers=headers) if body is None else client.post(where, json=body, headers=headers)
            )
            found[where] = outcome(await sent)

    assert found == dict.fromkeys(found, NOTHING)
