"""Consents over HTTP: read with their words, given and taken back once, and obeyed from that moment on."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from checkin import core, flows, store
from checkin.core.alerts import Kind
from checkin.core.consents import Purpose
from checkin.core.people import Person
from checkin.store.pool import Connection
from tests.api.calls import INVALID, JSON, NOTHING, OK, Bearer, Client, Headers, Outcome, outcome
from tests.people import DAY, MONDAY, NOW, Cast, answer
from tests.phones import text

CONSENTS = "/v1/me/consents"
TEXTS, NOTES, CLINIC, EVALUATION = (f"{CONSENTS}/{purpose}" for purpose in Purpose)
CONFLICT: Outcome = (409, "conflict")
BODIES: dict[str, Outcome] = {
    "{}": INVALID,
    '{"given": true}': INVALID,
    '{"given": true, "version": ""}': INVALID,
    '{"given": true, "version": null}': INVALID,
    '{"given": true, "version": 7}': INVALID,
    '{"given": true, "version": "' + "v" * 65 + '"}': INVALID,
    '{"given": true, "version": "a\\u0000"}': INVALID,
    '{"given": "true", "version": "a"}': INVALID,
    '{"given": 1}': INVALID,
    '{"given": null}': INVALID,
    '{"given": false, "given": true}': INVALID,
    '{"given": false, "source": "paper"}': INVALID,
    '{"given": false, "mentee_id": "0193d5b2-7c00-7aaa-8bbb-000000000041"}': INVALID,
    "[]": INVALID,
    "null": INVALID,
    "": INVALID,
    '{"given": true, "version": "000000000000"}': CONFLICT,
    '{"given": false, "version": "whatever"}': OK,
    '{"given": false}': OK,
}
ODD_PURPOSES = ("marketing", "CLINICAL_CONTACT", "%00", "..%2f..", "notes_to_mentor%20", "{", "1")
AUDIT = """
    select actor_id, actor, action, about from audit
     where person_id = $1 and (action like 'consent.%' or action like 'texts.%')
     order by id
"""


async def read(client: Client, headers: Headers, purpose: str) -> dict[str, Any]:  # Any: JSON
    items = (await client.get(CONSENTS, headers=headers)).json()["items"]
    return next(one for one in items if one["purpose"] == purpose.rpartition("/")[2])


async def say_yes(client: Client, headers: Headers, path: str) -> Outcome:
    version = (await read(client, headers, path))["version"]
    return outcome(await client.put(path, json={"given": True, "version": version}, headers=headers))


async def current(conn: Connection, person: Person) -> Person:
    found = await store.people.by_id(conn, person.id)
    assert found is not None
    return found


async def test_every_purpose_is_read_with_its_words_in_ones_own_language(
    client: Client, people: Cast, bearer: Bearer
) -> None:
    mine = await client.get(CONSENTS, headers=bearer(people.mentee))
    hers = await client.get(CONSENTS, headers=bearer(people.other_mentee))

    assert outcome(mine) == OK
    assert [one["purpose"] for one in mine.json()["items"]] == list(Purpose)
    for purpose, english, spanish in zip(Purpose, mine.json()["items"], hers.json()["items"], strict=True):
        assert english["words"] == core.consents.words(purpose, "en", "Harbor")
        assert spanish["words"] == core.consents.words(purpose, "es", "Harbor")
        assert english["version"] != spanish["version"]
    assert [one["given"] for one in mine.json()["items"]] == [True, False, False, False]
    [paper] = mine.json()["items"][0]["history"]
    assert (paper["source"], "withdrawn_at" in paper) == ("paper", False)


async def test_a_yes_and_a_no_are_kept_with_their_words_time_and_way(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)

    given = await say_yes(client, headers, EVALUATION)
    version = (await read(client, headers, EVALUATION))["version"]
    withdrawn = await client.put(EVALUATION, json={"given": False}, headers=headers)
    again = await say_yes(client, headers, EVALUATION)

    assert (given, outcome(withdrawn), again) == (OK, OK, OK)
    assert withdrawn.json()["given"] is False
    stands = await read(client, headers, EVALUATION)
    assert stands["given"] is True
    newest, oldest = stands["history"]
    assert [one["version"] for one in (newest, oldest)] == [version] * 2
    assert (oldest["source"], oldest["withdrawn_source"]) == ("app", "app")
    assert oldest["given_at"] < oldest["withdrawn_at"] < newest["given_at"]
    said = [tuple(row) for row in await conn.fetch(AUDIT, people.mentee.id)]
    expected = [
        (people.mentee.id, "mentee", f"consent.{what}", "evaluation") for what in ("given", "withdrawn", "given")
    ]
    assert said == expected


async def test_newer_words_take_the_place_of_what_was_agreed_to_on_paper(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await flows.consents.give(conn, people.mentee, Purpose.clinical_contact, "form-3", NOW)
    headers = bearer(people.mentee)

    given = await say_yes(client, headers, CLINIC)

    stands = await read(client, headers, CLINIC)
    assert (given, stands["given"]) == (OK, True)
    assert [one["version"] for one in stands["history"]] == [stands["version"], "form-3"]


@pytest.mark.parametrize("path", [TEXTS, NOTES, CLINIC, EVALUATION])
async def test_a_yes_and_a_no_sent_twenty_times_at_once_are_one(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, path: str
) -> None:
    headers = bearer(people.mentee)
    version = (await read(client, headers, path))["version"]
    counts = []

    for body in ({"given": True, "version": version}, {"given": False}):
        answers = await asyncio.gather(*(client.put(path, json=body, headers=headers) for _ in range(20)))
        assert {outcome(one) for one in answers} == {OK}
        assert len({one.content for one in answers}) == 1
        counts.append(len(await conn.fetch(AUDIT, people.mentee.id)))

    assert counts == [1, 2]
    standing = "select count(*) from consents where person_id = $1 and purpose = $2 and withdrawn_at is null"
    assert await conn.fetchval(standing, people.mentee.id, path.rpartition("/")[2]) == 0


async def test_taking_texts_back_stops_them_at_once_as_stop_does(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    evening = NOW + timedelta(hours=3, minutes=6)
    await flows.nudges.ask_due(conn, evening)

    await client.put(TEXTS, json={"given": False}, headers=bearer(people.mentee))
    await flows.nudges.ask_due(conn, evening + DAY)

    waiting = "select person_id, status from outbox where lane = 'nudge' order by person_id"
    rows = [tuple(row) for row in await conn.fetch(waiting)]
    assert [status for person, status in rows if person == people.mentee.id] == ["cancelled"]
    assert [status for person, status in rows if person == people.other_mentee.id] == ["queued", "queued"]
    assert (await current(conn, people.mentee)).opted_out
    alert = await conn.fetchrow("select kind, evidence from alerts where kind = $1", Kind.opted_out)
    assert alert is not None
    [said] = await conn.fetch(AUDIT, people.mentee.id)
    assert said["action"] == "texts.stopped"


async def test_a_text_for_somebody_else_on_the_same_phone_still_leaves(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await flows.nudges.ask_due(conn, NOW + timedelta(hours=3, minutes=6))
    await conn.execute("update outbox set phone_hash = (select phone_hash from people where id = $1)", people.mentee.id)

    await client.put(TEXTS, json={"given": False}, headers=bearer(people.mentee))

    rows = await conn.fetch("select person_id, status from outbox where lane = 'nudge'")
    assert {row["person_id"]: row["status"] for row in rows} == {
        people.mentee.id: "cancelled",
        people.other_mentee.id: "queued",
    }


async def test_what_was_taken_back_in_the_app_is_given_there_again_and_the_mentor_hears(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)
    await client.put(TEXTS, json={"given": False}, headers=headers)

    given = await say_yes(client, headers, TEXTS)

    assert given == OK
    assert not (await current(conn, people.mentee)).opted_out
    assert await conn.fetchval("select count(*) from alerts where kind = $1", Kind.came_back) == 1


async def test_what_was_stopped_by_text_comes_again_only_by_text(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)
    await text(conn, people.mentee, "STOP", at=NOW)

    in_the_app = await say_yes(client, headers, TEXTS)
    stopped = await current(conn, people.mentee)
    await text(conn, people.mentee, "START", at=NOW + timedelta(minutes=5))

    assert in_the_app == CONFLICT
    assert stopped.opted_out
    assert (await read(client, headers, TEXTS))["given"] is True


async def test_an_invited_mentee_begins_with_their_yes_in_the_app(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await conn.execute("update people set status = 'invited' where id = $1", people.mentee.id)
    await conn.execute("delete from consents where person_id = $1", people.mentee.id)

    given = await say_yes(client, bearer(people.mentee), TEXTS)

    assert given == OK
    assert (await current(conn, people.mentee)).status == "active"


async def test_while_it_stands_the_mentor_reads_every_note_written_since(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    mentee, mentor = bearer(people.mentee), bearer(people.mentor)

    async def notes() -> list[str]:
        seen = (await client.get(f"/v1/mentees/{people.mentee.id}", headers=mentor)).json()
        by_alert = await store.looks.shared_notes(conn, people.mentee.id, MONDAY - 60 * DAY)
        found = [one["note"] for one in seen["check_ins"] if "note" in one]
        assert found == [one.words for one in by_alert]
        return found

    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY - DAY, 5, 5, note="before"), NOW - DAY)
    await say_yes(client, mentee, NOTES)
    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, 5, 5, note="since"), NOW + timedelta(minutes=5))
    meanwhile = await notes()
    await client.put(NOTES, json={"given": False}, headers=mentee)

    assert meanwhile == ["since"]
    assert await notes() == []


async def test_the_clinical_contacts_open_question_is_called_back_and_the_alert_moves_on(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, "clinical_contact", NOW - DAY)
    await flows.programs.set_routing(conn, people.program, core.routing.ready_made("clinician-first"), NOW)
    await say_yes(client, bearer(people.mentee), CLINIC)
    await store.alerts.raise_for(conn, people.mentee.id, Kind.crisis, {}, NOW)
    await flows.alerts.move_due(conn, NOW)
    sent = "select status from outbox where person_id = $1"
    asked = await conn.fetch(sent, people.other_mentor.id)

    await client.put(CLINIC, json={"given": False}, headers=bearer(people.mentee))

    assert [row["status"] for row in asked] == ["queued"]
    assert [row["status"] for row in await conn.fetch(sent, people.other_mentor.id)] == ["cancelled"]
    assert "cancelled" not in [row["status"] for row in await conn.fetch(sent, people.coordinator.id)]
    step = await conn.fetchval("select became from alert_steps where role = 'clinical_contact'")
    assert step == "undelivered"
    assert await conn.fetchval("select next_step_at from alerts") < NOW + timedelta(minutes=1)


async def test_hostile_bodies_and_purposes_that_are_none(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee) | JSON
    before = await conn.fetchval("select count(*) from consents")

    found = {raw: outcome(await client.put(EVALUATION, content=raw.encode(), headers=headers)) for raw in BODIES}
    odd = [await client.put(f"{CONSENTS}/{one}", json={"given": False}, headers=headers) for one in ODD_PURPOSES]

    assert found == BODIES
    assert {outcome(one) for one in odd} <= {INVALID, NOTHING}
    assert await conn.fetchval("select count(*) from consents") == before


@pytest.mark.parametrize("who", ["mentor", "coordinator", "stranger"])
async def test_only_mentees_have_consents(client: Client, people: Cast, bearer: Bearer, who: str) -> None:
    headers = bearer(getattr(people, who))

    answers = [
        await client.get(CONSENTS, headers=headers),
        await client.put(TEXTS, json={"given": False}, headers=headers),
    ]

    assert [outcome(one) for one in answers] == [NOTHING] * 2
