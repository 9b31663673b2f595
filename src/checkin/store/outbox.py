"""The outbox: every text waits here, leaves once, and keeps what became of it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from checkin import core
from checkin.core.delivery import Lane
from checkin.core.nudges import BETWEEN_NUDGE_AND_REMINDER
from checkin.store.claims import Claimed, Opened, claimed_of, opened
from checkin.store.ids import new_id
from checkin.store.people import phone_hash
from checkin.store.pool import Connection


class Letter(Struct, frozen=True, kw_only=True):
    """A text to queue for *phone* (E.164), whose owner is *to* if we know them.

    *about* is the mentee it concerns; *key* makes a second one of the same impossible. *phone_hash* is what the phone
    is found by, where it was read with the phone and need not be made again.
    """

    about: UUID
    to: UUID | None
    phone: str
    lane: Lane
    key: str
    body: str
    not_before: datetime
    expires_at: datetime
    day: date | None = None
    phone_hash: bytes | None = None


ENQUEUE = """
    insert into outbox (mentee_id, id, person_id, lane, dedupe_key, day, phone, phone_hash, body,
                        status, not_before, expires_at, created_at)
    select mentee_id, id, person_id, lane::lane, dedupe_key, day, phone, phone_hash, body,
           'queued', not_before, expires_at, $12
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::date[], $7::bytea[], $8::bytea[],
                  $9::bytea[], $10::timestamptz[], $11::timestamptz[])
        as l (mentee_id, id, person_id, lane, dedupe_key, day, phone, phone_hash, body, not_before, expires_at)
        on conflict (mentee_id, dedupe_key) do nothing
 returning mentee_id, dedupe_key, id
"""


async def enqueue(conn: Connection, letters: list[Letter], now: datetime) -> dict[tuple[UUID, str], UUID]:
    """Queue texts and return the ids of those that were new, by mentee and key.

    A text whose key is already there is left as it is.
    """
    ids = [new_id(now) for _ in letters]
    rows = await conn.fetch(
        ENQUEUE,
        [letter.about for letter in letters],
        ids,
        [letter.to for letter in letters],
        [letter.lane for letter in letters],
        [letter.key for letter in letters],
        [letter.day for letter in letters],
        [conn.vault.seal("outbox.phone", row, letter.phone) for row, letter in zip(ids, letters, strict=True)],
        [phone_hash(conn, letter.phone) for letter in letters],
        [conn.vault.seal("outbox.body", row, letter.body) for row, letter in zip(ids, letters, strict=True)],
        [letter.not_before for letter in letters],
        [letter.expires_at for letter in letters],
        now,
    )
    return {(row["mentee_id"], row["dedupe_key"]): row["id"] for row in rows}


# Nothing goes to who stopped texts, but the code that was asked for before a stop in the app; nor to who has ended,
# but an answer to danger. It is asked where a message leaves: when it was queued, a stop may not have been committed.
IS_OUT = """exists (
                   select 1
                     from people p
                    where p.id = o.person_id
                      and (p.status = 'ended' or p.opted_out_at is not null)
                      and ((p.status = 'ended' and o.lane <> 'crisis')
                           or (p.opted_out_at is not null
                               and not (o.lane = 'code' and exists (
                                   select 1
                                     from consents s
                                    where s.person_id = p.id
                                      and s.purpose = 'check_ins_by_sms'
                                      and s.withdrawn_at >= p.opted_out_at
                                      and s.withdrawn_source = 'app')))))"""

# A day's nudge and reminder keep their order and the hour between them, whatever has held one up: the reminder waits
# for its nudge, and a nudge that comes back to be sent once more stays behind a reminder that has left. What was given
# up as uncertain may have left when it was last attempted, or until it was given up where nobody here attempted it.
# Of all that waits only these two have another message looked up.
MAY_LEAVE_AT = f"""greatest(o.not_before, case
               when o.lane = 'nudge'
                and (o.dedupe_key like 'reminder:%' or (o.dedupe_key like 'nudge:%' and o.attempt_id is not null))
               then (select case when f.status = 'claimed' or (f.status = 'uncertain' and f.claimed_until < 'infinity')
                                 then 'infinity'
                                 when f.status = 'queued' and f.expires_at > $1 and o.dedupe_key like 'reminder:%'
                                 then 'infinity'
                                 when f.status in ('sent', 'delivered', 'uncertain') and o.dedupe_key like 'nudge:%'
                                 then 'infinity'
                                 when f.status in ('sent', 'delivered')
                                 then f.sent_at + interval '{BETWEEN_NUDGE_AND_REMINDER}'
                                 when f.status = 'uncertain'
                                 then coalesce(f.claimed_at, f.settled_at) + interval '{BETWEEN_NUDGE_AND_REMINDER}'
                            end
                       from outbox f
                      where f.mentee_id = o.mentee_id
                        and f.dedupe_key = case when o.dedupe_key like 'reminder:%'
                                                then replace(o.dedupe_key, 'reminder:', 'nudge:')
                                                else replace(o.dedupe_key, 'nudge:', 'reminder:') end) end)"""  # noqa: S608 - our own words

# A nudge is not sent once its day is answered, whatever was true when it was queued.
CLAIM_DUE = f"""
    with due as (
        select o.mentee_id, o.id
          from outbox o
         where o.status = 'queued'
           and o.way = 'sms'
           and o.lane <= $4
           and o.not_before <= $1
           and o.expires_at > $1
           and (o.day is null or not exists (
                   select 1 from check_ins c where c.mentee_id = o.mentee_id and c.day = o.day))
           and (o.person_id is null or not {IS_OUT})
           and {MAY_LEAVE_AT} <= $1
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
           o.provider_sid, o.expires_at, o.claimed_at
"""  # noqa: S608 - our own words


async def claim_due(
    conn: Connection, now: datetime, lease: timedelta, limit: int, until: Lane = Lane.NUDGE
) -> Opened[Claimed]:
    """Take up to *limit* due messages under a lease, the most urgent lane first, none of a lane after *until*."""
    taken = opened(conn, await conn.fetch(CLAIM_DUE, now, now + lease, limit, until), claimed_of)
    return Opened(sorted(taken.readable, key=lambda message: core.delivery.place(message.lane)), taken.unreadable)


STILL_OURS = f"""
    select exists (
        select 1
          from outbox o
         where o.mentee_id = $1
           and o.id = $2
           and o.attempt_id = $3
           and o.status = 'claimed'
           and o.claimed_until > $4
           and o.expires_at > $4
           and not exists (select 1 from people p where p.id = o.person_id and p.phone_hash <> o.phone_hash)
           and not {IS_OUT})
"""  # noqa: S608 - our own words


async def still_ours(conn: Connection, message: Claimed, now: datetime) -> bool:
    """Say whether a claimed message may still be sent.

    It may not once it was cancelled or taken over, its time is over, or its reader is out or has another phone.
    """
    ours: bool = await conn.fetchval(STILL_OURS, message.mentee_id, message.id, message.attempt_id, now)
    return ours


PUT_BACK = """
    update outbox
       set status = 'queued', attempts = attempts - 1, claimed_until = null
     where mentee_id = $1
       and id = $2
       and attempt_id = $3
       and status = 'claimed'
       and claimed_until > $4
"""


async def put_back(conn: Connection, message: Claimed, now: datetime) -> None:
    """Queue a claimed message as it was before: this process holds it and has not handed it over."""
    await conn.execute(PUT_BACK, message.mentee_id, message.id, message.attempt_id, now)


# An attempt that was taken over meanwhile only adds what it proves: the carrier has the message. So does one that
# left just before an opt-out cancelled it. Not so one that was reported as failed before we heard that it was taken.
MARK_SENT = """
    update outbox
       set status = 'sent', provider_sid = $4, sent_at = coalesce(sent_at, $5), claimed_until = null, settled_at = null
     where mentee_id = $1
       and id = $2
       and (status in ('queued', 'claimed', 'uncertain') or (status = 'cancelled' and attempt_id = $3))
       and provider_sid is distinct from $4
"""


async def mark_sent(conn: Connection, message: Claimed, sid: str, now: datetime) -> None:
    await conn.execute(MARK_SENT, message.mentee_id, message.id, message.attempt_id, sid, now)


# Its time may have been cut short since it was claimed. The code that had it tried again stays, for its one retry.
QUEUE_AGAIN = """
    update outbox
       set status = case when expires_at > $4 then 'queued' else 'expired' end,
           not_before = case when expires_at > $4 then $4 else not_before end,
           settled_at = case when expires_at > $4 then settled_at else $4 end,
           claimed_until = null, error_code = coalesce(error_code, $5)
     where mentee_id = $1
       and id = $2
       and attempt_id = $3
       and status = 'claimed'
"""


async def queue_again(conn: Connection, message: Claimed, at: datetime, code: int | None) -> None:
    """Put back a message that the carrier surely did not take."""
    await conn.execute(QUEUE_AGAIN, message.mentee_id, message.id, message.attempt_id, at, code)


MARK_UNCERTAIN = """
    update outbox
       set status = 'uncertain', claimed_until = $4
     where mentee_id = $1
       and id = $2
       and attempt_id = $3
       and status = 'claimed'
"""


async def mark_uncertain(conn: Connection, message: Claimed, look_again_at: datetime) -> None:
    """Say that the message may have gone out; a callback within the wait settles it."""
    await conn.execute(MARK_UNCERTAIN, message.mentee_id, message.id, message.attempt_id, look_again_at)


MARK_FAILED = """
    update outbox
       set status = 'failed', error_code = $4, settled_at = $5, claimed_until = null
     where mentee_id = $1
       and id = $2
       and attempt_id = $3
       and status = 'claimed'
"""


async def mark_failed(conn: Connection, message: Claimed, code: int | None, now: datetime) -> None:
    await conn.execute(MARK_FAILED, message.mentee_id, message.id, message.attempt_id, code, now)


REPLIES_SINCE = """
    select count(*)
      from outbox
     where mentee_id = $1
       and lane = 'reply'
       and dedupe_key like 'reply:%'
       and created_at > $2
"""


async def replies_since(conn: Connection, person_id: UUID, since: datetime) -> int:
    """Return how many automatic answers were queued for a person after *since*."""
    count: int = await conn.fetchval(REPLIES_SINCE, person_id, since)
    return count
