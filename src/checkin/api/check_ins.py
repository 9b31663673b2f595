"""A mentee's own check-ins: one a local day, written as often as a phone likes."""

from datetime import UTC, date, datetime
from typing import Annotated, Final

from litestar import Request, Response, get, put
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows, store
from checkin.api import cursors, etags
from checkin.api.auth import ASKS_ITSELF, Actor
from checkin.api.etags import IfNoneMatch
from checkin.core.check_ins import Answer, CheckIn, Source
from checkin.core.errors import BadInput, DayOutOfReach, UnknownCheckIn, UnknownPerson

Score = Annotated[int, Meta(ge=0, le=10, description="0 is the worst, 10 the best", examples=[7])]
Day = Annotated[date, Meta(description="The local day the answer speaks of", examples=["2026-11-20"])]
Moment = Annotated[datetime, Meta(tz=True, examples=["2026-11-20T18:04:00-05:00"])]
Zone = Annotated[str, Meta(min_length=1, max_length=64, description="IANA name", examples=["America/New_York"])]
Note = Annotated[str, Meta(min_length=1, max_length=1000)]
KeptNote = Annotated[str, Meta(min_length=1, description="May be longer than one answer's, where texts were added")]
Cursor = Annotated[str, Meta(min_length=1, max_length=200, description="Where to go on, as `next_cursor` gave it")]
# Litestar looks for the bounds of a parameter in its own marker; those in msgspec's Meta it drops.
DayPath = Annotated[Day, PathParameter(description="The local day, YYYY-MM-DD")]
LimitQuery = Annotated[int, QueryParameter(ge=1, le=100, description="How many to return at most")]
CursorQuery = Annotated[
    str | None, QueryParameter(min_length=1, max_length=200, description="`next_cursor` of the last page")
]


class NewCheckIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer: mood and hope, or `skipped: true` and neither."""

    mood: Score | UnsetType = UNSET
    hope: Score | UnsetType = UNSET
    skipped: Annotated[bool, Meta(description="Not today; that is an answer too")] = False
    note: Note | UnsetType = UNSET
    note_shared: Annotated[bool, Meta(description="Whether the mentor may read the note")] = False
    answered_at: Moment
    time_zone: Zone


class CheckInView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A check-in as it is stored. A score that was not given is left out."""

    day: Day
    mood: Score | UnsetType = UNSET
    hope: Score | UnsetType = UNSET
    skipped: Annotated[bool, Meta(examples=[False])]
    note: KeptNote | UnsetType = UNSET
    note_shared: Annotated[bool, Meta(examples=[False])]
    answered_at: Moment
    received_at: Moment
    time_zone: Zone
    source: Annotated[str, Meta(description="app, sms, web or import; expect new ones", examples=["app"])]


class CheckInList(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Check-ins, the newest day first. `next_cursor` is left out at the end."""

    items: Annotated[list[CheckInView], Meta(max_length=100)]
    next_cursor: Cursor | UnsetType = UNSET


@put(
    "/v1/me/check-ins/{day:date}",
    operation_id="putCheckIn",
    summary="Record a check-in",
    description="The day is the key: the same answer any number of times is one check-in, and the answer with the "
    "newer `answered_at` stands. What is stored afterwards comes back.",
    response_description="The check-in as it is stored now.",
    tags=["check-ins"],
    opt={**ASKS_ITSELF, "problems": (DayOutOfReach,)},
)
async def put_check_in(request: Request[Actor, Token, State], day: DayPath, data: JSONBody[NewCheckIn]) -> CheckInView:
    answer, caller = answer_of(day, data), request.user
    async with request.app.state.pool.acquire() as conn:
        try:
            stored = await flows.check_ins.record(
                conn, caller.id, answer, request.app.state.clock.now(), caller.session
            )
        except UnknownPerson:
            if await store.sessions.may_call(conn, caller.id, caller.session):
                raise
            raise NotAuthorizedException from None
    return view(stored)


@get(
    "/v1/me/check-ins/{day:date}",
    operation_id="getCheckIn",
    summary="Read one check-in",
    description="The check-in of one local day.",
    response_description="The check-in.",
    tags=["check-ins"],
)
async def get_check_in(
    request: Request[Actor, Token, State], day: DayPath, if_none_match: IfNoneMatch = None
) -> Response[CheckInView]:
    async with request.app.state.pool.acquire() as conn:
        found = await store.check_ins.one(conn, request.user.id, day)
    if found is None:
        raise UnknownCheckIn("there is no check-in of yours on that day")
    return etags.answer(view(found), if_none_match)


@get(
    "/v1/me/check-ins",
    operation_id="listCheckIns",
    summary="List check-ins",
    description="Check-ins, the newest day first; follow `next_cursor` for older ones.",
    response_description="One page of check-ins.",
    tags=["check-ins"],
)
async def list_check_ins(
    request: Request[Actor, Token, State], limit: LimitQuery = 30, cursor: CursorQuery = None
) -> CheckInList:
    secret = request.app.state.settings.token_secret
    before = None if cursor is None else cursors.read(secret, request.user.id, cursor)
    async with request.app.state.pool.acquire() as conn:
        found = await store.check_ins.latest(conn, request.user.id, before, limit + 1)
    shown = found[:limit]
    more = cursors.make(secret, request.user.id, shown[-1].day) if len(found) > limit else UNSET
    return CheckInList(items=[view(one) for one in shown], next_cursor=more)


def answer_of(day: date, new: NewCheckIn) -> Answer:
    """Return what was said about *day*. Raises BadInput, and DayOutOfReach for a moment beyond the calendar."""
    if not core.wall.is_zone(new.time_zone):
        raise BadInput("not an IANA time zone; send one like America/New_York", "/time_zone")
    if new.skipped and not (new.mood is UNSET and new.hope is UNSET):
        raise BadInput("a skipped day has no scores; leave mood and hope out", "/skipped")
    if not new.skipped and new.mood is UNSET:
        raise BadInput("mood is missing; send 0-10, or skipped: true", "/mood")
    if not new.skipped and new.hope is UNSET:
        raise BadInput("hope is missing; send 0-10, or skipped: true", "/hope")
    return Answer(
        day=day,
        mood=None if new.mood is UNSET else new.mood,
        hope=None if new.hope is UNSET else new.hope,
        skipped=new.skipped,
        note=None if new.note is UNSET else new.note,
        note_shared=new.note_shared,
        answered_at=_in_utc(new.answered_at),
        time_zone=new.time_zone,
        source=Source.app,
    )


def _in_utc(moment: datetime) -> datetime:
    """Return the same moment as it is stored, so that the first answer to a PUT reads like every later one."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # year 1 or 9999, beyond it in UTC
        raise DayOutOfReach("answered_at lies in another age; check the clock of the device") from None


def view(stored: CheckIn) -> CheckInView:
    """Return a check-in as its mentee sees it."""
    return CheckInView(
        day=stored.day,
        mood=UNSET if stored.mood is None else stored.mood,
        hope=UNSET if stored.hope is None else stored.hope,
        skipped=stored.skipped,
        note=UNSET if stored.note is None else stored.note,
        note_shared=stored.note_shared,
        answered_at=stored.answered_at,
        received_at=stored.received_at,
        time_zone=stored.time_zone,
        source=stored.source,
    )


HANDLERS: Final = (put_check_in, get_check_in, list_check_ins)
