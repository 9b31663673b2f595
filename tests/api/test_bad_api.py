"""Hostile calls to the API: each row of a table is a call, the status it gets and the kind of problem it is told."""

import pytest

from tests.api.calls import (
    ANSWER,
    INVALID,
    NO_METHOD,
    NOTHING,
    OK,
    OUT_OF_REACH,
    TODAY,
    Bearer,
    Client,
    Outcome,
    miswritten,
    outcome,
)
from tests.people import MONDAY, Cast

DAYS: dict[str, Outcome] = {
    "10000000000000000000000": NOTHING,
    "..%2f..%2fetc%2fpasswd": NOTHING,
    "%2e%2e": NOTHING,
    "%00": NOTHING,
    "2026-11-16%00": NOTHING,
    "%ff%fe": NOTHING,
    "2026-11-16%0d%0aX-Evil:%201": NOTHING,
    "2026-02-30": NOTHING,
    "2026-13-01": NOTHING,
    "2026-1-1": NOTHING,
    "20261116": NOTHING,
    "2026-W47-1": NOTHING,
    "2026-11-16T00:00:00Z": NOTHING,
    "0000-01-01": NOTHING,
    "10000-01-01": NOTHING,
    "-2026-11-16": NOTHING,
    "1763319600": NOTHING,
    "２０２６-11-16": NOTHING,
    "today": NOTHING,
    "null": NOTHING,
    "a" * 5000: NOTHING,
}

FAR_DAYS: tuple[str, ...] = ("0001-01-01", "9999-12-31", "2026-10-16", "2026-11-17")

QUERIES: dict[str, Outcome] = {
    **{f"limit={value}": INVALID for value in ("1000000000", "101", "0", "-1", "x", "", "1.5", "null", "9" * 5000)},
    **{f"limit={value}": INVALID for value in ("%00", "%ff", "1%202", "0x10", "ten", "true", "[]")},
    **{f"limit={value}": INVALID for value in ("1.0", "01", "%2B1", "%201", "1e1", "1_0", "١")},
    **dict.fromkeys(("limit=1&limit=2", "limit=1&limit=1", "limt=1", "Limit=1", "_=1", "limit[]=1", "a"), INVALID),
    **{
        f"cursor={value}": INVALID
        for value in ("", "a", "====", "%00", "%ff", "😀", "MjAyNi0xMS0xNg", "a" * 201, "-_-_")
    },
    "limit=1": OK,
    "limit=100": OK,
}

METHODS: dict[tuple[str, str], Outcome] = {
    ("DELETE", TODAY): NO_METHOD,
    ("GET", "/v1/me/check-ins/batch"): NO_METHOD,
    ("PUT", "/v1/me/check-ins/batch"): NO_METHOD,
    ("POST", "/v1/changes"): NO_METHOD,
    ("GET", "/v1/changes/2026-11-16"): NOTHING,
    ("POST", TODAY): NO_METHOD,
    ("PATCH", TODAY): NO_METHOD,
    ("TRACE", TODAY): NO_METHOD,
    ("PROPFIND", TODAY): NO_METHOD,
    ("HEAD", "/v1/alerts/0193d5b2-7c00-7aaa-8bbb-000000000041/acknowledgement"): (405, ""),
    ("POST", "/v1/me/check-ins"): NO_METHOD,
    ("PUT", "/v1/alerts"): NO_METHOD,
    ("GET", "/v1/alerts/0193d5b2-7c00-7aaa-8bbb-000000000041/acknowledgement"): NO_METHOD,
    ("GET", "/v1/alerts/0193d5b2-7c00-7aaa-8bbb-000000000041/outcome"): NO_METHOD,
    ("DELETE", "/v1/alerts/0193d5b2-7c00-7aaa-8bbb-000000000041"): NO_METHOD,
    ("POST", "/v1/alerts/0193d5b2-7c00-7aaa-8bbb-000000000041/close"): NOTHING,
    ("POST", "/health/live"): NO_METHOD,
    ("GET", "/"): NOTHING,
    ("GET", "/v1"): NOTHING,
    ("GET", "/v2/me/check-ins"): NOTHING,
    ("GET", "/v1/me/check-ins/2026-11-16/note"): NOTHING,
    ("GET", "/.env"): NOTHING,
    ("GET", "/schema/../etc/passwd"): NOTHING,
    ("GET", "/schema/nothing"): NOTHING,
    ("POST", "/schema/openapi.json"): NO_METHOD,
}

ALERT_IDS: tuple[str, ...] = (
    "10000000000000000000000",
    "41",
    "..%2f..",
    "%00",
    "%ff",
    "not-an-id",
    "0193d5b2-7c00-7aaa-8bbb-00000000004",
)
ALERT_IDS += ("0193d5b2-7c00-7aaa-8bbb-000000000041", "00000000-0000-0000-0000-000000000000", "{" * 40)
ALERT_ACTS = ("acknowledgement", "hand-over", "snooze", "outcome")


async def test_paths_that_name_no_day_find_nothing(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)

    read = {day[:60]: outcome(await client.get(f"/v1/me/check-ins/{day}", headers=headers)) for day in DAYS}
    written = {
        day[:60]: outcome(await client.put(f"/v1/me/check-ins/{day}", json=ANSWER, headers=headers)) for day in DAYS
    }

    assert read == written == {day[:60]: expected for day, expected in DAYS.items()}


async def test_days_out_of_reach_are_read_as_nothing_and_not_written(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)

    read = {day: outcome(await client.get(f"/v1/me/check-ins/{day}", headers=headers)) for day in FAR_DAYS}
    written = {
        day: outcome(await client.put(f"/v1/me/check-ins/{day}", json=ANSWER, headers=headers)) for day in FAR_DAYS
    }

    assert read == dict.fromkeys(FAR_DAYS, NOTHING)
    assert written == dict.fromkeys(FAR_DAYS, OUT_OF_REACH)


async def test_a_limit_or_cursor_that_is_not_ours_is_refused(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)

    found = {query: outcome(await client.get(f"/v1/me/check-ins?{query}", headers=headers)) for query in QUERIES}
    changes = {query: outcome(await client.get(f"/v1/changes?{query}", headers=headers)) for query in QUERIES}

    assert found == changes == QUERIES


async def test_a_cursor_is_good_to_the_letter_and_for_its_owner_only(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    for person in (people.mentee, people.other_mentee):
        for back in (0, 1):
            day = MONDAY.replace(day=MONDAY.day - back)
            await client.put(f"/v1/me/check-ins/{day}", json=ANSWER, headers=bearer(person))
    page = await client.get("/v1/me/check-ins?limit=1", headers=bearer(people.mentee))
    cursor = page.json()["next_cursor"]
    other = "A" if cursor[-1] != "A" else "Q"
    touched = [
        cursor[:-1],
        cursor + "A",
        cursor + "==",
        cursor[:-1] + other,
        miswritten(cursor),
        cursor + "%20",
        cursor + "!",
    ]
    touched += [cursor[:-1] + chr(ord(cursor[-1]) + 1), cursor.swapcase()]

    mine = await client.get(f"/v1/me/check-ins?cursor={cursor}", headers=bearer(people.mentee))
    theirs = await client.get(f"/v1/me/check-ins?cursor={cursor}", headers=bearer(people.other_mentee))
    found = {
        one: outcome(await client.get(f"/v1/me/check-ins?cursor={one}", headers=bearer(people.mentee)))
        for one in touched
    }

    assert outcome(mine) == OK
    assert outcome(theirs) == INVALID
    assert found == dict.fromkeys(touched, INVALID)


async def test_methods_and_paths_that_are_not_there(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentee)

    answers = {call: await client.request(*call, headers=headers) for call in METHODS}

    assert {call: outcome(answered) for call, answered in answers.items()} == METHODS
    assert all(answered.headers["allow"] for answered in answers.values() if answered.status_code == 405)


async def test_options_names_every_method_of_a_path(client: Client, people: Cast, bearer: Bearer) -> None:
    answered = await client.options(TODAY, headers=bearer(people.mentee))

    assert outcome(answered) == (204, "")
    assert answered.headers.get_list("allow") == ["GET, HEAD, OPTIONS, PUT"]


@pytest.mark.parametrize("path", ["/v1/me/check-ins", TODAY, "/health/ready", "/schema/openapi.json", "/nothing"])
async def test_head_answers_as_get_without_the_body(client: Client, people: Cast, bearer: Bearer, path: str) -> None:
    headers = bearer(people.mentee) | {"X-Request-Id": "the-same"}

    whole, head = await client.get(path, headers=headers), await client.head(path, headers=headers)

    assert (head.status_code, dict(head.headers), head.content) == (whole.status_code, dict(whole.headers), b"")
    assert whole.content


async def test_an_alert_by_an_id_that_is_none_is_not_found(client: Client, people: Cast, bearer: Bearer) -> None:
    headers = bearer(people.mentor)

    said = {"outcome": {"outcome": "talked"}}

    read = {one: outcome(await client.get(f"/v1/alerts/{one}", headers=headers)) for one in ALERT_IDS}
    done = {
        (one, act): outcome(await client.post(f"/v1/alerts/{one}/{act}", headers=headers, json=said.get(act)))
        for one in ALERT_IDS
        for act in ALERT_ACTS
    }

    assert read == dict.fromkeys(ALERT_IDS, NOTHING)
    assert done == dict.fromkeys(done, NOTHING)


async def test_a_hostile_host_changes_nothing(client: Client, people: Cast, bearer: Bearer) -> None:
    taken: tuple[Outcome, Outcome, bool] = (OK, INVALID, False)
    no_host: tuple[Outcome, Outcome, bool] = (INVALID, INVALID, False)
    hosts = dict.fromkeys(("evil.example", "[::1", "x:99999999", ""), taken)
    hosts |= dict.fromkeys(("a@b:c/d?e#f", "checkin.example.org, evil.example"), no_host)
    found = {}

    for host in hosts:
        headers = bearer(people.mentee) | {"Host": host, "X-Forwarded-Host": host, "Forwarded": f"host={host}"}
        good = await client.get("/v1/me/check-ins", headers=headers)
        bad = await client.get("/v1/me/check-ins?limit=x", headers=headers)
        found[host] = outcome(good), outcome(bad), "evil" in bad.text + str(bad.headers)

    assert found == hosts


async def test_a_request_id_is_kept_when_it_is_a_plain_word_and_replaced_otherwise(client: Client) -> None:
    plain = ("0f3c-1", "a" * 64, "A.b_c-9")
    hostile = ("", "a" * 65, "a b", "<script>", "é", "a\tb", "../x", '"')

    kept = {one: (await client.get("/nothing", headers={"X-Request-Id": one})).headers["x-request-id"] for one in plain}
    replaced = []
    for one in hostile:
        answered = await client.get("/nothing", headers={b"X-Request-Id": one.encode()})
        assert outcome(answered) == NOTHING
        replaced.append(answered.headers["x-request-id"])

    assert kept == {one: one for one in plain}
    assert len({*replaced, *hostile}) == 2 * len(hostile)
    assert all(len(one) == 32 and one.isalnum() for one in replaced)
