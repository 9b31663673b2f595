"""Oneself: who I am here, how I am doing, and what I may change of it."""

from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, patch
from litestar.datastructures import State
from litestar.params import JSONBody
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows, store
from checkin.api import etags, languages, trends
from checkin.api.auth import Actor
from checkin.api.check_ins import Zone
from checkin.api.etags import IfMatch, IfNoneMatch
from checkin.api.requests import MERGE_PATCH
from checkin.api.trends import TrendView
from checkin.core.errors import UnknownPerson
from checkin.core.people import Person, Role, Status
from checkin.core.pushes import Way
from checkin.flows.roster import Edit
from checkin.store.pool import Connection

PersonId = Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-00000000000a"])]
Name = Annotated[str, Meta(min_length=1, max_length=80, examples=["Ana"])]
Language = Annotated[Literal["en", "es"], Meta(description="Of the texts", examples=["en"])]


class PersonView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody in a program, as they and their coordinators see them."""

    id: PersonId
    name: Name
    phone: Annotated[str, Meta(description="E.164", examples=["+12125550101"])] | UnsetType = UNSET
    roles: Annotated[
        list[str],
        Meta(max_length=10, description="mentee, mentor, coordinator; expect new ones", examples=[["mentee"]]),
    ]
    status: Annotated[str, Meta(description="invited, active or ended; expect new ones", examples=["active"])]
    language: Annotated[str, Meta(description="en, es; expect new ones", examples=["en"])]
    time_zone: Zone
    opted_out: Annotated[bool, Meta(description="Whether they stopped our texts", examples=[False])]
    unreachable: Annotated[bool, Meta(description="Whether texts do not arrive", examples=[False])]


class MeView(PersonView, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody in a program, as they see themselves."""

    nudges_by: Annotated[
        str,
        Meta(
            description="How you are asked: sms, or push, which goes to the device seen last and falls back to a text "
            "where none takes it; expect new ones",
            examples=["sms"],
        ),
    ]


class MePatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays."""

    name: Name | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    time_zone: Zone | UnsetType = UNSET
    nudges_by: Annotated[Literal["sms", "push"], Meta(examples=["push"])] | UnsetType = UNSET


@get(
    "/v1/me",
    operation_id="getMe",
    summary="Read who you are here",
    description="Your own entry.",
    response_description="You.",
    tags=["me"],
)
async def get_me(request: Request[Actor, Token, State], if_none_match: IfNoneMatch = None) -> Response[MeView]:
    async with request.app.state.pool.acquire() as conn:
        return etags.answer(await my_view(conn, await reader_of(conn, request.user.id)), if_none_match)


@patch(
    "/v1/me",
    operation_id="patchMe",
    summary="Change your own entry",
    description="A JSON merge patch. Phone and roles are your coordinator's to change.",
    response_description="You, as you stand now.",
    tags=["me"],
    opt=MERGE_PATCH,
)
async def patch_me(
    request: Request[Actor, Token, State], data: JSONBody[MePatch], if_match: IfMatch = None
) -> Response[MeView]:
    edit = Edit(
        name=None if data.name is UNSET else data.name,
        language=None if data.language is UNSET else data.language,
        time_zone=None if data.time_zone is UNSET else data.time_zone,
        nudges_by=None if data.nudges_by is UNSET else Way(data.nudges_by),
    )
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        seen = await reader_of(conn, request.user.id)
        mine = await my_view(conn, seen)
        etags.refuse_stale(if_match, mine)
        role = Role.mentee if Role.mentee in seen.roles else core.people.acting_role(seen)
        way = Way(mine.nudges_by)
        changed = await flows.roster.change(conn, seen, edit, now, actor=seen.id, role=role, nudged_by=way)
        return etags.answer(await my_view(conn, changed))


@get(
    "/v1/me/trend",
    operation_id="getTrend",
    summary="Read how you are doing",
    description="Your latest answers against your own usual.",
    response_description="Your trend.",
    tags=["check-ins"],
    opt={"problems": (404,)},
)
async def get_trend(request: Request[Actor, Token, State], if_none_match: IfNoneMatch = None) -> Response[TrendView]:
    async with request.app.state.pool.acquire() as conn:
        reader = await reader_of(conn, request.user.id)
        found = await store.mentees.trend(conn, reader.id)
    if found is None:
        raise UnknownPerson("you are not a mentee here")
    return etags.answer(trends.view(reader.name, found, languages.of(request, reader.language)), if_none_match)


async def reader_of(conn: Connection, person_id: UUID) -> Person:
    """Return whose token it is. Raises UnknownPerson for somebody who is not here any more."""
    reader = await store.people.by_id(conn, person_id)
    if reader is None or reader.status is Status.ended:
        raise UnknownPerson("you are not here any more")
    return reader


async def my_view(conn: Connection, person: Person) -> MeView:
    """Return a person as they see themselves."""
    nudges_by = await store.pushes.choice(conn, person.id)
    return MeView(**msgspec.structs.asdict(view(person)), nudges_by=nudges_by)


def view(person: Person) -> PersonView:
    """Return a person as they and their coordinators see them."""
    return PersonView(
        id=person.id,
        name=person.name,
        phone=UNSET if person.phone is None else person.phone,
        roles=sorted(person.roles),
        status=person.status,
        language=person.language,
        time_zone=person.time_zone,
        opted_out=person.opted_out,
        unreachable=person.unreachable,
    )


HANDLERS: Final = (get_me, patch_me, get_trend)
