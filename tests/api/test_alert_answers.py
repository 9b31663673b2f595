"""One alert over HTTP: what stands behind it, and the answers that are not "I have it"."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, get_args, get_type_hints

import pytest

from checkin import flows, store
from checkin.api.alert_answers import NewOutcome
from checkin.core.alerts import Kind, Outcome
from checkin.core.people import Person
from checkin.store.pool import Connection
from tests.api.calls import (
    INVALID,
    JSON,
    NOTHING,
    OK,
    TOO_LARGE,
    WRONG_TYPE,
    Bearer,
    Client,
    outcome,
)
from tests.api.calls import Outcome as Answer
from tests.people import DAY, FALLING, NOW, STEADY, Cast, check_in_daily

SEES = ("mentor", "cover", "coordinator")
SEES_NOTHING = ("mentee", "other_mentee", "other_mentor", "stranger")
FOUR_HOURS = timedelta(hours=4)
TALKED = b'{"outcome": "talked"}'
Json = dict[str, Any]  # Any: JSON

BODIES: dict[str, tuple[bytes, Answer]] = {
    "no outcome": (b"{}", INVALID),
    "an outcome there is not": (b'{"outcome": "cured"}', INVALID),
    "in capitals": (b'{"outcome": "TALKED"}', INVALID),
    "a number": (b'{"outcome": 1}', INVALID),
    "null": (b'{"outcome": null}', INVALID),
    "a list": (b'{"outcome": ["talked"]}', INVALID),
    "an unknown field": (b'{"outcome": "talked", "resolved_at": "2026-11-16T14:00:00Z"}', INVALID),
    "somebody else": (b'{"outcome": "talked", "person_id": "0193d5b2-7c00-7aaa-8bbb-000000000041"}', INVALID),
    "outcome twice": (b'{"outcome": "talked", "outcome": "safe"}', INVALID),
    "note null": (b'{"outcome": "talked", "note": null}', INVALID),
    "note empty": (b'{"outcome": "talked", "note": ""}', INVALID),
    "note 7": (b'{"outcome": "talked", "note": 7}', INVALID),
    "note of 1,001 characters": (b'{"outcome": "talked", "note": "' + b"n" * 1001 + b'"}', INVALID),
    "note with a NUL": (b'{"outcome": "talked", "note": "a\\u0000b"}', INVALID),
    "note with half a character": (b'{"outcome": "talked", "note": "\\ud83d"}', INVALID),
    "empty": (b"", INVALID),
    "a text": (b'"talked"', INVALID),
    "truncated": (TALKED[:-1], INVALID),
    "15,000 [": (b"[" * 15_000, INVALID),
    "65,537 bytes": (b'{"note": "' + b"n" * 65_527, TOO_LARGE),
}


@pytest.fixture
async def alert(conn: Connection, people: Cast) -> str:
    """The mentee has fallen and her mentor was asked; returns the alert's path."""
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)
    await flows.alerts.move_due(conn, NOW)
    return f"/v1/alerts/{await conn.fetchval('select id from alerts')}"


async def post(client: Client, bearer: Bearer, person: Person, path: str, body: Json | None = None) -> Json:
    answered = await client.post(path, headers=bearer(person), json=body)
    assert outcome(answered) == OK
    told: Json = answered.json()
    return told


async def test_one_alert_says_what_the_list_says_and_what_stands_behind_it(
    client: Client, people: Cast, bearer: Bearer, alert: str
) -> None:
    listed = (await client.get("/v1/alerts", headers=bearer(people.mentor))).json()["items"][0]

    told = (await client.get(alert, headers=bearer(people.mentor))).json()

    assert listed.items() <= told.items()
    assert told["urgency"] == "hours"
    assert [(one["place"], one["name"], one["result"]) for one in told["steps"]] == [("mentor", "Ben", "asked")]
    [cause] = told["causes"]
    assert cause["reports"] >= 2
    assert cause["mean_mood"] < cause["usual_mood"] <= 10
    assert "statistic" not in cause


async def test_a_cause_never_tells_a_texts_id_or_words(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    evidence = {"tier": "B", "family": "farewell", "source": "text", "inbox": "SM1"}
    await store.alerts.raise_for(conn, people.mentee.id, Kind.crisis, evidence, NOW)
    alert_id = await conn.fetchval("select id from alerts")

    told = (await client.get(f"/v1/alerts/{alert_id}", headers=bearer(people.mentor))).json()

    assert told["causes"] == [{"source": "text", "tier": "B"}]


async def test_each_look_is_written_down(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str
) -> None:
    for name in (*SEES, *SEES_NOTHING):
        await client.get(alert, headers=bearer(getattr(people, name)))

    looked = await conn.fetch("select actor_id from audit where action = 'alert.read' order by id")

    assert [row["actor_id"] for row in looked] == [getattr(people, name).id for name in SEES]


@pytest.mark.parametrize("name", [*SEES, *SEES_NOTHING])
async def test_only_those_whose_business_it_is_read_and_answer_it(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str, name: str
) -> None:
    headers = bearer(getattr(people, name))
    expected = OK if name in SEES else NOTHING

    read = await client.get(alert, headers=headers)
    later = await client.post(f"{alert}/snooze", headers=headers)
    passed = await client.post(f"{alert}/hand-over", headers=headers)
    said = await client.post(f"{alert}/outcome", headers=headers, json={"outcome": "talked"})

    assert [outcome(one) for one in (read, later, passed, said)] == [expected] * 4
    assert (await conn.fetchval("select resolved_at from alerts") is not None) is (name in SEES)


async def test_passing_on_asks_the_next_person_at_once(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str
) -> None:
    told = await post(client, bearer, people.mentor, f"{alert}/hand-over")
    await flows.alerts.move_due(conn, client.app.state.clock.now())

    steps = (await client.get(alert, headers=bearer(people.cover))).json()["steps"]
    assert (told["yours"], "acknowledged_at" in told) == (False, False)
    assert [one["name"] for one in steps] == ["Ben", "Cleo"]


@pytest.mark.parametrize("act", ["hand-over", "snooze"])
async def test_what_somebody_else_has_stays_with_them(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str, act: str
) -> None:
    await post(client, bearer, people.cover, f"{alert}/acknowledgement")

    told = await post(client, bearer, people.mentor, f"{alert}/{act}")

    assert told["yours"] is False
    assert await conn.fetchval("select acknowledged_by from alerts") == people.cover.id


async def test_snoozing_takes_it_for_four_hours(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str
) -> None:
    told = await post(client, bearer, people.mentor, f"{alert}/snooze")

    assert told["yours"] is True
    assert await conn.fetchval("select next_step_at - acknowledged_at from alerts") == FOUR_HOURS


@pytest.mark.parametrize("act", ["snooze", "outcome"])
async def test_what_is_put_off_later_was_taken_when_it_was_taken(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str, act: str
) -> None:
    taken = await post(client, bearer, people.mentor, f"{alert}/acknowledgement")
    client.app.state.clock.ahead += timedelta(hours=3)

    body = {"outcome": "no_answer"} if act == "outcome" else None
    later = await post(client, bearer, people.mentor, f"{alert}/{act}", body)

    asked_again = await conn.fetchval("select next_step_at from alerts")
    assert later["acknowledged_at"] == taken["acknowledged_at"]
    assert asked_again - datetime.fromisoformat(taken["acknowledged_at"]) > timedelta(hours=7)


@pytest.mark.parametrize("said", [Outcome.talked, Outcome.safe, Outcome.referred])
async def test_an_outcome_closes_it(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str, said: Outcome
) -> None:
    told = await post(client, bearer, people.mentor, f"{alert}/outcome", {"outcome": said, "note": "ok ñ"})

    row = await conn.fetchrow("select id, outcome_note from alerts")
    assert row is not None
    assert (told["outcome"], "resolved_at" in told) == (said, True)
    assert conn.vault.open("alerts.outcome_note", row["id"], row["outcome_note"]) == "ok ñ"
    assert outcome(await client.get(alert, headers=bearer(people.mentor))) == NOTHING


@pytest.mark.parametrize("said", [Outcome.left_message, Outcome.no_answer])
async def test_who_reached_nobody_is_asked_again(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str, said: Outcome
) -> None:
    told = await post(client, bearer, people.mentor, f"{alert}/outcome", {"outcome": said})

    assert (told["outcome"], told["yours"], "resolved_at" in told) == (said, True, False)
    assert await conn.fetchval("select next_step_at - acknowledged_at from alerts") == FOUR_HOURS


async def test_a_try_of_who_does_not_have_it_changes_nothing(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str
) -> None:
    await post(client, bearer, people.cover, f"{alert}/acknowledgement")

    told = await post(client, bearer, people.mentor, f"{alert}/outcome", {"outcome": "no_answer", "note": "x"})

    assert (told["yours"], "outcome" in told) == (False, False)


async def test_of_the_outcomes_of_two_people_at_once_one_is_written_and_told_to_who_said_it(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str
) -> None:
    calls = [
        client.post(f"{alert}/outcome", headers=bearer(person), json={"outcome": said})
        for person, said in [(people.mentor, "talked"), (people.cover, "safe")] * 10
    ]

    answers = await asyncio.gather(*calls)

    told = [outcome(one) for one in answers]
    assert told in ([OK, NOTHING] * 10, [NOTHING, OK] * 10)
    assert len({one.text for one in answers if outcome(one) == OK}) == 1
    assert await conn.fetchval("select count(*) from audit where action = 'alert.resolved'") == 1


@pytest.mark.parametrize(
    ("who", "body", "expected"),
    [
        ("mentor", {"outcome": "talked", "note": "fine"}, OK),
        ("mentor", {"outcome": "talked"}, NOTHING),
        ("mentor", {"outcome": "safe", "note": "fine"}, NOTHING),
        ("mentor", {"outcome": "no_answer", "note": "fine"}, NOTHING),
        ("cover", {"outcome": "talked", "note": "fine"}, NOTHING),
    ],
)
async def test_the_outcome_that_closed_it_is_answered_again_to_who_said_it(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str, who: str, body: Json, expected: Answer
) -> None:
    first = await post(client, bearer, people.mentor, f"{alert}/outcome", {"outcome": "talked", "note": "fine"})
    client.app.state.clock.ahead += timedelta(hours=1)

    again = await client.post(f"{alert}/outcome", headers=bearer(getattr(people, who)), json=body)

    assert outcome(again) == expected
    assert expected == NOTHING or again.json() == first
    assert await conn.fetchval("select count(*) from audit where action = 'alert.resolved'") == 1


@pytest.mark.parametrize(("later", "times"), [(4, 1), (6, 2)])
async def test_snoozing_again_within_minutes_is_the_same_snooze(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str, later: int, times: int
) -> None:
    await post(client, bearer, people.mentor, f"{alert}/snooze")
    before = await conn.fetchval("select next_step_at from alerts")
    client.app.state.clock.ahead += timedelta(minutes=later)

    await post(client, bearer, people.mentor, f"{alert}/snooze")

    after = await conn.fetchval("select next_step_at from alerts")
    assert (after - before >= timedelta(minutes=later)) is (times == 2)
    assert await conn.fetchval("select count(*) from audit where action = 'alert.acknowledged'") == times


async def test_a_body_that_is_no_outcome_is_refused(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str
) -> None:
    headers = bearer(people.mentor) | JSON

    found = {
        name: outcome(await client.post(f"{alert}/outcome", content=raw, headers=headers))
        for name, (raw, _) in BODIES.items()
    }
    form = await client.post(f"{alert}/outcome", data={"outcome": "talked"}, headers=bearer(people.mentor))

    assert found == {name: expected for name, (_, expected) in BODIES.items()}
    assert outcome(form) == WRONG_TYPE
    assert await conn.fetchval("select outcome from alerts") is None


async def test_a_former_mentor_answers_nothing(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: str
) -> None:
    await conn.execute("update assignments set ends_at = $1 where mentor_id = $2", NOW - DAY, people.mentor.id)

    answers = [await client.post(f"{alert}/{act}", headers=bearer(people.mentor)) for act in ("hand-over", "snooze")]

    assert [outcome(one) for one in answers] == [NOTHING, NOTHING]


def test_every_outcome_can_be_said() -> None:
    taken = get_type_hints(NewOutcome)["outcome"]

    assert set(get_args(taken)) == set(Outcome)
