"""For who answers alerts: when they may be asked, and for coordinators what each of them carries."""

from datetime import date, datetime, time
from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import Request, Response, get, patch
from litestar.datastructures import State
from litestar.params import JSONBody
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from checkin import core, flows, store
from checkin.api import etags
from checkin.api.auth import Actor
from checkin.api.etags import IfMatch, IfNoneMatch
from checkin.api.requests import MERGE_PATCH
from checkin.core.availability import Window
from checkin.core.errors import BadInput, UnknownPerson
from checkin.core.people import Person, Role
from checkin.flows.availability import Available, NewLeave
from checkin.store.availability import Chosen
from checkin.store.pool import Connection

WallTime = Annotated[
    str,
    Meta(
        pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$",
        max_length=5,  # "$" also matches before a line break at the end
        description="On your own wall",
        examples=["09:00"],
    ),
]
Weekday = Annotated[int, Meta(ge=1, le=7, description="Monday is 1", examples=[1])]
LimitCount = Annotated[int, Meta(ge=1, le=100, description="Open alerts you can carry", examples=[5])]
Day = Annotated[date, Meta(examples=["2026-12-24"])]
PersonId = Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-00000000000b"])]
LeaveId = Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-0000000000ff"])]
Moment = Annotated[datetime, Meta(tz=True, examples=["2026-12-24T00:00:00-05:00"])]
Choice = Annotated[Literal["hours", "digest_at", "limit"], Meta(examples=["limit"])]
MOST: Final = 1000
FOR_STAFF: Final = {"problems": (404,)}  # to anybody else there is nothing here


class HoursWindow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open from `opens` until `closes`; one that closes at or before it opens goes on until the next morning."""

    weekday: Weekday
    opens: WallTime
    closes: WallTime


class LeaveDays(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days off, both included. Without `cover_id` the mentee's own cover stands in."""

    first_day: Day
    last_day: Day
    cover_id: PersonId | UnsetType = UNSET


class AvailabilityChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change; what is left out stays as it is. `take_back` names choices to be as if never made."""

    hours: Annotated[list[HoursWindow], Meta(min_length=1, max_length=28)] | UnsetType = UNSET
    digest_at: WallTime | UnsetType = UNSET
    limit: LimitCount | UnsetType = UNSET
    take_back: Annotated[list[Choice], Meta(max_length=3)] = []
    leave_add: Annotated[list[LeaveDays], Meta(max_length=10)] = []
    leave_end: Annotated[list[LeaveId], Meta(max_length=10)] = []


class LeaveView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Leave, now or to come."""

    id: LeaveId
    starts_at: Moment
    ends_at: Moment
    cover_id: PersonId | UnsetType = UNSET


class AvailabilityView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When you may be asked about alerts. `hours` are your own or, where you chose none, the program's."""

    hours: Annotated[list[HoursWindow], Meta(max_length=28)]
    hours_chosen: Annotated[bool, Meta(description="Whether the hours are your own", examples=[True])]
    digest_at: WallTime | UnsetType = UNSET
    limit: LimitCount | UnsetType = UNSET
    leave: Annotated[list[LeaveView], Meta(max_length=MOST)]


class MentorLoad(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one mentor carries. `median_answer_seconds` is left out where nothing was answered in 30 days."""

    mentor_id: PersonId
    name: Annotated[str, Meta(max_length=80, examples=["Ben"])]
    mentees: Annotated[int, Meta(ge=0, examples=[4])]
    open_alerts: Annotated[int, Meta(ge=0, examples=[1])]
    median_answer_seconds: Annotated[int, Meta(ge=0, examples=[840])] | UnsetType = UNSET
    outside_hours: Annotated[int, Meta(ge=0, description="Times asked outside their hours in 30 days", examples=[0])]


class MentorLoadList(Struct, frozen=True, kw_only=True):
    """Every active mentor of your program, 1,000 at most, those with the most open alerts first."""

    items: Annotated[list[MentorLoad], Meta(max_length=MOST)]


@get(
    "/v1/me/availability",
    operation_id="getAvailability",
    summary="See when you may be asked",
    description="For mentors and coordinators: your hours, your digest, your limit, and your leave now and to come. A "
    "crisis goes through all of it but leave.",
    response_description="What you have chosen.",
    tags=["alerts"],
    opt=FOR_STAFF,
)
async def get_availability(
    request: Request[Actor, Token, State], if_none_match: IfNoneMatch = None
) -> Response[AvailabilityView]:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        person = await _caller(conn, request)
        return etags.answer(_view(person, await flows.availability.read(conn, person, now)), if_none_match)


@patch(
    "/v1/me/availability",
    operation_id="changeAvailability",
    summary="Change when you may be asked",
    description="All of it is changed, or nothing. `leave_add` adds days off, `leave_end` ends leave or drops what is "
    "to come. Leave of the same days and cover is not added twice, and what is over is not ended again.",
    response_description="What stands afterwards.",
    tags=["alerts"],
    opt={**MERGE_PATCH, **FOR_STAFF},
)
async def change_availability(
    request: Request[Actor, Token, State], data: JSONBody[AvailabilityChange], if_match: IfMatch = None
) -> Response[AvailabilityView]:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        person = await _caller(conn, request)
        seen = await flows.availability.read(conn, person, now)
        etags.refuse_stale(if_match, _view(person, seen))
        chosen, added = _chosen(seen.chosen, data), [_new_leave(one) for one in data.leave_add]
        after = await flows.availability.change(conn, person, chosen, added, data.leave_end, now, seen=seen)
    return etags.answer(_view(person, after))


@get(
    "/v1/mentors/load",
    operation_id="listMentorLoad",
    summary="See what mentors carry",
    description="For coordinators: mentees, open alerts, the median time from being asked to an answer, and how often "
    "somebody was asked outside their hours, the last two over 30 days.",
    response_description="What every mentor carries.",
    tags=["alerts"],
    opt=FOR_STAFF,
)
async def list_mentor_load(request: Request[Actor, Token, State]) -> MentorLoadList:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        person = await _caller(conn, request)
        if not person.is_a(Role.coordinator):
            raise UnknownPerson("only coordinators see what mentors carry")
        loads = await store.load.of_program(conn, person.program_id, now)
    return MentorLoadList(
        items=[
            MentorLoad(
                mentor_id=one.mentor_id,
                name=one.name,
                mentees=one.mentees,
                open_alerts=one.open_alerts,
                median_answer_seconds=UNSET if one.median_answer is None else round(one.median_answer.total_seconds()),
                outside_hours=one.outside_hours,
            )
            for one in loads[:MOST]
        ]
    )


async def _caller(conn: Connection, request: Request[Actor, Token, State]) -> Person:
    person = await store.people.by_id(conn, request.user.id)
    if person is None:
        raise UnknownPerson("there is nobody by that id")
    return person


def _chosen(before: Chosen, data: AvailabilityChange) -> Chosen:
    given = {
        "hours": data.hours if data.hours is UNSET else _windows(data.hours),
        "digest_at": data.digest_at if data.digest_at is UNSET else time.fromisoformat(data.digest_at),
        "limit": data.limit,
    }
    changed: dict[str, object] = {name: value for name, value in given.items() if value is not UNSET}
    if both := sorted(changed.keys() & set(data.take_back)):
        raise BadInput(f"{both[0]} is given and taken back at once", "/take_back")
    return replace(before, **changed, **dict.fromkeys(data.take_back))


def _windows(given: list[HoursWindow]) -> tuple[Window, ...]:
    windows = sorted(
        Window(one.weekday, time.fromisoformat(one.opens), time.fromisoformat(one.closes)) for one in given
    )
    if len(set(windows)) != len(windows):
        raise BadInput("the same hours are given twice", "/hours")
    return tuple(windows)


def _new_leave(given: LeaveDays) -> NewLeave:
    cover = None if given.cover_id is UNSET else given.cover_id
    return NewLeave(first=given.first_day, last=given.last_day, cover_id=cover)


def _view(person: Person, found: Available) -> AvailabilityView:
    return AvailabilityView(
        hours=[
            HoursWindow(weekday=one.weekday, opens=f"{one.opens:%H:%M}", closes=f"{one.closes:%H:%M}")
            for one in sorted(found.hours)
        ],
        hours_chosen=found.chosen.hours is not None,
        digest_at=UNSET if found.chosen.digest_at is None else f"{found.chosen.digest_at:%H:%M}",
        limit=UNSET if found.chosen.limit is None else found.chosen.limit,
        leave=[
            LeaveView(
                id=one.id,
                starts_at=core.wall.local(one.starts_at, person.time_zone),
                ends_at=core.wall.local(one.ends_at, person.time_zone),
                cover_id=UNSET if one.cover_id is None else one.cover_id,
            )
            for one in found.leave
        ],
    )


HANDLERS: Final = (get_availability, change_availability, list_mentor_load)
