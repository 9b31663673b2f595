"""A day of being nudged ends without an answer: at the end of the ladder the mentor hears of it."""

from collections import Counter
from datetime import datetime

from checkin import core, store
from checkin.core.silences import Quiet, Silence
from checkin.store.pool import Connection
from checkin.store.silences import Ended

BATCH = 500


async def hear(conn: Connection, now: datetime) -> Counter[str]:
    """Look at one batch of mentees whose time to answer has ended, and raise the alerts.

    Runs inside the caller's transaction. Returns how many of them are silent, if any.
    """
    ended = await store.silences.claim_ended(conn, now, BATCH)
    found = [(one.mentee_id, silence) for one in ended if (silence := _find(one)) is not None]
    if found:
        await store.silences.raise_alerts(conn, found, now)
    return Counter(silent=len(found)) if found else Counter()


def _find(ended: Ended) -> Silence | None:
    return core.silences.find(
        Quiet(
            day=ended.day,
            ignored=ended.ignored,
            first_ignored=ended.first_ignored,
            last_day=ended.last_day,
            may_be_heard=ended.texted and not ended.paused,
            told=ended.told,
            state=ended.state,
        )
    )
