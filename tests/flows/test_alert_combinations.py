"""A sample of the combinations that the core is tested with, on a real database: it does what the core decided."""

import random
from datetime import timedelta
from itertools import product

import pytest

from checkin import core, flows, store
from checkin.core.alerts import URGENCY, Kind, Urgency
from checkin.core.people import Person
from checkin.core.routing import Place
from checkin.store.availability import Chosen
from checkin.store.pool import Connection
from tests.core.escalations import Standing, alert, history
from tests.people import NOW, Cast
from tests.phones import sent_to

MORNING = NOW - timedelta(hours=6)
PLACES = (Place.mentor, Place.cover, Place.coordinator)
STANDINGS = [standing for standing in Standing if standing is not Standing.late]
MOVES = 5
SAMPLE = 25


async def arrange(conn: Connection, people: Cast, person: Person, standing: Standing) -> None:
    """Let somebody be found as *standing* says."""
    match standing:
        case Standing.absent:
            await conn.execute("delete from assignments where mentor_id = $1", person.id)
            await conn.execute("update people set roles = array['mentor'] where id = $1", person.id)
        case Standing.away:
            await store.absences.begin(conn, person.id, MORNING - timedelta(days=1), MORNING + timedelta(days=30))
        case Standing.opted_out | Standing.unreachable:
            await conn.execute(f"update people set {standing}_at = $2 where id = $1", person.id, MORNING)
        case Standing.over_limit:
            await store.availability.save(conn, person.id, Chosen(limit=1), MORNING)
            await conn.execute(
                """
                insert into alerts (mentee_id, id, kind, evidence, raised_at, next_step_at, owner_id, resolved_at)
                select $1, gen_random_uuid(), 'call_me', '[]', $2, $2::timestamptz + interval '90 days', $3, null
                    on conflict do nothing
                """,
                person.id,
                MORNING,
                person.id,
            )


async def lived(conn: Connection, people: Cast, kind: Kind, urgency: Urgency) -> list[tuple[str, str]]:
    """Raise an alert and let nobody answer; returns the steps taken."""
    await store.alerts.raise_for(conn, people.mentee.id, kind, {}, MORNING, urgency)
    for _ in range(MOVES * 3):
        due = await conn.fetchval("select next_step_at from alerts where mentee_id = $1", people.mentee.id)
        await flows.alerts.move_due(conn, due)
    rows = await conn.fetch("select role, result from alert_steps order by step")
    return [(row["role"], row["result"]) for row in rows]


@pytest.mark.parametrize(("kind", "urgency"), [(Kind.crisis, Urgency.now), (Kind.call_me, URGENCY[Kind.call_me])])
async def test_the_database_lives_what_the_core_decides(
    conn: Connection, people: Cast, kind: Kind, urgency: Urgency
) -> None:
    await store.routing.put_on_call(conn, people.other_mentor, MORNING)
    every = list(product(STANDINGS, repeat=len(PLACES)))

    for standings in random.Random(7).sample(every, SAMPLE):
        attempt = conn.transaction()
        await attempt.start()
        staff = (people.mentor, people.cover, people.coordinator)
        for person, standing in zip(staff, standings, strict=True):
            await arrange(conn, people, person, standing)
        found = dict(zip(PLACES, standings, strict=True)) | {Place.on_call: Standing.silent}
        decided = list(history(alert(kind, urgency, MORNING), found, core.routing.default(), MOVES))

        steps = await lived(conn, people, kind, urgency)
        texts = [len(await sent_to(conn, person)) for person in (*staff, people.other_mentor)]
        await attempt.rollback()

        expected = [(step.place.value, step.result) for one in decided for step in one.ask.steps]
        assert steps[: len(expected)] == expected, standings
        assert sum(texts) == sum(result == "asked" for _, result in steps), standings
