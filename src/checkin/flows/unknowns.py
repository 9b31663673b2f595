"""What the carrier says that we know nothing of: counted and said, so that an operator asks what it means."""

from datetime import datetime
from uuid import UUID

import structlog

from checkin import core, store
from checkin.store.carrier_unknowns import Kind
from checkin.store.pool import Connection

log = structlog.get_logger()


async def hear_report(
    conn: Connection, message: UUID | None, word: str, code: int | None, now: datetime, *, ours: bool
) -> None:
    """Count what we do not know of a report: the *message*, unless it is *ours*, the status *word*, the error code."""
    known = core.delivery.is_known(word)
    if not ours:
        await store.carrier_unknowns.count(conn, Kind.MESSAGE, now)
    if not known:
        await store.carrier_unknowns.count(conn, Kind.WORD, now)
    if not (ours and known):
        log.warning("report.unknown", message=None if message is None else str(message), known=ours)
    if ours:
        await hear_code(conn, code, now)


async def hear_code(conn: Connection, code: int | None, now: datetime) -> None:
    """Count an error code that the table does not have; it stands with its message, too."""
    if code and not core.carrier_errors.is_known(code):
        await store.carrier_unknowns.count(conn, Kind.CODE, now, code)
        log.warning("code.unknown", code=code)
