"""A mentee's nudge plan: read and changed by themselves, or by the coordinators of their programme."""

from datetime import date, time
from typing import Annotated, Final
from uuid import UUID

from litestar import Request, Response, get, patch
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows, store
from checkin.api import etags
from checkin.api.auth import Actor
from checkin.api.check_ins import Zone
from checkin.api.etags import IfMatch, IfNoneMatch
from checkin.api.requests import MERGE_PATCH
from checkin.core.errors import UnknownPerson
from checkin.core.nudge_plans import MOST_PAUSES, Edit, Pause, Standing
from checkin.core.people import Person, Status
from checkin.store.pool import Connection

Clock = Annotated[
    str,
    Meta(
        pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$",
        max_length=5,  # "$" also matches before a line break at the end
        description="A wall time in `time_zone`, HH:MM",
        examples=["18:00"],
    ),
]
QuietFrom = Annotated[Clock, Meta(examples=["21:00"])]
QuietUntil = Annotated[Clock, Meta(examples=["08:00"])]
Times = Annotated[
    list[Clock],
    Meta(
        min_length=1,
        max_length=core.plan_words.MOST_TIMES,
        description="The earliest is the nudge. The first one an hour or more behind it is the reminder, sent only if "
        "the day is unanswered. Later ones are not used: a day has two messages at most",
        examples=[["09:00", "18:30"]],
    ),
]
Weekday = Annotated[int, Meta(ge=1, le=7, description="Monday is 1, Sunday is 7", examples=[1])]
Weekdays = Annotated[list[Weekday], Meta(min_length=1, max_length=7, examples=[[1, 2, 3, 4, 5]])]
FirstDay = Annotated[date, Meta(description="The first local day without a nudge", examples=["2026-12-20"])]
Until = Annotated[date, Meta(description="The local day on which nudges come again", examples=["2027-01-04"])]


class PauseView(Struct, frozen=True, kw_only=True):
    """Local days on which nothing is asked."""

    starts_on: FirstDay
    until: Until


class NudgePlan(Struct, frozen=True, kw_only=True):
    """When a mentee is asked. Quiet hours may go round midnight; equal ends mean none."""

    times: Times
    weekdays: Weekdays
    quiet_from: QuietFrom
    quiet_until: QuietUntil
    time_zone: Zone
    # One more than may be given: a PAUSE by text is always taken.
    pauses: Annotated[list[PauseView], Meta(max_length=MOST_PAUSES + 1, description="Under way or to come")]


class NewPause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Local days on which nothing shall be asked: a year at most, beginning today or later."""

    starts_on: FirstDay
    until: Until


class NudgePlanPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays. Nothing can be removed, so nothing may be null."""

    times: Times | UnsetType = UNSET
    weekdays: Weekdays | UnsetType = UNSET
    quiet_from: QuietFrom | UnsetType = UNSET
    quiet_until: QuietUntil | UnsetType = UNSET
    time_zone: Zone | UnsetType = UNSET
    pauses: (
        Annotated[
            list[NewPause],
            Meta(max_length=MOST_PAUSES, description="All that shall stand; one that is left out ends now"),
        ]
        | UnsetType
    ) = UNSET


@get(
    "/v1/me/nudge-plan",
    operation_id="getNudgePlan",
    summary="Read your nudge plan",
    description="When you are asked, and the pauses under way or to come.",
    response_description="The plan.",
    tags=["nudges"],
)
async def get_nudge_plan(
    request: Request[Actor, Token, State], if_none_match: IfNoneMatch = None
) -> Response[NudgePlan]:
    async with request.app.state.pool.acquire() as conn:
        mentee = await _own(conn, request.user.id)
        standing = await flows.nudge_plans.standing(conn, mentee, request.app.state.clock.now())
    return etags.answer(view(standing), if_none_match)


@patch(
    "/v1/me/nudge-plan",
    operation_id="patchNudgePlan",
    summary="Change your nudge plan",
    description="A JSON merge patch. Whoever changes `time_zone` is asked by the new zone's days at once: a local day "
    "is never asked about twice, and one whose hour fell into the flight is, while it is still open there.",
    response_description="The plan as it stands now.",
    tags=["nudges"],
    opt=MERGE_PATCH,
)
async def patch_nudge_plan(
    request: Request[Actor, Token, State], data: JSONBody[NudgePlanPatch], if_match: IfMatch = None
) -> Response[NudgePlan]:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        mentee = await _own(conn, request.user.id)
        seen = await flows.nudge_plans.standing(conn, mentee, now)
        etags.refuse_stale(if_match, view(seen))
        changed = await flows.nudge_plans.change(
            conn, mentee, _edit(data), now, source="app", actor=mentee.id, seen=seen
        )
    return etags.answer(view(changed))


@get(
    "/v1/mentees/{mentee_id:uuid}/nudge-plan",
    operation_id="getMenteeNudgePlan",
    summary="Read a mentee's nudge plan",
    description="For the coordinators of the mentee's programme; for everybody else there is none.",
    response_description="The plan.",
    tags=["nudges"],
)
async def get_mentee_nudge_plan(
    request: Request[Actor, Token, State], mentee_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[NudgePlan]:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        mentee = await _coordinated(conn, mentee_id, request.user.id)
        standing = await flows.nudge_plans.look_at(conn, mentee, request.user.id, now)
    return etags.answer(view(standing), if_none_match)


@patch(
    "/v1/mentees/{mentee_id:uuid}/nudge-plan",
    operation_id="patchMenteeNudgePlan",
    summary="Change a mentee's nudge plan",
    description="As the mentee's own change, for the coordinators of their programme.",
    response_description="The plan as it stands now.",
    tags=["nudges"],
    opt=MERGE_PATCH,
)
async def patch_mentee_nudge_plan(
    request: Request[Actor, Token, State],
    mentee_id: FromPath[UUID],
    data: JSONBody[NudgePlanPatch],
    if_match: IfMatch = None,
) -> Response[NudgePlan]:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        mentee = await _coordinated(conn, mentee_id, request.user.id)
        seen = await flows.nudge_plans.standing(conn, mentee, now)
        etags.refuse_stale(if_match, view(seen))
        changed = await flows.nudge_plans.change(
            conn, mentee, _edit(data), now, source="coordinator", actor=request.user.id, seen=seen
        )
    return etags.answer(view(changed))


async def _own(conn: Connection, person_id: UUID) -> Person:
    mentee = await store.people.by_id(conn, person_id)
    if mentee is None or mentee.status is Status.ended:
        raise UnknownPerson("there is no nudge plan of yours")
    return mentee


async def _coordinated(conn: Connection, mentee_id: UUID, coordinator_id: UUID) -> Person:
    mentee = await store.nudge_plans.coordinated(conn, mentee_id, coordinator_id)
    if mentee is None:
        raise UnknownPerson("there is no mentee by that id whose coordinator you are")
    return mentee


def _edit(new: NudgePlanPatch) -> Edit:
    return Edit(
        times=None if new.times is UNSET else tuple(time.fromisoformat(at) for at in new.times),
        weekdays=None if new.weekdays is UNSET else tuple(new.weekdays),
        quiet_from=None if new.quiet_from is UNSET else time.fromisoformat(new.quiet_from),
        quiet_until=None if new.quiet_until is UNSET else time.fromisoformat(new.quiet_until),
        zone=None if new.time_zone is UNSET else new.time_zone,
        pauses=None if new.pauses is UNSET else tuple(Pause(one.starts_on, one.until) for one in new.pauses),
    )


def view(standing: Standing) -> NudgePlan:
    """Return a plan as its mentee and their coordinators see it."""
    plan = standing.plan
    return NudgePlan(
        times=[f"{at:%H:%M}" for at in sorted(plan.times)],
        weekdays=sorted(plan.weekdays),
        quiet_from=f"{plan.quiet_from:%H:%M}",
        quiet_until=f"{plan.quiet_until:%H:%M}",
        time_zone=plan.zone,
        pauses=[PauseView(starts_on=one.starts_on, until=one.until) for one in standing.pauses],
    )


HANDLERS: Final = (get_nudge_plan, patch_nudge_plan, get_mentee_nudge_plan, patch_mentee_nudge_plan)
