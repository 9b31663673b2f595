"""Alerts over HTTP: what is told, to whom, and who has it in the end."""

import asyncio
from typing import Any

import pytest

from checkin import core, flows, store
from checkin.core.alerts import Kind
from checkin.core.people import Person
from checkin.store.pool import Connection
from tests.api.calls import NOTHING, OK, Bearer, Client, outcome
from tests.people import DAY, FALLING, MONDAY, NOW, STEADY, Cast, check_in_daily

SEES = ("mentor", "cover", "coordinator")
SEES_NOTHING = ("mentee", "other_mentee", "other_mentor", "stranger")
Json = dict[str, Any]  # Any: JSON


@pytest.fixture
async def alert(conn: Connection, people: Cast) -> Json:
    """The mentee has fallen; returns the alert's row."""
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)
    [row] = await conn.fetch("select id, number, raised_at from alerts")
    return dict(row)


async def listed(client: Client, bearer: Bearer, person: Person) -> list[Json]:
    answered = await client.get("/v1/alerts", headers=bearer(person))
    assert outcome(answered) == OK
    items: list[Json] = answered.json()["items"]
    return items


async def test_a_trend_is_listed_with_one_sentence_of_its_own_numbers(
    client: Client, people: Cast, bearer: Bearer, alert: Json
) -> None:
    items = await listed(client, bearer, people.mentor)

    assert len(items) == 1
    sentence = items[0].pop("sentence")
    assert items[0].pop("still_low_since") < str(MONDAY)
    assert sentence.startswith("Ana's mood and hope have been below their usual level since")
    assert items[0] == {
        "id": str(alert["id"]),
        "number": alert["number"],
        "kind": "trend",
        "mentee_id": str(people.mentee.id),
        "mentee_name": "Ana",
        "raised_at": alert["raised_at"].isoformat().replace("+00:00", "Z"),
        "yours": False,
    }


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.trend])
async def test_every_kind_is_listed_with_a_sentence(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, kind: Kind
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, kind, {"inbox": "SM1"}, NOW)

    items = await listed(client, bearer, people.mentor)

    told = core.sentences.sentence("Ana", kind, [{}], "en")
    assert [(one["kind"], one["sentence"]) for one in items] == [(kind, told)]


@pytest.mark.parametrize("name", SEES)
async def test_those_who_stand_by_a_mentee_see_and_take_an_alert(
    client: Client, people: Cast, bearer: Bearer, alert: Json, name: str
) -> None:
    person = getattr(people, name)

    before = await listed(client, bearer, person)
    taken = await client.post(f"/v1/alerts/{alert['id']}/acknowledgement", headers=bearer(person))
    after = await listed(client, bearer, person)

    assert [one["yours"] for one in before] == [False]
    assert outcome(taken) == OK
    assert taken.json()["yours"] is True
    assert after == [taken.json()]
    assert taken.json()["acknowledged_at"].startswith("2026-11-16T20:00:0")


@pytest.mark.parametrize("name", SEES_NOTHING)
async def test_nobody_else_sees_or_takes_it(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: Json, name: str
) -> None:
    person = getattr(people, name)

    items = await listed(client, bearer, person)
    refused = await client.post(f"/v1/alerts/{alert['id']}/acknowledgement", headers=bearer(person))

    assert items == []
    assert outcome(refused) == NOTHING
    assert await conn.fetchval("select acknowledged_by from alerts") is None


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("mentor", "update assignments set ends_at = $2::timestamptz - interval '1 second' where mentor_id = $1"),
        ("cover", "update assignments set ends_at = $2::timestamptz - interval '1 second' where mentor_id = $1"),
        ("cover", "update assignments set starts_at = $2::timestamptz + interval '1 hour' where mentor_id = $1"),
        ("coordinator", "update people set status = 'invited' where id = $1 and $2 > created_at"),
        ("coordinator", "update people set roles = array['mentor'] where id = $1 and $2 > created_at"),
    ],
    ids=["former mentor", "ended cover", "cover to come", "coordinator to come", "no longer coordinator"],
)
async def test_who_no_longer_stands_by_or_not_yet_sees_nothing(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: Json, name: str, change: str
) -> None:
    person = getattr(people, name)
    await conn.execute(change, person.id, NOW)

    items = await listed(client, bearer, person)
    refused = await client.post(f"/v1/alerts/{alert['id']}/acknowledgement", headers=bearer(person))

    assert items == []
    assert outcome(refused) == NOTHING


async def test_cover_in_time_sees_until_it_ends(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
    ends_at = NOW + DAY
    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, "cover", NOW - DAY, ends_at)

    during = await listed(client, bearer, people.other_mentor)
    client.app.state.clock.ahead += DAY
    afterwards = await listed(client, bearer, people.other_mentor)

    assert (len(during), afterwards) == (1, [])


async def test_of_two_who_take_it_at_once_one_has_it_and_both_are_told(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: Json
) -> None:
    path = f"/v1/alerts/{alert['id']}/acknowledgement"
    takers = [people.mentor, people.cover, people.coordinator] * 4

    answers = await asyncio.gather(*(client.post(path, headers=bearer(person)) for person in takers))

    assert {outcome(one) for one in answers} == {OK}
    assert {one.json()["acknowledged_at"] for one in answers} == {answers[0].json()["acknowledged_at"]}
    winner = await conn.fetchval("select acknowledged_by from alerts")
    assert [one.json()["yours"] for one in answers] == [person.id == winner for person in takers]
    assert await conn.fetchval("select count(*) from audit where action = 'alert.acknowledged'") == 1


async def test_taking_it_again_changes_nothing(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: Json
) -> None:
    path = f"/v1/alerts/{alert['id']}/acknowledgement"
    first = await client.post(path, headers=bearer(people.mentor))
    client.app.state.clock.ahead += DAY

    again = await client.post(path, headers=bearer(people.mentor))
    other = await client.post(path, headers=bearer(people.cover))

    assert again.json() == first.json()
    assert other.json() == first.json() | {"yours": False}
    assert await conn.fetchval("select count(*) from audit where action = 'alert.acknowledged'") == 1


async def test_a_closed_alert_is_gone(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: Json
) -> None:
    [found] = await store.alerts.open_for(conn, people.mentor.id, NOW)
    async with conn.transaction():
        await flows.alerts.close(conn, people.mentor, found, "sms", core.alerts.Outcome.talked, None, NOW)

    items = await listed(client, bearer, people.mentor)
    refused = await client.post(f"/v1/alerts/{alert['id']}/acknowledgement", headers=bearer(people.mentor))

    assert items == []
    assert outcome(refused) == NOTHING


async def test_every_look_is_written_down_with_who_looked_as_what(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, alert: Json
) -> None:
    for name in (*SEES, *SEES_NOTHING):
        await listed(client, bearer, getattr(people, name))

    rows = await conn.fetch(
        "select person_id, actor_id, actor, about from audit where action = 'alert.read' order by id"
    )

    looked = {people.mentor.id: "mentor", people.cover.id: "mentor", people.coordinator.id: "coordinator"}
    assert {row["actor_id"]: row["actor"] for row in rows} == looked
    assert {(row["person_id"], row["about"]) for row in rows} == {(people.mentee.id, str(alert["id"]))}


async def test_a_list_says_the_newest_first(client: Client, conn: Connection, people: Cast, bearer: Bearer) -> None:
    for back, kind in enumerate((Kind.call_me, Kind.silence, Kind.crisis)):
        await store.alerts.raise_for(conn, people.mentee.id, kind, {}, NOW - back * DAY)
    await store.alerts.raise_for(conn, people.other_mentee.id, Kind.call_me, {}, NOW + DAY)

    mentor = await listed(client, bearer, people.mentor)
    coordinator = await listed(client, bearer, people.coordinator)

    assert [one["kind"] for one in mentor] == ["call_me", "silence", "crisis"]
    assert [one["mentee_name"] for one in coordinator] == ["Dina", "Ana", "Ana", "Ana"]
