"""A check-in comes in: it is recorded once, the detector hears of it, and a fall becomes an alert."""

from datetime import UTC, datetime
from typing import assert_never
from uuid import UUID

import msgspec
from msgspec import to_builtins
from msgspec.structs import replace

from checkin import core, store
from checkin.core.alerts import URGENCY, Kind
from checkin.core.check_ins import Answer, CheckIn, Source
from checkin.core.errors import Crowded, UnknownPerson
from checkin.core.trend import Fall, Trail
from checkin.flows import safety
from checkin.store.check_ins import Before, Cause
from checkin.store.pool import Connection

TRIES = 20  # writers of one mentee that may come between before we give up


async def record(conn: Connection, mentee_id: UUID, answer: Answer, now: datetime) -> CheckIn:
    """Record what a mentee said about a day, and return what is stored for that day afterwards.

    The same answer any number of times is one row; an answer older than the stored one goes to the history.
    Two statements reach the database, each a transaction of its own: the second writes everything or nothing.
    Raises UnknownPerson unless *mentee_id* is an active mentee, DayOutOfReach, and Crowded when too many others
    write for the same mentee at once.
    """
    if answer.source is not Source.imported:
        core.check_ins.check_reach(answer.day, answer.answered_at, answer.time_zone, now)
    answer = replace(answer, answered_at=answer.answered_at.astimezone(UTC))
    answer_id = store.check_ins.identify(conn, mentee_id, answer)
    arriving = CheckIn(id=answer_id, received_at=now, **msgspec.structs.asdict(answer))
    for _ in range(TRIES):
        before = await store.check_ins.read(conn, mentee_id, answer.day)
        if before is None:
            raise UnknownPerson("there is no active mentee by that id")
        match core.check_ins.settle(before.stored, arriving):
            case "unchanged":
                assert before.stored is not None
                return before.stored
            case "superseded":
                assert before.stored is not None
                await store.check_ins.write_superseded(conn, mentee_id, arriving)
                return before.stored
            case "store":
                trail, fall = await _hear(conn, mentee_id, before, arriving)
                if await store.check_ins.write(conn, mentee_id, before, trail, arriving, _causes(arriving, fall)):
                    return arriving
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
        found = safety.cause(safety.screen(arriving.note), "note")
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
