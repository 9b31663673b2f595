"""What the carrier says that we know nothing of: counted and said, so that an operator asks what it means."""

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from checkin import core, store
from checkin.store.carrier_unknowns import Kind
from checkin.store.pool import Connection

LONGEST_WORD: Final = 40  # characters of a status that are kept

log = structlog.get_logger()


async def hear_report(
    conn: Connection, message: UUID | None, word: str, code: int | None, now: datetime, *, ours: bool
) -> None:
    """Count what we do not know of a report: the *message*, unless it is *ours*, the status *word*, the error code.

    An unknown word is kept as it came in the log alone, in what can be printed of it.
    """
    known = core.delivery.is_known(word)
    if not ours:
        await store.carrier_unknowns.count(conn, Kind.MESSAGE, now)
    if not known:
        await store.carrier_unknowns.count(conn, Kind.WORD, now)
    if not (ours and known):
        raw = {} if known else {"word": _printable(word)}
        log.warning("report.unknown", message=None if message is None else str(message), known=ours, **raw)
    if ours:
        await hear_code(conn, code, now)


async def hear_code(conn: Connection, code: int | None, now: datetime) -> None:
    """Count an error code that the table does not have; it stands with its message, too."""
    if code and not core.carrier_errors.is_known(code):
        await store.carrier_unknowns.count(conn, Kind.CODE, now, code)
        log.warning("code.unknown", code=code)


def _printable(word: str) -> str:
    return "".join(one if one.isascii() and one.isprintable() else "?" for one in word[:LONGEST_WORD])
