"""Answers to an alert, beside "I have it": pass it on, put it off, say what came of it."""

from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import Request, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import flows
from checkin.api import languages
from checkin.api.alerts import AlertView, reader_of, view
from checkin.api.auth import Actor
from checkin.core.alerts import Outcome

Note = Annotated[str, Meta(min_length=1, max_length=1000, description="Kept sealed", examples=["She is all right."])]


class NewOutcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of an alert."""

    outcome: Annotated[Literal["talked", "left_message", "no_answer", "safe", "referred"], Meta(examples=["talked"])]
    note: Note | UnsetType = UNSET


@post(
    "/v1/alerts/{alert_id:uuid}/hand-over",
    operation_id="handOverAlert",
    summary="Pass an alert on",
    description="The next person is asked at once. An alert that somebody else has stays with them.",
    response_description="The alert as it stands now.",
    tags=["alerts"],
    status_code=200,
)
async def hand_over_alert(request: Request[Actor, Token, State], alert_id: FromPath[UUID]) -> AlertView:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        actor = await reader_of(request, conn)
        after = await flows.answers.hand_over(conn, actor, alert_id, "app", now)
        told = await flows.looks.tell(conn, actor, after, now)
    return view(told, languages.of(request, actor.language))


@post(
    "/v1/alerts/{alert_id:uuid}/snooze",
    operation_id="snoozeAlert",
    summary="Be asked about an alert again in 4 hours",
    description="You have it, and are asked again. The same again within five minutes changes nothing. An alert that "
    "somebody else has stays with them: `yours: false`.",
    response_description="The alert as it stands now, whoever has it.",
    tags=["alerts"],
    status_code=200,
)
async def snooze_alert(request: Request[Actor, Token, State], alert_id: FromPath[UUID]) -> AlertView:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        actor = await reader_of(request, conn)
        after = await flows.answers.snooze(conn, actor, alert_id, "app", now)
        told = await flows.looks.tell(conn, actor, after, now)
    return view(told, languages.of(request, actor.language))


@post(
    "/v1/alerts/{alert_id:uuid}/outcome",
    operation_id="recordAlertOutcome",
    summary="Say what came of an alert",
    description="`talked`, `safe` and `referred` close it. After `left_message` and `no_answer` you have it, unless "
    "somebody else does, and are asked again in 4 hours. The same call again is answered with the alert as it stands.",
    response_description="The alert as it stands now; with `resolved_at` it is closed.",
    tags=["alerts"],
    status_code=200,
)
async def record_alert_outcome(
    request: Request[Actor, Token, State], alert_id: FromPath[UUID], data: JSONBody[NewOutcome]
) -> AlertView:
    now = request.app.state.clock.now()
    note = None if data.note is UNSET else data.note
    async with request.app.state.pool.acquire() as conn:
        actor = await reader_of(request, conn)
        after = await flows.answers.record_outcome(conn, actor, alert_id, "app", Outcome(data.outcome), note, now)
        told = await flows.looks.tell(conn, actor, after, now)
    return view(told, languages.of(request, actor.language))


HANDLERS: Final = (hand_over_alert, snooze_alert, record_alert_outcome)
