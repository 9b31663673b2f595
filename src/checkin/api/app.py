"""The HTTP application, put together from its parts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from litestar import Litestar
from litestar.exceptions import HTTPException

from checkin import config, core, log, lookout, runtime
from checkin.api import (
    access_log,
    alert_answers,
    alert_rules,
    alerts,
    assignments,
    batches,
    changes,
    check_ins,
    consents,
    devices,
    groups,
    health,
    help_requests,
    holidays,
    me,
    mentees,
    mentors,
    metrics,
    nudge_plans,
    nudges,
    openapi,
    people,
    people_import,
    program_rules,
    programs,
    sessions,
    sign_in,
    webhooks,
)
from checkin.api.application import Application
from checkin.api.auth import bearer
from checkin.api.problems import BY_STATUS, KINDS, on_error
from checkin.api.requests import StrictRequest, name_answer, refuse_odd_call
from checkin.config import Settings
from checkin.web import alert_pages, docs, files, problem_pages, sandbox
from checkin.web.problem_pages import Subject

LARGEST_BODY: Final = 64 * 1024
STATEMENT_LIMIT: Final = 2.0  # seconds; then the caller is told to come back, and a carrier does


def create() -> Litestar:
    """Return the application for the settings in the environment; what a server process calls."""
    settings = config.load()
    log.configure(settings.log_level)
    return build(settings)


def build(
    settings: Settings, *, statement_limit: float = STATEMENT_LIMIT, look_every: timedelta = lookout.EVERY
) -> Litestar:
    """Return the application for *settings*; a statement may take *statement_limit* seconds.

    *look_every* so often it looks whether the work is behind, which a worker that is stuck does not say.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with runtime.running(settings, statement_limit=statement_limit) as parts:
            app.state.pool, app.state.clock, app.state.settings = parts.pool, parts.clock, settings
            app.state.runtime = parts
            core.danger.load()
            looking = asyncio.create_task(lookout.keep_looking(parts, "server", look_every))
            try:
                yield
            finally:
                looking.cancel()
                await asyncio.wait([looking])

    handlers = [
        *sign_in.HANDLERS,
        *sessions.HANDLERS,
        *devices.HANDLERS,
        *me.HANDLERS,
        *consents.HANDLERS,
        *access_log.HANDLERS,
        *check_ins.HANDLERS,
        *batches.HANDLERS,
        *changes.HANDLERS,
        *nudges.HANDLERS,
        *nudge_plans.HANDLERS,
        *help_requests.HANDLERS,
        *mentees.HANDLERS,
        *groups.HANDLERS,
        *alerts.HANDLERS,
        *alert_rules.HANDLERS,
        *alert_answers.HANDLERS,
        *mentors.HANDLERS,
        *people.HANDLERS,
        *people_import.HANDLERS,
        *assignments.HANDLERS,
        *programs.HANDLERS,
        *program_rules.HANDLERS,
        *holidays.HANDLERS,
        *webhooks.HANDLERS,
        *health.HANDLERS,
        *metrics.HANDLERS,
    ]
    subjects = [Subject(*kind) for kind in (*KINDS.values(), *BY_STATUS.values())]
    pages = [*alert_pages.HANDLERS, *files.HANDLERS, *docs.HANDLERS, *problem_pages.handlers(subjects)]
    return Application(
        route_handlers=[*handlers, *pages, *(sandbox.HANDLERS if settings.is_sandbox else ())],
        lifespan=[lifespan],
        on_app_init=[bearer(settings.token_secret).on_app_init],
        exception_handlers={HTTPException: on_error, Exception: on_error},
        before_send=[name_answer],
        before_request=refuse_odd_call,
        request_class=StrictRequest,
        request_max_body_size=LARGEST_BODY,
        openapi_config=openapi.config(handlers),
        logging_config=None,
    )
