"""Messages that go out by push: who chose it, what is due that way, and what goes on another way."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record
from msgspec import Struct

from checkin.core.pushes import Because, Provider, Way
from checkin.store import devices, outbox
from checkin.store.claims import Claimed, Opened, claimed_of, opened
from checkin.store.pool import Connection

CHOICE = """
    select nudges_by from people where id = $1
"""


async def choice(conn: Connection, person_id: UUID) -> Way:
    """Return how somebody would rather be nudged."""
    return Way(await conn.fetchval(CHOICE, person_id))


CHOOSE = """
    update people set nudges_by = $2 where id = $1 and nudges_by <> $2
"""


async def choose(conn: Connection, person_id: UUID, way: Way) -> bool:
    """Nudge somebody by *way* from now on; False if that was their choice already."""
    return (await conn.execute(CHOOSE, person_id, way)).endswith("1")


PREFER = """
    update outbox o
       set way = 'push'
      from unnest($1::uuid[], $2::uuid[]) as n (mentee_id, id), people p
     where p.id = n.mentee_id
       and p.nudges_by = 'push'
       and o.mentee_id = n.mentee_id
       and o.id = n.id
"""


async def prefer(conn: Connection, nudges: Collection[tuple[UUID, UUID]]) -> None:
    """Let those of *nudges* (mentee, message), just queued, go by push whose mentees chose it."""
    await conn.execute(PREFER, [mentee for mentee, _ in nudges], [message for _, message in nudges])


# The other channel of an alert: it was refused as a text, and its step waits on.
INSTEAD = f"""
    with pushed as (
        update outbox o
           set way = 'push', status = 'queued', attempts = 0, claimed_until = null, settled_at = null
         where o.mentee_id = $2
           and o.id = $3
           and o.way = 'sms'
           and o.status in ('failed', 'undelivered')
           and o.expires_at > $1
           and exists (select 1
                         from devices d
                        where d.person_id = o.person_id
                          and d.push_provider is not null
                          and {devices.IS_SIGNED_IN})
     returning o.id
    )
    update alert_steps s
       set through = 'push'
      from pushed
     where s.message_id = pushed.id
 returning s.alert_id
"""  # noqa: S608 - our own words


async def instead_of_text(conn: Connection, mentee_id: UUID, message_id: UUID, now: datetime) -> bool:
    """Let an alert that did not arrive by text go by push; False where its reader has no device that takes any."""
    return await conn.fetchval(INSTEAD, now, mentee_id, message_id) is not None


# A service that may not be used now is as good as none; only what fell back before keeps its reason.
DIVERT = f"""
    with cut_off as (
        select o.mentee_id, o.id,
               exists (select 1
                         from devices d
                        where d.person_id = o.person_id
                          and d.push_provider is not null
                          and {devices.IS_SIGNED_IN}) as has_one
          from outbox o
         where o.status = 'queued'
           and o.way = 'push'
           and o.not_before <= $1
           and not exists (select 1
                             from devices d
                            where d.person_id = o.person_id
                              and d.push_provider = any ($2)
                              and {devices.IS_SIGNED_IN})
         order by o.lane, o.not_before
         limit $3
           for update of o skip locked
    )
    update outbox o
       set way = case when o.lane = 'nudge' then 'sms' else o.way end,
           status = case when o.lane = 'nudge' then o.status else 'undelivered' end,
           settled_at = case when o.lane = 'nudge' then o.settled_at else $1 end,
           fell_back = coalesce(o.fell_back, case when cut_off.has_one then 'stopped' else 'no_device' end)
      from cut_off
     where o.mentee_id = cut_off.mentee_id
       and o.id = cut_off.id
 returning o.id, o.lane = 'nudge' as goes_by_text
"""  # noqa: S608 - our own words


async def divert(conn: Connection, usable: Sequence[Provider], now: datetime, limit: int) -> tuple[int, list[UUID]]:
    """Take up to *limit* messages that are due by push for people without a device on the *usable* services.

    Nudges go by text; returns how many, and the ids of the others, which have no other way left.
    """
    rows = await conn.fetch(DIVERT, now, list(usable), limit)
    others = [row["id"] for row in rows if not row["goes_by_text"]]
    return len(rows) - len(others), others


class Push(Struct, frozen=True, kw_only=True):
    """A message this process holds under a lease, and the device it is pushed to."""

    message: Claimed
    language: str
    device_id: UUID
    token: str


# The device seen last is the one in use. A nudge is not pushed once its day is answered.
CLAIM = f"""
    with due as (
        select o.mentee_id, o.id, o.person_id, v.id as device_id, v.push_token, p.language
          from outbox o
          join people p on p.id = o.person_id
         cross join lateral (
               select d.id, d.push_provider, d.push_token
                 from devices d
                where d.person_id = o.person_id
                  and d.push_provider = any ($4)
                  and {devices.IS_SIGNED_IN}
                order by d.seen_at desc, d.id
                limit 1) v
         where o.status = 'queued'
           and o.way = 'push'
           and o.not_before <= $1
           and o.expires_at > $1
           and v.push_provider = $5
           and (o.day is null or not exists (
                   select 1 from check_ins c where c.mentee_id = o.mentee_id and c.day = o.day))
           and (o.person_id is null or not {outbox.IS_OUT})
           and {outbox.MAY_LEAVE_AT} <= $1
         order by o.lane, o.not_before
         limit $3
           for update of o skip locked
    )
    update outbox o
       set status = 'claimed', claimed_at = $1, claimed_until = $2, attempts = o.attempts + 1,
           attempt_id = gen_random_uuid()
      from due
     where o.mentee_id = due.mentee_id
       and o.id = due.id
 returning o.mentee_id, o.id, o.person_id, o.lane, o.way, o.phone, o.phone_hash, o.body, o.attempts, o.attempt_id,
           o.provider_sid, o.expires_at, o.claimed_at, due.device_id, due.push_token, due.language
"""  # noqa: S608 - our own words


async def claim_due(
    conn: Connection, provider: Provider, usable: Sequence[Provider], now: datetime, lease: timedelta, limit: int
) -> Opened[Push]:
    """Take up to *limit* due messages whose device is on *provider*, of all *usable* ones, under a lease."""
    return opened(conn, await conn.fetch(CLAIM, now, now + lease, limit, list(usable), provider), _push)


def _push(conn: Connection, row: Record) -> Push:
    return Push(
        message=claimed_of(conn, row),
        language=row["language"],
        device_id=row["device_id"],
        token=devices.token_of(conn, row["person_id"], row["device_id"], row["push_token"]),
    )


REROUTE = """
    update outbox
       set way = $4, status = 'queued', attempts = 0, claimed_until = null, fell_back = $5
     where mentee_id = $1
       and id = $2
       and attempt_id = $3
       and status = 'claimed'
"""


async def reroute(conn: Connection, message: Claimed, way: Way, because: Because) -> None:
    """Queue a message at once that surely was not pushed, by text or for the person's next device."""
    await conn.execute(REROUTE, message.mentee_id, message.id, message.attempt_id, way, because)


WAITING = f"""
    select w.way, count(o.id) as waiting
      from unnest(array['sms', 'push']) as w (way)
      left join outbox o
        on o.way = w.way
       and o.status = 'queued'
       and o.not_before <= $1
       and {outbox.MAY_LEAVE_AT} <= $1
     group by w.way
"""  # noqa: S608 - our own words


async def waiting(conn: Connection, now: datetime) -> dict[Way, int]:
    """Return how many messages should have left by now and have not, by the way they go."""
    return {Way(row["way"]): row["waiting"] for row in await conn.fetch(WAITING, now)}
