"""A check-in comes in: it is recorded once, the detector hears of it, and a fall becomes an alert."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import assert_never
from uuid import UUID

import msgspec
from msgspec import Struct, to_builtins
from msgspec.structs import replace

from checkin import core, store
from checkin.core.alerts import URGENCY, Kind
from checkin.core.check_ins import Answer, CheckIn, Outcome, Settled, Source
from checkin.core.errors import Crowded, DayOutOfReach, UnknownPerson
from checkin.core.trend import Fall, Trail
from checkin.flows import safety
from checkin.store.check_ins import Before, Cause
from checkin.store.pool import Connection, Pool

TRIES = 20  # writers of one mentee that may come between before we give up


class Recorded(Struct, frozen=True):
    """What became of one answer, and the check-in that stands for its day."""

    outcome: Outcome
    stands: CheckIn


async def record(
    conn: Connection, mentee_id: UUID, answer: Answer, now: datetime, session: UUID | None = None
) -> CheckIn:
    """Record what a mentee said about a day, and return what is stored for that day afterwards.

    The same answer any number of times is one row; an answer older than the stored one goes to the history.
    Two statements reach the database, each a transaction of its own: the second writes everything or nothing.
    Raises UnknownPerson unless *mentee_id* is an active mentee, and the *session* it comes in has not ended;
    DayOutOfReach; and Crowded when too many others write for the same mentee at once.
    """
    return (await _record(conn, mentee_id, answer, now, session)).stands


async def record_all(
    pool: Pool, mentee_id: UUID, answers: Sequence[Answer], now: datetime
) -> list[Recorded | DayOutOfReach]:
    """Record what a device has kept, each answer for itself, and return what became of each, in the same order.

    They are recorded in the order they were given in: so most days only move the detector on. What counts in the end
    is what stands after all of them. Every answer borrows a connection of its own, to let others in between.
    Raises what `record` raises but for DayOutOfReach: what was recorded by then stays, and is unchanged next time.
    """
    done: dict[int, _Done | DayOutOfReach] = {}
    standing: dict[date, CheckIn] = {}
    for place, answer in sorted(enumerate(answers), key=lambda one: (one[1].answered_at, one[1].day)):
        try:
            async with pool.acquire() as conn:
                done[place] = one = await _record(conn, mentee_id, answer, now)
            standing[answer.day] = one.stands
        except DayOutOfReach as problem:
            done[place] = problem
    return [_in_the_end(done[place], standing.get(answer.day)) for place, answer in enumerate(answers)]


class _Done(Struct, frozen=True):
    """One answer's id, what was done with it, and what stood for its day right after."""

    id: UUID
    settled: Settled
    stands: CheckIn


def _in_the_end(done: _Done | DayOutOfReach, stands: CheckIn | None) -> Recorded | DayOutOfReach:
    if isinstance(done, DayOutOfReach):
        return done
    assert stands is not None
    if stands.id != done.id:
        return Recorded("superseded", stands)
    return Recorded("unchanged" if done.settled == "unchanged" else "stored", stands)


async def _record(
    conn: Connection, mentee_id: UUID, answer: Answer, now: datetime, session: UUID | None = None
) -> _Done:
    if answer.source is not Source.imported:
        core.check_ins.check_reach(answer.day, answer.answered_at, answer.time_zone, now)
    answer = replace(answer, answered_at=answer.answered_at.astimezone(UTC))
    answer_id = store.check_ins.identify(conn, mentee_id, answer)
    arriving = CheckIn(id=answer_id, received_at=now, **msgspec.structs.asdict(answer))
    for _ in range(TRIES):
        before = await store.check_ins.read(conn, mentee_id, answer.day, session)
        if before is None:
            raise UnknownPerson("there is no active mentee by that id")
        settled = core.check_ins.settle(before.stored, arriving)
        match settled:
            case "unchanged":
                assert before.stored is not None
                return _Done(answer_id, settled, before.stored)
            case "superseded":
                assert before.stored is not None
                await store.check_ins.write_superseded(conn, mentee_id, arriving, _causes(arriving, None))
                return _Done(answer_id, settled, before.stored)
            case "store":
                trail, fall = await _hear(conn, mentee_id, before, arriving)
                if await store.check_ins.write(conn, mentee_id, before, trail, arriving, _causes(arriving, fall)):
                    return _Done(answer_id, settled, arriving)
            case other:
                assert_never(other)
    raise Crowded


def _causes(arriving: CheckIn, fall: Fall | None) -> list[Cause]:
    """Return what a human should look at: the fall, and danger in the note.

    History that is brought in only teaches the detector, and a text was screened as a whole when it came in.
    """
    if arriving.source is Source.imported:
        return []
    causes = [] if fall is None else [Cause(Kind.trend, URGENCY[Kind.trend], to_builtins(fall))]
    if arriving.note is not None and arriving.source is not Source.sms:
        found = safety.note_cause(safety.screen(arriving.note), arriving.id)
        causes += [] if found is None else [found]
    return causes


async def _hear(conn: Connection, mentee_id: UUID, before: Before, arriving: CheckIn) -> tuple[Trail, Fall | None]:
    """Return what the detector remembers after *arriving*, and the fall it has not spoken of before, if any."""
    trail, budget = before.trail, before.false_alerts_per_year
    report = arriving.report
    replaces_report = before.stored is not None and before.stored.report is not None
    if report is None and not replaces_report:
        return trail, None
    newest = core.trend.last_day(trail.state)
    if report is not None and not replaces_report and (newest is None or report.day > newest):
        return core.trend.advance(trail, report, budget)
    reports = await store.check_ins.reports_since(conn, mentee_id, core.trend.last_day(trail.anchor))
    others = [other for other in reports if other.day != arriving.day]
    after, falls = core.trend.refold(trail, [*others, *([] if report is None else [report])], budget)
    spoken = core.trend.last_alert_day(trail.state)
    fresh = [fall for fall in falls if spoken is None or fall.day > spoken]
    return after, fresh[-1] if fresh else None
