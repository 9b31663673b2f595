"""People, for the coordinators of their program: listed, invited, changed, let go."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import Request, Response, get, patch, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import flows
from checkin.api import cursors, etags, once
from checkin.api.auth import Actor
from checkin.api.check_ins import Cursor, CursorQuery, LimitQuery, Zone
from checkin.api.etags import IfMatch, IfNoneMatch
from checkin.api.me import Language, Name, PersonView, reader_of, view
from checkin.api.once import IdempotencyKey
from checkin.api.requests import MERGE_PATCH
from checkin.core.errors import NobodyAtTheEnd, UnknownPerson
from checkin.core.people import Person, Role, Status
from checkin.flows.assignments import By
from checkin.flows.roster import Edit, Newcomer
from checkin.store.pool import Connection

Phone = Annotated[
    str, Meta(min_length=4, max_length=32, description="As it is dialled in the program's country, or E.164")
]
NewPhone = Annotated[Phone, Meta(examples=["+1 212 555 0108"])]
KnownRole = Annotated[Literal["mentee", "mentor", "coordinator"], Meta(examples=["mentee"])]
Roles = Annotated[list[KnownRole], Meta(min_length=1, max_length=3, examples=[["mentee"]])]
RoleQuery = Annotated[
    Literal["mentee", "mentor", "coordinator"] | None, QueryParameter(description="Only people in this role")
]
StatusQuery = Annotated[
    Literal["invited", "active", "ended"] | None, QueryParameter(description="Only people who stand so")
]
LIST: Final = "people"


class PersonList(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """People in the order they came. `next_cursor` is left out at the end."""

    items: Annotated[list[PersonView], Meta(max_length=100)]
    next_cursor: Cursor | UnsetType = UNSET


class Invitation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody new. A mentee is asked by text and begins with their own yes, or has `consented` on paper."""

    name: Name
    phone: NewPhone
    roles: Roles
    language: Language
    time_zone: Zone
    consented: bool = False


class PersonPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays."""

    name: Name | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    roles: Roles | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    time_zone: Zone | UnsetType = UNSET


@get(
    "/v1/people",
    operation_id="listPeople",
    summary="List the people of your program",
    description="For coordinators, in the order people came; follow `next_cursor` for more.",
    response_description="One page of people.",
    tags=["people"],
    opt={"problems": (404,)},
)
async def list_people(
    request: Request[Actor, Token, State],
    role: RoleQuery = None,
    status: StatusQuery = None,
    limit: LimitQuery = 30,
    cursor: CursorQuery = None,
) -> PersonList:
    secret, now = request.app.state.settings.token_secret, request.app.state.clock.now()
    after = None if cursor is None else cursors.read_id(secret, request.user.id, LIST, cursor)
    async with request.app.state.pool.acquire() as conn:
        reader = await coordinator_of(conn, request.user.id)
        shown, has_more = await flows.roster.look_through(
            conn,
            reader.id,
            None if role is None else Role(role),
            None if status is None else Status(status),
            after,
            limit,
            now,
        )
    more = cursors.make_id(secret, reader.id, LIST, shown[-1].id) if has_more else UNSET
    return PersonList(items=[view(one) for one in shown], next_cursor=more)


@get(
    "/v1/people/{person_id:uuid}",
    operation_id="getPerson",
    summary="Read one person's entry",
    description="For the coordinators of their program.",
    response_description="The person.",
    tags=["people"],
)
async def get_person(
    request: Request[Actor, Token, State], person_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[PersonView]:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        person = await flows.roster.look_at(conn, request.user.id, person_id, now)
    return etags.answer(view(person), if_none_match)


@post(
    "/v1/people",
    operation_id="invitePerson",
    summary="Invite somebody",
    description="By the rules of the people file. A phone that is in the program already is a conflict, so the same "
    "invitation sent twice invites once; with an Idempotency-Key the second has the first one's answer.",
    response_description="The person.",
    tags=["people"],
    opt={"problems": (404, 409)},
)
async def invite_person(
    request: Request[Actor, Token, State], data: JSONBody[Invitation], idempotency_key: IdempotencyKey = None
) -> Response[PersonView]:
    now = request.app.state.clock.now()
    new = Newcomer(
        name=data.name,
        phone=data.phone,
        roles=_roles(data.roles),
        language=data.language,
        time_zone=data.time_zone,
        consented=data.consented,
    )
    async with request.app.state.pool.acquire() as conn:
        reader = await coordinator_of(conn, request.user.id)

        async def invite() -> PersonView:
            return view(await flows.roster.invite(conn, reader.program_id, new, now, by=By(reader.id)))

        return await once.answer(request, conn, idempotency_key, data, invite, status=201)


@patch(
    "/v1/people/{person_id:uuid}",
    operation_id="patchPerson",
    summary="Change somebody's entry",
    description="A JSON merge patch. What waits for the old phone leaves for a new one. Nobody becomes a mentee, or "
    "stops being one, by a change of roles.",
    response_description="The person as they stand now.",
    tags=["people"],
    opt={**MERGE_PATCH, "problems": (409, NobodyAtTheEnd)},
)
async def patch_person(
    request: Request[Actor, Token, State],
    person_id: FromPath[UUID],
    data: JSONBody[PersonPatch],
    if_match: IfMatch = None,
) -> Response[PersonView]:
    edit = Edit(
        name=None if data.name is UNSET else data.name,
        phone=None if data.phone is UNSET else data.phone,
        language=None if data.language is UNSET else data.language,
        time_zone=None if data.time_zone is UNSET else data.time_zone,
        roles=None if data.roles is UNSET else _roles(data.roles),
    )
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        seen = await flows.roster.find(conn, request.user.id, person_id)
        etags.refuse_stale(if_match, view(seen))
        after = await flows.roster.change(conn, seen, edit, now, actor=request.user.id, role=Role.coordinator)
    return etags.answer(view(after))


@post(
    "/v1/people/{person_id:uuid}/ending",
    operation_id="endPerson",
    summary="Let somebody go",
    description="Their assignments end, nothing is asked of them any more, and open alerts that they had find somebody "
    "else. Alerts about them stay open until somebody closes them. The last coordinator cannot go, and whoever "
    "is gone already stays as they are.",
    response_description="The person as they stand now.",
    tags=["people"],
    status_code=200,
    opt={"problems": (409, NobodyAtTheEnd)},
)
async def end_person(request: Request[Actor, Token, State], person_id: FromPath[UUID]) -> PersonView:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        person = await flows.roster.find(conn, request.user.id, person_id)
        return view(await flows.roster.end(conn, person, now, by=By(request.user.id)))


def _roles(given: Sequence[str]) -> frozenset[Role]:
    return frozenset(Role(one) for one in given)


async def coordinator_of(conn: Connection, person_id: UUID) -> Person:
    """Return whose token it is. Raises UnknownPerson unless they coordinate a program now."""
    reader = await reader_of(conn, person_id)
    if not reader.is_a(Role.coordinator):
        raise UnknownPerson("there is nothing here for you")
    return reader


HANDLERS: Final = (list_people, get_person, invite_person, patch_person, end_person)
