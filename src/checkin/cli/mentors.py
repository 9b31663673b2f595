"""`checkin mentors`: what mentors carry, and when they may be asked."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

import click
from msgspec.structs import replace

from checkin import core, flows, store
from checkin.cli.database import database, settings_or_exit
from checkin.cli.people import found_by
from checkin.config import Settings
from checkin.core.availability import Window
from checkin.core.errors import BadInput, UnknownPerson
from checkin.core.people import Person
from checkin.flows.availability import Available, NewLeave
from checkin.runtime import running
from checkin.store.load import Load
from checkin.store.pool import Connection

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NONE = "none"


@click.group()
def mentors() -> None:
    """What mentors carry, and when they may be asked."""


@mentors.command()
@click.argument("program", required=False)
def load(program: str | None) -> None:
    """Show what each mentor of PROGRAM (left out: of every program) carries.

    Their mentees, their open alerts, the median time from being asked to an answer, and how often they were asked
    outside their hours; the last two over 30 days.
    """

    async def read(conn: Connection, now: datetime) -> list[str]:
        found = await store.people.programs(conn)
        if program is not None:
            found = [(one, name) for one, name in found if name == program]
        if not found:
            raise click.ClickException("there is no such program")
        return [line for one, name in found for line in _table(name, await store.load.of_program(conn, one, now))]

    click.echo("\n".join(_run(read)))


def _table(program: str, loads: list[Load]) -> Iterator[str]:
    yield program
    yield f"  {'mentor':<24} {'mentees':>7} {'open':>5} {'median answer':>14} {'outside hours':>14}"
    for one in loads:
        name = "".join(letter if letter.isprintable() else "?" for letter in one.name)
        took = "-" if one.median_answer is None else _length(one.median_answer)
        yield f"  {name:<24.24} {one.mentees:>7} {one.open_alerts:>5} {took:>14} {one.outside_hours:>14}"


def _length(took: timedelta) -> str:
    minutes = round(took / timedelta(minutes=1))
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"


@mentors.command()
@click.argument("person")
@click.option(
    "--hours", metavar="DAYS HH:MM-HH:MM", multiple=True, help='Like "1-5 09:00-17:00"; none: the program\'s.'
)
@click.option("--digest", metavar="HH:MM", help="When what can wait comes in one text; none: each by itself.")
@click.option("--limit", metavar="COUNT", help="Open alerts they can carry; none: any number.")
@click.option(
    "--leave", nargs=2, type=click.DateTime(["%Y-%m-%d"]), metavar="FIRST LAST", help="Days off, both included."
)
@click.option("--cover", metavar="PERSON", help="Who stands in during --leave: an id or a phone.")
@click.option("--back", is_flag=True, help="End leave now, and drop what is to come.")
def availability(
    person: str,
    hours: tuple[str, ...],
    digest: str | None,
    limit: str | None,
    leave: tuple[datetime, datetime] | None,
    cover: str | None,
    back: bool,
) -> None:
    """Show or change when PERSON (an id, or a phone like +12125550101) may be asked about alerts.

    Times are on their own wall. A crisis goes through hours, limit and digest, but not through leave.

    \b
    checkin mentors availability +12125550102 --hours "1-5 09:00-17:00" --hours "6 10:00-12:00" --limit 5
    checkin mentors availability +12125550102 --leave 2026-12-24 2027-01-02 --cover +12125550103
    """
    if cover and not leave:
        raise click.UsageError("--cover goes with --leave")

    async def act(conn: Connection, now: datetime) -> list[str]:
        reader = await _one(conn, person)
        found = await flows.availability.read(conn, reader, now)
        chosen, ended = found.chosen, [one.id for one in found.leave] if back else []
        if hours:
            chosen = replace(chosen, hours=None if hours == (NONE,) else _windows(hours))
        if digest:
            chosen = replace(chosen, digest_at=None if digest == NONE else _time(digest))
        if limit:
            chosen = replace(chosen, limit=None if limit == NONE else _count(limit))
        added = [] if leave is None else [_leave(leave, (await _one(conn, cover)).id if cover else None)]
        if hours or digest or limit or added or ended:
            found = await flows.availability.change(conn, reader, chosen, added, ended, now)
        return list(_lines(reader, found))

    click.echo("\n".join(_run(act)))


def _lines(reader: Person, found: Available) -> Iterator[str]:
    whose = "" if found.chosen.hours is not None else " (the program's)"
    for one in sorted(found.hours):
        yield f"{WEEKDAYS[one.weekday - 1]} {one.opens:%H:%M}-{one.closes:%H:%M} {reader.time_zone}{whose}"
    digest = found.chosen.digest_at
    yield "digest: " + ("each by itself" if digest is None else f"{digest:%H:%M}")
    yield f"limit: {found.chosen.limit or 'any number'}"
    for leave in found.leave:
        first, last = (core.wall.local(at, reader.time_zone) for at in (leave.starts_at, leave.ends_at))
        yield f"leave: {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}, cover {leave.cover_id or 'as assigned'}"


def _leave(days: tuple[datetime, datetime], cover_id: UUID | None) -> NewLeave:
    first, last = (date(day.year, day.month, day.day) for day in days)
    return NewLeave(first=first, last=last, cover_id=cover_id)


def _windows(said: tuple[str, ...]) -> tuple[Window, ...]:
    found = []
    for one in said:
        days, _, span = one.partition(" ")
        opens, _, closes = span.partition("-")
        first, _, last = days.partition("-")
        begins, ends = _number(first), _number(last or first)
        if not 1 <= begins <= ends <= 7:
            raise click.ClickException(f"{one!r}: days are like 1-5 or 6; Monday is 1")
        found += [Window(day, _time(opens), _time(closes)) for day in range(begins, ends + 1)]
    return tuple(sorted(found))


def _time(said: str) -> time:
    try:
        return datetime.strptime(said.strip(), "%H:%M").time()  # noqa: DTZ007 - a wall time has no zone
    except ValueError:
        raise click.ClickException(f"{said!r} is not a time such as 09:00") from None


def _count(said: str) -> int:
    count = _number(said)
    if not 1 <= count <= 100:
        raise click.ClickException("--limit is 1 to 100, or none")
    return count


def _number(said: str) -> int:
    """Return the whole number of at most three digits; 0 where there is none."""
    return int(said) if said.isdecimal() and len(said) <= 3 else 0


async def _one(conn: Connection, person: str) -> Person:
    found = await found_by(conn, person)
    if len(found) != 1:
        raise click.ClickException(f"there is nobody by the id or phone {person}, or several share it")
    return found[0]


def _run(act: Callable[[Connection, datetime], Awaitable[list[str]]]) -> list[str]:
    with database(settings_or_exit()) as settings:
        try:
            return asyncio.run(_lend(settings, act))
        except (BadInput, UnknownPerson) as problem:
            raise click.ClickException(str(problem)) from None


async def _lend(settings: Settings, act: Callable[[Connection, datetime], Awaitable[list[str]]]) -> list[str]:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        return await act(conn, parts.clock.now())
