"""Requests for practical help, each under the alert that announces it."""

from datetime import date, datetime
from uuid import UUID

import msgspec
from asyncpg import Record
from msgspec import Struct

from checkin.core import alerts
from checkin.core.help_requests import Outcome, Standing, Topic, standing
from checkin.store.alerts import BUSINESS, Spot
from checkin.store.ids import made_of
from checkin.store.pool import Connection


class HelpRequest(Struct, frozen=True, kw_only=True):
    """A request with where it stands now. *owner_id* is who was asked last, or who has it; *notes* only they read."""

    mentee_id: UUID
    id: UUID
    alert_id: UUID
    topic: Topic
    words: str | None
    asked_at: datetime
    due_on: date
    owner_id: UUID | None
    taken_by: UUID | None
    standing: Standing
    note: str | None


def identify(conn: Connection, mentee_id: UUID, day: date, topic: str, words: str | None, after: int) -> UUID:
    """Return the id of a request, derived from what it says: the same on the same *day* is the same request.

    *after* counts the mentee's requests that are closed: what is asked again after an end is a new request.
    """
    said = msgspec.json.encode((mentee_id.hex, day, topic, words, after)).decode()
    digest = conn.vault.hash("help_request", said)
    return made_of(digest)


LOCK_MENTEE = """
    select true from people where id = $1 and status = 'active' and 'mentee' = any (roles) for no key update
"""


async def lock_mentee(conn: Connection, mentee_id: UUID) -> bool:
    """Lock an active mentee for this transaction; whether there is one by that id."""
    return await conn.fetchval(LOCK_MENTEE, mentee_id) is True


CALL_SINCE = """
    select raised_at from alerts where mentee_id = $1 and kind = 'call_me' and resolved_at is null
"""


async def call_since(conn: Connection, mentee_id: UUID) -> datetime | None:
    """Return since when a mentee waits to be called, if they do."""
    since: datetime | None = await conn.fetchval(CALL_SINCE, mentee_id)
    return since


CLOSED_COUNT = """
    select count(*)
      from help_requests h
      join alerts a on a.mentee_id = h.mentee_id and a.id = h.alert_id
     where h.mentee_id = $1
       and (h.closed_at is not null or a.resolved_at is not null)
"""


async def closed_count(conn: Connection, mentee_id: UUID) -> int:
    count: int = await conn.fetchval(CLOSED_COUNT, mentee_id)
    return count


KNOWN = """
    select exists (select 1 from help_requests where mentee_id = $1 and id = $2)
"""


async def is_known(conn: Connection, mentee_id: UUID, request_id: UUID) -> bool:
    known: bool = await conn.fetchval(KNOWN, mentee_id, request_id)
    return known


ADD = """
    insert into help_requests (mentee_id, id, alert_id, topic, words, source, asked_at, due_on)
    select a.mentee_id, $2, a.id, $3, $4, $5, $6, $7
      from alerts a
     where a.mentee_id = $1
       and a.kind = 'practical_help'
       and a.resolved_at is null
"""


async def add(
    conn: Connection,
    mentee_id: UUID,
    request_id: UUID,
    topic: Topic,
    words: str | None,
    source: str,
    due_on: date,
    now: datetime,
) -> None:
    """Add a request under the mentee's open alert about practical help, which was raised or joined just before."""
    sealed = None if words is None else conn.vault.seal("help_requests.words", request_id, words)
    await conn.execute(ADD, mentee_id, request_id, topic, sealed, source, now, due_on)


ANNOUNCE_AGAIN = """
    update alerts
       set rung = 0, next_step_at = least(coalesce(next_step_at, $2), $2),
           acknowledged_at = null, acknowledged_by = null, acknowledged_through = null
     where mentee_id = $1
       and kind = 'practical_help'
       and resolved_at is null
       and acknowledged_by is not null
"""


async def announce_again(conn: Connection, mentee_id: UUID, now: datetime) -> None:
    """Let the open alert that somebody has be announced again at once, from the mentor on: a new request joined it."""
    await conn.execute(ANNOUNCE_AGAIN, mentee_id, now)


COLUMNS = """h.mentee_id, h.id, h.alert_id, h.topic, h.words, h.asked_at, h.due_on, h.closed_at, h.outcome,
           h.outcome_note, a.owner_id, a.acknowledged_by, a.resolved_at, a.outcome as alert_outcome,
           a.outcome_note as alert_note
      from help_requests h
      join alerts a on a.mentee_id = h.mentee_id and a.id = h.alert_id
      join people m on m.id = h.mentee_id"""

OWN = f"""
    select {COLUMNS}
     where h.mentee_id = $1
       and ($2::timestamptz is null or h.asked_at < $2 or (h.asked_at = $2 and h.id > $3::uuid))
     order by h.asked_at desc, h.id
     limit $4
"""


async def own(
    conn: Connection, mentee_id: UUID, after: Spot | None = None, limit: int | None = None
) -> list[HelpRequest]:
    """Return a mentee's requests, the newest first: all, or up to *limit* from *after* on."""
    at, last = after or (None, None)
    return [_request(conn, row) for row in await conn.fetch(OWN, mentee_id, at, last, limit)]


ONE_OWN = f"""
    select {COLUMNS}
     where h.mentee_id = $1
       and h.id = $2
"""


async def one_own(conn: Connection, mentee_id: UUID, request_id: UUID) -> HelpRequest:
    """Return one of a mentee's own requests, which is there."""
    row = await conn.fetchrow(ONE_OWN, mentee_id, request_id)
    assert row is not None
    return _request(conn, row)


# Not by the day it is due on, which changes: what is moved forward while somebody turns pages would be on none of them.
OPEN_FOR = f"""
    select {COLUMNS}
     where h.closed_at is null
       and a.resolved_at is null
       and ($3::timestamptz is null or (h.asked_at, h.id) > ($3, $4::uuid))
       and {BUSINESS}
     order by h.asked_at, h.id
     limit $5
"""


async def open_for(
    conn: Connection, person_id: UUID, now: datetime, after: Spot | None, limit: int
) -> list[HelpRequest]:
    """Return up to *limit* requests not dealt with that are *person_id*'s business now, in the order they were made."""
    at, last = after or (None, None)
    return [_request(conn, row) for row in await conn.fetch(OPEN_FOR, person_id, now, at, last, limit)]


FIND_FOR = f"""
    select {COLUMNS}
     where h.id = $3
       and {BUSINESS}
"""


async def find_for(conn: Connection, person_id: UUID, now: datetime, request_id: UUID) -> HelpRequest | None:
    """Return a request, open or closed, if it is *person_id*'s business now."""
    row = await conn.fetchrow(FIND_FOR, person_id, now, request_id)
    return None if row is None else _request(conn, row)


CLOSE = """
    update help_requests
       set closed_at = greatest($3, asked_at), closed_by = $4, outcome = $5, outcome_note = $6
     where mentee_id = $1
       and id = $2
       and closed_at is null
"""


async def close(
    conn: Connection, request: HelpRequest, person_id: UUID, outcome: Outcome, note: str | None, now: datetime
) -> None:
    """Write what became of a request."""
    sealed = None if note is None else conn.vault.seal("help_requests.outcome_note", request.id, note)
    await conn.execute(CLOSE, request.mentee_id, request.id, now, person_id, outcome, sealed)


DUE_UNDER = """
    select due_on from help_requests where mentee_id = $1 and alert_id = $2 and closed_at is null order by due_on
"""


async def due_under(conn: Connection, mentee_id: UUID, alert_id: UUID) -> list[date]:
    """Return the days on which the requests under an alert are due that are not closed."""
    return [row["due_on"] for row in await conn.fetch(DUE_UNDER, mentee_id, alert_id)]


POSTPONE = """
    update help_requests set due_on = $3 where mentee_id = $1 and id = $2
"""


async def postpone(conn: Connection, request: HelpRequest, due_on: date) -> None:
    """Let a request be due on another of the mentee's days."""
    await conn.execute(POSTPONE, request.mentee_id, request.id, due_on)


def _request(conn: Connection, row: Record) -> HelpRequest:
    words, own_note, alert_note = row["words"], row["outcome_note"], row["alert_note"]
    note = None if own_note is None else conn.vault.open("help_requests.outcome_note", row["id"], own_note)
    if row["outcome"] is None and alert_note is not None:
        note = conn.vault.open("alerts.outcome_note", row["alert_id"], alert_note)
    return HelpRequest(
        mentee_id=row["mentee_id"],
        id=row["id"],
        alert_id=row["alert_id"],
        topic=Topic(row["topic"]),
        words=None if words is None else conn.vault.open("help_requests.words", row["id"], words),
        asked_at=row["asked_at"],
        due_on=row["due_on"],
        owner_id=row["owner_id"],
        taken_by=row["acknowledged_by"],
        standing=standing(
            outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
            closed_at=row["closed_at"],
            alert_outcome=None if row["alert_outcome"] is None else alerts.Outcome(row["alert_outcome"]),
            alert_resolved_at=row["resolved_at"],
            taken_by=row["acknowledged_by"],
        ),
        note=note,
    )
