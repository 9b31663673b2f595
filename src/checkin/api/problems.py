"""What HTTP makes of an error: one table, one shape (RFC 9457), on every path."""

import math
import traceback
from typing import Annotated, Any, Final, NamedTuple

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin.api.requests import request_id
from checkin.core import errors
from checkin.core.errors import BadInput, CheckinError
from checkin.core.limits import Room

log = structlog.get_logger()

MOST_MISTAKES: Final = 100
LONGEST_MISTAKE: Final = 300
MEDIA_TYPE: Final = "application/problem+json"
MORE_HEADERS: Final = {503: {"Retry-After": "1"}, 401: {"WWW-Authenticate": "Bearer"}}
"""By status: when to come back, and how to sign in."""


class Kind(NamedTuple):
    """One row of the table: where the problem's page is, its title, and its status."""

    slug: str
    title: str
    status: int


KINDS: Final[dict[type[CheckinError], Kind]] = {
    errors.UnknownPerson: Kind("not-found", "There is nothing here for you", 404),
    errors.UnknownCheckIn: Kind("not-found", "There is nothing here for you", 404),
    errors.UnknownAlert: Kind("not-found", "There is nothing here for you", 404),
    errors.UnknownSession: Kind("not-found", "There is nothing here for you", 404),
    errors.UnknownDevice: Kind("not-found", "There is nothing here for you", 404),
    errors.WrongCode: Kind("wrong-code", "This code is not good, or not any more", 400),
    errors.SignedOut: Kind("signed-out", "Sign in again with a new code", 401),
    errors.TooOften: Kind("too-many-requests", "Too many requests; wait a little", 429),
    errors.UnknownHelpRequest: Kind("not-found", "There is nothing here for you", 404),
    errors.UnknownAssignment: Kind("not-found", "There is nothing here for you", 404),
    errors.AlreadyEnded: Kind("already-ended", "It has come to its end before", 409),
    errors.Conflict: Kind("conflict", "It does not go together with what is there", 409),
    errors.DayOutOfReach: Kind("day-out-of-reach", "That day or time cannot be recorded", 400),
    errors.KeyReused: Kind("key-reused", "This Idempotency-Key came with something else before", 422),
    errors.KeyInUse: Kind("key-in-use", "The call with this Idempotency-Key is not done yet", 409),
    errors.CursorExpired: Kind("cursor-expired", "Too much has changed since this cursor", 410),
    errors.Stale: Kind("stale", "It was changed since you read it", 412),
    errors.NotRead: Kind("if-match-needed", "Say with If-Match what you are changing", 428),
    BadInput: Kind("invalid", "The request is not of the form it needs", 400),
    errors.BadFile: Kind("invalid", "The request is not of the form it needs", 400),
    errors.BadRouting: Kind("invalid", "The request is not of the form it needs", 400),
    errors.NobodyAtTheEnd: Kind("nobody-at-the-end", "Alerts would end with nobody to ask", 409),
    errors.NotForm: Kind("unsupported-media-type", "This content type is not taken here", 415),
    errors.TooMuch: Kind("too-large", "The request is too large", 413),
    errors.TooWide: Kind("too-wide", "That is more than one call may go through", 422),
    errors.NotSigned: Kind("forbidden", "The signature does not match", 403),
    errors.Crowded: Kind("busy", "Everything is busy; try again in a moment", 503),
    errors.WrongSchema: Kind("unavailable", "The database is not ready", 503),
}

BY_STATUS: Final[dict[int, Kind]] = {
    400: Kind("invalid", "The request is not of the form it needs", 400),
    401: Kind("unauthorized", "Sign in, or renew the token", 401),
    403: Kind("forbidden", "That is not allowed", 403),
    404: Kind("not-found", "There is nothing here for you", 404),
    405: Kind("method-not-allowed", "This method is not taken here", 405),
    409: Kind("conflict", "It does not go together with what is there", 409),
    410: Kind("cursor-expired", "Too much has changed since this cursor", 410),
    412: Kind("stale", "It was changed since you read it", 412),
    413: Kind("too-large", "The request is too large", 413),
    415: Kind("unsupported-media-type", "This content type is not taken here", 415),
    428: Kind("if-match-needed", "Say with If-Match what you are changing", 428),
    429: Kind("too-many-requests", "Too many requests; wait a little", 429),
    500: Kind("internal", "Something went wrong on our side", 500),
    503: Kind("unavailable", "Not available right now; try again in a moment", 503),
}

# What the database says when it is away, going, full, read-only or somebody else's turn: nothing was done, try again.
UNAVAILABLE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver says when the server hangs up between two of its messages
    TimeoutError,
    OSError,
)


class FieldError(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with the input: where (a JSON pointer, and the line in what it leads to) and what."""

    pointer: Annotated[str, Meta(description="A JSON pointer (RFC 6901), or / and a parameter", examples=["/mood"])]
    detail: Annotated[str, Meta(examples=["Expected `int` <= 10"])]
    line: Annotated[int, Meta(ge=1, description="Of a file, the first is 1", examples=[4])] | UnsetType = UNSET


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error as RFC 9457 shapes it; `type` never changes its meaning and leads to a page about it."""

    type: Annotated[
        str,
        Meta(
            max_length=80,
            description="What went wrong; expect new ones. Every path can say /problems/method-not-allowed",
            examples=["/problems/invalid"],
        ),
    ]
    title: Annotated[str, Meta(max_length=120, examples=["The request is not of the form it needs"])]
    status: Annotated[int, Meta(ge=400, le=599, examples=[400])]
    detail: str | UnsetType = UNSET
    instance: Annotated[str, Meta(max_length=64, description="The request's id, as in X-Request-Id")] | UnsetType = (
        UNSET
    )
    errors: Annotated[list[FieldError], Meta(max_length=100)] | UnsetType = UNSET


def answer(
    request: Request[Any, Any, Any],  # Any: any request
    kind: Kind,
    detail: str = "",
    *,
    headers: dict[str, str] | None = None,
    errors: list[FieldError] | None = None,
) -> Response[bytes]:
    """Return the response for a problem; *errors* point at what is wrong with the input."""
    problem = Problem(
        type=f"/problems/{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=detail or UNSET,
        instance=request_id(request.scope),
        errors=errors or UNSET,
    )
    more = MORE_HEADERS.get(kind.status, {})
    body = msgspec.json.encode(problem)
    return Response(body, status_code=kind.status, media_type=MEDIA_TYPE, headers={**more, **(headers or {})})


def of(error: CheckinError, at: str = "") -> Problem:
    """Return what is wrong, without the request's id; *at* is a JSON pointer to the part of the body it is wrong with.

    With neither *at* nor a pointer of its own an error speaks of the whole, and has no `errors`.
    """
    kind, detail = KINDS[type(error)], str(error)
    wrong: list[FieldError] | UnsetType = UNSET
    if isinstance(error, errors.BadFile):
        wrong = _mistakes(error)
    elif at or isinstance(error, BadInput):
        wrong = [_at(at + (error.pointer if isinstance(error, BadInput) else ""), detail)]
    return Problem(
        type=f"/problems/{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        errors=wrong,
    )


def on_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:  # Any: any request
    """Turn whatever was raised into a problem; what nobody foresaw is logged here, once."""
    match error:
        case BadInput():
            return answer(request, KINDS[BadInput], str(error), errors=[_at(error.pointer, str(error))])
        case errors.BadFile():
            return answer(request, KINDS[errors.BadFile], str(error), errors=_mistakes(error))
        case errors.TooOften():
            return answer(request, KINDS[errors.TooOften], str(error), headers=rate_headers(error.room))
        case CheckinError():
            return answer(request, KINDS[type(error)], str(error))
        case ValidationException():
            return _bad_parameters(request, error)
        case HTTPException() if error.status_code in BY_STATUS and error.status_code < 500:
            return answer(request, BY_STATUS[error.status_code], headers=error.headers)
        case _ if isinstance(error, UNAVAILABLE) and not isinstance(error, asyncpg.DataError):
            log.warning("request.unavailable", error=type(error).__name__)
            return answer(request, BY_STATUS[503])
        case _:
            path = request.scope.get("path_template", "")
            trace = "".join(traceback.format_tb(error.__traceback__))  # without its message: that may repeat the input
            log.error("request.failed", error=type(error).__name__, path=path, trace=trace)
            return answer(request, BY_STATUS[500])


def _at(pointer: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, detail=detail)


def _mistakes(error: errors.BadFile) -> list[FieldError]:
    """Return the first mistakes of a file by their lines; a mistake may repeat a field, which may be long."""
    shown = error.mistakes[:MOST_MISTAKES]
    return [FieldError(pointer=error.pointer, detail=one.problem[:LONGEST_MISTAKE], line=one.line) for one in shown]


def rate_headers(room: Room) -> dict[str, str]:
    """Return what is left of a limit as headers (draft-ietf-httpapi-ratelimit-headers), and when to come back."""
    limit, wait = room.limit, math.ceil(room.wait.total_seconds())
    window = math.ceil(limit.window.total_seconds())
    policy = f'"{limit.name}";q={limit.most};w={window}'
    state = f'"{limit.name}";r={room.left};t={wait or window}'
    return {"RateLimit-Policy": policy, "RateLimit": state, **({"Retry-After": str(wait)} if wait else {})}


def _bad_parameters(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:  # Any: as above
    """Say which parameters are wrong. Litestar's own `detail` repeats the whole address; it is left out."""
    found = error.extra if isinstance(error.extra, list) else []
    if any(one.get("key") == "data" for one in found):  # a body is decoded strictly elsewhere; here it is not there
        return answer(request, BY_STATUS[400], "the body is empty")
    errors = [_at(f"/{one['key']}", one["message"]) for one in found if "key" in one]
    return answer(
        request, BY_STATUS[400], "; ".join(f"{one.pointer[1:]}: {one.detail}" for one in errors), errors=errors
    )
