"""The people file over HTTP: tried, brought in as a whole, and kept to the coordinator's own program."""

import asyncio
from typing import Any

import pytest
from httpx import Response

from checkin import store
from checkin.core.people import Role, Status
from checkin.core.texts import Text
from checkin.store.pool import Connection
from tests.api.calls import INVALID, NOTHING, OK, TOO_LARGE, UNKNOWN, WRONG_TYPE, Bearer, Client, Outcome, outcome
from tests.people import Cast
from tests.phones import sent_to, told

IMPORT = "/v1/people/import"
HEADER = "program,name,phone,roles,time_zone,language,mentor,consented\n"
NEW_YORK = "America/New_York"
GOOD = (
    HEADER
    + f"Harbor,Hal,+1 212 555 0190,mentee,{NEW_YORK},en,212 555 0191,\n"
    + f"Harbor,Ivy,+1 212 555 0191,mentor,{NEW_YORK},en,,\n"
    + f'Harbor,"Jo, the second",+1 212 555 0192,mentee,{NEW_YORK},es,+12125550102,yes\n'
)
CSV = {"Content-Type": "text/csv"}
TOO_WIDE: Outcome = (422, "too-wide")
IN_USE: Outcome = (409, "key-in-use")
REUSED: Outcome = (422, "key-reused")
PEOPLE = """
    select count(*) from people
"""


async def send(client: Client, headers: dict[str, str], file: str | bytes, query: str = "") -> Response:
    content = file if isinstance(file, bytes) else file.encode()
    return await client.post(f"{IMPORT}{query}", content=content, headers=CSV | headers)


def line(name: str, phone: str, *, program: str = "Harbor", roles: str = "mentee", mentor: str = "") -> str:
    return f"{program},{name},{phone},{roles},{NEW_YORK},en,{mentor},\n"


async def test_a_dry_run_says_line_by_line_who_would_come_and_writes_nothing(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    before = await conn.fetchval(PEOPLE)

    tried = await send(client, bearer(people.coordinator), GOOD, "?dry_run=true")

    assert outcome(tried) == OK
    assert tried.json() == {
        "written": False,
        "people": [
            {"line": 2, "name": "Hal", "roles": ["mentee"], "status": "invited"},
            {"line": 3, "name": "Ivy", "roles": ["mentor"], "status": "active"},
            {"line": 4, "name": "Jo, the second", "roles": ["mentee"], "status": "active"},
        ],
        "assignments": 2,
        "mistakes": [],
        "mistake_count": 0,
        "stays_draft": False,
    }
    assert await conn.fetchval(PEOPLE) == before
    assert await conn.fetchval("select count(*) from outbox") == 0


async def test_what_was_tried_is_brought_in_by_the_coordinator_and_asked(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    done = await send(client, bearer(people.coordinator), GOOD)

    assert outcome(done) == OK
    assert done.json()["written"] is True
    [hal] = await store.people.by_phone(conn, "+12125550190")
    [ivy] = await store.people.by_phone(conn, "+12125550191")
    assert [one["id"] for one in done.json()["people"]][:2] == [str(hal.id), str(ivy.id)]
    assert (hal.program_id, hal.status, ivy.roles) == (people.program, Status.invited, frozenset({Role.mentor}))
    assert await sent_to(conn, hal) == [told(Text.invite, program="Harbor")]
    rows = await conn.fetch("select action, actor_id, actor from audit where person_id = $1 order by action", hal.id)
    by = (people.coordinator.id, "coordinator")
    assert [tuple(row) for row in rows] == [("assignment.begun", *by), ("person.added", *by)]


async def test_one_bad_line_and_nothing_is_written_and_every_mistake_has_its_line(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    before = await conn.fetchval(PEOPLE)
    bad = GOOD + line("", "+12125550195") + line("Kay", "555") + line("Ana", "+12125550101") + "Harbor,Lee\n"
    bad += line("Max", "+12125550196", mentor="+12125550199")
    headers = bearer(people.coordinator)

    refused = await send(client, headers, bad)
    tried = await send(client, headers, bad, "?dry_run=true")

    assert (outcome(refused), outcome(tried)) == (INVALID, OK)
    assert [one["line"] for one in refused.json()["errors"]] == [5, 6, 7, 8, 9]
    mistakes: list[dict[str, Any]] = tried.json()["mistakes"]  # Any: JSON
    assert [one["line"] for one in mistakes] == [5, 6, 7, 8, 9]
    assert [one["problem"] for one in mistakes] == [one["detail"] for one in refused.json()["errors"]]
    assert (tried.json()["mistake_count"], mistakes[2]["problem"]) == (5, "this phone is in the program already")
    assert [one["line"] for one in tried.json()["people"]] == [2, 3, 4, 9]
    assert await conn.fetchval(PEOPLE) == before


async def test_another_program_is_told_as_one_that_is_not_there(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.coordinator)
    before = await conn.fetchval(PEOPLE)
    told_of = {}

    for program in ("Lighthouse", "Nowhere", "harbor"):
        file = HEADER + line("Hal", "+12125550190", program=program)
        refused = await send(client, headers, file)
        tried = await send(client, headers, file, "?dry_run=true")
        told_of[program] = (outcome(refused), refused.json()["errors"], tried.json())

    assert len({str(told) for told in told_of.values()}) == 1
    assert told_of["Lighthouse"][0] == INVALID
    assert told_of["Lighthouse"][2]["people"] == []
    assert await conn.fetchval(PEOPLE) == before
    assert await conn.fetchval("select count(*) from programs") == 2


async def test_a_phone_of_another_program_is_not_told_of(client: Client, people: Cast, bearer: Bearer) -> None:
    file = HEADER + line("Hal", people.stranger.phone or "") + line("Ida", "+12125550190", mentor="+12125550107")

    tried = await send(client, bearer(people.coordinator), file, "?dry_run=true")

    assert [one["line"] for one in tried.json()["people"]] == [2, 3]
    assert [one["problem"] for one in tried.json()["mistakes"]] == [
        "mentor: the person with that phone is not a mentor"
    ]


async def test_the_same_file_twenty_times_at_once_brings_everybody_in_once(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    before = await conn.fetchval(PEOPLE)
    headers = bearer(people.coordinator)

    answers = await asyncio.gather(*(send(client, headers, GOOD) for _ in range(20)))

    found = [outcome(one) for one in answers]
    assert (found.count(OK), found.count(INVALID)) == (1, 19)
    assert await conn.fetchval(PEOPLE) == before + 3
    assert await conn.fetchval("select count(*) from outbox") == 1


async def test_with_a_key_the_same_file_has_the_same_answer_and_another_one_none(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.coordinator) | {"Idempotency-Key": "import-1"}
    bad = {**headers, "Idempotency-Key": "import-2"}

    answers = await asyncio.gather(*(send(client, headers, GOOD) for _ in range(20)))
    again = await send(client, headers, GOOD)
    other = [await send(client, headers, GOOD + "\n"), await send(client, headers, GOOD, "?dry_run=true")]
    refused = [await send(client, bad, HEADER + line("Kay", "555")) for _ in range(2)]

    assert {outcome(one) for one in answers} <= {OK, IN_USE}
    assert {one.content for one in answers if one.status_code == 200} == {again.content}
    assert [outcome(one) for one in other] == [REUSED] * 2
    assert [(outcome(one), [error["line"] for error in one.json()["errors"]]) for one in refused] == [
        (INVALID, [2])
    ] * 2
    assert await conn.fetchval("select count(*) from outbox") == 1


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("text/csv", OK),
        ("text/csv; charset=utf-8", OK),
        ('text/csv; charset="UTF-8"; header=present', OK),
        ("text/csv; charset=latin-1", WRONG_TYPE),
        ("text/csv; charset=utf-16", WRONG_TYPE),
        ("text/plain", WRONG_TYPE),
        ("application/json", WRONG_TYPE),
        ("application/vnd.ms-excel", WRONG_TYPE),
        ("multipart/form-data; boundary=x", WRONG_TYPE),
        ("", WRONG_TYPE),
    ],
)
async def test_only_csv_in_utf8_is_taken(
    client: Client, people: Cast, bearer: Bearer, media_type: str, expected: Outcome
) -> None:
    headers = bearer(people.coordinator) | {"Content-Type": media_type}

    assert outcome(await client.post(f"{IMPORT}?dry_run=true", content=GOOD, headers=headers)) == expected


HOSTILE: dict[bytes, Outcome] = {
    b"": INVALID,
    b"\n": INVALID,
    b"\xff\xfe": INVALID,
    GOOD.encode("utf-16"): INVALID,
    GOOD.encode().replace(b"Hal", b"H\0l"): INVALID,
    b"PK\x03\x04": INVALID,
    HEADER.encode(): INVALID,
    HEADER.encode() * 2: INVALID,
    b"{}": INVALID,
    b'"': INVALID,
    HEADER.encode() + b'"' * 999: INVALID,
    HEADER.encode() + b"x\n" * 900: INVALID,
    HEADER.encode() + b"x\n" * 2000: TOO_WIDE,
    HEADER.encode() + b",\n" * 900: INVALID,
    HEADER.encode() + ("Harbor,Hal," + "9" * 5000 + f",mentor,{NEW_YORK},en,,\n").encode(): INVALID,
    HEADER.encode() + ("Harbor,Hal,+12125550190," + "mentor " * 5000 + f",{NEW_YORK},en,,\n").encode(): OK,
    HEADER.encode() + ("Harbor,Hal,+12125550190," + "x" * 50_000 + f",{NEW_YORK},en,,\n").encode(): INVALID,
    b"x" * (64 * 1024 + 1): TOO_LARGE,
}


async def test_hostile_files_are_told_in_a_short_answer(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.coordinator)

    answers = {file: await send(client, headers, file) for file in HOSTILE}

    assert {file[:60]: outcome(one) for file, one in answers.items()} == {
        file[:60]: expected for file, expected in HOSTILE.items()
    }
    assert max(len(one.content) for one in answers.values()) < 64_000


@pytest.mark.parametrize("query", ["dry_run=yes", "dry_run=1", "dry_run=", "dry_run=True", "dry_run=true&dry_run=true"])
async def test_a_dry_run_is_true_or_false_and_nothing_else(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, query: str
) -> None:
    before = await conn.fetchval(PEOPLE)

    assert outcome(await send(client, bearer(people.coordinator), GOOD, f"?{query}")) == INVALID
    assert await conn.fetchval(PEOPLE) == before


async def test_names_are_data_whatever_they_hold(client: Client, people: Cast, bearer: Bearer) -> None:
    names = ("=cmd|' /C calc'!A0", "@SUM(1)", "\x1b[31mred", "<script>", "'; drop table people; --")
    rows = "".join(line(f'"{name}"', f"+121255501{90 + n}") for n, name in enumerate(names))

    done = await send(client, bearer(people.coordinator), HEADER + rows)

    assert [one["name"] for one in done.json()["people"]] == list(names)


@pytest.mark.parametrize("who", ["mentee", "mentor", "cover"])
async def test_nobody_but_coordinators_brings_people_in(client: Client, people: Cast, bearer: Bearer, who: str) -> None:
    assert outcome(await send(client, bearer(getattr(people, who)), GOOD)) == NOTHING
    assert outcome(await send(client, {}, GOOD)) == UNKNOWN
