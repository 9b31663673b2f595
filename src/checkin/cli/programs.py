"""`checkin programs`: let a program begin, give it its rules, and say who is on call."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from checkin import core, flows, store
from checkin.cli.database import database, settings_or_exit
from checkin.cli.people import found_by
from checkin.config import Settings
from checkin.core.errors import BadInput, BadRouting, NobodyAtTheEnd
from checkin.core.routing import READY_MADE
from checkin.runtime import running
from checkin.store.pool import Connection

Doing = Callable[[Connection, UUID, datetime], Awaitable[str]]


@click.group()
def programs() -> None:
    """Programs: their beginning, their rules about alerts, and who is on call."""


@programs.command()
@click.argument("program")
def activate(program: str) -> None:
    """Let PROGRAM begin: its mentees are invited and nudged from now on.

    Refused while an alert could end with nobody to ask.
    """

    async def begin(conn: Connection, program_id: UUID, now: datetime) -> str:
        begun = await flows.programs.activate(conn, program_id, now)
        return f"{program} has begun" if begun else f"{program} had begun already"

    in_program(program, begin)


@programs.command()
@click.argument("program")
@click.argument("person", required=False)
@click.option("--remove", is_flag=True, help="Take PERSON off call.")
def oncall(program: str, person: str | None, remove: bool) -> None:
    """Show who is on call for PROGRAM, or put PERSON (an id, or a phone like +12125550101) there.

    People on call are asked after the coordinators, in turn: in a crisis ten minutes after nobody answered.
    """

    async def change(conn: Connection, program_id: UUID, now: datetime) -> str:
        if person is not None:
            ours = [one for one in await found_by(conn, person) if one.program_id == program_id]
            if len(ours) != 1:
                raise click.ClickException("there is nobody by that id or phone in the program, or several share it")
            if remove:
                await flows.programs.take_off_call(conn, ours[0], now)
            else:
                await flows.programs.put_on_call(conn, ours[0], now)
        people = await store.routing.on_call(conn, program_id, now)
        return "\n".join(f"{one.id}  {one.name}" for one in people) or "nobody is on call"

    in_program(program, change)


@programs.group()
def routing() -> None:
    """Who is asked about alerts, and in which order."""


@routing.command()
@click.argument("program")
def show(program: str) -> None:
    """Print the rules of PROGRAM, or a ready-made file by its name.

    \b
    checkin programs routing show clinician-first > routing.toml
    """
    if program in READY_MADE:
        click.echo(core.routing.ready_made(program), nl=False)
        return

    async def read(conn: Connection, program_id: UUID, _: datetime) -> str:
        source = await store.routing.source(conn, program_id)
        return (core.routing.ready_made(core.routing.DEFAULT) if source is None else source).rstrip("\n")

    in_program(program, read)


@routing.command()
@click.argument("file")
def check(file: str) -> None:
    """Check the rules in FILE (a TOML file, or the name of a ready-made one); every mistake is named by its line."""
    _parsed(file)
    click.echo(f"{file} can be followed")


@routing.command("set")
@click.argument("program")
@click.argument("file")
def set_command(program: str, file: str) -> None:
    """Give PROGRAM the rules in FILE (a TOML file, or the name of a ready-made one).

    One mistake, or nobody at the end, and the rules stay as they were. Open alerts follow the new rules from their
    next step on.
    """
    source = _parsed(file)

    async def give(conn: Connection, program_id: UUID, now: datetime) -> str:
        await flows.programs.set_routing(conn, program_id, source, now)
        return f"{program} follows {file}"

    in_program(program, give)


def _parsed(file: str) -> str:
    """Return the text of a file of rules that can be followed, or end with its mistakes."""
    try:
        source = core.routing.ready_made(file) if file in READY_MADE else Path(file).read_text(encoding="utf-8")
        core.routing.parse(source)
    except (OSError, UnicodeDecodeError) as problem:
        raise click.ClickException(f"{file} cannot be read: {problem}") from None
    except BadRouting as bad:
        for mistake in bad.mistakes:
            click.echo(f"line {mistake.line}: {mistake.problem}", err=True)
        click.echo(f"{len(bad.mistakes)} mistakes in {file}", err=True)
        sys.exit(2)
    return source


def in_program(name: str, act: Doing) -> None:
    """Print what *act* says about the program called *name*, or what kept it from being done."""
    with database(settings_or_exit()) as settings:
        try:
            said = asyncio.run(_act(settings, name, act))
        except (BadInput, NobodyAtTheEnd) as problem:
            raise click.ClickException(str(problem)) from None
    click.echo(said)


async def _act(settings: Settings, name: str, act: Doing) -> str:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        program = await store.people.program_by_name(conn, name)
        if program is None:
            raise click.ClickException(f"there is no program called {name}")
        return await act(conn, program, parts.clock.now())
