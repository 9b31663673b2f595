"""Hostile changes to a plan: each row of a table is a body, the status it gets and the kind of problem it is told."""

import json

import pytest

from checkin.store.pool import Connection
from tests.api.calls import INVALID, NO_METHOD, OK, TOO_LARGE, WRONG_TYPE, Bearer, Client, Outcome, outcome
from tests.people import Cast

PLAN = "/v1/me/nudge-plan"
STALE: Outcome = (412, "stale")
BAD_CLOCKS: tuple[str, ...] = ("", "6pm", "24:00", "18:60", "1:00", "18", "18.00", "18:00:00", "18:00Z", "18:00\\n")
BAD_CLOCKS += ("+8:00", "٠٩:٠٠", "１８:00", "18:00\\u0000", "-1:00", "18:0 ", "now")
BAD_VALUES: tuple[str, ...] = ("null", "true", "7", "7.0", "{}", '"18:00"', "[null]", "[[]]", "1e400", "NaN", "")
BAD_DAYS: tuple[str, ...] = ("2026-02-30", "2026-1-1", "tomorrow", "", "20261116", "10000-01-01", "2026-11-16T00:00Z")

BODIES: dict[str, Outcome] = {
    **{f'{{"times": {value}}}': INVALID for value in (*BAD_VALUES, "[]", '["18:00", 9]', json.dumps(["18:00"] * 7))},
    **{f'{{"times": ["{clock}"]}}': INVALID for clock in BAD_CLOCKS},
    **{f'{{"quiet_from": "{clock}"}}': INVALID for clock in BAD_CLOCKS},
    **{f'{{"quiet_until": {value}}}': INVALID for value in ("null", "8", "true", "[]", "{}", '["08:00"]')},
    **{f'{{"weekdays": {value}}}': INVALID for value in (*BAD_VALUES, "[]", "[0]", "[8]", "[-1]", "[1.0]", '["1"]')},
    **{f'{{"weekdays": {value}}}': INVALID for value in ("[true]", "[1,1,1,1,1,1,1,1]", f"[{2**70}]", '"mon-fri"')},
    **{f'{{"time_zone": "{zone}"}}': INVALID for zone in ("Mars/Phobos", "../etc/passwd", "america/new_york", "+5:00")},
    **{f'{{"time_zone": "{zone}"}}': INVALID for zone in ("", "localtime", "A" * 65, "UTC\\u0000", "Europe/Ber\\nlin")},
    **{f'{{"time_zone": {value}}}': INVALID for value in ("null", "5", "[]")},
    **{f'{{"pauses": {value}}}': INVALID for value in (*BAD_VALUES, "[{}]", '[{"starts_on": "2026-12-01"}]')},
    **{f'{{"pauses": [{{"starts_on": "{day}", "until": "2027-01-01"}}]}}': INVALID for day in BAD_DAYS},
    **{f'{{"pauses": [{{"starts_on": "2026-12-01", "until": "{day}"}}]}}': INVALID for day in BAD_DAYS},
    '{"pauses": [{"starts_on": "2026-12-02", "until": "2026-12-02"}]}': INVALID,
    '{"pauses": [{"starts_on": "2026-11-15", "until": "2026-12-02"}]}': INVALID,
    '{"pauses": [{"starts_on": "0001-01-01", "until": "9999-12-31"}]}': INVALID,
    '{"pauses": [{"starts_on": "2026-12-01", "until": "9999-12-31"}]}': INVALID,
    '{"pauses": [{"starts_on": "9999-12-30", "until": "9999-12-31"}]}': INVALID,
    '{"pauses": [{"starts_on": "2026-12-01", "until": "2026-12-02", "source": "sms"}]}': INVALID,
    '{"quiet_from": "08:00", "quiet_until": "21:00"}': INVALID,
    '{"paused_until": "2026-12-01"}': INVALID,
    '{"mentee_id": "0193d5b2-7c00-7aaa-8bbb-000000000041"}': INVALID,
    '{"times": ["09:00"], "times": ["10:00"]}': INVALID,
    '{"times": ["\\ud800"]}': INVALID,
    "[]": INVALID,
    "null": INVALID,
    "{": INVALID,
    "": INVALID,
    "[" * 15_000: INVALID,
    "{" + " " * 70_000 + "}": TOO_LARGE,
    "{}": OK,
}
GOOD_PAUSE = {"starts_on": "2026-12-20", "until": "2027-01-04"}

TYPES: dict[str, Outcome] = {
    "text/plain": WRONG_TYPE,
    "application/json-patch+json": WRONG_TYPE,
    "application/x-www-form-urlencoded": WRONG_TYPE,
    "application/merge-patch+json; charset=utf-8": OK,
    "application/json; charset=utf-8": OK,
}

CONDITIONS: dict[str, Outcome] = {
    "": INVALID,
    "x" * 513: INVALID,
    "W/*": STALE,
    '"': STALE,
    '""': STALE,
    "null": STALE,
    ",,,": STALE,
    '"x", *': OK,
}  # fmt: skip


async def test_hostile_changes_change_nothing(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee) | {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    before = await client.get(PLAN, headers=bearer(people.mentee))

    found = {body: outcome(await client.patch(PLAN, content=body.encode(), headers=headers)) for body in BODIES}

    after = await client.get(PLAN, headers=bearer(people.mentee))
    assert found == BODIES
    assert after.json() == before.json()
    assert await conn.fetchval("select count(*) from pauses") == 0


async def test_a_change_of_another_content_type_is_refused(client: Client, people: Cast, bearer: Bearer) -> None:
    found = {}

    for content_type in TYPES:
        headers = bearer(people.mentee) | {"If-Match": "*", "Content-Type": content_type}
        found[content_type] = outcome(await client.patch(PLAN, content=b"{}", headers=headers))

    assert found == TYPES


async def test_conditions_that_name_no_state_of_the_plan(client: Client, people: Cast, bearer: Bearer) -> None:
    found = {}

    for condition in CONDITIONS:
        headers = bearer(people.mentee) | {"If-Match": condition}
        found[condition] = outcome(await client.patch(PLAN, json={}, headers=headers))

    assert found == CONDITIONS


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
async def test_a_plan_is_only_read_and_patched(client: Client, people: Cast, bearer: Bearer, method: str) -> None:
    assert outcome(await client.request(method, PLAN, headers=bearer(people.mentee))) == NO_METHOD


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"times": ["18:00", "x"]}, "/times/1"),
        ({"weekdays": [9]}, "/weekdays/0"),
        ({"time_zone": "Mars/Phobos"}, "/time_zone"),
        ({"pauses": [GOOD_PAUSE, {"starts_on": "2026-12-02", "until": "2026-12-01"}]}, "/pauses/1/until"),
    ],
)
async def test_the_problem_points_at_what_is_wrong(
    client: Client, people: Cast, bearer: Bearer, body: dict[str, object], pointer: str
) -> None:
    answered = await client.patch(PLAN, json=body, headers=bearer(people.mentee) | {"If-Match": "*"})

    assert [error["pointer"] for error in answered.json()["errors"]] == [pointer]
