"""People come in: a CSV file is checked as a whole, then written as a whole."""

from datetime import datetime, time
from uuid import UUID

from msgspec import Struct

from checkin import core, store
from checkin.core.nudges import Plan
from checkin.core.people import Person, Role, Status
from checkin.core.trend import Trail
from checkin.flows import enrolment
from checkin.store.ids import new_id
from checkin.store.pool import Connection


class NewPerson(Struct, frozen=True, kw_only=True):
    """One row of the file, already of the right form. *mentor* and *cover* name people of the same program by phone.

    A mentee who has *consented* on paper begins at once; any other is asked by text, and begins with their yes.
    """

    line: int
    program: str
    name: str
    phone: str
    roles: frozenset[Role]
    time_zone: str
    language: str
    mentor: str | None = None
    cover: str | None = None
    nudge_at: time = time(18)
    country: str = "US"
    consented: bool = False


class Mistake(Struct, frozen=True):
    """What is wrong with one line of the file."""

    line: int
    problem: str


class Imported(Struct, frozen=True, kw_only=True):
    """What an import did, or would do."""

    programs: int
    people: int
    assignments: int
    mistakes: list[Mistake]


class _Undone(Exception):
    """Takes the whole import back."""


async def bring_in(conn: Connection, rows: list[NewPerson], now: datetime, *, dry_run: bool = False) -> Imported:
    """Write every row, or nothing: one mistake, or *dry_run*, and the database is as it was."""
    try:
        async with conn.transaction():
            done = await _bring_in(conn, rows, now)
            if dry_run or done.mistakes:
                raise _Undone
    except _Undone:
        pass
    return done


async def _bring_in(conn: Connection, rows: list[NewPerson], now: datetime) -> Imported:
    programs: dict[str, UUID] = {}
    created = 0
    mistakes: list[Mistake] = []
    by_phone: dict[tuple[str, str], Person] = {}
    added: list[tuple[NewPerson, Person]] = []
    for row in rows:
        program = programs.get(row.program) or await store.people.program_by_name(conn, row.program)
        if program is None:
            program = await store.people.add_program(conn, row.program, row.country, row.time_zone, now)
            created += 1
        programs[row.program] = program
        known = [person for person in await store.people.by_phone(conn, row.phone) if person.program_id == program]
        if known:
            mistakes.append(Mistake(row.line, "this phone is in the program already"))
            continue
        person = await add(conn, row, program, now)
        by_phone[row.program, row.phone] = person
        added.append((row, person))
    assignments = 0
    for row, person in added:
        for kind, phone in (("primary", row.mentor), ("cover", row.cover)):
            if phone is None:
                continue
            problem, stander = await _find_mentor(conn, row, phone, by_phone, programs)
            if stander is None:
                mistakes.append(Mistake(row.line, f"{'mentor' if kind == 'primary' else kind}: {problem}"))
                continue
            await store.people.assign(conn, person.id, stander.id, kind, now)
            assignments += 1
    return Imported(programs=created, people=len(added), assignments=assignments, mistakes=mistakes)


async def _find_mentor(
    conn: Connection,
    row: NewPerson,
    phone: str,
    by_phone: dict[tuple[str, str], Person],
    programs: dict[str, UUID],
) -> tuple[str, Person | None]:
    if phone == row.phone:
        return "nobody mentors themselves", None
    found = by_phone.get((row.program, phone))
    if found is None:
        there = await store.people.by_phone(conn, phone)
        found = next((person for person in there if person.program_id == programs[row.program]), None)
    if found is None:
        return "nobody in the program has that phone", None
    if Role.mentor not in found.roles:
        return "the person with that phone is not a mentor", None
    return "", found


async def add(conn: Connection, row: NewPerson, program_id: UUID, now: datetime) -> Person:
    """Add one person with all their role needs: a mentee gets the detector's memory and a nudge plan."""
    person = Person(
        id=new_id(now),
        program_id=program_id,
        roles=row.roles,
        status=Status.invited if Role.mentee in row.roles and not row.consented else Status.active,
        name=row.name,
        phone=row.phone,
        language=row.language,
        time_zone=row.time_zone,
    )
    await store.people.add(conn, person, now)
    if Role.mentee in row.roles:
        await store.check_ins.start_trend(conn, person.id, Trail(), now)
        plan = Plan(mentee=person.id, zone=person.time_zone, times=(row.nudge_at,))
        slot = core.nudges.next_slot(plan, now)
        await store.nudges.add_plan(conn, plan, None if slot is None else slot.at)
        program = await store.people.program(conn, program_id)
        if row.consented:
            words = enrolment.version(person, program)
            await store.consents.give(conn, person.id, store.consents.TEXTS, words, "paper", now)
        else:
            await enrolment.invite(conn, person, program, now)
    await store.audit.add(conn, person.id, None, "operator", "person.added", now)
    return person
