"""Idempotency-Key: a POST that texts or invites somebody is done once, however often a client sends it."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, TypeVar

import msgspec
from litestar import Request, Response
from litestar.params import HeaderParameter
from msgspec import Struct
from msgspec.structs import replace

from checkin import flows
from checkin.api import problems
from checkin.api.problems import KINDS, MEDIA_TYPE, Problem
from checkin.api.requests import request_id
from checkin.core.errors import BadInput, CheckinError
from checkin.flows.kept_answers import Answer, Asked
from checkin.store.pool import Connection

View = TypeVar("View", bound=Struct)
LONGEST: Final = 128
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=LONGEST,
        description="A text of your own, such as a UUID. For 24 hours the same key has the same answer and does "
        "nothing more: with another body 422 `key-reused`, while the first call is under way 409 `key-in-use`. "
        "After a 5xx the key is as new",
    ),
]


async def answer(
    request: Request[Any, Any, Any],  # Any: any request
    conn: Connection,
    key: str | None,
    body: Struct | None,
    do: Callable[[], Awaitable[View]],
    *,
    status: int = 200,
) -> Response[View]:
    """Answer with what *do* returns, or, to a *key* that came before, with what was answered then.

    *do* works on *conn*. Who may call at all is checked before, every time.
    """
    if key is None:
        return Response(await do(), status_code=status)
    refuse_odd_key(key)

    async def done() -> Answer:
        return Answer(status, msgspec.json.encode(await do()).decode())

    operation = str(request.route_handler.operation_id)
    said = msgspec.json.encode(body).decode()
    asked = Asked(person_id=request.user.id, operation=operation, key=key, said=said)
    found = await flows.kept_answers.once(conn, asked, request.app.state.clock.now(), done, _refused)
    if found.status < 400:
        return Response(found.body.encode(), status_code=found.status, media_type="application/json")  # type: ignore[arg-type]  # a View, encoded
    problem = replace(msgspec.json.decode(found.body, type=Problem), instance=request_id(request.scope))
    return Response(problem, status_code=found.status, media_type=MEDIA_TYPE)  # type: ignore[arg-type]  # what a View is not


def refuse_odd_key(key: str) -> None:
    """Raise BadInput for a key that is more than plain characters."""
    if not (key.isascii() and key.isprintable()):
        raise BadInput("the key holds what is no plain character", "/idempotency_key")


def _refused(error: CheckinError) -> Answer | None:
    """Return a refusal as it is kept, without the id of the request; None for what may be otherwise in a moment."""
    if KINDS[type(error)].status >= 429:
        return None
    return Answer(KINDS[type(error)].status, msgspec.json.encode(problems.of(error)).decode())
