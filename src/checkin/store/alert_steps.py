"""The steps taken for alerts: who was asked, who had to be passed over, and what became of it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from checkin.core.alerts import Alert
from checkin.core.escalation import Step
from checkin.store.pool import Connection

Became = Literal["taken", "put_off", "passed", "closed"]

ADD = """
    insert into alert_steps (mentee_id, alert_id, step, person_id, role, result, outside, message_id, at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def add(conn: Connection, taken: list[tuple[Alert, Step, UUID | None]], now: datetime) -> None:
    """Write steps down, each with its alert and the message it sent if it did."""
    rows = [
        (
            alert.mentee_id,
            alert.id,
            step.number,
            None if step.person is None else step.person.id,
            step.place,
            step.result,
            step.outside,
            message_id,
            now,
        )
        for alert, step, message_id in taken
    ]
    await conn.executemany(ADD, rows)


ASKED_BY = """
    select alert_id from alert_steps where person_id = $1 and result = 'asked'
"""


async def asked(conn: Connection, person_id: UUID) -> set[UUID]:
    """Return the alerts that *person_id* was ever asked about."""
    return {row["alert_id"] for row in await conn.fetch(ASKED_BY, person_id)}


HOW_OFTEN = """
    select person_id, count(*) as times
      from alert_steps
     where mentee_id = $1
       and alert_id = $2
       and result = 'asked'
     group by person_id
"""


async def how_often(conn: Connection, mentee_id: UUID, alert_id: UUID) -> dict[UUID, int]:
    """Return how often each person was asked about an alert."""
    return {row["person_id"]: row["times"] for row in await conn.fetch(HOW_OFTEN, mentee_id, alert_id)}


PASSED = """
    select distinct h.actor_id
      from audit h
     where h.person_id = $1
       and h.about = $2::uuid::text
       and h.action = 'alert.handed_over'
       and not exists (select 1
                         from alert_steps s
                        where s.mentee_id = $1
                          and s.alert_id = $2
                          and s.person_id = h.actor_id
                          and s.result = 'asked'
                          and s.at > h.at)
"""


async def passed(conn: Connection, mentee_id: UUID, alert_id: UUID) -> frozenset[UUID]:
    """Return who has passed an alert on and was not asked about it since.

    The audit knows it also of those who passed on what nobody had asked them about.
    """
    return frozenset(row["actor_id"] for row in await conn.fetch(PASSED, mentee_id, alert_id))


UNANSWERED = """
    update alert_steps
       set became = 'unanswered', became_at = $3
     where mentee_id = $1
       and alert_id = $2
       and result = 'asked'
       and became is null
"""


async def give_up(conn: Connection, mentee_id: UUID, alert_id: UUID, now: datetime) -> None:
    """Write that nobody answered in their time; a later answer of theirs still counts."""
    await conn.execute(UNANSWERED, mentee_id, alert_id, now)


# A late answer is an answer. Whoever was asked beside the one who answers need not any more, unless it was passed on.
ANSWERED = """
    update alert_steps
       set became = case when person_id = $3 then $4 else 'taken_by_other' end, became_at = $6, became_through = $5
     where mentee_id = $1
       and alert_id = $2
       and result = 'asked'
       and (became is null or (became = 'unanswered' and person_id = $3))
       and (person_id = $3 or $4 <> 'passed')
"""


async def answer(
    conn: Connection, mentee_id: UUID, alert_id: UUID, person_id: UUID, became: Became, through: str, now: datetime
) -> None:
    """Write what *person_id*'s answer made of the steps that wait for one."""
    await conn.execute(ANSWERED, mentee_id, alert_id, person_id, became, through, now)


CANCEL_TO_CLINIC = """
    with asking as (
        select o.mentee_id, o.id
          from alert_steps s
          join outbox o on o.mentee_id = s.mentee_id and o.id = s.message_id
         where s.mentee_id = $1
           and s.role = 'clinical_contact'
           and s.became is null
           and o.status in ('queued', 'claimed', 'uncertain')
         order by o.id
           for update of o
    )
    update outbox o
       set status = 'cancelled', settled_at = $2, claimed_until = null
      from asking
     where o.mentee_id = asking.mentee_id
       and o.id = asking.id
 returning o.id
"""


async def cancel_to_clinic(conn: Connection, mentee_id: UUID, now: datetime) -> list[UUID]:
    """Cancel what asks a mentee's clinical contact about an alert and has not left; returns the messages' ids."""
    return [row["id"] for row in await conn.fetch(CANCEL_TO_CLINIC, mentee_id, now)]


# The alerts are locked before their steps, and in one order, as by whoever answers one.
UNDELIVERED = """
    with asking as (
        select a.mentee_id, a.id
          from alerts a
         where (a.mentee_id, a.id) in (select s.mentee_id, s.alert_id
                                         from alert_steps s
                                        where s.message_id = any ($1)
                                          and s.became is null)
         order by a.id
           for no key update
    ), failed as (
        update alert_steps s
           set became = 'undelivered', became_at = $2
          from asking
         where s.mentee_id = asking.mentee_id
           and s.alert_id = asking.id
           and s.message_id = any ($1)
           and s.became is null
     returning s.mentee_id, s.alert_id
    )
    update alerts a
       set next_step_at = $2
      from failed f
     where a.mentee_id = f.mentee_id
       and a.id = f.alert_id
       and a.acknowledged_at is null
       and a.resolved_at is null
"""


async def undelivered(conn: Connection, messages: list[UUID], now: datetime) -> None:
    """Move the alerts on at once that asked by *messages* which will not arrive."""
    if messages:
        await conn.execute(UNDELIVERED, messages, now)
