"""The nudge tick: everybody whose time has come is asked, or a row says why not."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Literal, assert_never
from uuid import UUID

from msgspec.structs import replace

from checkin import core, store
from checkin.core.delivery import Lane
from checkin.core.nudges import Facts, Kind, Plan, Reason, Send, Skip, Slot
from checkin.core.people import Person, Role, Status
from checkin.core.texts import Text
from checkin.flows import silences
from checkin.store.nudges import Decision, Due, Key, Past
from checkin.store.outbox import Letter
from checkin.store.pool import Connection

Clock = Literal["plain", "gap", "fold"]

BATCH = 500
A_MOMENT = timedelta(microseconds=1)
LOOK_BACK = timedelta(days=14)
TEXTS: Final = {Kind.nudge: Text.nudge, Kind.reminder: Text.reminder}


async def ask_due(conn: Connection, now: datetime) -> Counter[str]:
    """Decide one batch of due nudges and reminders in one transaction; returns counts by decision.

    Before that, the days that ended without an answer are looked at; those who fell silent are counted as "silent".
    After a time without a worker every missed slot of the last two weeks gets its row; only one that is still open
    is sent, so that nobody is asked twice at once.
    """
    async with conn.transaction():
        counts = await silences.hear(conn, now)
        due = await store.nudges.claim_due(conn, now, BATCH)
        if due:
            counts.update(await _ask(conn, due, now))
    return counts


async def _ask(conn: Connection, due: list[Due], now: datetime) -> Counter[str]:
    slots = [(one, slot) for one in due for slot in _slots(one, now)]
    past = await store.nudges.past(conn, [_key(one, slot) for one, slot in slots])
    letters, reasons = _judge_all(slots, past, now)
    queued = await store.outbox.enqueue(conn, list(letters.values()), now)
    decisions = []
    for one, slot in slots:
        letter = letters.get(_key(one, slot))
        message = None if letter is None else queued.get((letter.about, letter.key))
        decision = "sent" if message else reasons.get(_key(one, slot), Reason.already_sent).value
        decisions.append(_decision(one, slot, decision, message))
    await store.nudges.record(conn, decisions, now)
    await store.nudges.plan_next(conn, [(one.mentee.id, _next_at(one.plan, now)) for one in due])
    ends = {
        one.mentee.id: core.wall.day_ends(slot.day, one.plan.zone)
        for (one, slot), decision in zip(slots, decisions, strict=True)
        if decision.message_id is not None
    }
    await store.silences.await_answers(conn, list(ends.items()))
    return Counter(decision.decision for decision in decisions)


def _judge_all(
    slots: list[tuple[Due, Slot]], past: dict[Key, Past], now: datetime
) -> tuple[dict[Key, Letter], dict[Key, Reason]]:
    """Return the texts to send, and why the other slots get none. The slots of one mentee come in order of time."""
    letters: dict[Key, Letter] = {}
    reasons: dict[Key, Reason] = {}
    asked: set[UUID] = set()
    for one, slot in slots:
        before = past[_key(one, slot)]
        if one.mentee.id in asked:
            before = replace(before, asked_at=now)
        match _judge(one, slot, before, now):
            case Send(expires_at):
                letters[_key(one, slot)] = _letter(one, slot, now, expires_at)
                asked.add(one.mentee.id)
            case Skip(reason):
                reasons[_key(one, slot)] = reason
            case other:
                assert_never(other)
    return letters, reasons


def _key(due: Due, slot: Slot) -> Key:
    return due.mentee.id, slot.day, slot.kind


def _slots(due: Due, now: datetime) -> Iterator[Slot]:
    """Yield every slot since the one that was due, up to *now*; none when the plan was changed and all lie ahead."""
    after = max(due.due_at, now - LOOK_BACK) - A_MOMENT
    while (slot := core.nudges.next_due(due.plan, after)) is not None and slot.at <= now:
        yield slot
        after = slot.at


def _next_at(plan: Plan, now: datetime) -> datetime | None:
    """Return when a mentee is due next. Every day of the plan is looked at; the ladder decides when it comes."""
    slot = core.nudges.next_due(plan, now)
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
        asked_at=past.asked_at,
    )
    return core.nudges.decide(plan, facts)


def _letter(due: Due, slot: Slot, now: datetime, expires_at: datetime) -> Letter:
    return Letter(
        about=due.mentee.id,
        to=due.mentee.id,
        phone=due.mentee.phone or "",
        lane=Lane.NUDGE,
        key=f"{slot.kind}:{slot.day}",
        day=slot.day,
        body=core.texts.render(TEXTS[slot.kind], due.mentee.language, name=due.mentee.name if due.first_names else ""),
        not_before=now,
        expires_at=expires_at,
    )


async def pause(conn: Connection, mentee_id: UUID, days: int, now: datetime) -> None:
    """Ask nothing for *days* local days, beginning today; 0 ends a pause."""
    plan = await store.nudges.plan_of(conn, mentee_id)
    assert plan is not None
    until = core.wall.local_day(now, plan.zone) + timedelta(days=days) if days else None
    await store.nudges.pause(conn, mentee_id, until)
    await store.nudges.plan_next(conn, [(mentee_id, _next_at(replace(plan, paused_until=until), now))])


async def preview(conn: Connection, mentee: Person, now: datetime, count: int) -> list[tuple[Slot, Clock]]:
    """Return the next *count* nudges as things stand, each as if it were sent and not answered before; no reminders.

    Each comes with what the clocks do to its wall time. There are none for somebody whom no text may reach.
    """
    plan = await store.nudges.plan_of(conn, mentee.id)
    if plan is None or not mentee.is_a(Role.mentee) or core.alerts.why_not(mentee) != "asked":
        return []
    key = (mentee.id, core.wall.local_day(now, plan.zone), Kind.nudge)
    before = (await store.nudges.past(conn, [key]))[key]
    every_days, _ = core.nudges.ladder(before.ignored)
    standing = replace(plan, every_days=every_days, last_nudge_day=before.last_nudge_day)
    return [(slot, core.nudges.clock_of(plan, slot)) for slot in core.nudges.preview(standing, now, count)]
