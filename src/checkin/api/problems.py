"""What HTTP makes of an error: one table, one shape (RFC 9457), on every path."""

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

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = {"Retry-After": "1"}


class Kind(NamedTuple):
    """One row of the table: where the problem's page is, its title, and its status."""

    slug: str
    title: str
    status: int


KINDS: Final[dict[type[CheckinError], Kind]] = {
    errors.UnknownPerson: Kind("not-found", "There is nothing here for you", 404),
    errors.UnknownCheckIn: Kind("not-found", "There is nothing here for you", 404),
    errors.UnknownAlert: Kind("not-found", "There is nothing here for you", 404),
    errors.DayOutOfReach: Kind("day-out-of-reach", "That day or time cannot be recorded", 400),
    BadInput: Kind("invalid", "The request is not of the form it needs", 400),
    errors.NotForm: Kind("unsupported-media-type", "This content type is not taken here", 415),
    errors.TooMuch: Kind("too-large", "The request is too large", 413),
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
    413: Kind("too-large", "The request is too large", 413),
    415: Kind("unsupported-media-type", "This content type is not taken here", 415),
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


class FieldError(Struct, frozen=True):
    """One thing that is wrong with the input: where (a JSON pointer) and what."""

    pointer: Annotated[str, Meta(examples=["/mood"])]
    detail: Annotated[str, Meta(examples=["Expected `int` <= 10"])]


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error as RFC 9457 shapes it; `type` never changes its meaning and leads to a page about it."""

    type: Annotated[str, Meta(examples=["/problems/invalid"])]
    title: Annotated[str, Meta(examples=["The request is not of the form it needs"])]
    status: Annotated[int, Meta(ge=400, le=599, examples=[400])]
    detail: str | UnsetType = UNSET
    instance: Annotated[str, Meta(description="The request's id, as in X-Request-Id")] | UnsetType = UNSET
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
    more = RETRY_AFTER if kind.status == 503 else {}
    body = msgspec.json.encode(problem)
    return Response(body, status_code=kind.status, media_type=MEDIA_TYPE, headers={**more, **(headers or {})})


def on_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:  # Any: any request
    """Turn whatever was raised into a problem; what nobody foresaw is logged here, once."""
    match error:
        case BadInput():
            return answer(request, KINDS[BadInput], str(error), errors=[FieldError(error.pointer, str(error))])
        case CheckinError():
            return answer(request, KINDS[type(error)], str(error))
        case ValidationException():
            return _bad_parameters(request, error)
        case HTTPException() if error.status_code in BY_STATUS and error.status_code < 500:
            headers = {"WWW-Authenticate": "Bearer"} if error.status_code == 401 else error.headers
            return answer(request, BY_STATUS[error.status_code], headers=headers)
        case _ if isinstance(error, UNAVAILABLE) and not isinstance(error, asyncpg.DataError):
            log.warning("request.unavailable", error=type(error).__name__)
            return answer(request, BY_STATUS[503])
        case _:
            path = request.scope.get("path_template", "")
            trace = "".join(traceback.format_tb(error.__traceback__))  # without its message: that may repeat the input
            log.error("request.failed", error=type(error).__name__, path=path, trace=trace)
            return answer(request, BY_STATUS[500])


def _bad_parameters(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:  # Any: as above
    """Say which parameters are wrong. Litestar's own `detail` repeats the whole address; it is left out."""
    found = error.extra if isinstance(error.extra, list) else []
    if any(one.get("key") == "data" for one in found):  # a body is decoded strictly elsewhere; here it is not there
        return answer(request, BY_STATUS[400], "the body is empty")
    errors = [FieldError(f"/{one['key']}", one["message"]) for one in found if "key" in one]
    return answer(
        request, BY_STATUS[400], "; ".join(f"{one.pointer[1:]}: {one.detail}" for one in errors), errors=errors
    )
