"""A program's settings and its beginning, for its coordinators."""

from datetime import time
from typing import Annotated, Final
from uuid import UUID

from litestar import Request, Response, get, patch, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows, store
from checkin.api import etags
from checkin.api.auth import Actor
from checkin.api.check_ins import Moment, Zone
from checkin.api.etags import IfMatch, IfNoneMatch
from checkin.api.nudge_plans import Clock
from checkin.api.people import coordinator_of
from checkin.api.requests import MERGE_PATCH
from checkin.core.errors import NobodyAtTheEnd, UnknownPerson
from checkin.core.programs import Edit, Setup
from checkin.store.pool import Connection

ProgramId = Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-000000000001"])]
ProgramName = Annotated[str, Meta(min_length=1, max_length=80, examples=["Harbor"])]
Country = Annotated[
    str,
    Meta(
        pattern="^[A-Z]{2}$",
        min_length=2,
        max_length=2,
        description="ISO 3166-1; decides the emergency number, and how a phone without a country's code is read",
        examples=["US"],
    ),
]
TextsFrom = Annotated[
    Clock, Meta(description="When texts that can wait begin to leave, on their reader's wall", examples=["08:00"])
]
TextsUntil = Annotated[Clock, Meta(description="When they stop", examples=["21:00"])]
Length = Annotated[
    str, Meta(min_length=1, max_length=10, description="As in a routing file: 90 min, 4 h, 2 d", examples=["4 h"])
]
PassOnAfter = Annotated[Length, Meta(description="How long an alert of usual urgency waits before the next is asked")]
FirstNames = Annotated[bool, Meta(description="Whether nudges begin with a first name", examples=[False])]


class ProgramView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What your program has chosen."""

    id: ProgramId
    name: ProgramName
    country: Country
    time_zone: Zone
    texts_from: TextsFrom
    texts_until: TextsUntil
    pass_on_after: PassOnAfter
    crisis_line: (
        Annotated[
            str, Meta(max_length=60, description="Your own, in place of the country's", examples=["call 555 0100"])
        ]
        | UnsetType
    ) = UNSET
    first_names: FirstNames
    begun_at: Annotated[Moment, Meta(description="Left out while it is a draft")] | UnsetType = UNSET


class ProgramList(Struct, frozen=True, kw_only=True):
    """The programs you coordinate."""

    items: Annotated[list[ProgramView], Meta(max_length=10)]


class ProgramPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays. Nothing may be null: an empty `crisis_line` is the country's own."""

    name: ProgramName | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    time_zone: Zone | UnsetType = UNSET
    texts_from: TextsFrom | UnsetType = UNSET
    texts_until: TextsUntil | UnsetType = UNSET
    pass_on_after: PassOnAfter | UnsetType = UNSET
    crisis_line: (
        Annotated[
            str,
            Meta(
                max_length=60,
                description='What follows "In a crisis", such as call 555 0100; in the letters of a plain text',
                examples=["call 555 0100"],
            ),
        ]
        | UnsetType
    ) = UNSET
    first_names: FirstNames | UnsetType = UNSET


@get(
    "/v1/programs",
    operation_id="listPrograms",
    summary="List the programs you coordinate",
    description="For coordinators: the program you are in, with its id.",
    response_description="Your programs.",
    tags=["programs"],
    opt={"problems": (404,)},
)
async def list_programs(request: Request[Actor, Token, State]) -> ProgramList:
    async with request.app.state.pool.acquire() as conn:
        reader = await coordinator_of(conn, request.user.id)
        return ProgramList(items=[_view(await coordinated(conn, reader.program_id, reader.id))])


@get(
    "/v1/programs/{program_id:uuid}",
    operation_id="getProgram",
    summary="Read your program's settings",
    description="For the program's coordinators; for everybody else there is none.",
    response_description="The settings.",
    tags=["programs"],
)
async def get_program(
    request: Request[Actor, Token, State], program_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[ProgramView]:
    async with request.app.state.pool.acquire() as conn:
        setup = await coordinated(conn, program_id, request.user.id)
    return etags.answer(_view(setup), if_none_match)


@patch(
    "/v1/programs/{program_id:uuid}",
    operation_id="patchProgram",
    summary="Change your program's settings",
    description="A JSON merge patch. Texts that can wait leave between 08:00 and 21:00 at most, and other hours move "
    "the next nudge of every mentee; hours that leave one of them no minute are refused. What waits to be sent keeps "
    "its words.",
    response_description="The settings as they stand now.",
    tags=["programs"],
    opt={**MERGE_PATCH, "problems": (409,)},
)
async def patch_program(
    request: Request[Actor, Token, State],
    program_id: FromPath[UUID],
    data: JSONBody[ProgramPatch],
    if_match: IfMatch = None,
) -> Response[ProgramView]:
    now, actor = request.app.state.clock.now(), request.user.id
    async with request.app.state.pool.acquire() as conn:
        seen = await coordinated(conn, program_id, actor)
        etags.refuse_stale(if_match, _view(seen))
        changed = await flows.program_settings.change(conn, seen, _edit(data), now, actor=actor)
    return etags.answer(_view(changed))


@post(
    "/v1/programs/{program_id:uuid}/activation",
    operation_id="activateProgram",
    summary="Let your program begin",
    description="Its mentees are invited and asked from now on. Refused while an alert could end with nobody to ask; "
    "the problem says which, and what to do. One that has begun stays as it is.",
    response_description="The settings of the program that has begun.",
    tags=["programs"],
    status_code=200,
    opt={"problems": (NobodyAtTheEnd,)},
)
async def activate_program(request: Request[Actor, Token, State], program_id: FromPath[UUID]) -> ProgramView:
    now, actor = request.app.state.clock.now(), request.user.id
    async with request.app.state.pool.acquire() as conn:
        await coordinated(conn, program_id, actor)
        return _view(await flows.program_settings.activate(conn, program_id, now, actor=actor))


async def coordinated(conn: Connection, program_id: UUID, coordinator_id: UUID) -> Setup:
    """Return the settings of a program that *coordinator_id* coordinates. Raises UnknownPerson for every other."""
    found = await store.programs.coordinated(conn, program_id, coordinator_id)
    if found is None:
        raise UnknownPerson("there is no programme by that id whose coordinator you are")
    return found


def _edit(new: ProgramPatch) -> Edit:
    return Edit(
        name=None if new.name is UNSET else new.name,
        country=None if new.country is UNSET else new.country,
        time_zone=None if new.time_zone is UNSET else new.time_zone,
        texts_from=None if new.texts_from is UNSET else time.fromisoformat(new.texts_from),
        texts_until=None if new.texts_until is UNSET else time.fromisoformat(new.texts_until),
        pass_on_after=None if new.pass_on_after is UNSET else new.pass_on_after,
        crisis_line=None if new.crisis_line is UNSET else new.crisis_line,
        first_names=None if new.first_names is UNSET else new.first_names,
    )


def _view(setup: Setup) -> ProgramView:
    return ProgramView(
        id=setup.id,
        name=setup.name,
        country=setup.country,
        time_zone=setup.time_zone,
        texts_from=f"{setup.texts_from:%H:%M}",
        texts_until=f"{setup.texts_until:%H:%M}",
        pass_on_after=core.programs.say_length(setup.pass_on_after),
        crisis_line=UNSET if setup.crisis_line is None else setup.crisis_line,
        first_names=setup.first_names,
        begun_at=UNSET if setup.begun_at is None else setup.begun_at,
    )


HANDLERS: Final = (list_programs, get_program, patch_program, activate_program)
