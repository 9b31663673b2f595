"""Messages that may have gone out: taken up again when nobody has said so in time."""

from datetime import datetime, timedelta

from checkin.store.claims import Claimed, Opened, claimed_of, opened
from checkin.store.pool import Connection

LEASES_TO_UNCERTAIN = """
    with lapsed as (
        select mentee_id, id
          from outbox
         where status = 'claimed'
           and claimed_until <= $1
           for update skip locked
    )
    update outbox o
       set status = 'uncertain', claimed_until = $2
      from lapsed
     where o.mentee_id = lapsed.mentee_id
       and o.id = lapsed.id
"""

# What was never attempted here, in a restored copy, may have left elsewhere since a nudge's hour.
CLAIM = """
    with unsure as (
        select mentee_id, id
          from outbox
         where status = 'uncertain'
           and claimed_until <= $1
         order by lane, claimed_until
         limit $3
           for update skip locked
    )
    update outbox o
       set claimed_until = $2
      from unsure
     where o.mentee_id = unsure.mentee_id
       and o.id = unsure.id
 returning o.mentee_id, o.id, o.person_id, o.lane, o.way, o.phone, o.phone_hash, o.body, o.attempts, o.attempt_id,
           o.provider_sid, o.expires_at,
           coalesce(o.claimed_at,
                    (select min(n.due_at) from nudges n where n.mentee_id = o.mentee_id and n.message_id = o.id),
                    o.created_at) as claimed_at
"""


async def claim(conn: Connection, now: datetime, wait: timedelta, lease: timedelta, limit: int) -> Opened[Claimed]:
    """Turn lapsed leases into "uncertain" for *wait*, and take up to *limit* of those whose wait is over."""
    await conn.execute(LEASES_TO_UNCERTAIN, now, now + wait)
    return opened(conn, await conn.fetch(CLAIM, now, now + lease, limit), claimed_of)


LOCK_PHONE = """
    select id, status
      from outbox
     where phone_hash = $1
       and status in ('claimed', 'uncertain')
       and way = 'sms'
     order by id
       for update
"""


async def lock_phone(conn: Connection, message: Claimed) -> bool:
    """Lock what may have left for the phone of *message*; says whether somebody is sending another one there now.

    Of two that are looked up at once the second sees what the first was found to be.
    """
    rows = await conn.fetch(LOCK_PHONE, message.phone_hash)
    return any(row["status"] == "claimed" and row["id"] != message.id for row in rows)


OF_OTHERS = """
    select distinct provider_sid from outbox where provider_sid = any ($1::text[]) and id <> $2
"""


async def of_others(conn: Connection, sids: list[str], message: Claimed) -> set[str]:
    """Return which of the carrier's ids belong to other messages than *message*."""
    return {row["provider_sid"] for row in await conn.fetch(OF_OTHERS, sids, message.id)}


# Nothing but a callback changes what was given up as uncertain.
SETTLE = """
    update outbox
       set status = case when $4::timestamptz is null then 'uncertain'
                         when expires_at > $4 then 'queued'
                         else 'expired' end,
           not_before = case when expires_at > $4 then $4 else not_before end,
           claimed_until = case when $4 is null then 'infinity'::timestamptz end,
           settled_at = case when expires_at > $4 then null else $5::timestamptz end
     where mentee_id = $1
       and id = $2
       and attempt_id = $3
       and status = 'uncertain'
 returning status
"""


async def settle(conn: Connection, message: Claimed, again_at: datetime | None, now: datetime) -> str | None:
    """Queue an uncertain message for *again_at*, in its time, or give it up; None if it was settled meanwhile."""
    args = message.mentee_id, message.id, message.attempt_id, again_at, now
    status: str | None = await conn.fetchval(SETTLE, *args)
    return status


# What may not leave yet has not left elsewhere either, but for a nudge whose hour had come and that a worker of this
# copy has queued a moment later. An attempt that nobody made yet gets its id here: `settle` asks for one.
DOUBT_DUE = """
    with due as (
        select mentee_id, id
          from outbox
         where status in ('queued', 'claimed')
           and (not_before <= $1
                or (attempts = 0 and exists (
                       select 1
                         from nudges n
                        where n.mentee_id = outbox.mentee_id
                          and n.message_id = outbox.id
                          and n.due_at <= $1)))
           and expires_at > $1
         order by id
           for update
    )
    update outbox o
       set status = 'uncertain', claimed_until = $1, attempt_id = coalesce(o.attempt_id, gen_random_uuid())
      from due
     where o.mentee_id = due.mentee_id
       and o.id = due.id
"""


async def doubt_due(conn: Connection, now: datetime) -> int:
    """Call every message that is due uncertain, to be looked up at once; returns how many."""
    return int((await conn.execute(DOUBT_DUE, now)).rpartition(" ")[2])
