"""A program begins only where no alert can end with nobody to ask; then its own rules are followed."""

from collections.abc import Awaitable, Callable
from datetime import time
from uuid import UUID

import pytest

from checkin import core, flows, store
from checkin.core.alerts import Kind, Urgency
from checkin.core.errors import BadRouting, NobodyAtTheEnd
from checkin.core.nudge_plans import Edit as PlanEdit
from checkin.core.people import Person, Role, Status
from checkin.core.texts import Text
from checkin.flows.assignments import OPERATOR
from checkin.flows.people import Imported, NewPerson
from checkin.flows.roster import Edit
from checkin.store.pool import Connection
from tests.people import NOW, ZONE, Cast
from tests.phones import text

PLAIN = "i want to kill myself"


def row(line: int, name: str, role: Role, *, consented: bool = False, mentor: str | None = None) -> NewPerson:
    return NewPerson(
        line=line,
        program="Pier",
        name=name,
        phone=f"+121255509{line:02}",
        roles=frozenset({role}),
        time_zone=ZONE,
        language="en",
        consented=consented,
        mentor=mentor,
    )


MENTEES = [
    row(2, "Mia", Role.mentor),
    row(3, "Ned", Role.mentee, mentor="+12125550902"),
    row(4, "Oda", Role.mentee, consented=True, mentor="+12125550902"),
]
COORDINATOR = row(5, "Pia", Role.coordinator)


async def pier(conn: Connection, rows: list[NewPerson]) -> tuple[UUID, Imported]:
    done = await flows.people.bring_in(conn, rows, NOW)
    program = await store.people.program_by_name(conn, "Pier")
    assert program is not None
    return program, done


async def due(conn: Connection) -> tuple[int, int]:
    """Return how many invitations wait and how many nudges are planned."""
    invited = await conn.fetchval("select count(*) from outbox where dedupe_key = 'invite'")
    return invited, await conn.fetchval("select count(*) from nudge_plans where next_nudge_at is not null")


async def test_a_program_with_a_coordinator_begins_by_its_import(conn: Connection) -> None:
    program, done = await pier(conn, [*MENTEES, COORDINATOR])

    assert done.drafts == []
    assert await store.routing.is_active(conn, program)
    assert await due(conn) == (1, 2)


async def test_a_programs_beginning_rules_and_words_are_written_down_under_it(conn: Connection) -> None:
    program, _ = await pier(conn, [*MENTEES, COORDINATOR])

    await flows.programs.set_routing(conn, program, core.routing.ready_made("clinician-first"), NOW)
    await flows.programs.save_texts(conn, program, {"en": {Text.welcome_back: "Good to have you back."}}, NOW)

    rows = await conn.fetch("select actor, actor_id, action from audit where person_id = $1 order by id", program)
    assert {(row["actor"], row["actor_id"]) for row in rows} == {("operator", None)}
    assert sorted(row["action"] for row in rows) == ["program.begun", "routing.changed", "texts.changed"]


async def test_without_one_it_stays_a_draft_that_invites_and_nudges_nobody(conn: Connection) -> None:
    program, done = await pier(conn, MENTEES)

    assert (done.mistakes, done.drafts) == ([], ["Pier"])
    assert not await store.routing.is_active(conn, program)
    assert await due(conn) == (0, 0)


async def test_in_a_draft_a_changed_plan_makes_nothing_due(conn: Connection) -> None:
    program, _ = await pier(conn, MENTEES)
    [mentee] = [one for one in await store.people.in_program(conn, program) if one.name == "Oda"]

    await flows.nudge_plans.change(conn, mentee, PlanEdit(times=(time(9),)), NOW, source="operator", actor=None)
    changed = await due(conn)
    await pier(conn, [COORDINATOR])

    assert (changed, await due(conn)) == ((0, 0), (1, 2))


async def test_a_draft_is_refused_with_what_to_do_and_begins_with_the_coordinator_of_a_later_file(
    conn: Connection,
) -> None:
    program, _ = await pier(conn, MENTEES)

    with pytest.raises(NobodyAtTheEnd, match=r'Import a coordinator .* checkin programs oncall "Pier" PERSON'):
        await flows.programs.activate(conn, program, NOW)
    await pier(conn, [COORDINATOR])

    assert await store.routing.is_active(conn, program)
    assert await due(conn) == (1, 2)


async def test_a_draft_begins_once_somebody_is_on_call(conn: Connection) -> None:
    program, _ = await pier(conn, MENTEES)
    [mentor] = [one for one in await store.people.in_program(conn, program) if Role.mentor in one.roles]
    await flows.programs.put_on_call(conn, mentor, NOW)

    first = await flows.programs.activate(conn, program, NOW)
    again = await flows.programs.activate(conn, program, NOW)

    assert (first, again) == (True, False)
    assert await due(conn) == (1, 2)


async def test_the_last_one_on_call_cannot_be_taken_off(conn: Connection) -> None:
    program, _ = await pier(conn, MENTEES)
    [mentor] = [one for one in await store.people.in_program(conn, program) if Role.mentor in one.roles]
    await flows.programs.put_on_call(conn, mentor, NOW)
    await flows.programs.activate(conn, program, NOW)

    with pytest.raises(NobodyAtTheEnd):
        await flows.programs.take_off_call(conn, mentor, NOW)

    assert [one.id for one in await store.routing.on_call(conn, program, NOW)] == [mentor.id]


async def test_the_last_one_on_call_cannot_go(conn: Connection) -> None:
    program, _ = await pier(conn, MENTEES)
    [mentor] = [one for one in await store.people.in_program(conn, program) if Role.mentor in one.roles]
    await flows.programs.put_on_call(conn, mentor, NOW)
    await flows.programs.activate(conn, program, NOW)

    with pytest.raises(NobodyAtTheEnd):
        await flows.roster.end(conn, mentor, NOW, by=OPERATOR)

    assert len(await store.assignments.standing_of(conn, mentor.id, NOW)) == 2


async def gave_up_the_role(conn: Connection, person: Person) -> None:
    edit = Edit(roles=frozenset({Role.mentor}))
    await flows.roster.change(conn, person, edit, NOW, actor=None, role="operator")


async def left(conn: Connection, person: Person) -> None:
    await flows.roster.end(conn, person, NOW, by=OPERATOR)


@pytest.mark.parametrize("goes", [gave_up_the_role, left])
async def test_the_last_coordinator_whom_texts_reach_stays_one(
    conn: Connection, goes: Callable[[Connection, Person], Awaitable[None]]
) -> None:
    program, _ = await pier(conn, [*MENTEES, COORDINATOR, row(6, "Quin", Role.coordinator)])
    pia, quin = sorted(await store.people.coordinators(conn, program, NOW), key=lambda one: one.name)
    await text(conn, quin, "STOP")

    with pytest.raises(NobodyAtTheEnd):
        await goes(conn, pia)
    await text(conn, quin, "START")
    await goes(conn, pia)

    assert [one.name for one in await store.people.coordinators(conn, program, NOW)] == ["Quin"]


async def test_who_does_not_stand_at_the_end_may_go_though_nobody_does(conn: Connection, people: Cast) -> None:
    await text(conn, people.coordinator, "STOP")

    ended = await flows.roster.end(conn, people.mentee, NOW, by=OPERATOR)

    assert ended.status is Status.ended


@pytest.mark.parametrize("column", ["opted_out_at", "unreachable_at"])
async def test_a_coordinator_whom_no_text_reaches_is_nobody_at_the_end(conn: Connection, column: str) -> None:
    program, _ = await pier(conn, MENTEES)
    await conn.execute("update people set roles = array['coordinator'] where 'mentor' = any (roles)")
    await conn.execute(f"update people set {column} = now() where 'coordinator' = any (roles)")

    with pytest.raises(NobodyAtTheEnd):
        await flows.programs.activate(conn, program, NOW)


async def test_rules_with_a_mistake_are_refused_and_the_old_ones_stay(conn: Connection, people: Cast) -> None:
    await flows.programs.set_routing(conn, people.program, core.routing.ready_made("clinic-attached"), NOW)

    with pytest.raises(BadRouting):
        await flows.programs.set_routing(conn, people.program, "[[now.step]]", NOW)

    assert await store.routing.source(conn, people.program) == core.routing.ready_made("clinic-attached")


async def test_rules_that_end_with_nobody_are_refused_where_the_program_has_begun(
    conn: Connection, people: Cast
) -> None:
    only_on_call = core.routing.ready_made("mentor-first").replace(
        '[[hours.step]]\nask = ["coordinator", "on_call"]', '[[hours.step]]\nask = ["on_call"]'
    )

    with pytest.raises(NobodyAtTheEnd, match="hours"):
        await flows.programs.set_routing(conn, people.program, only_on_call, NOW)

    assert await store.routing.source(conn, people.program) is None
    assert not await conn.fetchval("select count(*) from audit where action = 'routing.changed'")


async def steps(conn: Connection) -> list[tuple[str, str]]:
    rows = await conn.fetch("select role, result from alert_steps order by step")
    return [(one["role"], one["result"]) for one in rows]


@pytest.mark.parametrize(
    ("consented", "expected"),
    [
        (True, [("clinical_contact", "asked"), ("coordinator", "asked"), ("mentor", "asked")]),
        (False, [("clinical_contact", "no_consent"), ("coordinator", "asked"), ("mentor", "asked")]),
    ],
)
async def test_the_clinic_hears_only_with_the_mentees_consent(
    conn: Connection, people: Cast, consented: bool, expected: list[tuple[str, str]]
) -> None:
    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, "clinical_contact", NOW)
    await flows.programs.set_routing(conn, people.program, core.routing.ready_made("clinician-first"), NOW)
    if consented:
        await store.consents.give(conn, people.mentee.id, store.consents.CLINIC, "v1", "paper", NOW)
    await text(conn, people.mentee, PLAIN, at=NOW)

    await flows.alerts.move_due(conn, NOW)

    assert await steps(conn) == expected


async def test_kept_rules_that_would_be_refused_now_are_not_followed(conn: Connection, people: Cast) -> None:
    kept = "".join(f'[[{one}.step]]\nask = ["cover", "coordinator"]\n' for one in Urgency)
    await store.routing.save(conn, people.program, kept, NOW)
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)

    await flows.alerts.move_due(conn, NOW)

    assert await steps(conn) == [("mentor", "asked")]


async def test_a_group_is_its_facilitators_first(conn: Connection, people: Cast) -> None:
    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, "facilitator", NOW)
    await flows.programs.set_routing(conn, people.program, core.routing.ready_made("group-facilitator"), NOW)
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)

    await flows.alerts.move_due(conn, NOW)

    assert await steps(conn) == [("facilitator", "asked")]
