"""Alerts: raised, claimed when their time comes, taken, passed on, closed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record
from msgspec import Struct

from checkin.core.alerts import URGENCY, Alert, Kind, Outcome, Urgency
from checkin.store.ids import new_id
from checkin.store.pool import Connection


class OpenAlert(Struct, frozen=True, kw_only=True):
    """An alert with all that is known of it. *evidence* holds every cause, the first one first.

    *follows_id* is the alert of the same kind that was closed shortly before, where this one goes on from it.
    """

    mentee_id: UUID
    id: UUID
    number: int
    kind: Kind
    urgency: Urgency
    evidence: list[dict[str, Any]]  # as it was recorded: each kind has its own shape
    raised_at: datetime
    follows_id: UUID | None
    owner_id: UUID | None
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    next_step_at: datetime | None
    resolved_at: datetime | None
    outcome: Outcome | None


Spot = tuple[datetime, UUID]
"""Where a page of a list ends: the moment its last row is in the list by, and that row's id."""

# More danger starts the clock of a crisis anew where it would keep somebody waiting: nobody has it and nobody is asked
# soon, or whoever has it has had it for two days (or will have in a moment), and would be asked in their hours.
ANEW = """(excluded.urgency < alerts.urgency
                           or (alerts.kind = 'crisis'
                               and excluded.urgency <= 'soon'
                               and case when alerts.acknowledged_by is null
                                        then alerts.next_step_at > excluded.next_step_at + interval '15 minutes'
                                        else alerts.acknowledged_at
                                             <= excluded.next_step_at + interval '15 minutes' - interval '48 hours'
                                   end))"""

# A second cause joins the open alert. A more urgent one starts its clock anew; a crisis that somebody has already
# comes back to them in five minutes with more danger.
ADD_CAUSE = f"""on conflict (mentee_id, kind) where resolved_at is null
            do update set evidence = alerts.evidence || excluded.evidence,
                          urgency = least(alerts.urgency, excluded.urgency),
                          rung = case when {ANEW} then 0 else alerts.rung end,
                          acknowledged_at = case when {ANEW} then null else alerts.acknowledged_at end,
                          acknowledged_by = case when {ANEW} then null else alerts.acknowledged_by end,
                          next_step_at = case
                              when {ANEW} then excluded.next_step_at
                              when alerts.kind = 'crisis' and alerts.acknowledged_by is not null
                                   and excluded.urgency <= 'soon'
                              then least(alerts.next_step_at, excluded.next_step_at + interval '5 minutes')
                              else alerts.next_step_at end
"""

# What was closed up to two weeks ago has come back: the new alert goes on from it.
FOLLOWS = """(select f.id from alerts f
              where f.mentee_id = {mentee}
                and f.kind = {kind}
                and f.resolved_at > {now}::timestamptz - interval '14 days'
              order by f.resolved_at desc
              limit 1)"""

RAISE = f"""
    insert into alerts (mentee_id, id, kind, urgency, evidence, raised_at, next_step_at, follows_id)
    values ($1, $2, $3, $4::text::urgency, jsonb_build_array($5::jsonb), $6, $6,
            {FOLLOWS.format(mentee="$1", kind="$3", now="$6")})
    {ADD_CAUSE}
"""  # noqa: S608 - our own words


async def raise_for(
    conn: Connection,
    mentee_id: UUID,
    kind: Kind,
    evidence: dict[str, Any],  # as it is recorded: each kind has its own shape
    now: datetime,
    urgency: Urgency | None = None,
) -> None:
    """Open an alert, or add to the open one of the same kind. The next tick finds who is asked."""
    cause = msgspec.json.encode(evidence).decode()
    await conn.execute(RAISE, mentee_id, new_id(now), kind, urgency or URGENCY[kind], cause, now)


CLAIM_DUE = """
    select mentee_id, id, number, kind, urgency, step, rung, raised_at, next_step_at as due_at, owner_id,
           acknowledged_by, acknowledged_at
      from alerts
     where next_step_at <= $1
     order by next_step_at
     limit $2
       for update skip locked
"""


async def claim_due(conn: Connection, now: datetime, limit: int) -> list[Alert]:
    """Lock the alerts whose time has come, for this transaction."""
    rows = await conn.fetch(CLAIM_DUE, now, limit)
    return [Alert(**{**dict(row), "kind": Kind(row["kind"]), "urgency": Urgency(row["urgency"])}) for row in rows]


MOVE_ON = """
    update alerts
       set step = $3, rung = $4, owner_id = coalesce($5, owner_id), next_step_at = $6,
           acknowledged_at = null, acknowledged_by = null, acknowledged_through = null
     where mentee_id = $1
       and id = $2
"""


async def move_on(
    conn: Connection, alert: Alert, *, step: int, rung: int, owner_id: UUID | None, next_step_at: datetime
) -> None:
    """Write down whose turn it is now and when the next one comes."""
    await conn.execute(MOVE_ON, alert.mentee_id, alert.id, step, rung, owner_id, next_step_at)


PUT_OFF = """
    update alerts set next_step_at = $3 where mentee_id = $1 and id = $2
"""


async def put_off(conn: Connection, alert: Alert, until: datetime) -> None:
    await conn.execute(PUT_OFF, alert.mentee_id, alert.id, until)


# An alert is a person's business while they are assigned to its mentee (a clinical contact only with the mentee's
# consent) or stand in for somebody on leave who is, coordinate the program, or are on call and were asked about it. It
# is never the mentee's own.
BUSINESS = """(a.mentee_id <> $1
        and (exists (select 1 from assignments s
                      join people p on p.id = s.mentor_id and p.status = 'active'
                     where s.mentee_id = a.mentee_id
                       and s.mentor_id = $1
                       and s.starts_at <= $2
                       and (s.ends_at is null or s.ends_at > $2)
                       and (s.kind <> 'clinical_contact'
                            or exists (select 1 from consents k
                                        where k.person_id = a.mentee_id
                                          and k.purpose = 'clinical_contact'
                                          and k.withdrawn_at is null)))
            or exists (select 1 from assignments s
                         join absences l on l.mentor_id = s.mentor_id and l.starts_at <= $2 and l.ends_at > $2
                         join people p on p.id = l.cover_id and p.status = 'active'
                        where s.mentee_id = a.mentee_id
                          and s.kind = 'primary'
                          and l.cover_id = $1
                          and s.starts_at <= $2
                          and (s.ends_at is null or s.ends_at > $2))
            or exists (select 1 from people c
                        where c.id = $1
                          and c.program_id = m.program_id
                          and 'coordinator' = any (c.roles)
                          and c.status = 'active')
            or exists (select 1 from on_call o
                         join people p on p.id = o.person_id and p.status = 'active'
                         join alert_steps t
                           on t.mentee_id = a.mentee_id and t.alert_id = a.id and t.person_id = o.person_id
                          and t.result = 'asked'
                        where o.program_id = m.program_id
                          and o.person_id = $1)))"""

COLUMNS = """a.mentee_id, a.id, a.number, a.kind, a.urgency, a.evidence, a.raised_at, a.follows_id, a.owner_id,
           a.acknowledged_at, a.acknowledged_by, a.next_step_at, a.resolved_at, a.outcome"""

OPEN_FOR = f"""
    select {COLUMNS}
      from alerts a
      join people m on m.id = a.mentee_id
     where a.resolved_at is null
       and ($3::integer is null or a.number = $3)
       and ($4::timestamptz is null or a.raised_at < $4 or (a.raised_at = $4 and a.id > $5::uuid))
       and {BUSINESS}
     order by a.raised_at desc, a.id
     limit $6
"""  # noqa: S608 - our own words


async def open_for(
    conn: Connection,
    person_id: UUID,
    now: datetime,
    number: int | None = None,
    *,
    after: Spot | None = None,
    limit: int | None = None,
) -> list[OpenAlert]:
    """Return the open alerts that are *person_id*'s business now, the newest first: all, or *limit* from *after* on."""
    at, last = after or (None, None)
    return [_open_alert(row) for row in await conn.fetch(OPEN_FOR, person_id, now, number, at, last, limit)]


CLOSED_FOR = f"""
    select {COLUMNS}
      from alerts a
      join people m on m.id = a.mentee_id
     where a.id = $3
       and a.resolved_at > $2::timestamptz - interval '14 days'
       and {BUSINESS}
"""  # noqa: S608 - our own words


async def closed_for(conn: Connection, person_id: UUID, alert_id: UUID, now: datetime) -> OpenAlert | None:
    """Return an alert that was closed in the last two weeks, if it is *person_id*'s business now."""
    row = await conn.fetchrow(CLOSED_FOR, person_id, now, alert_id)
    return None if row is None else _open_alert(row)


REOPENED = """
    select a.id
      from alerts a
      join alerts c on c.mentee_id = a.mentee_id and c.kind = a.kind
     where c.mentee_id = $1
       and c.id = $2
       and a.resolved_at is null
       and a.evidence @> (c.evidence || '[{"source": "reopened"}]'::jsonb)
"""


async def reopened(conn: Connection, closed: OpenAlert) -> UUID | None:
    """Return the open alert that has taken up all causes of a closed one by its being opened again."""
    found: UUID | None = await conn.fetchval(REOPENED, closed.mentee_id, closed.id)
    return found


REOPEN = f"""
    insert into alerts (mentee_id, id, kind, urgency, evidence, raised_at, next_step_at, follows_id)
    select mentee_id, $3, kind, greatest(urgency, 'hours'), evidence || '[{{"source": "reopened"}}]'::jsonb, $4, $4, id
      from alerts
     where mentee_id = $1
       and id = $2
    {ADD_CAUSE}
 returning id
"""  # noqa: S608 - our own words


async def reopen(conn: Connection, closed: OpenAlert, now: datetime) -> UUID:
    """Raise again what was closed, as an alert that follows it, or add its causes to the one that is open by now."""
    raised: UUID = await conn.fetchval(REOPEN, closed.mentee_id, closed.id, new_id(now), now)
    return raised


LOCK = """
    select mentee_id, id, number, kind, urgency, evidence, raised_at, follows_id, owner_id,
           acknowledged_at, acknowledged_by, next_step_at, resolved_at, outcome
      from alerts
     where mentee_id = $1
       and id = $2
       for update
"""


async def lock(conn: Connection, mentee_id: UUID, alert_id: UUID) -> OpenAlert:
    """Lock one alert for this transaction and return it as it is now."""
    row = await conn.fetchrow(LOCK, mentee_id, alert_id)
    assert row is not None
    return _open_alert(row)


# Whoever puts off what they have took it when they took it.
ACKNOWLEDGE = """
    update alerts
       set acknowledged_at = case when acknowledged_by = $4 then acknowledged_at else $3 end,
           acknowledged_through = case when acknowledged_by = $4 then acknowledged_through else $5 end,
           acknowledged_by = $4, owner_id = $4, next_step_at = $6
     where mentee_id = $1
       and id = $2
"""


async def acknowledge(
    conn: Connection, alert: OpenAlert, person_id: UUID, through: str, now: datetime, again_at: datetime | None
) -> None:
    """Let *person_id* have the alert; *again_at* is when they are asked about it again, if ever."""
    await conn.execute(ACKNOWLEDGE, alert.mentee_id, alert.id, now, person_id, through, again_at)


RESOLVE = """
    update alerts
       set resolved_at = $3, next_step_at = null, outcome = $4, outcome_note = $5,
           acknowledged_at = coalesce(acknowledged_at, $3), acknowledged_by = coalesce(acknowledged_by, $6),
           acknowledged_through = coalesce(acknowledged_through, $7), owner_id = $6
     where mentee_id = $1
       and id = $2
"""


async def resolve(
    conn: Connection,
    alert: OpenAlert,
    person_id: UUID,
    through: str,
    outcome: Outcome,
    note: str | None,
    now: datetime,
) -> None:
    """Close an alert with its outcome."""
    sealed = None if note is None else conn.vault.seal("alerts.outcome_note", alert.id, note)
    await conn.execute(RESOLVE, alert.mentee_id, alert.id, now, outcome, sealed, person_id, through)


HAND_OVER = """
    update alerts
       set next_step_at = $3, acknowledged_at = null, acknowledged_by = null, acknowledged_through = null,
           owner_id = null
     where mentee_id = $1
       and id = $2
"""


async def hand_over(conn: Connection, alert: OpenAlert, now: datetime) -> None:
    """Let the next person in the chain be asked at once."""
    await conn.execute(HAND_OVER, alert.mentee_id, alert.id, now)


LET_GO = """
    update alerts
       set next_step_at = $2
     where owner_id = $1
       and acknowledged_at is null
       and resolved_at is null
       and next_step_at > $2
"""


async def let_go(conn: Connection, person_id: UUID, now: datetime) -> None:
    """Move on at once what *person_id* was asked about last and has not answered."""
    await conn.execute(LET_GO, person_id, now)


def _open_alert(row: Record) -> OpenAlert:
    fields = dict(row)
    fields["kind"] = Kind(row["kind"])
    fields["urgency"] = Urgency(row["urgency"])
    fields["evidence"] = msgspec.json.decode(row["evidence"])
    fields["outcome"] = None if row["outcome"] is None else Outcome(row["outcome"])
    return OpenAlert(**fields)
