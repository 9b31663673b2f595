"""Where one is signed in, seen and ended by oneself."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from litestar import Request, delete, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows, store
from checkin.api.auth import Actor
from checkin.api.sign_in import Device

Moment = Annotated[datetime, Meta(tz=True, examples=["2026-11-20T18:04:00-05:00"])]


class SessionView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place where you are signed in."""

    id: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-0000000000e1"])]
    device: Device | UnsetType = UNSET
    began_at: Moment
    renewed_at: Moment
    expires_at: Annotated[Moment, Meta(description="Unless it is renewed before")]
    current: Annotated[bool, Meta(description="Whether this request was made in it", examples=[True])]


class SessionList(Struct, frozen=True, kw_only=True):
    """Where you are signed in, the session used last first."""

    items: Annotated[list[SessionView], Meta(max_length=core.sign_in.MOST_SESSIONS)]


@get(
    "/v1/me/sessions",
    operation_id="listSessions",
    summary="List where you are signed in",
    description="Every session that can still be renewed; at most 20, then the one used longest ago ends.",
    response_description="Your sessions.",
    tags=["sign-in"],
)
async def list_sessions(request: Request[Actor, Token, State]) -> SessionList:
    async with request.app.state.pool.acquire() as conn:
        found = await store.sessions.of_person(conn, request.user.id, request.app.state.clock.now())
    return SessionList(
        items=[
            SessionView(
                id=one.id,
                device=UNSET if one.device_id is None else one.device_id,
                began_at=one.began_at,
                renewed_at=one.renewed_at,
                expires_at=one.expires_at,
                current=one.id == request.user.session,
            )
            for one in found
        ]
    )


@delete(
    "/v1/me/sessions/{session_id:uuid}",
    operation_id="endSession",
    summary="End a session",
    description="Signs a device of yours out, this one or another; its refresh token is not good any more, and no "
    "push goes to it. Ending it twice does no harm.",
    response_description="It is ended.",
    tags=["sign-in"],
    status_code=204,
)
async def end_session(request: Request[Actor, Token, State], session_id: FromPath[UUID]) -> None:
    async with request.app.state.pool.acquire() as conn:
        await flows.sessions.end(conn, request.user.id, session_id, request.app.state.clock.now())


HANDLERS: Final = (list_sessions, end_session)
