"""Alert rules over HTTP: read, tried and changed by the programme's coordinators, by nobody else."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from checkin import flows, store
from checkin.api import alert_rules
from checkin.core.people import Person
from checkin.flows.dry_runs import Limits
from checkin.store.pool import Connection
from tests.api.calls import BUSY, INVALID, NOTHING, OK, UNKNOWN, Bearer, Client, Headers, Outcome, outcome
from tests.histories import reports
from tests.people import DAY, MONDAY, Cast, answer

STALE: Outcome = (412, "stale")
NOT_READ: Outcome = (428, "if-match-needed")
WAITING = """
    select count(*) from pg_locks where not granted
"""
TOO_WIDE: Outcome = (422, "too-wide")


def rules(people: Cast) -> str:
    return f"/v1/programs/{people.program}/alert-rules"


async def answer_all(conn: Connection, mentee: Person) -> None:
    for report in reports(21, 150):
        at = datetime(report.day.year, report.day.month, report.day.day, 18, tzinfo=UTC)
        await flows.check_ins.record(conn, mentee.id, answer(report.day, report.mood, report.hope, at=at), at)


async def tag(client: Client, people: Cast, headers: Headers) -> Headers:
    """Return the headers of a change to the rules as they are now."""
    read = await client.get(rules(people), headers=headers)
    return headers | {"If-Match": read.headers["etag"]}


async def test_a_coordinator_reads_and_changes_the_rule_and_the_detector_works_with_it(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.coordinator)
    read = await client.get(rules(people), headers=headers)

    changed = await client.patch(
        rules(people), json={"false_alerts_per_year": 4}, headers=await tag(client, people, headers)
    )

    assert (outcome(read), read.json()) == (OK, {"false_alerts_per_year": 2})
    assert (outcome(changed), changed.json()) == (OK, {"false_alerts_per_year": 4})
    assert changed.headers["etag"] != read.headers["etag"]
    before = await store.check_ins.read(conn, people.mentee.id, MONDAY)
    assert before is not None
    assert before.false_alerts_per_year == 4
    [log] = await conn.fetch("select actor_id, actor, about from audit where action = 'alert_rules.changed'")
    assert tuple(log) == (people.coordinator.id, "coordinator", str(people.program))


async def test_an_empty_change_changes_nothing(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    headers = await tag(client, people, bearer(people.coordinator))

    same = await client.patch(rules(people), json={}, headers=headers)

    assert (outcome(same), same.headers["etag"]) == (OK, headers["If-Match"])
    assert await conn.fetchval("select count(*) from audit where action = 'alert_rules.changed'") == 0


async def test_a_change_without_if_match_is_428_and_one_from_older_rules_412(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.coordinator)
    old = await tag(client, people, headers)
    await client.patch(rules(people), json={"false_alerts_per_year": 4}, headers=old)

    blind = await client.patch(rules(people), json={"false_alerts_per_year": 1}, headers=headers)
    stale = await client.patch(rules(people), json={"false_alerts_per_year": 1}, headers=old)

    assert (outcome(blind), outcome(stale)) == (NOT_READ, STALE)
    assert (await client.get(rules(people), headers=headers)).json() == {"false_alerts_per_year": 4}


async def test_of_two_changes_at_once_one_stands_and_the_other_is_told(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = await tag(client, people, bearer(people.coordinator))

    async with conn.transaction():
        await conn.execute("select id from programs where id = $1 for update", people.program)
        changes = [
            asyncio.create_task(client.patch(rules(people), json={"false_alerts_per_year": budget}, headers=headers))
            for budget in (1, 3)
        ]
        for _ in range(100):  # a second at most, until both have read the rules and wait to change them
            if await conn.fetchval(WAITING) == len(changes):
                break
            await asyncio.sleep(0.01)
    answers = await asyncio.gather(*changes)

    assert sorted(outcome(one) for one in answers) == [OK, STALE]
    stands = await conn.fetchval("select false_alerts_per_year from programs where id = $1", people.program)
    assert [one.json()["false_alerts_per_year"] for one in answers if one.status_code == 200] == [stands]


@pytest.mark.parametrize("who", ["mentee", "mentor", "cover", "other_mentor", "stranger"])
async def test_to_everybody_else_there_is_nothing(client: Client, people: Cast, bearer: Bearer, who: str) -> None:
    headers = bearer(getattr(people, who)) | {"If-Match": "*"}

    answers = [
        await client.get(rules(people), headers=headers),
        await client.patch(rules(people), json={"false_alerts_per_year": 4}, headers=headers),
        await client.post(f"{rules(people)}/dry-run", json={"false_alerts_per_year": 4}, headers=headers),
    ]

    assert [outcome(one) for one in answers] == [NOTHING] * 3
    assert outcome(await client.get(rules(people))) == UNKNOWN


async def test_a_dry_run_says_how_many_for_whom_and_which(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await answer_all(conn, people.mentee)

    answered = await client.post(
        f"{rules(people)}/dry-run", json={"false_alerts_per_year": 6}, headers=bearer(people.coordinator)
    )

    assert outcome(answered) == OK
    told: dict[str, Any] = answered.json()  # Any: JSON
    assert (told["mentees"], told["last_day"]) == (1, str(MONDAY))
    assert told["tried"]["alerts"] == sum(one["tried"] for one in told["alerts"]) > told["now"]["alerts"] > 0
    assert [(one["mentor_name"], one["mentees"], one["tried"]) for one in told["mentors"]] == [
        (people.mentor.name, 1, told["tried"]["alerts"])
    ]
    assert sum(week["now"] for week in told["weeks"]) == told["now"]["alerts"]
    assert {one["mentee_name"] for one in told["alerts"]} == {"Ana"}
    assert all(one["sentence"].startswith("Ana's ") for one in told["alerts"])
    assert told["alerts"] == sorted(told["alerts"], key=lambda one: one["day"], reverse=True)


async def test_a_mentee_sees_who_read_what_a_rule_would_have_said_of_them(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await answer_all(conn, people.mentee)

    await client.post(f"{rules(people)}/dry-run", json={"false_alerts_per_year": 2}, headers=bearer(people.coordinator))

    rows = await conn.fetch("select person_id, actor_id from audit where action = 'trend.tried'")
    assert [tuple(row) for row in rows] == [(people.mentee.id, people.coordinator.id)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, INVALID),
        ({"false_alerts_per_year": 5}, INVALID),
        ({"false_alerts_per_year": "2"}, INVALID),
        ({"false_alerts_per_year": 2, "span": 3}, INVALID),
        ({"false_alerts_per_year": 2, "last_day": str(MONDAY + DAY)}, INVALID),
        ({"false_alerts_per_year": 2, "first_day": str(MONDAY), "last_day": str(MONDAY - DAY)}, INVALID),
        ({"false_alerts_per_year": 2, "first_day": str(MONDAY - 400 * DAY)}, TOO_WIDE),
        ({"false_alerts_per_year": 2, "first_day": str(MONDAY - 399 * DAY)}, OK),
        ({"false_alerts_per_year": 2, "first_day": "0001-01-01", "last_day": "0001-01-01"}, OK),
        ({"false_alerts_per_year": 2, "last_day": "0001-01-01"}, OK),
    ],
)
async def test_what_cannot_be_tried_is_refused(
    client: Client, people: Cast, bearer: Bearer, asked: dict[str, object], expected: Outcome
) -> None:
    answered = await client.post(f"{rules(people)}/dry-run", json=asked, headers=bearer(people.coordinator))

    assert outcome(answered) == expected


async def test_a_programme_too_large_for_a_call_is_told_of_the_command(
    client: Client, people: Cast, bearer: Bearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_rules, "WITHIN", Limits(mentees=1, reports=1))

    answered = await client.post(
        f"{rules(people)}/dry-run", json={"false_alerts_per_year": 2}, headers=bearer(people.coordinator)
    )

    assert outcome(answered) == TOO_WIDE
    assert "checkin alerts dry-run" in answered.json()["detail"]


async def test_a_second_run_at_once_is_asked_to_come_back(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    client.patience = 0
    async with conn.transaction():
        await store.histories.hold(conn, people.program)

        answered = await client.post(
            f"{rules(people)}/dry-run", json={"false_alerts_per_year": 2}, headers=bearer(people.coordinator)
        )

    assert outcome(answered) == BUSY
