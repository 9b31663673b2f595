"""Whether this process is alive, and whether it can do its work."""

from typing import Annotated, Final

from litestar import Request, get
from litestar.datastructures import State
from msgspec import Meta, Struct

from checkin import store
from checkin.api.auth import OPEN


class Health(Struct, frozen=True):
    """`ok`, always: anything else is a problem answer."""

    status: Annotated[str, Meta(examples=["ok"])]


@get(
    "/health/live",
    operation_id="isAlive",
    summary="Is the process alive",
    description="Answers without touching the database.",
    response_description="Yes.",
    tags=["operation"],
    opt=OPEN,
)
async def is_alive() -> Health:
    return Health("ok")


@get(
    "/health/ready",
    operation_id="isReady",
    summary="Can it do its work",
    description="Answers ok when the database can be reached and is at the right version, else 503.",
    response_description="Yes.",
    tags=["operation"],
    opt=OPEN,
)
async def is_ready(request: Request[None, None, State]) -> Health:
    async with request.app.state.pool.acquire() as conn:
        await store.pool.check_schema(conn)
    return Health("ok")


HANDLERS: Final = (is_alive, is_ready)
