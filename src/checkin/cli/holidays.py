"""`checkin programs holidays`: days on which a programme nudges nobody."""

from datetime import date, datetime
from uuid import UUID

import click

from checkin import flows, store
from checkin.cli.programs import in_program
from checkin.store.pool import Connection

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def holidays() -> None:
    """Days on which a programme nudges nobody; a day without a nudge never counts as silence."""


@holidays.command("list")
@click.argument("program")
def list_holidays(program: str) -> None:
    """List the holidays of PROGRAM, those that were too."""
    in_program(program, _list)


@holidays.command()
@click.argument("program")
@click.argument("day", type=DAY, metavar="DAY")
@click.argument("name")
def add(program: str, day: datetime, name: str) -> None:
    """Make the local DAY a holiday of PROGRAM by that NAME.

    \b
    checkin programs holidays add "Harbor" 2026-11-26 Thanksgiving
    """
    in_program(program, lambda conn, program_id, now: _add(conn, program_id, day.date(), name, now))


@holidays.command()
@click.argument("program")
@click.argument("day", type=DAY, metavar="DAY")
def remove(program: str, day: datetime) -> None:
    """Make the local DAY a day like others in PROGRAM again; days that have been stay as they were."""
    in_program(program, lambda conn, program_id, now: _remove(conn, program_id, day.date(), now))


async def _list(conn: Connection, program_id: UUID, _: datetime) -> str:
    found = await store.holidays.between(conn, program_id, date.min, date.max)
    return "\n".join(f"{day:%a} {day}  {name}" for day, name in found.items()) or "no holidays"


async def _add(conn: Connection, program_id: UUID, day: date, name: str, now: datetime) -> str:
    await flows.holidays.add(conn, program_id, day, name, now)
    return f"nobody is nudged on {day}: {name}"


async def _remove(conn: Connection, program_id: UUID, day: date, now: datetime) -> str:
    removed = await flows.holidays.remove(conn, program_id, day, now)
    return f"{day} is a day like others" if removed else f"{day} was no holiday"
