"""Who stands by whom, for the coordinators of their program: given, lent, passed on, ended."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import flows, store
from checkin.api.auth import Actor
from checkin.api.check_ins import Moment
from checkin.api.me import PersonId
from checkin.core.assignments import Kind
from checkin.core.errors import AlreadyEnded, UnknownAssignment
from checkin.flows.assignments import By
from checkin.store.assignments import Assignment
from checkin.store.pool import Connection

AssignmentId = Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-0000000000a1"])]
MentorId = Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-00000000000b"])]
EndsAt = Annotated[
    datetime, Meta(tz=True, description="When it ends by itself", examples=["2026-12-01T00:00:00-05:00"])
]
MOST: Final = 100


class AssignmentView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One mentor's time with one mentee."""

    id: AssignmentId
    mentee_id: PersonId
    mentor_id: MentorId
    mentor_name: Annotated[str, Meta(max_length=80, examples=["Ben"])]
    kind: Annotated[str, Meta(description="primary, cover, facilitator, ...; expect new ones", examples=["primary"])]
    starts_at: Moment
    ends_at: EndsAt | UnsetType = UNSET


class AssignmentList(Struct, frozen=True, kw_only=True):
    """Assignments, those that began last in front."""

    items: Annotated[list[AssignmentView], Meta(max_length=MOST)]


class NewAssignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who shall stand by a mentee: from now on without `starts_at`, until further notice without `ends_at`."""

    mentor_id: MentorId
    kind: Annotated[Literal["primary", "cover", "facilitator"], Meta(examples=["cover"])]
    starts_at: Moment | UnsetType = UNSET
    ends_at: EndsAt | UnsetType = UNSET


class Transfer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To whom an assignment goes."""

    mentor_id: MentorId


@get(
    "/v1/mentees/{mentee_id:uuid}/assignments",
    operation_id="listAssignments",
    summary="List who stands by a mentee",
    description=f"The latest {MOST}, past ones and those to come too.",
    response_description="The assignments.",
    tags=["people"],
)
async def list_assignments(request: Request[Actor, Token, State], mentee_id: FromPath[UUID]) -> AssignmentList:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        mentee = await flows.roster.find(conn, request.user.id, mentee_id)
        found = await flows.assignments.look_through(conn, mentee, MOST, now, by=By(request.user.id))
    return AssignmentList(items=[_view(one) for one in found])


@post(
    "/v1/mentees/{mentee_id:uuid}/assignments",
    operation_id="addAssignment",
    summary="Let somebody stand by a mentee",
    description="A mentee has one primary mentor at a time, and a mentor stands by once at a time: a second one is a "
    "conflict. The same call again, while what it began stands, has the same answer. A `facilitator` has them in their "
    "group.",
    response_description="The assignment.",
    tags=["people"],
    opt={"problems": (409,)},
)
async def add_assignment(
    request: Request[Actor, Token, State], mentee_id: FromPath[UUID], data: JSONBody[NewAssignment]
) -> AssignmentView:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        mentee = await flows.roster.find(conn, request.user.id, mentee_id)
        return _view(
            await flows.assignments.begin(
                conn,
                mentee,
                data.mentor_id,
                Kind(data.kind),
                None if data.starts_at is UNSET else data.starts_at,
                None if data.ends_at is UNSET else data.ends_at,
                now,
                by=By(request.user.id),
            )
        )


@post(
    "/v1/assignments/{assignment_id:uuid}/ending",
    operation_id="endAssignment",
    summary="End an assignment now",
    description="The mentee's open alerts go to whoever is left to be asked. The same call again is answered with the "
    "assignment as it stands; what came to its end otherwise is `already-ended`.",
    response_description="The assignment as it stands now.",
    tags=["people"],
    status_code=200,
    opt={"problems": (AlreadyEnded,)},
)
async def end_assignment(request: Request[Actor, Token, State], assignment_id: FromPath[UUID]) -> AssignmentView:
    async with request.app.state.pool.acquire() as conn:
        found = await _found(conn, request.user.id, assignment_id)
        now = request.app.state.clock.now()
        return _view(await flows.assignments.end(conn, found, now, by=By(request.user.id)))


@post(
    "/v1/assignments/{assignment_id:uuid}/transfer",
    operation_id="transferAssignment",
    summary="Pass an assignment on to another mentor",
    description="It ends, and the same begins with the other one in the same moment. The next step of the mentee's "
    "open alerts asks them. The same call again has the same answer.",
    response_description="The assignment that has begun.",
    tags=["people"],
    opt={"problems": (409, AlreadyEnded)},
)
async def transfer_assignment(
    request: Request[Actor, Token, State], assignment_id: FromPath[UUID], data: JSONBody[Transfer]
) -> AssignmentView:
    async with request.app.state.pool.acquire() as conn:
        found = await _found(conn, request.user.id, assignment_id)
        now = request.app.state.clock.now()
        return _view(await flows.assignments.transfer(conn, found, data.mentor_id, now, by=By(request.user.id)))


async def _found(conn: Connection, coordinator_id: UUID, assignment_id: UUID) -> Assignment:
    found = await store.assignments.for_coordinator(conn, coordinator_id, assignment_id)
    if found is None:
        raise UnknownAssignment("there is no assignment by that id in your program")
    return found


def _view(found: Assignment) -> AssignmentView:
    return AssignmentView(
        id=found.id,
        mentee_id=found.mentee_id,
        mentor_id=found.mentor_id,
        mentor_name=found.mentor_name,
        kind=found.kind,
        starts_at=found.starts_at,
        ends_at=UNSET if found.ends_at is None else found.ends_at,
    )


HANDLERS: Final = (list_assignments, add_assignment, end_assignment, transfer_assignment)
