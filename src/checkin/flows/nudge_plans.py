"""A mentee's plan is read, changed and looked ahead on; every change moves the next nudge."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from checkin import core, store
from checkin.core.errors import Stale, UnknownPerson
from checkin.core.nudge_plans import Break, Edit, Pause, Standing
from checkin.core.nudges import Kind, Slot
from checkin.core.people import Person, Role
from checkin.store.nudges import NOTHING
from checkin.store.pool import Connection

BATCH = 500

Clock = Literal["plain", "gap", "fold"]
Source = Literal["sms", "app", "coordinator", "operator"]
ACTORS = {"sms": Role.mentee, "app": Role.mentee, "coordinator": Role.coordinator, "operator": "operator"}


async def standing(conn: Connection, mentee: Person, now: datetime) -> Standing:
    """Return a mentee's plan and the pauses under way or to come. Raises UnknownPerson for whoever has no plan."""
    return await _standing(conn, mentee.id, now)


async def _standing(conn: Connection, mentee_id: UUID, now: datetime) -> Standing:
    plan = await store.nudges.plan_of(conn, mentee_id)
    if plan is None:
        raise UnknownPerson("there is no nudge plan of yours")
    today = core.wall.local_day(now, plan.zone)
    return Standing(plan, await store.pauses.standing(conn, mentee_id, today))


async def look_at(conn: Connection, mentee: Person, coordinator_id: UUID, now: datetime) -> Standing:
    """Return what `standing` does to a coordinator of *mentee*'s program, and write the look down."""
    async with conn.transaction():
        await store.audit.add(conn, mentee.id, coordinator_id, Role.coordinator, "nudge_plan.read", now)
        return await standing(conn, mentee, now)


async def change(
    conn: Connection,
    mentee: Person,
    edit: Edit,
    now: datetime,
    *,
    source: Source,
    actor: UUID | None,
    seen: Standing | None = None,
) -> Standing:
    """Change a plan, and return what stands then. A mentee who moves is asked on by the new zone's days at once.

    Raises UnknownPerson, BadInput (see `core.nudge_plans.edited`), and Stale when *seen*, the plan the change was
    made from, stands no more.
    """
    async with conn.transaction():
        due_at = await store.nudge_plans.lock(conn, mentee.id)
        before = await standing(conn, mentee, now)
        if seen is not None and seen != before:
            raise Stale("the plan was changed since you read it; read it again")
        after = core.nudge_plans.edited(before, edit, now)
        if after == before:
            return after
        await store.nudge_plans.save(conn, after.plan)
        moved = after.plan.zone != before.plan.zone
        if moved:
            await store.zones.move(conn, mentee.id, before.plan.zone, after.plan.zone, source, now)
        kept = {*before.pauses} & {*after.pauses}
        await store.pauses.end(conn, mentee.id, [one for one in before.pauses if one not in kept], now)
        await store.pauses.add(conn, mentee.id, [one for one in after.pauses if one not in kept], source, now)
        await _plan_next(conn, mentee.program_id, after, due_at, now, today=moved)
        await store.audit.add(conn, mentee.id, actor, ACTORS[source], "nudge_plan.changed", now)
    return after


async def _plan_next(
    conn: Connection, program_id: UUID, after: Standing, due_at: datetime | None, now: datetime, *, today: bool
) -> None:
    """Set when a changed plan comes next, and until when a nudge that waits may leave; in a draft nothing is due.

    What was due already (at *due_at*) and has not been decided stays due, so that it gets its row. With *today*, a
    slot of today's whose hour was missed is due at once while it is open: whoever moved may have flown over it.
    """
    if not await store.routing.is_active(conn, program_id):
        return
    zone = after.plan.zone
    begin = core.nudge_plans.day_begins(now, zone)
    decided = await store.nudge_plans.decided(conn, after.plan.mentee, core.wall.local_day(now, zone))
    slot = core.nudge_plans.next_open(after.plan, begin if today else now, now, decided)
    times = [] if slot is None else [slot.at]
    if due_at is not None and due_at <= now:
        times.append(due_at)
    await store.nudges.plan_next(conn, [(after.plan.mentee, min(times, default=None))])
    paused = any(pause.holds_on(core.wall.local_day(now, zone)) for pause in after.pauses)
    closes_at = now if paused else core.nudges.open_until(after.plan, now)
    await store.nudge_plans.close(conn, after.plan.mentee, closes_at)


async def replan(conn: Connection, mentee_id: UUID, program_id: UUID, now: datetime, *, today: bool = False) -> bool:
    """Set when a plan comes next, as things stand now; False if its programme's hours leave it no minute.

    With *today* a slot of today's that was not decided is due at once while it is open. Runs inside the caller's
    transaction, which holds the plan.
    """
    due_at = await store.nudge_plans.lock(conn, mentee_id)
    after = await _standing(conn, mentee_id, now)
    await _plan_next(conn, program_id, after, due_at, now, today=today)
    return core.nudges.next_slot(after.plan, now) is not None


async def replan_far(conn: Connection, now: datetime) -> dict[str, int]:
    """Plan one batch anew of those whom a clock that ran ahead, and was put right since, has kept from being asked.

    It had decided slots that are still to come, or planned people from there on, later than any plan does. What it
    decided is undone, but for what really left: nobody is asked twice about a day. Returns how many.

    Each has a transaction of their own, so that none of them waits for another's messages.
    """
    ahead = await store.nudge_plans.decided_ahead(conn, now, BATCH)
    far = await store.nudge_plans.too_far(conn, now, BATCH)
    replanned = 0
    for mentee_id, program_id in (ahead | far).items():
        async with conn.transaction():
            replanned += await _put_right(conn, mentee_id, program_id, now, too_far=mentee_id in far)
    return {"replanned": replanned} if replanned else {}


async def _put_right(conn: Connection, mentee_id: UUID, program_id: UUID, now: datetime, *, too_far: bool) -> bool:
    """Undo what was decided too early and comes again, and plan anew; False where nothing was to be done."""
    next_at = await store.nudge_plans.lock(conn, mentee_id)
    plan = await store.nudges.plan_of(conn, mentee_id)
    if next_at is None or plan is None:  # they have ended meanwhile
        return False
    await store.nudge_plans.hold_letters(conn, [mentee_id])
    decided = await store.nudge_plans.ahead_of(conn, mentee_id, now)
    no_zone = not core.wall.is_zone(plan.zone)
    undone = core.nudge_plans.coming_again(replace(plan, zone="UTC") if no_zone else plan, now, decided)
    await store.nudge_plans.undo(conn, mentee_id, undone)
    if not undone and not too_far:
        return False
    if no_zone:  # the tick says so, tomorrow as ever
        await store.nudges.plan_next(conn, [(mentee_id, now + core.wall.DAY)])
        return True
    await replan(conn, mentee_id, program_id, now, today=True)
    return True


async def pause(conn: Connection, mentee: Person, days: int, now: datetime) -> None:
    """Ask nothing for *days* local days, beginning today; 0 ends the pause. Pauses still to come stay as they are.

    Runs inside the caller's transaction.
    """
    due_at = await store.nudge_plans.lock(conn, mentee.id)
    before = await standing(conn, mentee, now)
    today = core.wall.local_day(now, before.plan.zone)
    over = [one for one in before.pauses if one.holds_on(today)]
    new = [Pause(today, today + timedelta(days=days))] if days else []
    await store.pauses.end(conn, mentee.id, over, now)
    await store.pauses.add(conn, mentee.id, new, "sms", now)
    after = Standing(before.plan, tuple(sorted({*before.pauses} - {*over} | {*new})))
    await _plan_next(conn, mentee.program_id, after, due_at, now, today=False)


class Coming(Struct, frozen=True):
    """The nudges to come, each with what the clocks do to its wall time, and the breaks that lie between."""

    nudges: list[tuple[Slot, Clock]]
    breaks: list[Break]


async def preview(conn: Connection, mentee: Person, now: datetime, count: int) -> Coming:
    """Return the next *count* nudges as things stand, each as if it were sent and not answered before; no reminders.

    Breaks are the pauses and holidays from today to the last of them. There is nothing for somebody whom no text may
    reach.
    """
    plan = await store.nudges.plan_of(conn, mentee.id)
    if plan is None or not mentee.is_a(Role.mentee) or core.alerts.why_not(mentee) != "asked":
        return Coming([], [])
    today = core.wall.local_day(now, plan.zone)
    decided = {day for day, kind in await store.nudge_plans.decided(conn, mentee.id, today) if kind is Kind.nudge}
    key = (mentee.id, today + core.wall.DAY if today in decided else today, Kind.nudge)
    before = (await store.nudges.past(conn, [key])).get(key, NOTHING)
    plan = replace(plan, last_nudge_day=before.last_nudge_day)
    pauses = await store.pauses.standing(conn, mentee.id, today)
    holidays = await store.holidays.between(conn, mentee.program_id, today, date.max)
    slots = core.nudge_plans.preview(plan, now, count, pauses, frozenset({*decided, *holidays}), before.ignored)
    return Coming(
        [(slot, core.nudges.clock_of(plan, slot)) for slot in slots],
        core.nudge_plans.breaks(pauses, holidays, today, slots[-1].day) if slots else [],
    )
