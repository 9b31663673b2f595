"""The nudge tick: everybody whose time has come is asked, or a row says why not."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import assert_never
from uuid import UUID

from msgspec.structs import replace

from checkin import core, store
from checkin.core.delivery import Lane
from checkin.core.nudges import Facts, Reason, Send, Skip, Slot
from checkin.core.people import Status
from checkin.core.texts import Text
from checkin.store.nudges import Decision, Due, Past
from checkin.store.outbox import Letter
from checkin.store.pool import Connection

BATCH = 500
A_MOMENT = timedelta(microseconds=1)
LOOK_BACK = timedelta(days=14)


async def ask_due(conn: Connection, now: datetime) -> Counter[str]:
    """Decide one batch of due nudges in one transaction; returns counts by decision.

    After a time without a worker every missed slot of the last two weeks gets its row; only one that is still open
    is sent, so that nobody is asked twice at once.
    """
    async with conn.transaction():
        due = await store.nudges.claim_due(conn, now, BATCH)
        if not due:
            return Counter()
        slots = [(one, slot) for one in due for slot in _slots(one, now)]
        past = await store.nudges.past(conn, [(one.mentee.id, slot.day) for one, slot in slots])
        letters: dict[tuple[UUID, date], Letter] = {}
        reasons: dict[tuple[UUID, date], Reason] = {}
        for one, slot in slots:
            key = (one.mentee.id, slot.day)
            match _judge(one, slot, past[key], now):
                case Send(expires_at):
                    letters[key] = _letter(one, slot, now, expires_at)
                case Skip(reason):
                    reasons[key] = reason
                case other:
                    assert_never(other)
        queued = await store.outbox.enqueue(conn, list(letters.values()), now)
        decisions = []
        for one, slot in slots:
            key = (one.mentee.id, slot.day)
            letter = letters.get(key)
            message = None if letter is None else queued.get((letter.about, letter.key))
            decision = "sent" if message else reasons.get(key, Reason.already_sent).value
            decisions.append(_decision(one, slot, decision, message))
        await store.nudges.record(conn, decisions, now)
        await store.nudges.plan_next(conn, [(one.mentee.id, _next_at(one, now)) for one in due])
    return Counter(decision.decision for decision in decisions)


def _slots(due: Due, now: datetime) -> Iterator[Slot]:
    """Yield every slot since the one that was due, up to *now*; none when the plan was changed and all lie ahead."""
    after = max(due.due_at, now - LOOK_BACK) - A_MOMENT
    while (slot := core.nudges.next_slot(due.plan, after)) is not None and slot.at <= now:
        yield slot
        after = slot.at


def _next_at(due: Due, now: datetime) -> datetime | None:
    """Return when a mentee is due next. Every day of the plan is looked at; the ladder decides when it comes."""
    slot = core.nudges.next_slot(due.plan, now)
    return None if slot is None else slot.at


def _decision(due: Due, slot: Slot, decision: str, message: UUID | None) -> Decision:
    return Decision(
        mentee_id=due.mentee.id,
        day=slot.day,
        kind=slot.kind,
        due_at=slot.at,
        decision=decision,
        message_id=message,
    )


def _judge(due: Due, slot: Slot, past: Past, now: datetime) -> Send | Skip:
    every_days, _ = core.nudges.ladder(past.ignored)
    plan = replace(due.plan, every_days=every_days, last_nudge_day=past.last_nudge_day)
    facts = Facts(
        now=now,
        slot=slot,
        active=due.mentee.status is Status.active,
        opted_out=due.mentee.opted_out,
        reachable=due.mentee.phone is not None and not due.mentee.unreachable,
        paused_until=due.plan.paused_until,
        answered=past.answered,
        already_sent_today=past.already_sent,
        sent_today=past.sent_today,
        sent_this_week_without_answer=past.ignored_this_week,
    )
    return core.nudges.decide(plan, facts)


def _letter(due: Due, slot: Slot, now: datetime, expires_at: datetime) -> Letter:
    return Letter(
        about=due.mentee.id,
        to=due.mentee,
        lane=Lane.NUDGE,
        key=f"nudge:{slot.day}",
        day=slot.day,
        body=core.texts.render(Text.nudge, due.mentee.language),
        not_before=now,
        expires_at=expires_at,
    )


async def pause(conn: Connection, mentee_id: UUID, days: int, now: datetime) -> None:
    """Ask nothing for *days* local days, beginning today; 0 ends a pause."""
    plan = await store.nudges.plan_of(conn, mentee_id)
    assert plan is not None
    until = core.wall.local_day(now, plan.zone) + timedelta(days=days) if days else None
    await store.nudges.pause(conn, mentee_id, until)
    slot = core.nudges.next_slot(replace(plan, paused_until=until), now)
    await store.nudges.plan_next(conn, [(mentee_id, None if slot is None else slot.at)])
