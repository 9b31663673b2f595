"""A dry run over a real database: what it finds is what really was raised, and it leaves nothing behind."""

import tracemalloc
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from checkin import core, flows, store
from checkin.core.check_ins import Source
from checkin.core.dry_runs import DryRun, Trial
from checkin.core.errors import Crowded, TooWide
from checkin.core.people import Person
from checkin.core.trend import Report
from checkin.flows.dry_runs import Limits
from checkin.store.pool import Connection, Pool
from tests.histories import reports
from tests.people import MONDAY, NOW, Cast, answer

SPAN = core.dry_runs.standard_span(MONDAY)


async def answer_all(conn: Connection, mentee: Person, said: list[Report], source: Source = Source.app) -> None:
    """Answer day by day, each at 18:00 UTC of its day."""
    for report in said:
        at = datetime(report.day.year, report.day.month, report.day.day, 18, tzinfo=UTC)
        given = replace(answer(report.day, report.mood, report.hope, at=at), source=source)
        await flows.check_ins.record(conn, mentee.id, given, at)


async def run(conn: Connection, people: Cast, on: int = 2, tried: int = 2, limits: Limits | None = None) -> DryRun:
    trial = Trial(on=on, tried=tried, span=SPAN)
    return await flows.dry_runs.run(conn, people.program, trial, NOW, limits=limits)


async def raised(conn: Connection) -> list[tuple[UUID, object]]:
    """Return every fall that an alert was raised for or joined by, with its mentee, the newest first."""
    rows = await conn.fetch("select mentee_id, jsonb_array_elements(evidence)::text as fall from alerts")
    falls = [(row["mentee_id"], msgspec.json.decode(row["fall"])) for row in rows]
    return sorted(falls, key=lambda one: (one[1]["day"], one[0]), reverse=True)


@pytest.mark.parametrize(("seed", "budget"), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 6)])
async def test_todays_rule_tried_on_history_finds_exactly_what_was_raised(
    conn: Connection, people: Cast, seed: int, budget: int
) -> None:
    await conn.execute("update programs set false_alerts_per_year = $1", budget)
    for number, mentee in enumerate((people.mentee, people.other_mentee)):
        await answer_all(conn, mentee, reports(seed * 10 + number, 150))

    done = await run(conn, people, on=1, tried=budget)

    found = [(one.mentee_id, msgspec.to_builtins(one.fall)) for one in done.alerts if one.tried]
    assert found == await raised(conn) != []


async def test_imported_history_raised_nothing_and_counts_all_the_same(conn: Connection, people: Cast) -> None:
    await answer_all(conn, people.mentee, reports(1, 150), Source.imported)

    done = await run(conn, people)

    assert await raised(conn) == []
    assert done.total.tried > 0


async def test_alerts_are_counted_for_the_mentor_who_stands_by_the_mentee_now(conn: Connection, people: Cast) -> None:
    await answer_all(conn, people.mentee, reports(1, 150))
    await answer_all(conn, people.other_mentee, reports(2, 150))
    await conn.execute("update assignments set ends_at = $1 where mentor_id = $2", NOW, people.other_mentor.id)

    done = await run(conn, people)

    loads = {load.mentor_id: (load.mentees, load.alerts.tried) for load in done.mentors}
    assert loads.keys() == {people.mentor.id, None}
    assert loads[people.mentor.id] == (1, sum(one.mentee_id == people.mentee.id for one in done.alerts))


async def test_another_programmes_history_is_not_looked_at(conn: Connection, people: Cast) -> None:
    await answer_all(conn, people.mentee, reports(1, 150))
    await conn.execute("update people set program_id = $1 where id = $2", people.other_program, people.mentee.id)

    done = await run(conn, people)

    assert (done.mentees, done.reports) == (0, 0)


async def test_nothing_is_written(conn: Connection, people: Cast) -> None:
    await answer_all(conn, people.mentee, reports(1, 150))
    before = await written(conn)

    await run(conn, people, tried=6)

    assert await written(conn) == before


async def written(conn: Connection) -> dict[str, int]:
    """Return how often each table was written to, as the server counts it."""
    await conn.execute("select pg_stat_force_next_flush()")
    rows = await conn.fetch("select relname, n_tup_ins + n_tup_upd + n_tup_del as writes from pg_stat_user_tables")
    return {row["relname"]: row["writes"] for row in rows}


@pytest.mark.parametrize("limits", [Limits(mentees=1, reports=1000), Limits(mentees=2, reports=50)])
async def test_more_than_the_limits_is_refused_and_says_what_takes_it(
    conn: Connection, people: Cast, limits: Limits
) -> None:
    await answer_all(conn, people.mentee, reports(1, 100))

    with pytest.raises(TooWide, match="checkin alerts dry-run"):
        await run(conn, people, limits=limits)


async def test_two_runs_of_a_programme_do_not_run_at_once_and_the_next_one_does(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    async with conn.transaction():
        await store.histories.hold(conn, people.program)
        async with pool.acquire() as other:
            with pytest.raises(Crowded):
                await run(other, people)
    after = await run(conn, people)

    assert after.mentees == 0


FILL = """
    with mentees as (
        insert into people (id, program_id, roles, status, name, language, time_zone, created_at)
        select gen_random_uuid(), $1, '{mentee}', 'active', '', 'en', 'UTC', now() from generate_series(1, $2)
     returning id
    )
    insert into check_ins (mentee_id, day, id, mood, hope, answered_at, received_at, time_zone, source)
    select m.id, $3::date - d, gen_random_uuid(), 6, 6, now(), now(), 'UTC', 'app'
      from mentees m cross join generate_series(0, 363) d
"""


async def test_memory_does_not_grow_with_the_programme(conn: Connection, people: Cast) -> None:
    peaks = []
    for mentees in (20, 60):
        await conn.execute(FILL, people.program, mentees, MONDAY)
        await run(conn, people)  # what is made once is made now
        tracemalloc.start()
        done = await run(conn, people)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert done.reports == 80 * 364
    assert peaks[1] < 1.5 * peaks[0]
