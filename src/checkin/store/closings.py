"""Messages that are closed unsent: too late, answered meanwhile, or to somebody who is out."""

from datetime import datetime
from uuid import UUID

from checkin.store.outbox import IS_OUT
from checkin.store.people import phone_hash
from checkin.store.pool import Connection

# What somebody else has locked is left for the next time, so that no two ever wait for each other.
CLOSE_STALE = """
    with stale as (
        select o.mentee_id, o.id
          from outbox o
         where o.status = 'queued'
           and (o.expires_at <= $1
                or (o.day is not null and exists (
                       select 1 from check_ins c where c.mentee_id = o.mentee_id and c.day = o.day)))
           for update of o skip locked
    ), closed as (
        update outbox o
           set status = case when o.expires_at <= $1 then 'expired' else 'cancelled' end, settled_at = $1
          from stale
         where o.mentee_id = stale.mentee_id
           and o.id = stale.id
     returning o.id, o.lane
    )
    select count(*) as times, coalesce(array_agg(id) filter (where lane in ('crisis', 'alert')), '{}') as unheard
      from closed
"""


async def close_stale(conn: Connection, now: datetime) -> tuple[int, list[UUID]]:
    """Close what may no longer be sent: too late, or answered meanwhile.

    Returns how many, and the ids of those of which somebody else must hear.
    """
    row = await conn.fetchrow(CLOSE_STALE, now)
    assert row is not None  # it counts
    return row["times"], row["unheard"]


CANCEL_OUT = f"""
    with theirs as (
        select o.mentee_id, o.id
          from outbox o
         where o.status = 'queued'
           and {IS_OUT}
           for update of o skip locked
    )
    update outbox o
       set status = 'cancelled', settled_at = $1
      from theirs
     where o.mentee_id = theirs.mentee_id
       and o.id = theirs.id
 returning o.id
"""  # noqa: S608 - our own words


async def cancel_out(conn: Connection, now: datetime) -> list[UUID]:
    """Cancel what is queued for readers who are out, and return the ids; claims leave it where it is."""
    return [row["id"] for row in await conn.fetch(CANCEL_OUT, now)]


# Whoever cancels several locks them by their ids, so that no two ever wait for each other.
CANCEL_TO = """
    with theirs as (
        select mentee_id, id
          from outbox
         where phone_hash = $1
           and status in ('queued', 'claimed', 'uncertain')
           and ($3::uuid is null or (person_id = $3 and lane <> 'code'))
         order by id
           for update
    )
    update outbox o
       set status = 'cancelled', settled_at = $2, claimed_until = null
      from theirs
     where o.mentee_id = theirs.mentee_id
       and o.id = theirs.id
 returning o.id
"""


async def cancel_to(conn: Connection, phone: str, now: datetime, *, only: UUID | None = None) -> list[UUID]:
    """Cancel everything that has not left for *phone* (E.164), or what is for *only* and no code to sign in with.

    Returns the ids.
    """
    return [row["id"] for row in await conn.fetch(CANCEL_TO, phone_hash(conn, phone), now, only)]
