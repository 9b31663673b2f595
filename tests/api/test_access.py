"""Who may call what: every operation of the OpenAPI document, called by everybody there is."""

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import Response
from msgspec import Struct
from msgspec.structs import replace

from checkin import flows, store
from checkin.api import document
from checkin.core.help_requests import Topic
from checkin.core.people import Person, Role
from checkin.flows.assignments import By
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection
from tests.api.access_table import ACCESS, WHO, Json
from tests.api.calls import FORM, NOTHING, Bearer, Client, Headers, outcome
from tests.people import DAY, MONDAY, NOW, ZONE, Cast, answer

Operation = tuple[str, str, Json]
NOTES = {"private": "canary-private", "shared": "canary-shared"}
READS = {
    "canary-private": {"mentee"},
    "canary-shared": {"mentee", "mentor", "cover"},
    "canary-words": {"mentee", "mentor", "cover", "coordinator"},
    "+12125550101": {"mentee", "coordinator"},
    "Ana": {"mentee", "mentor", "cover", "coordinator"},
}
"""What is the mentee's, and who may ever read it."""


def operations() -> Iterator[tuple[str, Operation]]:
    for path, item in json.loads(document.export())["paths"].items():
        for method, one in item.items():
            yield one["operationId"], (method, path, one)


OPERATIONS = dict(operations())


class World(Struct, frozen=True):
    """Everybody who calls, and the ids that stand in paths and bodies."""

    who: dict[str, Person]
    ids: dict[str, str]


async def build(conn: Connection, people: Cast) -> World:
    """Return a mentee with check-ins, notes, a request for help and its alert, and everybody around."""

    async def mentor(name: str, number: int) -> Person:
        row = NewPerson(
            line=0,
            program="",
            name=name,
            phone=f"+1212555{number:04}",
            roles=frozenset({Role.mentor}),
            time_zone=ZONE,
            language="en",
        )
        return await flows.people.add(conn, row, people.program, NOW - 60 * DAY)

    names = ("Ida", "Jon", "Kim", "Leo", "Mia")
    former, late, early, gone, clinician = [await mentor(name, 160 + n) for n, name in enumerate(names)]
    assign = store.people.assign
    await assign(conn, people.mentee.id, former.id, "cover", NOW - 40 * DAY, NOW - 20 * DAY)
    await assign(conn, people.mentee.id, late.id, "cover", NOW - 40 * DAY, NOW - timedelta(seconds=1))
    await assign(conn, people.mentee.id, early.id, "cover", NOW + DAY, NOW + 2 * DAY)
    await assign(conn, people.mentee.id, gone.id, "cover", NOW - 40 * DAY)
    await assign(conn, people.mentee.id, clinician.id, "clinical_contact", NOW - 40 * DAY)
    await flows.roster.end(conn, gone, NOW - DAY, by=By(None))
    for back, (sort, note) in enumerate(NOTES.items()):
        said = answer(MONDAY - back * DAY, 7, 6, note=note)
        said = replace(said, note_shared=sort == "shared")
        await flows.check_ins.record(conn, people.mentee.id, said, said.answered_at)
    asked = await flows.help_requests.ask(conn, people.mentee, Topic.transport, "canary-words", NOW)
    ids = {
        "day": str(MONDAY),
        "purpose": "evaluation",
        "mentee_id": str(people.mentee.id),
        "person_id": str(people.mentee.id),
        "other_mentor": str(people.other_mentor.id),
        "request_id": str(asked),
        "program_id": str(people.program),
        "session_id": str(uuid4()),
        "device_id": str(uuid4()),
        "alert_id": str(await conn.fetchval("select id from alerts")),
        "assignment_id": str(await conn.fetchval("select id from assignments where mentor_id = $1", people.mentor.id)),
    }
    named = {name: getattr(people, name) for name in WHO if hasattr(people, name)}
    others = {"former_mentor": former, "cover_ended": late, "cover_to_come": early, "ended_person": gone}
    return World(named | others | {"clinician": clinician}, ids)


@pytest.fixture
async def world(conn: Connection, people: Cast) -> World:
    return await build(conn, people)


async def call(
    client: Client,
    bearer: Bearer,
    world: World,
    name: str,
    who: str,
    more: Headers | None = None,
    said: Json | None = None,
) -> Response:
    """Call an operation with what its row sends, or with what is *said* instead, and with *more* headers."""
    method, path, one = OPERATIONS[name]
    headers = (more or {}) | ({} if who == "nobody" else bearer(world.who[who]))
    if any(parameter["name"] == "If-Match" for parameter in one.get("parameters", [])):
        headers = headers | {"If-Match": "*"}
    body, plain = said or ACCESS[name].body, ACCESS[name].text
    if plain is not None:
        [media_type] = one["requestBody"]["content"]
        headers = headers | {"Content-Type": media_type}
        return await client.request(method, path.format(**world.ids), content=plain, headers=headers)
    if body is not None:
        text = json.dumps(body)
        for known, value in world.ids.items():
            text = text.replace(f"{{{known}}}", value)
        headers = headers | {"Content-Type": "application/json"}
        return await client.request(method, path.format(**world.ids), content=text, headers=headers)
    form = FORM if path.startswith("/webhooks") else {}
    return await client.request(method, path.format(**world.ids), headers=headers | form)


def test_every_operation_has_its_row_and_every_row_names_everybody() -> None:
    assert ACCESS.keys() == OPERATIONS.keys()
    assert {name for name, row in ACCESS.items() if row.statuses.keys() != {*WHO}} == set()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
async def test_an_operation_answers_and_shows_to_everybody_what_it_should(
    client: Client, bearer: Bearer, world: World, name: str
) -> None:
    answers = {who: await call(client, bearer, world, name, who) for who in WHO}

    found = {who: outcome(answered)[0] for who, answered in answers.items()}
    shows = {who for who, one in answers.items() if world.ids["mentee_id"] in one.text or "canary" in one.text}
    leaks = {
        (who, secret)
        for who, one in answers.items()
        for secret, readers in READS.items()
        if secret in one.text and who not in readers
    }
    assert found == ACCESS[name].statuses
    assert shows == ACCESS[name].shows
    assert leaks == set()


async def test_whatever_may_be_read_is_read_by_whoever_may(client: Client, bearer: Bearer, world: World) -> None:
    """So that a secret nobody is ever shown cannot pass for one that is kept."""
    looks = ("getMe", "listCheckIns", "listHelpRequests", "listMenteeHelpRequests", "getMentee", "getPerson")

    found: dict[str, set[str]] = {secret: set() for secret in READS}
    for who in WHO:
        seen = "".join([(await call(client, bearer, world, name, who)).text for name in looks])
        for secret in READS:
            found[secret] |= {who} if secret in seen else set()

    assert found == READS


async def test_what_is_forbidden_and_what_is_not_there_are_told_alike(
    client: Client, bearer: Bearer, world: World
) -> None:
    nowhere = World(world.who, {**world.ids, **{key: str(uuid4()) for key in world.ids if key.endswith("_id")}})
    guarded = [name for name, (_, path, _) in OPERATIONS.items() if "_id}" in path and not path.startswith("/v1/me/")]
    told = {}

    for name in guarded:
        real = await call(client, bearer, world, name, "other_mentor")
        none = await call(client, bearer, nowhere, name, "other_mentor")
        told[name] = (outcome(real), outcome(none), real.json() | {"instance": ""} == none.json() | {"instance": ""})

    assert told == dict.fromkeys(guarded, (NOTHING, NOTHING, True))
    assert len(guarded) > 10
