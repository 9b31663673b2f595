"""Coordinators set up their program: its times and texts, its rules about alerts, who is on call, and its beginning."""

from datetime import datetime
from uuid import UUID

from checkin import core, store
from checkin.core.errors import BadInput, Conflict, Stale, UnknownPerson
from checkin.core.people import Person, Role, Status
from checkin.core.programs import Edit, Setup
from checkin.flows import nudge_plans, programs
from checkin.flows.assignments import By
from checkin.store.pool import Connection

MOST_ON_CALL = 50


async def change(conn: Connection, seen: Setup, edit: Edit, now: datetime, *, actor: UUID) -> Setup:
    """Change a program's settings, and return them as they are then; other hours move its mentees' next nudges.

    Raises Stale when *seen*, which the change was made from, stands no more, BadInput (see `core.programs.edited`),
    and Conflict for another program's name and for hours that leave a mentee none.
    """
    async with conn.transaction():
        mentees = await store.programs.lock_plans(conn, seen.id) if edit.moves_wall else []
        before = await store.programs.lock(conn, seen.id)
        if before != seen:
            raise Stale("the program was changed since you read it; read it again")
        after = core.programs.edited(before, edit)
        if after == before:
            return after
        await store.programs.save(conn, after)
        if after.wall != before.wall:
            await _replan(conn, seen.id, mentees, now)
        await programs.write_down(conn, seen.id, By(actor), "program.changed", now)
        return after


async def _replan(conn: Connection, program_id: UUID, mentees: list[UUID], now: datetime) -> None:
    without = 0
    await store.nudge_plans.hold_letters(conn, mentees)
    for mentee_id in mentees:
        without += not await nudge_plans.replan(conn, mentee_id, program_id, now)
    if without:
        raise Conflict(
            f"these hours leave mentees no minute to be asked in ({without} of them); change their plans first"
        )


async def set_routing(
    conn: Connection, program_id: UUID, source: str, now: datetime, *, seen: str | None, actor: UUID
) -> None:
    """Give a program the rules in *source*, made from *seen*. Raises Stale, BadRouting and NobodyAtTheEnd."""
    async with conn.transaction():
        await store.programs.lock(conn, program_id)
        if await store.routing.source(conn, program_id) != seen:
            raise Stale("the rules were changed since you read them; read them again")
        if source == seen:
            return
        await programs.set_routing(conn, program_id, source, now, by=By(actor))


async def activate(conn: Connection, program_id: UUID, now: datetime, *, actor: UUID) -> Setup:
    """Let a program begin, once, and return its settings. Raises NobodyAtTheEnd."""
    async with conn.transaction():
        await programs.activate(conn, program_id, now, by=By(actor))
        return await store.programs.lock(conn, program_id)


async def put_on_call(conn: Connection, program_id: UUID, person_id: UUID, now: datetime, *, actor: UUID) -> None:
    """Put somebody on call for their program, once, after those who are.

    Raises UnknownPerson for nobody of the program, BadInput for a mentee, and Conflict where there are too many.
    """
    async with conn.transaction():
        person = await _member(conn, program_id, person_id)
        there = await store.routing.on_call(conn, program_id, now)
        if any(one.id == person.id for one in there):
            return
        if not person.roles & {Role.mentor, Role.coordinator} or person.status is not Status.active:
            raise BadInput("on call are mentors and coordinators", "/person_id")
        if len(there) >= MOST_ON_CALL:
            raise Conflict(f"{MOST_ON_CALL} people are on call already")
        await programs.put_on_call(conn, person, now, by=By(actor))


async def take_off_call(conn: Connection, program_id: UUID, person_id: UUID, now: datetime, *, actor: UUID) -> None:
    """Take somebody off call; nothing if they are not. Raises UnknownPerson, and NobodyAtTheEnd for the last one."""
    async with conn.transaction():
        person = await _member(conn, program_id, person_id)
        if all(one.id != person.id for one in await store.routing.on_call(conn, program_id, now)):
            return
        await programs.take_off_call(conn, person, now, by=By(actor))


async def _member(conn: Connection, program_id: UUID, person_id: UUID) -> Person:
    """Return somebody of a program, both locked, so that its on-call list changes one after the other."""
    person = (await store.roster.lock(conn, person_id)).get(person_id)
    if person is None or person.program_id != program_id:
        raise UnknownPerson("there is nobody by that id whose coordinator you are")
    await store.programs.lock(conn, program_id)
    return person
