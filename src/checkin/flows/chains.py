"""Who stands where for a mentee now, what they have chosen, and the rules they are asked by."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from msgspec import Struct

from checkin import core, store
from checkin.core.availability import Window
from checkin.core.errors import BadRouting
from checkin.core.escalation import Chain, Reader
from checkin.core.people import Person
from checkin.core.routing import Place, Routing
from checkin.store.people import Program
from checkin.store.pool import Connection

log = structlog.get_logger()


class Staff(Struct, frozen=True, kw_only=True):
    """What is the same for every alert of a program: its rules, and who stands at the end of them."""

    program: Program
    routing: Routing
    coordinators: list[Person]
    on_call: list[Person]


async def staff_of(conn: Connection, program_id: UUID, now: datetime) -> Staff:
    """Return a program's rules, coordinators and people on call."""
    return Staff(
        program=await store.people.program(conn, program_id),
        routing=await routing_of(conn, program_id),
        coordinators=await store.people.coordinators(conn, program_id, now),
        on_call=await store.routing.on_call(conn, program_id, now),
    )


async def chain_of(conn: Connection, mentee: Person, staff: Staff, alert_id: UUID, now: datetime) -> Chain:
    """Return who may be asked about one alert of *mentee*; who a mentor on leave has named comes before the cover."""
    standing = await store.people.assigned(conn, mentee.id, now)
    mentors = standing.get("primary", [])
    named = [await store.absences.stand_in(conn, mentor.id, now) for mentor in mentors if mentor.away]
    people: dict[Place, Sequence[Person]] = {
        Place.mentor: mentors,
        Place.cover: [*(one for one in named if one is not None), *standing.get("cover", [])],
        Place.facilitator: standing.get("facilitator", []),
        Place.clinical_contact: standing.get("clinical_contact", []),
        Place.coordinator: staff.coordinators,
        Place.on_call: staff.on_call,
    }
    everybody = [person for some in people.values() for person in some]
    readers = await store.availability.readers(conn, everybody, alert_id, wall_of(staff.program))
    has_clinic = "clinical_contact" in standing
    return Chain(
        places={place: _readers(some, readers) for place, some in people.items()},
        clinic_may_know=has_clinic and await store.consents.stands(conn, mentee.id, store.consents.CLINIC),
    )


async def owner_of(conn: Connection, owner_id: UUID, program: Program, alert_id: UUID, now: datetime) -> Reader | None:
    """Return who has an alert, as somebody who may be asked how it went."""
    owner = await store.people.by_id(conn, owner_id)
    if owner is None or await store.absences.is_away(conn, owner_id, now):
        return None
    readers = await store.availability.readers(conn, [owner], alert_id, wall_of(program))
    return readers[owner_id]


async def routing_of(conn: Connection, program_id: UUID) -> Routing:
    """Return a program's own rules, or the default ones: also where its own, kept long ago, are refused by now."""
    source = await store.routing.source(conn, program_id)
    if source is None:
        return core.routing.default()
    try:
        return core.routing.parse(source)
    except BadRouting:
        log.error("routing.refused", program=str(program_id))
        return core.routing.default()


def wall_of(program: Program) -> tuple[Window, ...]:
    """Return the hours of those who have chosen none."""
    return core.availability.every_day(program.texts_from, program.texts_until)


def _readers(people: Sequence[Person], readers: dict[UUID, Reader]) -> tuple[Reader, ...]:
    return tuple(readers[one] for one in dict.fromkeys(person.id for person in people))
