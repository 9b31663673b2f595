"""The HTTP application, put together from its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from litestar import Litestar
from litestar.exceptions import HTTPException

from checkin import config, log, runtime
from checkin.api import alerts, check_ins, health, metrics, nudges, openapi, webhooks
from checkin.api.auth import bearer
from checkin.api.problems import on_error
from checkin.api.requests import StrictRequest, name_answer
from checkin.config import Settings
from checkin.web import sandbox

LARGEST_BODY: Final = 64 * 1024
STATEMENT_LIMIT: Final = 2.0  # seconds; then the caller is told to come back, and a carrier does


def create() -> Litestar:
    """Return the application for the settings in the environment; what a server process calls."""
    settings = config.load()
    log.configure(settings.log_level)
    return build(settings)


def build(settings: Settings) -> Litestar:
    """Return the application for *settings*."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with runtime.running(settings, statement_limit=STATEMENT_LIMIT) as parts:
            app.state.pool, app.state.clock, app.state.settings = parts.pool, parts.clock, settings
            app.state.runtime = parts
            yield

    handlers = [
        *check_ins.HANDLERS,
        *nudges.HANDLERS,
        *alerts.HANDLERS,
        *webhooks.HANDLERS,
        *health.HANDLERS,
        *metrics.HANDLERS,
    ]
    return Litestar(
        route_handlers=[*handlers, *(sandbox.HANDLERS if settings.is_sandbox else ())],
        lifespan=[lifespan],
        on_app_init=[bearer(settings.token_secret).on_app_init],
        exception_handlers={HTTPException: on_error, Exception: on_error},
        before_send=[name_answer],
        request_class=StrictRequest,
        request_max_body_size=LARGEST_BODY,
        openapi_config=openapi.config(handlers),
        logging_config=None,
    )
