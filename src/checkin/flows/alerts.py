"""Alerts move until a human has one: asked, passed on, taken, closed."""

from collections import Counter
from datetime import datetime
from typing import assert_never
from uuid import UUID

import structlog
from msgspec.structs import replace

from checkin import core, store
from checkin.core.alerts import UNRESOLVED_AFTER, Alert, Outcome
from checkin.core.errors import UnknownAlert
from checkin.core.escalation import Ask, Nobody, Wait
from checkin.core.people import Person, Role
from checkin.flows import asking, assignments, chains, links, safety
from checkin.flows.asking import Asking
from checkin.flows.chains import Staff
from checkin.flows.links import Site
from checkin.store.alert_steps import Became
from checkin.store.alerts import OpenAlert
from checkin.store.pool import Connection

BATCH = 50

log = structlog.get_logger()


async def move_due(conn: Connection, now: datetime, site: Site = links.NOWHERE) -> Counter[str]:
    """Take the next step for a batch of alerts whose time has come; returns counts by what happened.

    Before that, danger in notes is answered, whatever the clocks of their alerts say. The texts carry a link to the
    alert's page at *site*, if there is one.
    """
    counts: Counter[str] = Counter()
    askings: list[Asking] = []
    programs: dict[UUID, Staff] = {}
    await safety.answer_notes(conn, BATCH, now)
    async with conn.transaction():
        await assignments.hand_on(conn, now, until=now)
        for alert in await store.alerts.claim_due(conn, now, BATCH):
            mentee = await store.people.by_id(conn, alert.mentee_id)
            assert mentee is not None
            if mentee.program_id not in programs:
                programs[mentee.program_id] = await chains.staff_of(conn, mentee.program_id, now)
            became, found = await _move(conn, alert, mentee, programs[mentee.program_id], now)
            counts[became] += 1
            askings += [] if found is None else [found]
        await asking.send(conn, askings, site, now)
    return counts


async def _move(
    conn: Connection, alert: Alert, mentee: Person, staff: Staff, now: datetime
) -> tuple[str, Asking | None]:
    """Decide one alert and write the decision down; the steps that ask somebody are written when they are sent."""
    program, route = staff.program, staff.routing[alert.urgency]
    chain = await chains.chain_of(conn, mentee, staff, alert.id, now)
    if alert.step:
        alert = replace(alert, asked=await store.alert_steps.how_often(conn, alert.mentee_id, alert.id))
    if alert.owner_id is None:
        alert = replace(alert, passed=await store.alert_steps.passed(conn, alert.mentee_id, alert.id))
    owner = None
    if alert.acknowledged_by is not None and alert.owner_id is not None:
        owner = await chains.owner_of(conn, alert.owner_id, program, alert.id, now)
    match core.escalation.next_step(alert, chain, route, program.pass_on_after, now, owner):
        case Ask() as ask:
            if alert.step:
                await store.alert_steps.give_up(conn, alert.mentee_id, alert.id, now)
            first = next(step.person for step in ask.steps if step.result == "asked" and step.person is not None)
            step = ask.steps[-1].number
            await store.alerts.move_on(conn, alert, step=step, rung=ask.rung, owner_id=first.id, next_step_at=ask.until)
            return "asked", Asking(alert=alert, ask=ask, program=program)
        case Wait(until):
            await store.alerts.put_off(conn, alert, until)
            return "waiting", None
        case Nobody(steps=steps, until=until):
            await store.alert_steps.give_up(conn, alert.mentee_id, alert.id, now)
            await store.alert_steps.add(conn, [(alert, one, None) for one in steps], now)
            step = alert.step + len(steps)
            await store.alerts.move_on(conn, alert, step=step, rung=0, owner_id=None, next_step_at=until)
            log.error("alert.nobody", alert=str(alert.id), program=str(program.id), kind=alert.kind)
            return "nobody", None
        case other:
            assert_never(other)


async def acknowledge(conn: Connection, actor: Person, alert_id: UUID, through: str, now: datetime) -> OpenAlert:
    """Let *actor* have an alert; whoever comes first has it, and it is returned as it stands afterwards.

    Raises UnknownAlert unless it is open and the actor's business now.
    """
    async with conn.transaction():
        for alert in await store.alerts.open_for(conn, actor.id, now):
            if alert.id == alert_id:
                return await take(conn, actor, alert, through, now)
    raise UnknownAlert("there is no open alert by that id for you")


async def take(
    conn: Connection,
    actor: Person,
    alert: OpenAlert,
    through: str,
    now: datetime,
    again_at: datetime | None = None,
    *,
    became: Became = "taken",
) -> OpenAlert:
    """Let *actor* have *alert* unless somebody has it; they are asked about it again at *again_at*, or in 48 hours.

    *became* is what the steps say of it. Whoever has it already, and is asked again about then, changes nothing.
    Raises UnknownAlert when it was closed meanwhile. Runs inside the caller's transaction.
    """
    current = await store.alerts.lock(conn, alert.mentee_id, alert.id)
    if current.resolved_at is not None:
        raise UnknownAlert("this alert is closed")
    if current.acknowledged_by not in (None, actor.id):
        return current
    if current.acknowledged_by == actor.id and (
        again_at is None or core.alerts.is_sent_again(current.next_step_at, again_at)
    ):
        return current
    await store.alert_steps.answer(conn, alert.mentee_id, alert.id, actor.id, became, through, now)
    await store.alerts.acknowledge(conn, current, actor.id, through, now, again_at or now + UNRESOLVED_AFTER)
    await _audit(conn, actor, current, "alert.acknowledged", now)
    return await store.alerts.lock(conn, alert.mentee_id, alert.id)


async def close(
    conn: Connection, actor: Person, alert: OpenAlert, through: str, outcome: Outcome, note: str | None, now: datetime
) -> None:
    """Record an outcome and close *alert*. Runs inside the caller's transaction; UnknownAlert when it is closed."""
    current = await store.alerts.lock(conn, alert.mentee_id, alert.id)
    if current.resolved_at is not None:
        raise UnknownAlert("this alert is closed")
    await safety.answer_notes(conn, BATCH, now, alert.mentee_id)  # none is looked for in a closed alert
    await store.alert_steps.answer(conn, alert.mentee_id, alert.id, actor.id, "closed", through, now)
    await store.alerts.resolve(conn, current, actor.id, through, outcome, note, now)
    await _audit(conn, actor, current, "alert.resolved", now)


async def hand_over(conn: Connection, actor: Person, alert: OpenAlert, through: str, now: datetime) -> bool:
    """Let the next person be asked at once. False if somebody else has it, so that there is nothing to hand over.

    Whoever has passed it on already, and was not asked again, changes nothing.
    """
    current = await store.alerts.lock(conn, alert.mentee_id, alert.id)
    if current.resolved_at is not None:
        raise UnknownAlert("this alert is closed")
    if current.acknowledged_by not in (None, actor.id):
        return False
    if current.acknowledged_by is None and actor.id in await store.alert_steps.passed(conn, alert.mentee_id, alert.id):
        return True
    await store.alert_steps.answer(conn, alert.mentee_id, alert.id, actor.id, "passed", through, now)
    await store.alerts.hand_over(conn, current, now)
    await _audit(conn, actor, current, "alert.handed_over", now)
    return True


async def reopen(conn: Connection, actor: Person, alert_id: UUID, through: str, now: datetime) -> OpenAlert:
    """Raise again what was closed in the last two weeks, as a new alert that follows it; *actor* has it.

    Where one of the kind is open by then, it takes up the causes, once, and stays with whoever has it. Raises
    UnknownAlert unless it was closed and is the actor's business now.
    """
    async with conn.transaction():
        closed = await store.alerts.closed_for(conn, actor.id, alert_id, now)
        if closed is None:
            raise UnknownAlert("there is no alert by that id for you that was closed in the last two weeks")
        await store.alerts.lock(conn, closed.mentee_id, closed.id)  # so that of two at once the second finds the first
        reopened = await store.alerts.reopened(conn, closed)
        if reopened is not None:
            return await store.alerts.lock(conn, closed.mentee_id, reopened)
        raised = await store.alerts.reopen(conn, closed, now)
        alert = await store.alerts.lock(conn, closed.mentee_id, raised)
        await _audit(conn, actor, alert, "alert.reopened", now)
        return await take(conn, actor, alert, through, now)


async def _audit(conn: Connection, actor: Person, alert: OpenAlert, action: str, now: datetime) -> None:
    role = Role.mentor if Role.mentor in actor.roles else Role.coordinator
    await store.audit.add(conn, alert.mentee_id, actor.id, role, action, now, str(alert.id))
