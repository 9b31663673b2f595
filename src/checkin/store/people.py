"""People, their assignments and their programs."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

from checkin.core.people import Person, Role, Status
from checkin.store.ids import new_id
from checkin.store.pool import Connection


class Program(Struct, frozen=True, kw_only=True):
    """A program's settings. Texts leave between *texts_from* and *texts_until*, local time of the reader."""

    id: UUID
    name: str
    country: str
    time_zone: str
    texts_from: time
    texts_until: time
    false_alerts_per_year: int
    pass_on_after: timedelta
    crisis_line: str | None = None
    first_names: bool = False
    own_texts: dict[tuple[str, str], str] = {}


ADD_PROGRAM = """
    insert into programs (id, name, country, time_zone, created_at, activated_at)
    values ($1, $2, $3, $4, $5, case when $6 then $5::timestamptz end)
"""


async def add_program(
    conn: Connection, name: str, country: str, time_zone: str, now: datetime, *, begins: bool = True
) -> UUID:
    """Add a program with the default settings and return its id; one that does not begin at once is a draft."""
    program = new_id(now)
    await conn.execute(ADD_PROGRAM, program, name, country, time_zone, now, begins)
    return program


PROGRAMS = """
    select id, name from programs order by name
"""


async def programs(conn: Connection) -> list[tuple[UUID, str]]:
    """Return every program's id and name."""
    return [(row["id"], row["name"]) for row in await conn.fetch(PROGRAMS)]


PROGRAM_BY_NAME = """
    select id from programs where name = $1
"""


async def program_by_name(conn: Connection, name: str) -> UUID | None:
    program: UUID | None = await conn.fetchval(PROGRAM_BY_NAME, name)
    return program


PROGRAM = """
    select g.id, g.name, g.country, g.time_zone, g.texts_from, g.texts_until, g.false_alerts_per_year,
           g.pass_on_after, g.crisis_line, g.first_names,
           array(select array[t.text, t.language, t.body] from program_texts t where t.program_id = g.id) as own_texts
      from programs g
     where g.id = $1
"""


async def program(conn: Connection, program_id: UUID) -> Program:
    row = await conn.fetchrow(PROGRAM, program_id)
    assert row is not None
    own_texts = {(text, language): body for text, language, body in row["own_texts"]}
    return Program(**{**dict(row), "own_texts": own_texts})


SAVE_TEXT = """
    insert into program_texts (program_id, text, language, body) values ($1, $2, $3, $4)
        on conflict (program_id, text, language) do update set body = excluded.body
"""


async def save_text(conn: Connection, program_id: UUID, text: str, language: str, body: str) -> None:
    """Keep a program's own words for a text; `core.text_rules.check_override` has found nothing wrong with them."""
    await conn.execute(SAVE_TEXT, program_id, text, language, body)


ADD = """
    insert into people (id, program_id, roles, status, name, phone, phone_hash, language, time_zone, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def add(conn: Connection, person: Person, now: datetime) -> None:
    """Add a person under the id they carry."""
    sealed = None if person.phone is None else conn.vault.seal("people.phone", person.id, person.phone)
    await conn.execute(
        ADD,
        person.id,
        person.program_id,
        sorted(person.roles),
        person.status,
        conn.vault.seal("people.name", person.id, person.name),
        sealed,
        None if person.phone is None else phone_hash(conn, person.phone),
        person.language,
        person.time_zone,
        now,
    )


def phone_hash(conn: Connection, phone: str) -> bytes:
    """Return what a phone (E.164) is found by."""
    return conn.vault.hash("phone", phone)


BY_ID = """
    select id, program_id, roles, status, name, phone, language, time_zone, opted_out_at, unreachable_at
      from people
     where id = $1
"""


async def by_id(conn: Connection, person_id: UUID) -> Person | None:
    row = await conn.fetchrow(BY_ID, person_id)
    return None if row is None else person_of(conn, row)


BY_PHONE = """
    select id, program_id, roles, status, name, phone, language, time_zone, opted_out_at, unreachable_at
      from people
     where phone_hash = $1
       and status <> 'ended'
     order by created_at, id
"""


async def by_phone(conn: Connection, phone: str) -> list[Person]:
    """Return everybody who is reached at *phone* (E.164): nobody, one, or people who share it."""
    return await by_phone_hash(conn, phone_hash(conn, phone))


async def by_phone_hash(conn: Connection, hashed: bytes) -> list[Person]:
    """Return everybody who is reached at the phone that *hashed* finds."""
    return [person_of(conn, row) for row in await conn.fetch(BY_PHONE, hashed)]


IN_PROGRAM = """
    select id, program_id, roles, status, name, phone, language, time_zone, opted_out_at, unreachable_at
      from people
     where program_id = $1
     order by created_at, id
"""


async def in_program(conn: Connection, program_id: UUID) -> list[Person]:
    """Return everybody in a program, in the order they came."""
    return [person_of(conn, row) for row in await conn.fetch(IN_PROGRAM, program_id)]


COORDINATORS = """
    select p.id, p.program_id, p.roles, p.status, p.name, p.phone, p.language, p.time_zone,
           p.opted_out_at, p.unreachable_at,
           exists (select 1 from absences l
                    where l.mentor_id = p.id and l.starts_at <= $2 and l.ends_at > $2) as away
      from people p
     where p.program_id = $1
       and 'coordinator' = any (p.roles)
       and p.status = 'active'
     order by p.created_at, p.id
"""


async def coordinators(conn: Connection, program_id: UUID, now: datetime) -> list[Person]:
    return [person_of(conn, row) for row in await conn.fetch(COORDINATORS, program_id, now)]


ASSIGNED = """
    select a.kind, p.id, p.program_id, p.roles, p.status, p.name, p.phone, p.language, p.time_zone,
           p.opted_out_at, p.unreachable_at,
           exists (select 1 from absences l
                    where l.mentor_id = p.id and l.starts_at <= $2 and l.ends_at > $2) as away
      from assignments a
      join people p on p.id = a.mentor_id
     where a.mentee_id = $1
       and a.starts_at <= $2
       and (a.ends_at is null or a.ends_at > $2)
     order by a.starts_at desc, a.id
"""


async def assigned(conn: Connection, mentee_id: UUID, now: datetime) -> dict[str, list[Person]]:
    """Return who stands by a mentee now, by kind; those who came last in front.

    Kinds are "primary", "cover", "facilitator" and "clinical_contact".
    """
    found: dict[str, list[Person]] = {}
    for row in await conn.fetch(ASSIGNED, mentee_id, now):
        found.setdefault(row["kind"], []).append(person_of(conn, row))
    return found


ASSIGN = """
    insert into assignments (mentee_id, id, mentor_id, kind, starts_at, ends_at)
    values ($1, $2, $3, $4, $5, $6)
"""


async def assign(
    conn: Connection, mentee_id: UUID, mentor_id: UUID, kind: str, starts_at: datetime, ends_at: datetime | None = None
) -> UUID:
    """Let somebody stand by a mentee; returns the assignment's id.

    *kind* is "primary", "cover", "facilitator" or "clinical_contact".
    """
    assignment = new_id(starts_at)
    await conn.execute(ASSIGN, mentee_id, assignment, mentor_id, kind, starts_at, ends_at)
    return assignment


UNREACHABLE = """
    update people set unreachable_at = $2 where id = $1 and unreachable_at is null
"""


async def mark_unreachable(conn: Connection, person_id: UUID, now: datetime) -> None:
    await conn.execute(UNREACHABLE, person_id, now)


REACHED = """
    update people set unreachable_at = null where phone_hash = $1 and unreachable_at is not null
"""


async def reached(conn: Connection, hashed: bytes) -> None:
    """Write that texts pass between us and the phone that *hashed* finds, whatever was found before."""
    await conn.execute(REACHED, hashed)


NAMES = """
    select id, name from people where id = any ($1)
"""


async def names(conn: Connection, ids: list[UUID]) -> dict[UUID, str]:
    """Return people's names by their ids."""
    rows = await conn.fetch(NAMES, ids)
    return {row["id"]: conn.vault.open("people.name", row["id"], row["name"]) for row in rows}


STATUSES: Final = {status.value: status for status in Status}  # quicker than to ask the enum, for every person read


def person_of(conn: Connection, row: Record) -> Person:
    """Return the person in a row that holds the columns every statement here selects of people.

    A name that a statement left out, because nobody will read it, is "".
    """
    person_id: UUID = row["id"]
    name, phone = row["name"], row["phone"]
    return Person(
        id=person_id,
        program_id=row["program_id"],
        roles=_roles(tuple(row["roles"])),
        status=STATUSES[row["status"]],
        name="" if name is None else conn.vault.open("people.name", person_id, name),
        phone=None if phone is None else conn.vault.open("people.phone", person_id, phone),
        language=row["language"],
        time_zone=row["time_zone"],
        opted_out=row["opted_out_at"] is not None,
        unreachable=row["unreachable_at"] is not None,
        away=row.get("away", False),
    )


@lru_cache(maxsize=64)  # a few combinations, read with every person
def _roles(names: tuple[str, ...]) -> frozenset[Role]:
    return frozenset(map(Role, names))
