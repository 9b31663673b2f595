"""Writers that commit late while a reader pages: whatever order they commit in, no change is skipped."""

import asyncio
import random
from datetime import timedelta

import pytest

from checkin import flows, store
from checkin.core.help_requests import Topic
from checkin.core.people import Person, Role
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection, Pool
from tests.api.calls import ANSWER, Bearer, Client
from tests.api.replicas import Replica, server_state
from tests.people import DAY, MONDAY, NOW, ZONE, Cast, answer


async def mentees(conn: Connection, people: Cast, number: int) -> list[Person]:
    """Add mentees whom nobody stands by yet."""
    found = []
    for one in range(number):
        row = NewPerson(
            line=0,
            program="",
            name=f"Mentee {one}",
            phone=f"+1212555{300 + one:04}",
            roles=frozenset({Role.mentee}),
            time_zone=ZONE,
            language="en",
            consented=True,
        )
        found.append(await flows.people.add(conn, row, people.program, NOW - 60 * DAY))
    return found


async def test_a_writer_who_began_first_and_commits_last_is_not_skipped(
    client: Client, pool: Pool, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    first, second = await mentees(conn, people, 2)
    copy = Replica(client, bearer(people.mentor))
    await copy.catch_up()
    told = []

    async with pool.acquire() as early:
        async with early.transaction():
            await store.people.assign(early, first.id, people.mentor.id, "cover", NOW - DAY)
            await store.people.assign(conn, second.id, people.mentor.id, "cover", NOW - DAY)
            told.append({one["id"] for one in await copy.catch_up()})
        told.append({one["id"] for one in await copy.catch_up()})

    assert told == [{str(second.id)}, {str(first.id)}]


async def test_an_answer_that_is_not_committed_yet_comes_with_the_next_page(
    client: Client, pool: Pool, people: Cast, bearer: Bearer
) -> None:
    headers = bearer(people.mentee)
    copy = Replica(client, headers)
    said = answer(MONDAY, 3, 2, at=NOW - timedelta(hours=1))

    async with pool.acquire() as late:
        async with late.transaction():
            await flows.check_ins.record(late, people.mentee.id, said, NOW)
            await copy.catch_up()
            before = len(copy.kind("check_in"))
        await copy.catch_up()

    assert (before, [*copy.kind("check_in")]) == (0, [str(MONDAY)])


@pytest.mark.parametrize("seed", range(3))
async def test_many_writers_at_once_and_late_reach_every_reader(
    client: Client, pool: Pool, conn: Connection, people: Cast, bearer: Bearer, seed: int
) -> None:
    chance = random.Random(seed)
    others = await mentees(conn, people, 12)
    copies = [Replica(client, bearer(who), limit=limit) for who in (people.mentor, people.mentee) for limit in (1, 7)]
    ready, done, open_at_once = asyncio.Semaphore(5), asyncio.Event(), []
    writing: set[int] = set()

    async def write(number: int, mentee: Person) -> None:
        async with ready, pool.acquire(patience=30) as late:
            async with late.transaction():
                writing.add(number)
                open_at_once.append(len(writing))
                await store.people.assign(late, mentee.id, people.mentor.id, "cover", NOW - DAY)
                await flows.help_requests.ask(late, mentee, Topic.food, f"{number}", NOW)
                await asyncio.sleep(chance.random() / 5)  # the order of commits is another one than that of writes
            writing.discard(number)

    async def put(back: int) -> None:
        day = MONDAY - back * DAY
        said = {**ANSWER, "answered_at": f"{day}T12:00:00-05:00", "mood": back}
        await client.put(f"/v1/me/check-ins/{day}", json=said, headers=bearer(people.mentee))

    async def follow(copy: Replica) -> None:
        while not done.is_set():
            await copy.page()
            await asyncio.sleep(chance.random() / 50)
        await copy.catch_up()

    async with asyncio.TaskGroup() as reading:
        for copy in copies:
            reading.create_task(follow(copy))
        await asyncio.gather(*(write(*one) for one in enumerate(others)), *(put(back) for back in range(10)))
        done.set()

    assert max(open_at_once) > 2
    assert len(copies[0].kind("mentee")) == len(copies[0].kind("alert")) + 1 == 13
    for copy in copies:
        assert copy.things == await server_state(client, copy.headers)
        for number in chance.sample(range(len(copy.cursors)), 3):
            other = copy.at(number)
            await other.catch_up()
            assert other.things == copy.things


async def test_two_devices_that_ask_at_once_are_told_the_same(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    copies = [Replica(client, bearer(people.mentee)) for _ in range(20)]

    await asyncio.gather(*(copy.catch_up() for copy in copies))

    assert {str(copy.cursors[-1][0]) for copy in copies} == {str(copies[0].cursors[-1][0])}
    assert await conn.fetchval("select count(*) from feeds") == 1
    assert await conn.fetchval("select count(*) from feed_items") == 2


async def test_a_thing_that_comes_back_while_it_is_being_forgotten_stays(
    client: Client, pool: Pool, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    copy = Replica(client, bearer(people.other_mentor))
    await copy.catch_up()
    await conn.execute("update assignments set ends_at = $1 where mentor_id = $2", NOW, people.other_mentor.id)
    await copy.catch_up()
    await conn.execute("update assignments set ends_at = null where mentor_id = $1", people.other_mentor.id)

    await asyncio.gather(copy.catch_up(), *(forget(pool) for _ in range(5)))
    await copy.catch_up()

    assert copy.things == await server_state(client, copy.headers)
    for number in range(len(copy.cursors)):
        answered = await client.get("/v1/changes", params=cursor(copy, number), headers=copy.headers)
        if answered.status_code == 200:
            other = copy.at(number)
            await other.catch_up()
            assert other.things == copy.things


def cursor(copy: Replica, number: int) -> dict[str, str]:
    found = copy.cursors[number][0]
    return {} if found is None else {"cursor": found}


async def forget(pool: Pool) -> None:
    async with pool.acquire(patience=30) as conn:
        await flows.changes.forget(conn, NOW + 91 * DAY)
