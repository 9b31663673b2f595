"""A mentee's nudges, for themselves and their coordinators: when they were asked and why not, and when they will be."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from litestar import Request, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows, store
from checkin.api import cursors, languages
from checkin.api.auth import Actor
from checkin.api.check_ins import Cursor, CursorQuery, LimitQuery, Zone
from checkin.api.me import reader_of
from checkin.core.nudge_plans import Break
from checkin.core.nudges import Kind, Slot
from checkin.core.people import Person
from checkin.flows.nudge_plans import Clock, Coming
from checkin.store.nudges import Told

Day = Annotated[date, Meta(description="The local day that is asked about", examples=["2026-11-20"])]
Moment = Annotated[datetime, Meta(tz=True, examples=["2026-11-20T23:03:12Z"])]
SENTENCE: Final = "Not sent: answered in the app 08:02."
NEXT: Final = 14
OWN: Final = "nudges"  # whose list a cursor is of
MOST_BREAKS: Final = 100


class NudgeView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One time a mentee was due to be asked, and what was decided; the sentence is in the reader's language."""

    day: Day
    kind: Annotated[str, Meta(description="nudge or reminder; expect new ones", examples=["nudge"])]
    due_at: Moment
    decided_at: Moment
    decision: Annotated[
        str, Meta(description="sent, or the reason why not; expect new ones", max_length=40, examples=["answered"])
    ]
    by: (
        Annotated[
            str,
            Meta(
                description="How it goes: sms or push; left out where nothing is sent; expect new ones",
                examples=["sms"],
            ),
        ]
        | UnsetType
    ) = UNSET
    sentence: Annotated[str, Meta(max_length=200, description="The decision in plain words", examples=[SENTENCE])]


class NudgeList(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Past nudges, the newest first. `next_cursor` is left out at the end."""

    items: Annotated[list[NudgeView], Meta(max_length=100)]
    next_cursor: Cursor | UnsetType = UNSET


class ComingNudge(Struct, frozen=True, kw_only=True):
    """One nudge to come, on the wall clock and in UTC."""

    day: Day
    local_time: Annotated[
        datetime, Meta(tz=True, description="As the wall clock shows it", examples=["2026-11-20T18:03:12-05:00"])
    ]
    time_zone: Zone
    at: Annotated[datetime, Meta(tz=True, description="The same moment in UTC", examples=["2026-11-20T23:03:12Z"])]
    clock: Annotated[
        str,
        Meta(
            description="plain; gap: the clocks skip the time, and it comes right after; fold: they show it twice, and "
            "it comes the first time; expect new ones",
            examples=["plain"],
        ),
    ]


class BreakView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Local days on which nothing is sent, first and last included."""

    kind: Annotated[str, Meta(description="pause or holiday; expect new ones", examples=["holiday"])]
    first_day: Annotated[date, Meta(examples=["2026-11-26"])]
    last_day: Annotated[date, Meta(examples=["2026-11-26"])]
    name: Annotated[str, Meta(max_length=80, description="A holiday's", examples=["Thanksgiving"])] | UnsetType = UNSET


class NudgePreview(Struct, frozen=True, kw_only=True):
    """The nudges to come, the next one first, and the breaks from today to the last of them."""

    items: Annotated[list[ComingNudge], Meta(max_length=NEXT)]
    breaks: Annotated[list[BreakView], Meta(max_length=MOST_BREAKS)]


@get(
    "/v1/me/nudges",
    operation_id="listNudges",
    summary="List past nudges",
    description="Every time you were due to be asked, the newest first, with what was decided and why; follow "
    "`next_cursor` for older ones.",
    response_description="One page of past nudges.",
    tags=["nudges"],
)
async def list_nudges(
    request: Request[Actor, Token, State], limit: LimitQuery = 30, cursor: CursorQuery = None
) -> NudgeList:
    secret, person = request.app.state.settings.token_secret, request.user.id
    before = None if cursor is None else _after(cursors.read(secret, person, cursor, OWN))
    async with request.app.state.pool.acquire() as conn:
        found = await store.nudges.told(conn, person, before, limit + 1)
    shown = found[:limit]
    more = cursors.make(secret, person, _place(shown[-1]), OWN) if len(found) > limit else UNSET
    language = languages.of(request, shown[0].language) if shown else ""
    return NudgeList(items=[_view(one, language) for one in shown], next_cursor=more)


@get(
    "/v1/me/nudges/preview",
    operation_id="previewNudges",
    summary="Preview the next nudges",
    description=f"The next {NEXT} nudges as things stand, each as if the ones before it were sent and not answered: "
    "they become fewer. An answer cancels its day's nudge and brings daily ones back. Reminders are not shown. Pauses "
    "and holidays in between are the `breaks`. Empty while no text may reach you.",
    response_description="The nudges to come.",
    tags=["nudges"],
)
async def preview_nudges(request: Request[Actor, Token, State]) -> NudgePreview:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        mentee = await store.people.by_id(conn, request.user.id)
        if mentee is None:
            return NudgePreview(items=[], breaks=[])
        return _preview(mentee, await flows.nudge_plans.preview(conn, mentee, now, NEXT))


@get(
    "/v1/mentees/{mentee_id:uuid}/nudges",
    operation_id="listMenteeNudges",
    summary="List a mentee's past nudges",
    description="As the mentee's own list, for the coordinators of their programme; for everybody else there is none. "
    "The mentee's access log says who looked.",
    response_description="One page of past nudges.",
    tags=["nudges"],
)
async def list_mentee_nudges(
    request: Request[Actor, Token, State], mentee_id: FromPath[UUID], limit: LimitQuery = 30, cursor: CursorQuery = None
) -> NudgeList:
    secret, now = request.app.state.settings.token_secret, request.app.state.clock.now()
    name = f"nudges {mentee_id}"
    before = None if cursor is None else _after(cursors.read(secret, request.user.id, cursor, name))
    async with request.app.state.pool.acquire() as conn:
        reader = await reader_of(conn, request.user.id)
        found = await flows.nudge_looks.past(conn, mentee_id, reader.id, before, limit + 1, now)
    shown = found[:limit]
    more = cursors.make(secret, reader.id, _place(shown[-1]), name) if len(found) > limit else UNSET
    language = languages.of(request, reader.language)
    return NudgeList(items=[_view(one, language) for one in shown], next_cursor=more)


@get(
    "/v1/mentees/{mentee_id:uuid}/nudges/preview",
    operation_id="previewMenteeNudges",
    summary="Preview a mentee's next nudges",
    description="As the mentee's own preview, for the coordinators of their programme. The mentee's access log says "
    "who looked.",
    response_description="The nudges to come.",
    tags=["nudges"],
)
async def preview_mentee_nudges(request: Request[Actor, Token, State], mentee_id: FromPath[UUID]) -> NudgePreview:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        mentee, coming = await flows.nudge_looks.ahead(conn, mentee_id, request.user.id, NEXT, now)
    return _preview(mentee, coming)


def _preview(mentee: Person, coming: Coming) -> NudgePreview:
    items = [_coming(slot, clock, mentee.time_zone) for slot, clock in coming.nudges]
    return NudgePreview(items=items, breaks=[_break(one) for one in coming.breaks[:MOST_BREAKS]])


def _view(told: Told, language: str) -> NudgeView:
    return NudgeView(
        day=told.day,
        kind=told.kind,
        due_at=told.due_at,
        decided_at=told.decided_at,
        decision=told.decision,
        by=UNSET if told.way is None else told.way,
        sentence=core.nudge_words.tell(
            told.kind,
            told.decision,
            language=language,
            answer=told.answer,
            zone=told.answer_zone,
            paused_until=told.paused_until,
            holiday=told.holiday,
            way=told.way,
            status=told.message_status,
        ),
    )


def _coming(slot: Slot, clock: Clock, zone: str) -> ComingNudge:
    local = core.wall.local(slot.at, zone)
    return ComingNudge(day=slot.day, local_time=local, time_zone=zone, at=slot.at, clock=clock)


def _break(one: Break) -> BreakView:
    kind = "pause" if one.name is None else "holiday"
    name = UNSET if one.name is None else one.name
    return BreakView(kind=kind, first_day=one.first_day, last_day=one.last_day, name=name)


def _place(told: Told) -> date:
    """Return a row's place in the list as the date a cursor holds: a day has two, its nudge's and its reminder's."""
    return date.fromordinal(2 * told.day.toordinal() + (told.kind is Kind.reminder))


def _after(place: date) -> tuple[date, str]:
    day, is_reminder = divmod(place.toordinal(), 2)
    return date.fromordinal(max(day, 1)), Kind.reminder if is_reminder else Kind.nudge


HANDLERS: Final = (list_nudges, preview_nudges, list_mentee_nudges, preview_mentee_nudges)
