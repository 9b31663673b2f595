"""Who is asked about a program's alerts, in which order, and who is on call for them, for its coordinators."""

from typing import Annotated, Final
from uuid import UUID

from litestar import Request, Response, delete, get, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.security.jwt import Token
from msgspec import Meta, Struct

from checkin import core, flows, store
from checkin.api import etags
from checkin.api.auth import Actor
from checkin.api.etags import IfMatch, IfNoneMatch
from checkin.api.me import PersonView, view
from checkin.api.programs import coordinated
from checkin.core.errors import NobodyAtTheEnd
from checkin.flows.program_settings import MOST_ON_CALL

EXAMPLE: Final = '[[now.step]]\nask = ["mentor", "coordinator"]\ntogether = true\nwait = "5 min"\n'
Source = Annotated[
    str, Meta(min_length=1, max_length=20_000, description="The rules as TOML (docs/operations.md)", examples=[EXAMPLE])
]


class RoutingView(Struct, frozen=True, kw_only=True):
    """The rules your program follows, as they were written."""

    source: Source
    own: Annotated[bool, Meta(description="False: these are the usual ones, mentor-first", examples=[True])]


class NewRouting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules to follow from now on: all of them, in the place of those that stand."""

    source: Source


class OnCallList(Struct, frozen=True, kw_only=True):
    """Who is on call, in the order they are asked."""

    items: Annotated[list[PersonView], Meta(max_length=MOST_ON_CALL)]


@get(
    "/v1/programs/{program_id:uuid}/routing",
    operation_id="getRouting",
    summary="Read who is asked about alerts",
    description="For the program's coordinators; for everybody else there is none.",
    response_description="The rules.",
    tags=["programs"],
)
async def get_routing(
    request: Request[Actor, Token, State], program_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[RoutingView]:
    async with request.app.state.pool.acquire() as conn:
        await coordinated(conn, program_id, request.user.id)
        source = await store.routing.source(conn, program_id)
    return etags.answer(_routing(source), if_none_match)


@put(
    "/v1/programs/{program_id:uuid}/routing",
    operation_id="putRouting",
    summary="Say who is asked about alerts",
    description="One mistake, and the rules stay as they were; `errors` has every mistake with its `line`. Refused too "
    "where a program that has begun would have nobody at the end. Open alerts follow the new rules from their next "
    "step on.",
    response_description="The rules as they stand now.",
    tags=["programs"],
    opt={"problems": (NobodyAtTheEnd,)},
)
async def put_routing(
    request: Request[Actor, Token, State],
    program_id: FromPath[UUID],
    data: JSONBody[NewRouting],
    if_match: IfMatch = None,
) -> Response[RoutingView]:
    now, actor = request.app.state.clock.now(), request.user.id
    async with request.app.state.pool.acquire() as conn:
        await coordinated(conn, program_id, actor)
        seen = await store.routing.source(conn, program_id)
        etags.refuse_stale(if_match, _routing(seen))
        await flows.program_settings.set_routing(conn, program_id, data.source, now, seen=seen, actor=actor)
    return etags.answer(_routing(data.source))


@get(
    "/v1/programs/{program_id:uuid}/on-call",
    operation_id="listOnCall",
    summary="List who is on call",
    description="They are asked where the rules say `on_call`, in turn.",
    response_description="Who is on call.",
    tags=["programs"],
)
async def list_on_call(request: Request[Actor, Token, State], program_id: FromPath[UUID]) -> OnCallList:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        await coordinated(conn, program_id, request.user.id)
        found = await store.routing.on_call(conn, program_id, now)
    return OnCallList(items=[view(one) for one in found[:MOST_ON_CALL]])


@put(
    "/v1/programs/{program_id:uuid}/on-call/{person_id:uuid}",
    operation_id="putOnCall",
    summary="Put somebody on call",
    description="A mentor or coordinator of the program, after those who are on call already.",
    response_description="Who is on call now.",
    tags=["programs"],
    opt={"problems": (409,)},
)
async def put_on_call(
    request: Request[Actor, Token, State], program_id: FromPath[UUID], person_id: FromPath[UUID]
) -> OnCallList:
    now, actor = request.app.state.clock.now(), request.user.id
    async with request.app.state.pool.acquire() as conn:
        await coordinated(conn, program_id, actor)
        await flows.program_settings.put_on_call(conn, program_id, person_id, now, actor=actor)
        found = await store.routing.on_call(conn, program_id, now)
    return OnCallList(items=[view(one) for one in found[:MOST_ON_CALL]])


@delete(
    "/v1/programs/{program_id:uuid}/on-call/{person_id:uuid}",
    operation_id="deleteOnCall",
    summary="Take somebody off call",
    description="Refused for the last one at the end of a program's alerts. Whoever is not on call stays so.",
    response_description="They are not on call.",
    tags=["programs"],
    status_code=204,
    opt={"problems": (NobodyAtTheEnd,)},
)
async def delete_on_call(
    request: Request[Actor, Token, State], program_id: FromPath[UUID], person_id: FromPath[UUID]
) -> None:
    now, actor = request.app.state.clock.now(), request.user.id
    async with request.app.state.pool.acquire() as conn:
        await coordinated(conn, program_id, actor)
        await flows.program_settings.take_off_call(conn, program_id, person_id, now, actor=actor)


def _routing(source: str | None) -> RoutingView:
    usual = core.routing.ready_made(core.routing.DEFAULT)
    return RoutingView(source=usual if source is None else source, own=source is not None)


HANDLERS: Final = (get_routing, put_routing, list_on_call, put_on_call, delete_on_call)
