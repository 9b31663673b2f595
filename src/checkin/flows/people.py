"""People come in: a CSV file is checked as a whole, then written as a whole."""

from datetime import datetime, time
from typing import Final
from uuid import UUID

from msgspec import Struct

from checkin import core, store
from checkin.core.errors import Mistake, NobodyAtTheEnd
from checkin.core.nudges import Plan
from checkin.core.people import Person, Role, Status
from checkin.core.trend import Trail
from checkin.flows import enrolment, programs
from checkin.store.ids import new_id
from checkin.store.people import Program
from checkin.store.pool import Connection

AT_SIX: Final = (time(18),)
EVERY_DAY: Final = (1, 2, 3, 4, 5, 6, 7)
AT_NIGHT: Final = (time(21), time(8))
NOBODY: Final = "nobody in the program has that phone"


class NewPerson(Struct, frozen=True, kw_only=True):
    """One row of the file, already of the right form.

    *mentor*, *cover*, *facilitator* and *clinical_contact* name people of the same program by phone.

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
    facilitator: str | None = None
    clinical_contact: str | None = None
    on_call: bool = False
    nudge_at: tuple[time, ...] = AT_SIX
    weekdays: tuple[int, ...] = EVERY_DAY
    quiet: tuple[time, time] = AT_NIGHT
    country: str = "US"
    consented: bool = False


class Imported(Struct, frozen=True, kw_only=True):
    """What an import did, or would do.

    *drafts* are the programs in it that cannot begin yet; *added* are the people by their lines.
    """

    programs: int
    people: int
    assignments: int
    mistakes: list[Mistake]
    drafts: list[str] = []
    added: list[tuple[int, Person]] = []


class _Undone(Exception):
    """Takes the whole import back."""


class Importer(Struct, frozen=True):
    """A coordinator who brings in people, into their own program alone."""

    id: UUID
    program_id: UUID


async def bring_in(
    conn: Connection, rows: list[NewPerson], now: datetime, *, dry_run: bool = False, by: Importer | None = None
) -> Imported:
    """Write every row, or nothing: one mistake, or *dry_run*, and the database is as it was.

    *by* is the coordinator who does it, if not the operator: every other program is a mistake to them, be it there or
    not.
    """
    try:
        async with conn.transaction():
            if by is not None:
                await store.roster.lock_program(conn, by.program_id)
            done = await _bring_in(conn, rows, now, by)
            if dry_run or done.mistakes:
                raise _Undone
    except _Undone:
        pass
    return done


async def _bring_in(conn: Connection, rows: list[NewPerson], now: datetime, by: Importer | None) -> Imported:
    actor = None if by is None else by.id
    known_programs: dict[str, UUID] = {}
    created = 0
    mistakes: list[Mistake] = []
    by_phone: dict[tuple[str, str], Person] = {}
    added: list[tuple[NewPerson, Person]] = []
    for row in rows:
        program = known_programs.get(row.program) or await store.people.program_by_name(conn, row.program)
        if by is not None and program != by.program_id:
            mistakes.append(Mistake(row.line, "program: there is none by that name whose coordinator you are"))
            continue
        if program is None:
            program = await store.people.add_program(conn, row.program, row.country, row.time_zone, now, begins=False)
            created += 1
        known_programs[row.program] = program
        known = [person for person in await store.people.by_phone(conn, row.phone) if person.program_id == program]
        if known:
            mistakes.append(Mistake(row.line, "this phone is in the program already"))
            continue
        person = await add(conn, row, program, now, by=actor)
        plan = await store.nudges.plan_of(conn, person.id)
        if plan is not None and core.nudges.next_slot(plan, now) is None:
            mistakes.append(Mistake(row.line, "quiet: with the programme's hours these leave no minute for a nudge"))
        by_phone[row.program, row.phone] = person
        added.append((row, person))
    assignments = 0
    for row, person in added:
        for kind, phone in _standing_by(row):
            problem, stander = await _find_mentor(conn, row, phone, by_phone, known_programs)
            if stander is None:
                missed = phone if problem == NOBODY else None
                mistakes.append(Mistake(row.line, f"{'mentor' if kind == 'primary' else kind}: {problem}", missed))
                continue
            assigned = await store.people.assign(conn, person.id, stander.id, kind, now)
            role = "operator" if actor is None else Role.coordinator
            await store.audit.add(conn, person.id, actor, role, "assignment.begun", now, str(assigned))
            assignments += 1
    drafts = [] if mistakes else await _begin(conn, known_programs, now)
    return Imported(
        programs=created,
        people=len(added),
        assignments=assignments,
        mistakes=mistakes,
        drafts=drafts,
        added=[(row.line, person) for row, person in added],
    )


def _standing_by(row: NewPerson) -> list[tuple[str, str]]:
    """Return who a row says stands by its person: the kind of assignment, and a phone."""
    named = {
        "primary": row.mentor,
        "cover": row.cover,
        "facilitator": row.facilitator,
        "clinical_contact": row.clinical_contact,
    }
    return [(kind, phone) for kind, phone in named.items() if phone is not None]


async def _begin(conn: Connection, found: dict[str, UUID], now: datetime) -> list[str]:
    """Let every program begin that can; returns the names of those that stay drafts."""
    drafts = []
    for name, program in found.items():
        if not await store.routing.is_active(conn, program):
            try:
                await programs.activate(conn, program, now)
            except NobodyAtTheEnd:
                drafts.append(name)
    return drafts


async def _find_mentor(
    conn: Connection,
    row: NewPerson,
    phone: str,
    by_phone: dict[tuple[str, str], Person],
    known_programs: dict[str, UUID],
) -> tuple[str, Person | None]:
    if phone == row.phone:
        return "nobody mentors themselves", None
    found = by_phone.get((row.program, phone))
    if found is None:
        there = await store.people.by_phone(conn, phone)
        found = next((person for person in there if person.program_id == known_programs[row.program]), None)
    if found is None:
        return NOBODY, None
    if Role.mentor not in found.roles:
        return "the person with that phone is not a mentor", None
    return "", found


async def add(conn: Connection, row: NewPerson, program_id: UUID, now: datetime, *, by: UUID | None = None) -> Person:
    """Add one person with all their role needs: a mentee gets the detector's memory and a nudge plan.

    *by* is the coordinator who does it, if it is not the operator. While the program is a draft, nobody is invited,
    and nothing is due.
    """
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
        program = await store.people.program(conn, program_id)
        plan = _plan(row, person, program)
        begun = await store.routing.is_active(conn, program_id)
        slot = core.nudges.next_slot(plan, now) if begun else None
        await store.nudges.add_plan(conn, plan, None if slot is None else slot.at)
        if row.consented:
            words = enrolment.version(person, program)
            await store.consents.give(conn, person.id, store.consents.TEXTS, words, "paper", now)
        elif begun:
            await enrolment.invite(conn, person, program, now)
    if row.on_call:
        await store.routing.put_on_call(conn, person, now)
    await store.audit.add(conn, person.id, by, Role.coordinator if by else "operator", "person.added", now)
    return person


def _plan(row: NewPerson, person: Person, program: Program) -> Plan:
    quiet_from, quiet_until = row.quiet
    return Plan(
        mentee=person.id,
        zone=person.time_zone,
        times=row.nudge_at,
        weekdays=row.weekdays,
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        wall_from=program.texts_from,
        wall_until=program.texts_until,
    )
