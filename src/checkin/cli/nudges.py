"""`checkin nudges`: why somebody was asked or not, and when they will be."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime
from uuid import UUID

import click
from msgspec.structs import replace

from checkin import core, flows, store
from checkin.cli.database import database, settings_or_exit
from checkin.config import Settings
from checkin.core.nudges import Kind, Plan, Slot
from checkin.core.people import Person, Role
from checkin.core.wall import MIDNIGHT
from checkin.runtime import running
from checkin.store.nudges import Told
from checkin.store.pool import Connection

NEXT = 14
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
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
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
def explain(person: str, day: datetime) -> None:
    """Say what was due for PERSON (an id, or a phone like +12125550101) on the local DAY, and what became of it.

    \b
    checkin nudges explain +12125550101 2026-11-16
    """
    _print(person, lambda conn, mentee, now: _explain(conn, mentee, day.date(), now))


@nudges.command()
@click.argument("person")
def preview(person: str) -> None:
    """Show when PERSON (an id, or a phone like +12125550101) is asked next: 14 nudges, in local time and UTC.

    Each is shown as if those before it were sent and not answered. Reminders are not shown.
    """
    _print(person, _preview)


def _print(person: str, tell: Callable[[Connection, Person, datetime], Awaitable[list[str]]]) -> None:
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
    coming = await flows.nudges.preview(conn, mentee, now, NEXT)
    if not coming:
        return [_standing(mentee) or "Nothing is to come: the plan leaves no open minute."]
    lines = []
    for slot, clock in coming:
        line = f"{WEEKDAYS[slot.day.weekday()]} {slot.day}  {_both_clocks(slot.at, mentee.time_zone)}"
        lines.append(f"{line}  {CLOCKS[clock]}".rstrip())
    return lines


async def _explain(conn: Connection, mentee: Person, day: date, now: datetime) -> list[str]:
    plan = await store.nudges.plan_of(conn, mentee.id)
    assert plan is not None
    lines = [f"{core.nudge_words.tell_day(day)}, mentee {mentee.id}", *_plan(plan)]
    rows = await store.nudges.on_day(conn, mentee.id, day)
    for row in rows:
        lines += _row(row, plan.zone)
    if not rows:
        joined = core.wall.local_day(await store.nudges.joined_at(conn, mentee.id), plan.zone)
        lines.append(_no_row(mentee, plan, day, joined, now))
    return lines


def _plan(plan: Plan) -> Iterator[str]:
    times = " and ".join(f"{at:%H:%M}" for at in sorted(set(plan.times))[:2])
    days = "every day" if len(set(plan.weekdays)) == 7 else ", ".join(WEEKDAYS[n - 1] for n in sorted(plan.weekdays))
    yield f"Plan now: {times} {days}, {plan.zone}."
    yield (
        f"Quiet {plan.quiet_from:%H:%M} to {plan.quiet_until:%H:%M}; "
        f"the programme sends {plan.wall_from:%H:%M} to {plan.wall_until:%H:%M}."
    )
    if plan.paused_until is not None:
        yield f"Paused until {core.nudge_words.tell_day(plan.paused_until)}."


def _row(row: Told, zone: str) -> Iterator[str]:
    due, decided = _both_clocks(row.due_at, zone), _both_clocks(row.decided_at, zone)
    yield f"{row.kind.capitalize()}: due {due}, decided {decided}."
    yield "  " + core.nudge_words.tell(row.kind, row.decision, answer=row.answer, zone=row.answer_zone)
    if row.message_status is not None:
        yield "  " + core.nudge_words.tell_message(row.message_status)


def _no_row(mentee: Person, plan: Plan, day: date, joined: date, now: datetime) -> str:
    """Say why nothing was decided about *day*; *joined* is the local day the mentee was added."""
    if day < joined:
        return f"Not due: this person was added on {core.nudge_words.tell_day(joined)}."
    if plan.paused_until is not None and day < plan.paused_until:
        return f"Not due: paused until {core.nudge_words.tell_day(plan.paused_until)}."
    if day.isoweekday() not in plan.weekdays:
        return f"Not due: the plan leaves out {day:%A}s."
    slot = _slot_on(plan, day)
    if slot is None:
        return "Not due: the plan leaves no open minute on that day."
    due = _both_clocks(slot.at, plan.zone)
    if slot.at > now:
        standing = _standing(mentee)
        return f"Due {due}; not decided yet." + ("" if standing is None else f" {standing}")
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
        case "unreachable":
            return "Nothing is sent: messages do not reach this person's phone."


def _slot_on(plan: Plan, day: date) -> Slot | None:
    before = core.wall.instant(day, MIDNIGHT, plan.zone) - core.nudges.MOMENT
    slot = core.nudges.next_slot(replace(plan, paused_until=None), before)
    return slot if slot is not None and slot.day == day and slot.kind is Kind.nudge else None


def _both_clocks(moment: datetime, zone: str) -> str:
    return f"{core.wall.local(moment, zone):%H:%M:%S %Z} ({moment:%H:%M:%S} UTC)"
