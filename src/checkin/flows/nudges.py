"""The nudge tick: everybody whose time has come is asked, or a row says why not."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final, assert_never
from uuid import UUID

import structlog
from msgspec.structs import replace

from checkin import core, store
from checkin.core.delivery import Lane
from checkin.core.nudges import Facts, Kind, Reason, Send, Skip, Slot
from checkin.core.people import Status
from checkin.core.texts import Text
from checkin.flows import silences
from checkin.store.nudges import NOTHING, Decision, Due, Key, Past
from checkin.store.outbox import Letter
from checkin.store.pool import Connection

Holiday = tuple[UUID, date]

BATCH = 2000
A_DAY = timedelta(days=1)
A_MOMENT = timedelta(microseconds=1)
LOOK_BACK = timedelta(days=14)
log = structlog.get_logger()

TEXTS: Final = {Kind.nudge: Text.nudge, Kind.reminder: Text.reminder}


async def ask_due(conn: Connection, now: datetime) -> Counter[str]:
    """Decide one batch of due nudges and reminders in one transaction; returns counts by decision.

    Before that, the days that ended without an answer are looked at; those who fell silent are counted as "silent".
    After a time without a worker every missed slot of the last two weeks gets its row; only one that is still open
    is sent, so that nobody is asked twice at once.
    """
    async with conn.transaction():
        counts = await silences.hear(conn, now)
        taken = await store.nudges.claim_due(conn, now, BATCH)
        due = [one for one in taken.readable if core.wall.is_zone(one.plan.zone)]
        await _put_off(conn, {one.mentee.id for one in taken.readable} - {one.mentee.id for one in due}, "zone", now)
        await _put_off(conn, set(taken.unreadable), "unreadable", now)
        if due:
            counts.update(await _ask(conn, due, now))
    return counts


async def _put_off(conn: Connection, mentees: set[UUID], reason: str, now: datetime) -> None:
    """Leave mentees until tomorrow who cannot be asked: one whose data nobody can read does not hold up the others."""
    for mentee in mentees:
        log.error("nudge.put_off", mentee=str(mentee), reason=reason)
    if mentees:
        await store.nudges.plan_next(conn, [(mentee, now + A_DAY) for mentee in mentees])


async def _ask(conn: Connection, due: list[Due], now: datetime) -> Counter[str]:
    coming = [(one, *core.nudges.due_by(one.plan, _since(one, now), now)) for one in due]
    slots = [(one, slot) for one, missed, _ in coming for slot in missed]
    past = await store.nudges.past(conn, [_key(one, slot) for one, slot in slots])
    holidays = await store.holidays.among(conn, ((one.mentee.program_id, slot.day) for one, slot in slots))
    letters, reasons = _judge_all(slots, past, holidays, now)
    messages = dict(zip(letters, await store.mailings.queue(conn, list(letters.values()), now), strict=True))
    await store.pushes.prefer(conn, [(mentee, message) for (mentee, _, _), message in messages.items()])
    decisions = [_decision(one, slot, reasons, messages) for one, slot in slots]
    await store.nudges.record(conn, [made for made in decisions if not _of(past, made).already_decided], now)
    times = [(one.mentee.id, None if after is None else after.at) for one, _, after in coming]
    ends = {
        one.mentee.id: core.wall.day_ends(slot.day, one.plan.zone) for one, slot in slots if _key(one, slot) in messages
    }
    await store.nudges.plan_next(conn, times, ends)
    return Counter(made.decision for made in decisions)


def _since(due: Due, now: datetime) -> datetime:
    """Return after when the slots come that were missed: the one that was due is the first.

    Where that is none any more, because the rules of the zone have changed since it was planned, its whole local day
    is looked at: by the new ones it may have come sooner.
    """
    begin = due.due_at - A_MOMENT
    slots, _ = core.nudges.due_by(due.plan, begin, due.due_at)
    if not slots:
        begin = core.nudge_plans.day_begins(due.due_at, due.plan.zone)
    return max(begin, now - LOOK_BACK - A_MOMENT)


def _judge_all(
    slots: list[tuple[Due, Slot]], past: Mapping[Key, Past], holidays: frozenset[Holiday], now: datetime
) -> tuple[dict[Key, Letter], dict[Key, Reason]]:
    """Return the texts to send, and why the other slots get none. The slots of one mentee come in order of time."""
    letters: dict[Key, Letter] = {}
    reasons: dict[Key, Reason] = {}
    asked: set[UUID] = set()
    for one, slot in slots:
        key = _key(one, slot)
        before = past.get(key, NOTHING)
        if one.mentee.id in asked:
            before = replace(before, asked_at=now)
        match _judge(one, slot, before, (one.mentee.program_id, slot.day) in holidays, now):
            case Send(expires_at):
                letters[key] = _letter(one, slot, now, expires_at)
                asked.add(one.mentee.id)
            case Skip(reason):
                reasons[key] = reason
            case other:
                assert_never(other)
    return letters, reasons


def _key(due: Due, slot: Slot) -> Key:
    return due.mentee.id, slot.day, slot.kind


def _of(past: Mapping[Key, Past], decision: Decision) -> Past:
    return past.get((decision.mentee_id, decision.day, decision.kind), NOTHING)


def _decision(due: Due, slot: Slot, reasons: Mapping[Key, Reason], messages: Mapping[Key, UUID]) -> Decision:
    reason = reasons.get(_key(due, slot))
    return Decision(
        mentee_id=due.mentee.id,
        day=slot.day,
        kind=slot.kind,
        due_at=slot.at,
        decision="sent" if reason is None else reason,
        message_id=messages.get(_key(due, slot)),
    )


def _judge(due: Due, slot: Slot, past: Past, holiday: bool, now: datetime) -> Send | Skip:
    every_days, _ = core.nudges.ladder(past.ignored)
    plan = replace(due.plan, every_days=every_days, last_nudge_day=past.last_nudge_day)
    facts = Facts(
        now=now,
        slot=slot,
        active=due.mentee.status is Status.active,
        opted_out=due.mentee.opted_out,
        reachable=due.mentee.phone is not None and not due.mentee.unreachable,
        paused_until=past.paused_until,
        answered=past.answered,
        holiday=holiday,
        already_sent_today=past.already_decided or past.texted,
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
        phone_hash=due.phone_hash,
        lane=Lane.NUDGE,
        key=store.nudges.text_key(slot.day, slot.kind),
        day=slot.day,
        body=_body(due, slot.kind),
        not_before=now,
        expires_at=expires_at,
    )


def _body(due: Due, kind: Kind) -> str:
    if due.first_names:
        return core.texts.render(TEXTS[kind], due.mentee.language, name=due.mentee.name)
    return _nameless(kind, due.mentee.language)


@cache
def _nameless(kind: Kind, language: str) -> str:
    """Return a text without a name, remembered: there are two a language."""
    return core.texts.render(TEXTS[kind], language)
