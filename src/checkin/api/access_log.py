"""One's own access log: who looked at or changed what is about oneself, and when."""

from typing import Annotated, Final
from uuid import UUID

from litestar import Request, get
from litestar.datastructures import State
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, store
from checkin.api import cursors, languages
from checkin.api.auth import Actor
from checkin.api.check_ins import Cursor, CursorQuery, LimitQuery, Moment
from checkin.api.me import reader_of
from checkin.store.audit import Entry

LIST: Final = "access-log"


class AccessView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that somebody else, or the program itself, did with what is about you."""

    id: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-000000000051"])]
    at: Moment
    actor: Annotated[
        str,
        Meta(description="mentor, coordinator, mentee, operator or system; expect new ones", examples=["mentor"]),
    ]
    first_name: (
        Annotated[
            str, Meta(max_length=80, description="Of a mentor or coordinator who is still there", examples=["Ben"])
        ]
        | UnsetType
    ) = UNSET
    action: Annotated[str, Meta(max_length=80, description="What, as a code; expect new ones", examples=["alert.read"])]
    sentence: Annotated[
        str, Meta(max_length=200, description="What, in your language", examples=["Read an alert about you."])
    ]


class AccessLog(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was done, the newest first. `next_cursor` is left out at the end."""

    items: Annotated[list[AccessView], Meta(max_length=100)]
    next_cursor: Cursor | UnsetType = UNSET


@get(
    "/v1/me/access-log",
    operation_id="listAccess",
    summary="Read who looked at your data",
    description="Every look at what is about you and every change of it by somebody else, the newest first; follow "
    "`next_cursor` for older ones. What you did yourself is not in it.",
    response_description="One page of your access log.",
    tags=["me"],
    opt={"problems": (404,)},
)
async def list_access(
    request: Request[Actor, Token, State], limit: LimitQuery = 30, cursor: CursorQuery = None
) -> AccessLog:
    secret, person = request.app.state.settings.token_secret, request.user.id
    before = None if cursor is None else cursors.read_id(secret, person, LIST, cursor)
    async with request.app.state.pool.acquire() as conn:
        reader = await reader_of(conn, person)
        found = await store.audit.by_others(conn, reader.id, before, limit + 1)
    shown = found[:limit]
    more = cursors.make_id(secret, person, LIST, shown[-1].id) if len(found) > limit else UNSET
    language = languages.of(request, reader.language)
    return AccessLog(items=[_view(one, language) for one in shown], next_cursor=more)


def _view(entry: Entry, language: str) -> AccessView:
    said = f"log.{entry.action}"
    name = "" if entry.name is None else entry.name.split()[0]
    return AccessView(
        id=entry.id,
        at=entry.at,
        actor=entry.actor,
        first_name=name or UNSET,
        action=entry.action,
        sentence=core.phrases.say(said if core.phrases.is_known(said) else "log.other", language),
    )


HANDLERS: Final = (list_access,)
