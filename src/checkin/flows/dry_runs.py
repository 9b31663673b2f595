"""A rule for trend alerts is tried on a programme's own history; nothing is raised, sent or changed."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from checkin import core, store
from checkin.core.dry_runs import DryRun, Found, Heard, Trial
from checkin.core.errors import Crowded, TooWide
from checkin.core.people import Role
from checkin.store.pool import Connection

USE_THE_COMMAND = "`checkin alerts dry-run` takes any number"


class Limits(NamedTuple):
    """How much one run may go through."""

    mentees: int
    reports: int


async def run(
    conn: Connection,
    program_id: UUID,
    trial: Trial,
    now: datetime,
    *,
    limits: Limits | None = None,
    watch: Callable[[], object] = lambda: None,
) -> DryRun:
    """Fold every mentee's history with both rules and return what they would have raised.

    *watch* is called after each mentee. History that was imported counts as if it had been answered day by day.
    Raises TooWide past *limits*, and Crowded while another dry run goes through the same programme.
    """
    heard: list[Heard] = []
    found: list[Found] = []
    folded = 0
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        if not await store.histories.hold(conn, program_id):
            raise Crowded("another dry run of this programme is under way; try again when it is done")
        if limits is not None and await store.histories.count(conn, program_id) > limits.mentees:
            raise TooWide(f"the programme has more than {limits.mentees} mentees; {USE_THE_COMMAND}")
        async for history in store.histories.each(conn, program_id, trial.span.last, now):
            folded += len(history.reports)
            if limits is not None and folded > limits.reports:
                raise TooWide(f"the programme has more than {limits.reports} reports; {USE_THE_COMMAND}")
            kept, alerts = core.dry_runs.fold(history, trial)
            heard += [] if kept is None else [kept]
            found += alerts
            watch()
            await asyncio.sleep(0)  # a history takes milliseconds: whoever else is served here gets a turn
    return core.dry_runs.summarise(trial, heard, found)


async def show(
    conn: Connection, reader: UUID, alerts: list[Found], mentors: list[UUID], now: datetime
) -> dict[UUID, str]:
    """Return the names of the mentees in *alerts* and of *mentors*, and write into each mentee's log who reads them.

    *reader* is a coordinator of their programme.
    """
    mentees = sorted({alert.mentee_id for alert in alerts})
    async with conn.transaction():
        await store.audit.add_looks(conn, mentees, reader, Role.coordinator, "trend.tried", now)
        return await store.people.names(conn, [*mentees, *mentors])
