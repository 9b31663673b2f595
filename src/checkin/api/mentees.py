"""Mentees, for whoever stands by them now: their latest answers, notes as they share them, and how they are doing."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import flows
from checkin.api import cursors, etags, languages, trends
from checkin.api.auth import Actor
from checkin.api.check_ins import Cursor, CursorQuery, Day, KeptNote, LimitQuery, Score, Zone
from checkin.api.etags import IfNoneMatch
from checkin.api.me import Name, PersonId, reader_of
from checkin.api.trends import TrendView
from checkin.core.check_ins import CheckIn
from checkin.core.people import Person
from checkin.flows.mentees import Seen

LIST: Final = "mentees"
LATEST: Final = 30


class MenteeView(Struct, frozen=True, kw_only=True):
    """A mentee you stand by."""

    id: PersonId
    name: Name
    status: Annotated[str, Meta(description="invited or active; expect new ones", examples=["active"])]
    time_zone: Zone


class MenteeList(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The mentees you stand by now, in the order they came. `next_cursor` is left out at the end."""

    items: Annotated[list[MenteeView], Meta(max_length=100)]
    next_cursor: Cursor | UnsetType = UNSET


class SharedCheckIn(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One day's answer as the mentee shares it: a note is there only where they let their mentor read it."""

    day: Day
    mood: Score | UnsetType = UNSET
    hope: Score | UnsetType = UNSET
    skipped: Annotated[bool, Meta(examples=[False])]
    note: KeptNote | UnsetType = UNSET


class MenteeDetail(MenteeView, frozen=True, kw_only=True):
    """A mentee with their latest answers, the newest day first, and how they are doing."""

    trend: TrendView
    check_ins: Annotated[list[SharedCheckIn], Meta(max_length=LATEST)]


@get(
    "/v1/mentees",
    operation_id="listMentees",
    summary="List your mentees",
    description="Whom you stand by now, as mentor or cover, and the members of a group you facilitate; follow "
    "`next_cursor` for more.",
    response_description="One page of your mentees.",
    tags=["mentees"],
    opt={"problems": (404,)},
)
async def list_mentees(
    request: Request[Actor, Token, State], limit: LimitQuery = 100, cursor: CursorQuery = None
) -> MenteeList:
    secret, now = request.app.state.settings.token_secret, request.app.state.clock.now()
    after = None if cursor is None else cursors.read_id(secret, request.user.id, LIST, cursor)
    async with request.app.state.pool.acquire() as conn:
        reader = await reader_of(conn, request.user.id)
        shown, has_more = await flows.mentees.look_through(conn, reader, after, limit, now)
    more = cursors.make_id(secret, reader.id, LIST, shown[-1].id) if has_more else UNSET
    return MenteeList(items=[view(one) for one in shown], next_cursor=more)


@get(
    "/v1/mentees/{mentee_id:uuid}",
    operation_id="getMentee",
    summary="Read how a mentee is doing",
    description=f"The latest {LATEST} answers and the trend, for whoever stands by the mentee now, and without "
    "notes for who facilitates their group and for the coordinators of the program.",
    response_description="The mentee.",
    tags=["mentees"],
)
async def get_mentee(
    request: Request[Actor, Token, State], mentee_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[MenteeDetail]:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        reader = await reader_of(conn, request.user.id)
        seen = await flows.mentees.look_at(conn, reader, mentee_id, LATEST, now)
    return etags.answer(_detail(seen, languages.of(request, reader.language)), if_none_match)


def view(mentee: Person) -> MenteeView:
    """Return a mentee as they stand in the list of whoever stands by them."""
    return MenteeView(id=mentee.id, name=mentee.name, status=mentee.status, time_zone=mentee.time_zone)


def _detail(seen: Seen, language: str) -> MenteeDetail:
    mentee = seen.mentee
    return MenteeDetail(
        id=mentee.id,
        name=mentee.name,
        status=mentee.status,
        time_zone=mentee.time_zone,
        trend=trends.view(mentee.name, seen.trend, language),
        check_ins=[_shared(one, seen.shares_since, reads_notes=seen.reads_notes) for one in seen.latest],
    )


def _shared(one: CheckIn, shares_since: datetime | None, *, reads_notes: bool) -> SharedCheckIn:
    """Return an answer as its mentor reads it; *shares_since* is when the mentee let them read every note to come."""
    is_shared = reads_notes and (one.note_shared or (shares_since is not None and one.received_at >= shares_since))
    return SharedCheckIn(
        day=one.day,
        mood=UNSET if one.mood is None else one.mood,
        hope=UNSET if one.hope is None else one.hope,
        skipped=one.skipped,
        note=one.note if is_shared and one.note is not None else UNSET,
    )


HANDLERS: Final = (list_mentees, get_mentee)
