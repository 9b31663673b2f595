"""`checkin nudges plan`: when somebody wants to be asked, shown and set."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import click
from msgspec.structs import replace

from checkin import core, flows
from checkin.cli.nudges import tell_about, tell_plan
from checkin.core.errors import BadInput, Stale
from checkin.core.nudge_plans import Edit, Pause
from checkin.core.people import Person
from checkin.store.pool import Connection

Value = TypeVar("Value")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("person")
@click.option("--at", help='One to six times: the nudge, then its reminder. "18:00", or "09:00 18:30".')
@click.option("--weekdays", help='"mon-fri", "1-5" or "sat sun".')
@click.option("--quiet", help='Hours without nudges: "21:00-08:00".')
@click.option("--zone", help="An IANA name such as America/New_York.")
@click.option("--pause", nargs=2, type=DAY, metavar="FIRST UNTIL", help="Ask nothing from FIRST on, again on UNTIL.")
@click.option("--resume", is_flag=True, help="End every pause, under way or to come.")
def plan(
    person: str,
    at: str | None,
    weekdays: str | None,
    quiet: str | None,
    zone: str | None,
    pause: tuple[datetime, datetime] | None,
    resume: bool,
) -> None:
    """Show the plan of PERSON (an id, or a phone like +12125550101), after setting what is given.

    \b
    checkin nudges plan +12125550101
    checkin nudges plan +12125550101 --at "09:00 18:30" --weekdays mon-fri
    checkin nudges plan +12125550101 --zone Pacific/Honolulu
    checkin nudges plan +12125550101 --pause 2026-12-20 2027-01-04
    """
    hours = _read("--quiet", quiet, core.plan_words.read_hours)
    edit = Edit(
        times=_read("--at", at, core.plan_words.read_times),
        weekdays=_read("--weekdays", weekdays, core.plan_words.read_weekdays),
        quiet_from=None if hours is None else hours[0],
        quiet_until=None if hours is None else hours[1],
        zone=zone,
    )
    new = () if pause is None else (Pause(pause[0].date(), pause[1].date()),)
    tell_about(person, lambda conn, mentee, now: _set(conn, mentee, edit, new, resume, now))


def _read(option: str, text: str | None, read: Callable[[str], Value | None]) -> Value | None:
    if text is None:
        return None
    value = read(text)
    if value is None:
        raise click.BadParameter(f"{text!r} cannot be read", param_hint=option)
    return value


async def _set(
    conn: Connection, mentee: Person, edit: Edit, new: tuple[Pause, ...], resume: bool, now: datetime
) -> list[str]:
    seen = await flows.nudge_plans.standing(conn, mentee, now)
    if new or resume:
        edit = replace(edit, pauses=(() if resume else seen.pauses) + new)
    try:
        standing = await flows.nudge_plans.change(conn, mentee, edit, now, source="operator", actor=None, seen=seen)
    except (BadInput, Stale) as problem:
        place = problem.pointer.removeprefix("/") if isinstance(problem, BadInput) else "plan"
        raise click.ClickException(f"{place}: {problem}") from None
    return list(tell_plan(standing))
