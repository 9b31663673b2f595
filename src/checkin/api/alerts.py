"""Alerts, for the people whose business they are: what happened, in one sentence, and "I have it"."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows, store
from checkin.api.auth import Actor
from checkin.core.errors import UnknownAlert
from checkin.core.people import Person, Role
from checkin.store.alerts import OpenAlert
from checkin.store.pool import Connection

Moment = Annotated[datetime, Meta(tz=True, examples=["2026-11-20T18:04:00-05:00"])]
SENTENCE: Final = (
    "Ana's mood and hope have been below their usual level since 12 November: "
    "six answers averaging 3 and 2.5, usually about 7 and 6.5."
)
MOST: Final = 1000


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
    acknowledged_at: Moment | UnsetType = UNSET
    yours: Annotated[bool, Meta(description="Whether you have it", examples=[False])]


class AlertList(Struct, frozen=True, kw_only=True):
    """Open alerts, the newest first."""

    items: Annotated[list[AlertView], Meta(max_length=MOST)]


@get(
    "/v1/alerts",
    operation_id="listAlerts",
    summary="List open alerts",
    description="The open alerts of the mentees you stand by now, or of your whole program if you coordinate it.",
    response_description="The open alerts that are your business.",
    tags=["alerts"],
)
async def list_alerts(request: Request[Actor, Token, State]) -> AlertList:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn, conn.transaction():
        reader = await store.people.by_id(conn, request.user.id)
        found = [] if reader is None else await store.alerts.open_for(conn, reader.id, now)
        return AlertList(items=[await _view(conn, one, reader, now) for one in found[:MOST] if reader is not None])


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
        actor = await store.people.by_id(conn, request.user.id)
        if actor is None:
            raise UnknownAlert("there is no open alert by that id for you")
        alert = await flows.alerts.acknowledge(conn, actor, alert_id, "app", now)
        async with conn.transaction():
            return await _view(conn, alert, actor, now)


async def _view(conn: Connection, alert: OpenAlert, reader: Person, now: datetime) -> AlertView:
    mentee = await store.people.by_id(conn, alert.mentee_id)
    assert mentee is not None
    role = Role.mentor if Role.mentor in reader.roles else Role.coordinator
    await store.audit.add(conn, alert.mentee_id, reader.id, role, "alert.read", now, str(alert.id))
    return AlertView(
        id=alert.id,
        number=alert.number,
        kind=alert.kind,
        mentee_id=alert.mentee_id,
        mentee_name=mentee.name,
        sentence=core.alerts.sentence(mentee.name, alert.kind, alert.evidence),
        raised_at=alert.raised_at,
        acknowledged_at=UNSET if alert.acknowledged_at is None else alert.acknowledged_at,
        yours=alert.acknowledged_by == reader.id,
    )


HANDLERS: Final = (list_alerts, acknowledge_alert)
