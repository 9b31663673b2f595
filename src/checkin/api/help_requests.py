"""Asking for a human: practical help with a day it is needed on, and a call; and for mentors, what is asked of them."""

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import flows, store
from checkin.api import cursors, once
from checkin.api.auth import Actor
from checkin.api.check_ins import Cursor, CursorQuery, LimitQuery, Moment
from checkin.api.me import reader_of
from checkin.api.once import IdempotencyKey
from checkin.core.errors import AlreadyEnded, UnknownHelpRequest
from checkin.core.help_requests import LONGEST_WORDS, Outcome, Topic
from checkin.core.people import Person
from checkin.flows.help_requests import Told
from checkin.store.help_requests import HelpRequest
from checkin.store.pool import Connection

RequestId = Annotated[UUID, Meta(examples=["0193d5b2-7c00-8aaa-8bbb-000000000011"])]
Words = Annotated[str, Meta(min_length=1, max_length=LONGEST_WORDS, examples=["a bus pass for December"])]
DueOn = Annotated[date, Meta(description="The mentee's local day it is needed on", examples=["2026-11-27"])]
AskedTopic = Annotated[
    Literal["benefits", "transport", "housing", "food", "work", "health", "other"], Meta(examples=["transport"])
]
NewOutcome = Annotated[Literal["helped", "referred", "not_needed", "not_possible"], Meta(examples=["helped"])]
KnownTopic = Annotated[
    str, Meta(description="benefits, transport, ... or other; expect new ones", examples=["transport"])
]
KnownStatus = Annotated[str, Meta(description="open, taken, done or dropped; expect new ones", examples=["open"])]
KnownOutcome = Annotated[
    str,
    Meta(description="helped, referred, not_needed, not_possible, or what closed the alert about it; expect new ones"),
]
OutcomeNote = Annotated[str, Meta(min_length=1, max_length=1000, description="For those who help; never the mentee")]
OWN: Final = "own-help-requests"  # whose list a cursor is of
LIST: Final = "asked-help-requests"


class NewHelpRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What help is asked for. Without `due_on` it is due in a week."""

    topic: AskedTopic
    words: Words | UnsetType = UNSET
    due_on: DueOn | UnsetType = UNSET


class HelpRequestView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request for help as whoever asked sees it."""

    id: RequestId
    topic: KnownTopic
    words: Words | UnsetType = UNSET
    status: KnownStatus
    asked_at: Moment
    due_on: DueOn
    outcome: KnownOutcome | UnsetType = UNSET
    closed_at: Moment | UnsetType = UNSET


class HelpRequestList(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Requests for help, the newest first. `next_cursor` is left out at the end."""

    items: Annotated[list[HelpRequestView], Meta(max_length=100)]
    next_cursor: Cursor | UnsetType = UNSET


class MenteeHelpRequest(HelpRequestView, frozen=True, kw_only=True, omit_defaults=True):
    """A request for help as those see it whose business it is. It moves with the alert that announced it."""

    mentee_id: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-00000000000a"])]
    mentee_name: Annotated[str, Meta(max_length=80, examples=["Ana"])]
    alert_id: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-000000000041"])]
    owner_id: (
        Annotated[
            UUID, Meta(description="Who was asked last, or has it", examples=["0193d5b2-7c00-7aaa-8bbb-00000000000b"])
        ]
        | UnsetType
    ) = UNSET
    yours: Annotated[bool, Meta(description="Whether you have it", examples=[False])]
    note: Annotated[str, Meta(description="What was written at its end")] | UnsetType = UNSET


class MenteeHelpRequestList(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked and not dealt with, what was asked first in front. `next_cursor` is left out at the end."""

    items: Annotated[list[MenteeHelpRequest], Meta(max_length=100)]
    next_cursor: Cursor | UnsetType = UNSET


class Taking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """You have it. `due_on` sets another day, after which you are asked how it went."""

    due_on: DueOn | UnsetType = UNSET


class HelpOutcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of a request."""

    outcome: NewOutcome
    note: OutcomeNote | UnsetType = UNSET


class CallView(Struct, frozen=True, kw_only=True):
    """A call that is waited for."""

    asked_at: Moment


@post(
    "/v1/me/calls",
    operation_id="askForCall",
    summary="Ask your mentor to call",
    description="As CALL by text. While one is waited for, asking again is the same call.",
    response_description="Since when a call is waited for.",
    tags=["help"],
    status_code=200,
    opt={"problems": (404,)},
)
async def ask_for_call(
    request: Request[Actor, Token, State], idempotency_key: IdempotencyKey = None
) -> Response[CallView]:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:

        async def ask() -> CallView:
            return CallView(asked_at=await flows.help_requests.call(conn, request.user.id, now))

        return await once.answer(request, conn, idempotency_key, None, ask)


@post(
    "/v1/me/help-requests",
    operation_id="askForHelp",
    summary="Ask for practical help",
    description="As NEED by text. The same words on the same day are the same request, until it has its outcome.",
    response_description="The request as it stands now.",
    tags=["help"],
    status_code=200,
    opt={"problems": (404,)},
)
async def ask_for_help(
    request: Request[Actor, Token, State], data: JSONBody[NewHelpRequest], idempotency_key: IdempotencyKey = None
) -> Response[HelpRequestView]:
    now = request.app.state.clock.now()
    words = None if data.words is UNSET else data.words
    wanted = None if data.due_on is UNSET else data.due_on
    async with request.app.state.pool.acquire() as conn:
        mentee = await reader_of(conn, request.user.id)

        async def ask() -> HelpRequestView:
            asked = await flows.help_requests.ask(conn, mentee, Topic(data.topic), words, now, wanted=wanted)
            return view(await store.help_requests.one_own(conn, mentee.id, asked))

        return await once.answer(request, conn, idempotency_key, data, ask)


@get(
    "/v1/me/help-requests",
    operation_id="listHelpRequests",
    summary="List your requests for help",
    description="The newest first, with what became of them; follow `next_cursor` for older ones.",
    response_description="One page of your requests.",
    tags=["help"],
)
async def list_help_requests(
    request: Request[Actor, Token, State], limit: LimitQuery = 100, cursor: CursorQuery = None
) -> HelpRequestList:
    secret, person = request.app.state.settings.token_secret, request.user.id
    after = None if cursor is None else cursors.read_spot(secret, person, OWN, cursor, cursors.Row)
    async with request.app.state.pool.acquire() as conn:
        found = await store.help_requests.own(conn, person, after, limit + 1)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    more = UNSET if last is None else cursors.make_spot(secret, person, OWN, (last.asked_at, last.id))
    return HelpRequestList(items=[view(one) for one in shown], next_cursor=more)


@get(
    "/v1/help-requests",
    operation_id="listMenteeHelpRequests",
    summary="List what help is asked for",
    description="What your mentees, or the mentees of the program you coordinate, asked for and nobody has dealt with, "
    "what was asked first in front; follow `next_cursor` for what was asked later. Read to the end, and sort by "
    "`due_on` to see what is due first: that day may change while you read.",
    response_description="One page of the requests that are your business.",
    tags=["help"],
)
async def list_mentee_help_requests(
    request: Request[Actor, Token, State], limit: LimitQuery = 100, cursor: CursorQuery = None
) -> MenteeHelpRequestList:
    secret, person, now = request.app.state.settings.token_secret, request.user.id, request.app.state.clock.now()
    after = None if cursor is None else cursors.read_spot(secret, person, LIST, cursor, cursors.Row)
    async with request.app.state.pool.acquire() as conn:
        shown, has_more = await flows.help_requests.look_through(conn, person, after, limit, now)
    last = shown[-1].request if has_more else None
    more = UNSET if last is None else cursors.make_spot(secret, person, LIST, (last.asked_at, last.id))
    return MenteeHelpRequestList(items=[_shown(one) for one in shown], next_cursor=more)


@post(
    "/v1/help-requests/{request_id:uuid}/taking",
    operation_id="takeHelpRequest",
    summary="Say that you see to a request",
    description="You have it, and with it the alert that announced it. When its day is over without an outcome you are "
    "asked again, then the next one. It stays with somebody else who has it: `yours` is false then.",
    response_description="The request as it stands now.",
    tags=["help"],
    status_code=200,
    opt={"problems": (AlreadyEnded,)},
)
async def take_help_request(
    request: Request[Actor, Token, State], request_id: FromPath[UUID], data: JSONBody[Taking]
) -> MenteeHelpRequest:
    now = request.app.state.clock.now()
    due_on = None if data.due_on is UNSET else data.due_on
    async with request.app.state.pool.acquire() as conn:
        actor = await _helper(conn, request.user.id)
        taken = await flows.help_requests.take(conn, actor, request_id, due_on, now)
        return _shown(await flows.help_requests.tell(conn, actor, taken, now))


@post(
    "/v1/help-requests/{request_id:uuid}/outcome",
    operation_id="endHelpRequest",
    summary="Say what became of a request",
    description="It has its outcome then. With the last request under it the alert is closed, and closing the alert "
    "closes what was asked under it. The same call again is answered with the request as it stands; another one is "
    "`already-ended`.",
    response_description="The request as it stands now.",
    tags=["help"],
    status_code=200,
    opt={"problems": (AlreadyEnded,)},
)
async def end_help_request(
    request: Request[Actor, Token, State], request_id: FromPath[UUID], data: JSONBody[HelpOutcome]
) -> MenteeHelpRequest:
    now = request.app.state.clock.now()
    note = None if data.note is UNSET else data.note
    async with request.app.state.pool.acquire() as conn:
        actor = await _helper(conn, request.user.id)
        ended = await flows.help_requests.end(conn, actor, request_id, Outcome(data.outcome), note, now)
        return _shown(await flows.help_requests.tell(conn, actor, ended, now))


async def _helper(conn: Connection, person_id: UUID) -> Person:
    actor = await store.people.by_id(conn, person_id)
    if actor is None:
        raise UnknownHelpRequest("there is no request for help by that id for you")
    return actor


def view(found: HelpRequest) -> HelpRequestView:
    """Return a request as whoever asked sees it."""
    return HelpRequestView(
        id=found.id,
        topic=found.topic,
        words=UNSET if found.words is None else found.words,
        status=found.standing.status,
        asked_at=found.asked_at,
        due_on=found.due_on,
        outcome=UNSET if found.standing.outcome is None else found.standing.outcome,
        closed_at=UNSET if found.standing.closed_at is None else found.standing.closed_at,
    )


def _shown(told: Told) -> MenteeHelpRequest:
    found = told.request
    seen = view(found)
    return MenteeHelpRequest(
        id=seen.id,
        topic=seen.topic,
        words=seen.words,
        status=seen.status,
        asked_at=seen.asked_at,
        due_on=seen.due_on,
        outcome=seen.outcome,
        closed_at=seen.closed_at,
        mentee_id=told.mentee.id,
        mentee_name=told.mentee.name,
        alert_id=found.alert_id,
        owner_id=UNSET if found.owner_id is None else found.owner_id,
        yours=found.taken_by == told.reader.id,
        note=UNSET if found.note is None else found.note,
    )


HANDLERS: Final = (
    ask_for_call,
    ask_for_help,
    list_help_requests,
    list_mentee_help_requests,
    take_help_request,
    end_help_request,
)
