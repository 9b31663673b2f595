"""`checkin nudges`: why somebody was asked or not, and when they will be."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import MAXYEAR, date, datetime
from uuid import UUID

import click
from msgspec.structs import replace

from checkin import core, flows, store
from checkin.cli.database import database, settings_or_exit
from checkin.config import Settings
from checkin.core.nudge_plans import Break, Standing
from checkin.core.nudges import Kind, Plan, Slot
from checkin.core.people import Person, Role
from checkin.core.wall import MIDNIGHT
from checkin.runtime import running
from checkin.store.nudges import Told
from checkin.store.pool import Connection

NEXT = 14
CLOCKS = {
    "plain": "",
    "gap": "the clocks skip the time of the plan on that day; it comes right after",
    "fold": "the clocks show this time twice on that day; it comes the first time",
}


@click.group()
def nudges() -> None:
    """Why somebody was asked or not, and when they will be."""


@nudges.command()
@click.argument("person")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY")
def explain(person: str, day: datetime) -> None:
    """Say what was due for PERSON (an id, or a phone like +12125550101) on the local DAY, and what became of it.

    \b
    checkin nudges explain +12125550101 2026-11-16
    """
    if day.year == MAXYEAR:  # the day after it is asked about too
        raise click.BadParameter(f"a day before the year {MAXYEAR}", param_hint="DAY")
    tell_about(person, lambda conn, mentee, now: _explain(conn, mentee, day.date(), now))


@nudges.command()
@click.argument("person")
def preview(person: str) -> None:
    """Show when PERSON (an id, or a phone like +12125550101) is asked next: 14 nudges, in local time and UTC.

    Each is shown as if those before it were sent and not answered, so they become fewer. Reminders are not shown.
    Pauses and holidays that lie between stand on lines of their own.
    """
    tell_about(person, _preview)


def tell_about(person: str, tell: Callable[[Connection, Person, datetime], Awaitable[list[str]]]) -> None:
    """Print the lines that *tell* makes of the one mentee by that id or phone; end when there is none."""
    with database(settings_or_exit()) as settings:
        lines = asyncio.run(_lines(settings, person, tell))
    click.echo("\n".join(lines))


async def _lines(
    settings: Settings, person: str, tell: Callable[[Connection, Person, datetime], Awaitable[list[str]]]
) -> list[str]:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        return await tell(conn, await _mentee(conn, person), parts.clock.now())


async def _mentee(conn: Connection, person: str) -> Person:
    """Return the one mentee by that id or phone, or end with the line that says why there is none."""
    try:
        one = await store.people.by_id(conn, UUID(person))
        found = [] if one is None else [one]
    except ValueError:
        phone = flows.people_file.phone_number(person, "US") or person
        found = await store.people.by_phone(conn, phone)
    if not found:
        raise click.ClickException("there is nobody by that id or phone")
    mentees = [one for one in found if Role.mentee in one.roles]
    if not mentees:
        raise click.ClickException("this person is not a mentee, so nobody nudges them")
    if len(mentees) > 1:
        raise click.ClickException("several mentees share that phone; name one by id")
    return mentees[0]


async def _preview(conn: Connection, mentee: Person, now: datetime) -> list[str]:
    coming = await flows.nudge_plans.preview(conn, mentee, now, NEXT)
    if not coming.nudges:
        return [_standing(mentee) or "Nothing is to come: the plan leaves no open minute."]
    lines = [(one.first_day, _break(one)) for one in coming.breaks]
    for slot, clock in coming.nudges:
        line = f"{_short(slot.day)}  {_both_clocks(slot.at, mentee.time_zone)}"
        lines.append((slot.day, f"{line}  {CLOCKS[clock]}".rstrip()))
    return [line for _, line in sorted(lines, key=lambda one: one[0])]


def _break(one: Break) -> str:
    if one.name is not None:
        return f"{_short(one.first_day)}  nothing: holiday: {one.name}"
    return f"{_short(one.first_day)}  nothing: paused until {_short(one.last_day + core.wall.DAY)}"


def _short(day: date) -> str:
    return f"{core.plan_words.NAMES[day.weekday()]} {day}"


async def _explain(conn: Connection, mentee: Person, day: date, now: datetime) -> list[str]:
    standing = await flows.nudge_plans.standing(conn, mentee, now)
    history = await store.zones.history(conn, mentee.id)
    zone = core.nudge_plans.zone_on(history, day, standing.plan.zone)
    lines = [f"{core.nudge_words.tell_day(day)}, mentee {mentee.id}", *tell_plan(standing)]
    if zone != standing.plan.zone:
        lines.append(f"On that day in {zone}.")
    rows = await store.nudges.on_day(conn, mentee.id, day)
    for row in rows:
        lines += _row(row, core.nudge_plans.zone_at(history, row.decided_at, zone))
    if not rows:
        lines.append(await _no_row(conn, mentee, replace(standing.plan, zone=zone), day, now))
    return lines


def tell_plan(standing: Standing) -> Iterator[str]:
    """Yield the lines that tell a plan and its pauses."""
    plan = standing.plan
    times = " and ".join(f"{at:%H:%M}" for at in sorted(set(plan.times)))
    yield f"Plan now: {times} {core.plan_words.tell_weekdays(plan.weekdays)}, {plan.zone}."
    yield (
        f"Quiet {plan.quiet_from:%H:%M} to {plan.quiet_until:%H:%M}; "
        f"the programme sends {plan.wall_from:%H:%M} to {plan.wall_until:%H:%M}."
    )
    for pause in standing.pauses:
        yield (
            f"Paused from {core.nudge_words.tell_day(pause.starts_on)} until {core.nudge_words.tell_day(pause.until)}."
        )


def _row(row: Told, zone: str) -> Iterator[str]:
    due, decided = _both_clocks(row.due_at, zone), _both_clocks(row.decided_at, zone)
    yield f"{row.kind.capitalize()}: due {due}, decided {decided}."
    yield "  " + core.nudge_words.tell(
        row.kind,
        row.decision,
        answer=row.answer,
        zone=row.answer_zone,
        paused_until=row.paused_until,
        holiday=row.holiday,
        way=row.way,
    )
    if row.message_status is not None:
        yield "  " + core.nudge_words.tell_message(row.message_status, row.way or "sms", row.fell_back)


async def _no_row(conn: Connection, mentee: Person, plan: Plan, day: date, now: datetime) -> str:
    """Say why nothing was decided about *day*; *plan* is today's, in the zone of that day."""
    joined = core.wall.local_day(await store.nudges.joined_at(conn, mentee.id), plan.zone)
    if day < joined:
        return f"Not due: this person was added on {core.nudge_words.tell_day(joined)}."
    pause = core.nudge_plans.pause_on(await store.pauses.around(conn, mentee.id, day), day, plan.zone)
    if pause is not None:
        return f"Not due: paused until {core.nudge_words.tell_day(pause.until)}."
    if day.isoweekday() not in plan.weekdays:
        return f"Not due: the plan leaves out {day:%A}s."
    slot = _slot_on(plan, day)
    if slot is None:
        return "Not due: the plan leaves no open minute on that day."
    if slot.at <= now:
        return _overdue(slot, plan, now)
    holidays = await store.holidays.between(conn, mentee.program_id, day, day)
    against = _standing(mentee) or (f"Nothing is sent: holiday: {holidays[day]}." if holidays else "")
    return f"Due {_both_clocks(slot.at, plan.zone)}; not decided yet. {against}".rstrip()


def _overdue(slot: Slot, plan: Plan, now: datetime) -> str:
    due = _both_clocks(slot.at, plan.zone)
    if now < slot.closes_at:
        return f"Due {due}, and not decided: no worker has looked since. Is `checkin worker` running?"
    return f"No row. By the plan as it is now it was due {due}; the plan was another one, or no worker ran for long."


def _standing(mentee: Person) -> str | None:
    """Say what keeps every text from a mentee, if anything does."""
    match core.alerts.why_not(mentee):
        case "asked" | "away":
            return None
        case "empty":
            return f"Nothing is sent: this person is {mentee.status}, not active."
        case "no_phone":
            return "Nothing is sent: this person has no phone."
        case "opted_out":
            return "Nothing is sent: this person has opted out of messages."
        case _:
            return "Nothing is sent: messages do not reach this person's phone."


def _slot_on(plan: Plan, day: date) -> Slot | None:
    before = core.wall.instant(day, MIDNIGHT, plan.zone) - core.nudges.MOMENT
    slot = core.nudges.next_slot(plan, before)
    return slot if slot is not None and slot.day == day and slot.kind is Kind.nudge else None


def _both_clocks(moment: datetime, zone: str) -> str:
    return f"{core.wall.local(moment, zone):%H:%M:%S %Z} ({moment:%H:%M:%S} UTC)"
