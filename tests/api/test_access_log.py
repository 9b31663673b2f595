"""One's own access log: everything others did with one's data, told to nobody else."""

import re
from pathlib import Path

from checkin import core, flows, store
from checkin.core.alerts import Kind
from checkin.store.pool import Connection
from tests.api.calls import INVALID, OK, Bearer, Client, Headers, outcome
from tests.people import MONDAY, NOW, Cast, answer

LOG = "/v1/me/access-log"
SOURCES = Path(flows.__file__).parents[1]
WRITTEN = re.compile(r"audit\.add(?:_looks)?\((?:[^()]|\([^()]*\))*?\"([a-z_]+\.[a-z_]+)\"", re.DOTALL)
ONES_OWN = {"call.asked", "help.asked", "session.began", "session.ended", "texts.started", "texts.stopped"}
"""What only the person themselves does, or is told as."""
BY_THE_PROGRAM = {"alert_rules.changed", "holidays.changed"}
"""What is kept as its doer's own, because it is about a programme."""


async def log(client: Client, headers: Headers) -> list[tuple[str, str | None, str]]:
    items = (await client.get(LOG, params={"limit": "100"}, headers=headers)).json()["items"]
    return [(one["actor"], one.get("first_name"), one["action"]) for one in items]


async def test_every_look_and_change_is_told_with_role_first_name_and_words(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await conn.execute("update people set name = $2 where id = $1", people.mentor.id,
                       conn.vault.seal("people.name", people.mentor.id, "Ben  van Dyke"))  # fmt: skip
    before = await log(client, bearer(people.mentee))
    await client.get(f"/v1/mentees/{people.mentee.id}", headers=bearer(people.mentor))
    await client.get(f"/v1/people/{people.mentee.id}", headers=bearer(people.coordinator))

    answered = await client.get(LOG, headers=bearer(people.mentee))

    assert outcome(answered) == OK
    assert before == [("operator", None, "person.added")]
    assert await log(client, bearer(people.mentee)) == [
        ("coordinator", "Fay", "person.read"),
        ("mentor", "Ben", "mentee.read"),
        *before,
    ]
    newest = answered.json()["items"][0]
    assert newest["at"].startswith("2026-11-16T20:")
    assert newest["sentence"] == "Read your entry."


async def test_ones_own_doing_is_not_in_it_and_the_programmes_is(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)
    await client.patch("/v1/me", json={"language": "es"}, headers=headers | {"If-Match": "*"})
    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, 7, 6), NOW)
    await store.audit.add(conn, people.mentee.id, None, "system", "session.reused", NOW)

    found = await log(client, headers)

    assert found == [("system", None, "session.reused"), ("operator", None, "person.added")]
    told = (await client.get(LOG, headers=headers)).json()["items"]
    assert told[0]["sentence"] == core.phrases.say("log.session.reused", "es")


async def test_whoever_has_left_or_is_of_another_programme_is_told_by_their_role_alone(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    for reader in (people.cover, people.stranger, people.other_mentee):
        await store.audit.add(conn, people.mentee.id, reader.id, min(reader.roles), "mentee.read", NOW)
    await conn.execute("update people set status = 'ended' where id = $1", people.cover.id)

    found = await log(client, bearer(people.mentee))

    assert {(actor, name) for actor, name, action in found if action == "mentee.read"} == {
        ("mentor", None),
        ("coordinator", None),
        ("mentee", None),
    }


async def test_every_row_is_listed_once_and_a_cursor_is_ones_own(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    for person in (people.mentee, people.other_mentee):
        for _ in range(7):
            await store.audit.add(conn, person.id, people.coordinator.id, "coordinator", "person.read", NOW)
    headers = bearer(people.mentee)

    found, query = [], {"limit": "3"}
    while True:
        page = (await client.get(LOG, params=query, headers=headers)).json()
        found += [one["id"] for one in page["items"]]
        if "next_cursor" not in page:
            break
        query |= {"cursor": page["next_cursor"]}
    stolen = await client.get(LOG, params=query, headers=bearer(people.other_mentee))
    mixed = await client.get("/v1/people", params=query, headers=bearer(people.coordinator))

    assert len(found) == len(set(found)) == 8
    assert (outcome(stolen), outcome(mixed)) == (INVALID, INVALID)


async def test_everybody_reads_their_own_and_only_that(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
    await client.get("/v1/mentees", headers=bearer(people.mentor))

    logs = {who: await log(client, bearer(getattr(people, who))) for who in ("mentor", "other_mentor", "stranger")}

    assert [*logs.values()] == [[("operator", None, "person.added")]] * 3


async def test_hostile_queries_are_refused(client: Client, people: Cast, bearer: Bearer) -> None:
    queries = ("limit=0", "limit=101", "limit=1.0", "limit=", "cursor=", "cursor=x", "cursor=%00", "person_id=1")

    found = {one: outcome(await client.get(f"{LOG}?{one}", headers=bearer(people.mentee))) for one in queries}

    assert found == dict.fromkeys(queries, INVALID)


def test_whatever_others_may_do_has_its_words() -> None:
    found = {one for path in SOURCES.rglob("*.py") for one in WRITTEN.findall(path.read_text())}

    missing = {one for one in found - ONES_OWN - BY_THE_PROGRAM if not core.phrases.is_known(f"log.{one}")}

    assert missing == set()
    assert {"alert.read", "person.read", "nudges.read", "mentee.listed"} <= found
