"""Alerts, for the people whose business they are: what happened, in one sentence, and "I have it"."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows, store
from checkin.api import cursors, etags, languages
from checkin.api.auth import Actor
from checkin.api.check_ins import Cursor, CursorQuery, LimitQuery
from checkin.api.etags import IfNoneMatch
from checkin.core.errors import UnknownAlert
from checkin.core.people import Person
from checkin.flows.looks import Look, Told
from checkin.store.pool import Connection

Moment = Annotated[datetime, Meta(tz=True, examples=["2026-11-20T18:04:00-05:00"])]
SENTENCE: Final = (
    "Ana's mood and hope have been below their usual level since 12 November: "
    "six answers averaging 3 and 2.5, usually about 7 and 6.5."
)
LIST: Final = "alerts"
MOST: Final = 1000
Mean = Annotated[float, Meta(ge=0, le=10, description="0 is the worst, 10 the best", examples=[6.5])]


class AlertView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something a human should look at."""

    id: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-000000000041"])]
    number: Annotated[int, Meta(ge=11, le=99999, description="The number to text back", examples=[41])]
    kind: Annotated[str, Meta(description="trend, silence, crisis, call_me, ...; expect new ones", examples=["trend"])]
    mentee_id: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-00000000000a"])]
    mentee_name: Annotated[str, Meta(max_length=80, examples=["Ana"])]
    sentence: Annotated[
        str, Meta(max_length=500, description="What happened, against this person's own usual", examples=[SENTENCE])
    ]
    raised_at: Moment
    follows_id: Annotated[UUID, Meta(description="The closed alert that this one goes on from")] | UnsetType = UNSET
    still_low_since: (
        Annotated[date, Meta(description="Since when this person has been below their usual level")] | UnsetType
    ) = UNSET
    acknowledged_at: Moment | UnsetType = UNSET
    taken_by: Annotated[str, Meta(max_length=80, description="The name of who has it")] | UnsetType = UNSET
    yours: Annotated[bool, Meta(description="Whether you have it", examples=[False])]
    resolved_at: Moment | UnsetType = UNSET
    outcome: (
        Annotated[
            str,
            Meta(description="What came of it, or of the last try: talked, left_message, ...; expect new ones"),
        ]
        | UnsetType
    ) = UNSET


class AlertCause(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One cause of an alert; it has the fields that its kind of alert has. Never a word that was said."""

    source: Annotated[str, Meta(description="text, note, reopened, ...; expect new ones")] | UnsetType = UNSET
    tier: Annotated[str, Meta(description="What the danger screen found: A, B or C; expect new ones")] | UnsetType = (
        UNSET
    )
    topic: Annotated[str, Meta(description="What help was asked for; expect new ones")] | UnsetType = UNSET
    days: Annotated[int, Meta(ge=0, description="Days without an answer")] | UnsetType = UNSET
    low: Annotated[bool, Meta(description="Whether the last answers were low")] | UnsetType = UNSET
    channel: Annotated[str, Meta(description="What fell: both, mood or hope")] | UnsetType = UNSET
    since: Annotated[date, Meta(description="The first day of the fall", examples=["2026-11-12"])] | UnsetType = UNSET
    day: Annotated[date, Meta(description="The day it was found", examples=["2026-11-16"])] | UnsetType = UNSET
    reports: Annotated[int, Meta(ge=1, description="Answers behind the fall", examples=[6])] | UnsetType = UNSET
    mean_mood: Mean | UnsetType = UNSET
    mean_hope: Mean | UnsetType = UNSET
    usual_mood: Mean | UnsetType = UNSET
    usual_hope: Mean | UnsetType = UNSET


class AlertStep(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who was asked, or why they could not be."""

    at: Moment
    place: Annotated[str, Meta(description="mentor, cover, coordinator, ...; expect new ones", examples=["mentor"])]
    name: Annotated[str, Meta(max_length=80, examples=["Ben"])] | UnsetType = UNSET
    result: Annotated[str, Meta(description="asked, away, no_phone, ...; expect new ones", examples=["asked"])]


class AlertDetail(AlertView, frozen=True, kw_only=True, omit_defaults=True):
    """An alert with what stands behind it."""

    urgency: Annotated[str, Meta(description="now, soon, hours or digest; expect new ones", examples=["hours"])]
    causes: Annotated[list[AlertCause], Meta(max_length=MOST, description="The first one first")]
    steps: Annotated[list[AlertStep], Meta(max_length=MOST, description="Who was asked, in order")]


class AlertList(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Open alerts, the newest first. `next_cursor` is left out at the end."""

    items: Annotated[list[AlertView], Meta(max_length=100)]
    next_cursor: Cursor | UnsetType = UNSET


@get(
    "/v1/alerts",
    operation_id="listAlerts",
    summary="List open alerts",
    description="The open alerts of the mentees you stand by now, or of your whole program if you coordinate it, the "
    "newest first; follow `next_cursor` for older ones.",
    response_description="One page of the open alerts that are your business.",
    tags=["alerts"],
)
async def list_alerts(
    request: Request[Actor, Token, State], limit: LimitQuery = 100, cursor: CursorQuery = None
) -> AlertList:
    secret, person, now = request.app.state.settings.token_secret, request.user.id, request.app.state.clock.now()
    after = None if cursor is None else cursors.read_spot(secret, person, LIST, cursor, cursors.Row)
    async with request.app.state.pool.acquire() as conn:
        shown, has_more = await flows.looks.look_through(conn, person, after, limit, now)
    last = shown[-1].alert if has_more else None
    more = UNSET if last is None else cursors.make_spot(secret, person, LIST, (last.raised_at, last.id))
    language = languages.of(request, shown[0].reader.language) if shown else ""
    return AlertList(items=[view(one, language) for one in shown], next_cursor=more)


@get(
    "/v1/alerts/{alert_id:uuid}",
    operation_id="getAlert",
    summary="Read one open alert",
    description="What happened, what stands behind it, and who was asked. The look is written down for the mentee.",
    response_description="The alert.",
    tags=["alerts"],
)
async def get_alert(
    request: Request[Actor, Token, State], alert_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[AlertDetail]:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        reader = await reader_of(request, conn)
        seen = await flows.looks.look_at(conn, reader, alert_id, now)
    return etags.answer(_detail(seen, languages.of(request, reader.language)), if_none_match)


@post(
    "/v1/alerts/{alert_id:uuid}/acknowledgement",
    operation_id="acknowledgeAlert",
    summary="Say that you have an alert",
    description="Whoever comes first has it; everybody else gets the alert back with `yours: false`.",
    response_description="The alert as it stands now, whoever has it.",
    tags=["alerts"],
    status_code=200,
)
async def acknowledge_alert(request: Request[Actor, Token, State], alert_id: FromPath[UUID]) -> AlertView:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        actor = await reader_of(request, conn)
        alert = await flows.alerts.acknowledge(conn, actor, alert_id, "app", now)
        told = await flows.looks.tell(conn, actor, alert, now)
    return view(told, languages.of(request, actor.language))


@post(
    "/v1/alerts/{alert_id:uuid}/reopening",
    operation_id="reopenAlert",
    summary="Open a closed alert again",
    description="Up to two weeks after it was closed. It becomes a new alert that follows the old one, and is yours; "
    "where one of its kind is open by then, that one takes up its causes and stays with whoever has it.",
    response_description="The alert that is open now.",
    tags=["alerts"],
    status_code=200,
)
async def reopen_alert(request: Request[Actor, Token, State], alert_id: FromPath[UUID]) -> AlertView:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        actor = await reader_of(request, conn)
        alert = await flows.alerts.reopen(conn, actor, alert_id, "app", now)
        told = await flows.looks.tell(conn, actor, alert, now)
    return view(told, languages.of(request, actor.language))


async def reader_of(request: Request[Actor, Token, State], conn: Connection) -> Person:
    """Return whose token it is. Raises UnknownAlert for somebody who is not here any more."""
    reader = await store.people.by_id(conn, request.user.id)
    if reader is None:
        raise UnknownAlert("there is no alert by that id for you")
    return reader


def view(told: Told, language: str) -> AlertView:
    """Return an alert as its reader is told of it, in *language*."""
    alert, reader = told.alert, told.reader
    return AlertView(
        id=alert.id,
        number=alert.number,
        kind=alert.kind,
        mentee_id=alert.mentee_id,
        mentee_name=told.mentee.name,
        sentence=core.sentences.sentence(told.mentee.name, alert.kind, alert.evidence, language),
        raised_at=alert.raised_at,
        follows_id=UNSET if alert.follows_id is None else alert.follows_id,
        still_low_since=UNSET if told.low_since is None else told.low_since,
        taken_by=UNSET if told.holder is None else told.holder.name,
        acknowledged_at=UNSET if alert.acknowledged_at is None else alert.acknowledged_at,
        yours=alert.acknowledged_by == reader.id,
        resolved_at=UNSET if alert.resolved_at is None else alert.resolved_at,
        outcome=UNSET if alert.outcome is None else alert.outcome,
    )


def _detail(seen: Look, language: str) -> AlertDetail:
    return AlertDetail(
        **msgspec.structs.asdict(view(seen, language)),
        urgency=seen.alert.urgency,
        causes=msgspec.convert(seen.alert.evidence[:MOST], list[AlertCause]),
        steps=[
            AlertStep(at=one.at, place=one.place, name=UNSET if one.name is None else one.name, result=one.result)
            for one in seen.steps[:MOST]
        ],
    )


HANDLERS: Final = (list_alerts, get_alert, acknowledge_alert, reopen_alert)
