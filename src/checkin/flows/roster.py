"""People are invited one by one, changed, and let go."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from checkin import core, store
from checkin.core.errors import BadInput, Conflict, Stale, UnknownPerson
from checkin.core.nudge_plans import Edit as PlanEdit
from checkin.core.people import Person, Role, Status
from checkin.core.pushes import Way
from checkin.flows import enrolment, nudge_plans, people, people_file, programs
from checkin.flows.assignments import By
from checkin.flows.nudge_plans import Source
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection

SOURCES: Final[dict[str, Source]] = {Role.mentee: "app", Role.coordinator: "coordinator", "operator": "operator"}


class Newcomer(Struct, frozen=True, kw_only=True):
    """Somebody to be invited; *phone* is as somebody typed it."""

    name: str
    phone: str
    roles: frozenset[Role]
    language: str
    time_zone: str
    consented: bool = False


class Edit(Struct, frozen=True, kw_only=True):
    """What shall change of a person; what is None stays. *phone* is as somebody typed it."""

    name: str | None = None
    phone: str | None = None
    language: str | None = None
    time_zone: str | None = None
    roles: frozenset[Role] | None = None
    nudges_by: Way | None = None


async def find(conn: Connection, coordinator_id: UUID, person_id: UUID) -> Person:
    """Return somebody in the program *coordinator_id* coordinates. Raises UnknownPerson for everybody else."""
    person = await store.roster.one(conn, coordinator_id, person_id)
    if person is None:
        raise UnknownPerson("there is nobody by that id whose coordinator you are")
    return person


async def look_at(conn: Connection, coordinator_id: UUID, person_id: UUID, now: datetime) -> Person:
    """Return what `find` does, and write the look down."""
    async with conn.transaction():
        person = await find(conn, coordinator_id, person_id)
        await store.audit.add_looks(conn, [person.id], coordinator_id, Role.coordinator, "person.read", now)
        return person


async def look_through(
    conn: Connection,
    coordinator_id: UUID,
    role: Role | None,
    status: Status | None,
    after: UUID | None,
    most: int,
    now: datetime,
) -> tuple[list[Person], bool]:
    """Return up to *most* people later than *after*, in the order they came, and whether there are more."""
    async with conn.transaction():
        found = await store.roster.listed(conn, coordinator_id, role, status, after, most + 1)
        shown = found[:most]
        seen = [one.id for one in shown]
        await store.audit.add_looks(conn, seen, coordinator_id, Role.coordinator, "person.read", now)
        return shown, len(found) > most


async def invite(conn: Connection, program_id: UUID, new: Newcomer, now: datetime, *, by: By) -> Person:
    """Add a person by the rules of the people file; a mentee who has not consented on paper is asked by text.

    Raises BadInput, and Conflict for a phone that is in the program.
    """
    async with conn.transaction():
        program = await store.people.program(conn, program_id)
        phone = _phone(new.phone, program.country)
        row = NewPerson(
            line=0,
            program=program.name,
            name=_name(new.name),
            phone=phone,
            roles=new.roles,
            time_zone=_zone(new.time_zone),
            language=new.language,
            consented=new.consented,
        )
        await _refuse_known(conn, program_id, phone)
        return await people.add(conn, row, program_id, now, by=by.id)


async def change(
    conn: Connection,
    seen: Person,
    edit: Edit,
    now: datetime,
    *,
    actor: UUID | None,
    role: str,
    nudged_by: Way | None = None,
) -> Person:
    """Change a person, whom the caller may change, and return them as they are then.

    *seen*, and *nudged_by* where it was looked at, is what the change was made from; *actor*, as *role*, makes it. A
    new phone gets what has not left for the old one, codes sent to the old one sign nobody in any more, and an invited
    mentee is asked again there. Raises Stale, UnknownPerson, BadInput, Conflict, and NobodyAtTheEnd.
    """
    async with conn.transaction():
        if edit.time_zone is not None:
            await store.nudge_plans.lock(conn, seen.id)  # before the person, as a change of the plan does
        before = (await store.roster.lock(conn, seen.id)).get(seen.id)
        if before is None:
            raise UnknownPerson("this person's time in the program has ended")
        if before != seen or (nudged_by is not None and await store.pushes.choice(conn, seen.id) != nudged_by):
            raise Stale("it was changed since you read it; read it again")
        after = await _edited(conn, before, edit, now)
        chosen = edit.nudges_by is not None and await store.pushes.choose(conn, before.id, edit.nudges_by)
        if after == before and not chosen:
            return after
        moved = after.time_zone != before.time_zone and Role.mentee in after.roles
        await store.roster.save(conn, replace(after, time_zone=before.time_zone) if moved else after)
        if Role.coordinator in before.roles - after.roles:
            await programs.keep_end(conn, after.program_id, now)
        if moved:
            source = SOURCES[role]
            await nudge_plans.change(conn, after, PlanEdit(zone=after.time_zone), now, source=source, actor=actor)
        if after.phone is not None and after.phone != before.phone:
            await store.roster.forward(conn, after.id, after.phone)
            await store.sign_in.withdraw(conn, after.id)
            if after.status is Status.invited and await store.routing.is_active(conn, after.program_id):
                program = await store.people.program(conn, after.program_id)
                await enrolment.invite(conn, after, program, now, key=f"invite:{now:%Y%m%dT%H%M%S%f}")
        await store.audit.add(conn, after.id, actor, role, "person.changed", now)
        return after


async def end(conn: Connection, person: Person, now: datetime, *, by: By) -> Person:
    """Let somebody go: their assignments end, and the open alerts they had find somebody else.

    Whoever is gone already stays as they are. Raises UnknownPerson, Conflict for the last coordinator, and
    NobodyAtTheEnd for the last one whom alerts can end with.
    """
    async with conn.transaction():
        await store.nudge_plans.lock(conn, person.id)  # before the person, as a change of the plan does
        held = await store.assignments.standing_of(conn, person.id, now)
        locked = await store.roster.lock(conn, person.id, *(one.mentee_id for one in held))
        standing = locked.get(person.id)
        if standing is None:
            return await _ended(conn, person.id)
        await _keep_a_coordinator(conn, standing)
        was_at_the_end = await _is_at_the_end(conn, standing, now)
        for one in await store.assignments.standing_of(conn, person.id, now):
            await store.assignments.end(conn, one, now)
            if one.has_begun(now):
                await store.assignments.ask_anew(conn, one.mentee_id, one.mentor_id, now)
        await store.assignments.let_go(conn, person.id, now)
        await store.roster.end(conn, person.id, now)
        if was_at_the_end:
            await programs.keep_end(conn, person.program_id, now)
        await store.audit.add(conn, person.id, by.id, by.actor, "person.ended", now)
        return replace(standing, status=Status.ended)


async def _ended(conn: Connection, person_id: UUID) -> Person:
    """Return somebody whose time in the program has ended. Raises UnknownPerson where nothing of them is left."""
    found = await store.people.by_id(conn, person_id)
    if found is None:
        raise UnknownPerson("there is nobody by that id whose coordinator you are")
    return found


async def _edited(conn: Connection, before: Person, edit: Edit, now: datetime) -> Person:
    phone, roles = before.phone, before.roles
    if edit.phone is not None:
        program = await store.people.program(conn, before.program_id)
        phone = _phone(edit.phone, program.country)
        if phone != before.phone:
            await _refuse_known(conn, before.program_id, phone)
    if edit.roles is not None and edit.roles != before.roles:
        roles = edit.roles
        await _check_roles(conn, before, roles, now)
    return replace(
        before,
        name=before.name if edit.name is None else _name(edit.name),
        phone=phone,
        language=edit.language or before.language,
        time_zone=before.time_zone if edit.time_zone is None else _zone(edit.time_zone),
        roles=roles,
        unreachable=before.unreachable and phone == before.phone,
    )


async def _check_roles(conn: Connection, before: Person, roles: frozenset[Role], now: datetime) -> None:
    if (Role.mentee in roles) != (Role.mentee in before.roles):
        raise BadInput("somebody becomes a mentee by an invitation of their own, and stays one until the end", "/roles")
    if Role.mentor in before.roles - roles:
        held = await store.assignments.standing_of(conn, before.id, now)
        if any(one.mentor_id == before.id for one in held):
            raise Conflict("this mentor has mentees; transfer or end those assignments first")
    if Role.coordinator in before.roles - roles:
        await _keep_a_coordinator(conn, before)


async def _keep_a_coordinator(conn: Connection, person: Person) -> None:
    """Raise Conflict where a program would be left without anybody at the end of its alerts."""
    if not person.is_a(Role.coordinator):
        return
    await store.roster.lock_program(conn, person.program_id)
    if await store.roster.other_coordinators(conn, person.program_id, person.id) == 0:
        raise Conflict("this is the program's last coordinator; add another one first")


async def _is_at_the_end(conn: Connection, person: Person, now: datetime) -> bool:
    """Say whether alerts may end with *person*."""
    on_call = await store.routing.on_call(conn, person.program_id, now)
    return person.is_a(Role.coordinator) or any(one.id == person.id for one in on_call)


async def _refuse_known(conn: Connection, program_id: UUID, phone: str) -> None:
    await store.roster.lock_program(conn, program_id)
    if any(one.program_id == program_id for one in await store.people.by_phone(conn, phone)):
        raise Conflict("this phone is in the program already")


def _phone(text: str, country: str) -> str:
    number = people_file.phone_number(text, country)
    if number is None:
        raise BadInput("not a phone number; write it like +1 555 010 0123", "/phone")
    return number


def _name(text: str) -> str:
    name = text.strip()
    if not name:
        raise BadInput("a name needs at least one character", "/name")
    return name


def _zone(text: str) -> str:
    if not core.wall.is_zone(text):
        raise BadInput("not an IANA time zone; send one like America/New_York", "/time_zone")
    return text
