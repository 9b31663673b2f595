"""Alerts move until a human has one: asked, passed on, taken, closed."""

from collections import Counter
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from checkin import core, store
from checkin.core.alerts import Alert, Ask, Chain, Hours, Kind, Nobody, Outcome, Step, Urgency, Wait
from checkin.core.delivery import Lane
from checkin.core.errors import UnknownAlert
from checkin.core.people import Person, Role
from checkin.core.texts import Text
from checkin.flows import safety, say
from checkin.store.alerts import OpenAlert
from checkin.store.outbox import Letter
from checkin.store.people import Program
from checkin.store.pool import Connection

BATCH = 50
SENT_WITHIN = timedelta(minutes=15)


async def move_due(conn: Connection, now: datetime) -> Counter[str]:
    """Take the next step for a batch of alerts whose time has come; returns counts by what happened."""
    counts: Counter[str] = Counter()
    async with conn.transaction():
        for alert in await store.alerts.claim_due(conn, now, BATCH):
            counts[await _move(conn, alert, now)] += 1
    return counts


async def _move(conn: Connection, alert: Alert, now: datetime) -> str:
    mentee = await store.people.by_id(conn, alert.mentee_id)
    assert mentee is not None
    program = await store.people.program(conn, mentee.program_id)
    chain = await _chain(conn, mentee, now)
    owner = None
    if alert.acknowledged_by is not None and alert.owner_id is not None:
        owner = await store.people.by_id(conn, alert.owner_id)
    hours = Hours(program.texts_from, program.texts_until)
    match core.alerts.next_step(alert, chain, hours, program.pass_on_after, now, owner):
        case Ask() as ask:
            await _ask(conn, alert, ask, program, now)
            if alert.kind is Kind.crisis and alert.urgency is not Urgency.digest and alert.from_note:
                await safety.answer_note(conn, mentee, program, alert.id, now)
            return "asked"
        case Wait(until):
            await store.alerts.put_off(conn, alert, until)
            return "waiting"
        case Nobody(steps=steps, until=until):
            await _note_steps(conn, alert, steps, {}, now)
            await store.alerts.move_on(
                conn, alert, step=alert.step + len(steps), rung=alert.rung, owner_id=None, next_step_at=until
            )
            return "nobody"
        case other:
            assert_never(other)


async def _chain(conn: Connection, mentee: Person, now: datetime) -> Chain:
    standing = await store.people.assigned(conn, mentee.id, now)
    coordinators = await store.people.coordinators(conn, mentee.program_id, now)
    return Chain(mentor=standing.get("primary"), cover=standing.get("cover"), coordinators=tuple(coordinators))


async def _ask(conn: Connection, alert: Alert, ask: Ask, program: Program, now: datetime) -> None:
    urgent = alert.urgency in (Urgency.now, Urgency.soon)
    letters: dict[int, Letter] = {}
    for step in ask.steps:
        if step.result == "asked" and step.person is not None and step.person.phone is not None:
            letters[step.number] = Letter(
                about=alert.mentee_id,
                to=step.person.id,
                phone=step.person.phone,
                lane=Lane.CRISIS if urgent else Lane.ALERT,
                key=f"alert:{alert.id}:{step.number}",
                body=say.words(_text_for(alert), step.person.language, program, number=alert.number),
                not_before=now,
                expires_at=max(ask.until, now + SENT_WITHIN),
            )
    queued = await store.outbox.enqueue(conn, list(letters.values()), now)
    messages = {number: queued[letter.about, letter.key] for number, letter in letters.items()}
    await _note_steps(conn, alert, ask.steps, messages, now)
    first = next(step.person for step in ask.steps if step.number in letters)
    assert first is not None
    await store.alerts.move_on(
        conn, alert, step=ask.steps[-1].number, rung=ask.rung, owner_id=first.id, next_step_at=ask.until
    )


def _text_for(alert: Alert) -> Text:
    match alert.urgency:
        case Urgency.now | Urgency.soon:
            return Text.crisis_alert
        case Urgency.digest:
            return Text.notice
        case Urgency.hours:
            return Text.alert


async def _note_steps(
    conn: Connection, alert: Alert, steps: tuple[Step, ...], messages: dict[int, UUID], now: datetime
) -> None:
    for step in steps:
        await store.alerts.add_step(conn, alert, step, messages.get(step.number), now)


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
    conn: Connection, actor: Person, alert: OpenAlert, through: str, now: datetime, again_at: datetime | None = None
) -> OpenAlert:
    """Let *actor* have *alert* unless somebody has it; *again_at* is when they are asked about it again.

    Raises UnknownAlert when it was closed meanwhile. Runs inside the caller's transaction.
    """
    current = await store.alerts.lock(conn, alert.mentee_id, alert.id)
    if current.resolved_at is not None:
        raise UnknownAlert("this alert is closed")
    if current.acknowledged_by is None or (current.acknowledged_by == actor.id and again_at is not None):
        await store.alerts.acknowledge(conn, current, actor.id, through, now, again_at)
        await _audit(conn, actor, current, "alert.acknowledged", now)
        return await store.alerts.lock(conn, alert.mentee_id, alert.id)
    return current


async def close(
    conn: Connection, actor: Person, alert: OpenAlert, through: str, outcome: Outcome, note: str | None, now: datetime
) -> None:
    """Record an outcome and close *alert*. Runs inside the caller's transaction; UnknownAlert when it is closed."""
    current = await store.alerts.lock(conn, alert.mentee_id, alert.id)
    if current.resolved_at is not None:
        raise UnknownAlert("this alert is closed")
    await store.alerts.resolve(conn, current, actor.id, through, outcome, note, now)
    await _audit(conn, actor, current, "alert.resolved", now)


async def hand_over(conn: Connection, actor: Person, alert: OpenAlert, now: datetime) -> bool:
    """Let the next person be asked at once. False if somebody else has it, so that there is nothing to hand over."""
    current = await store.alerts.lock(conn, alert.mentee_id, alert.id)
    if current.resolved_at is not None:
        raise UnknownAlert("this alert is closed")
    if current.acknowledged_by not in (None, actor.id):
        return False
    await store.alerts.hand_over(conn, current, now)
    await _audit(conn, actor, current, "alert.handed_over", now)
    return True


async def _audit(conn: Connection, actor: Person, alert: OpenAlert, action: str, now: datetime) -> None:
    role = Role.mentor if Role.mentor in actor.roles else Role.coordinator
    await store.audit.add(conn, alert.mentee_id, actor.id, role, action, now, str(alert.id))
