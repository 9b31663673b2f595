"""`checkin people import` and `checkin token`: people in, and a key to their API."""

import asyncio
import sys
from datetime import timedelta
from typing import IO
from uuid import UUID

import click

from checkin import flows, store
from checkin.api import auth
from checkin.cli.database import database, settings_or_exit
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.people import Person
from checkin.flows.people import Imported, Mistake, NewPerson
from checkin.runtime import running


@click.group()
def people() -> None:
    """Mentees, mentors and coordinators."""


@people.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8-sig", errors="strict"))
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
def import_people(file: IO[str], dry_run: bool) -> None:
    """Bring in people from a CSV FILE (- for standard input).

    \b
    program,name,phone,roles,time_zone,language,mentor,cover
    Harbor,Ana,+1 212 555 0101,mentee,America/New_York,es,+12125550102,
    Harbor,Ben,+1 212 555 0102,mentor,America/New_York,en,,

    roles: one or more of mentee, mentor, coordinator, with a space between. mentor and cover: the phone of somebody
    in the same program. Optional columns: nudge_at (18:00), country (US). Programs that are new are made.

    Every bad line is named; one bad line, and nothing is written.
    """
    try:
        rows, mistakes = flows.people_file.read(file)
    except UnicodeDecodeError:
        raise click.ClickException("the file is not UTF-8; save it as CSV UTF-8 and try again") from None
    if mistakes:
        _refuse(mistakes)
    with database(settings_or_exit()) as settings:
        done = asyncio.run(_import(settings, rows, dry_run))
    if done.mistakes:
        _refuse(done.mistakes)
    verb = "would add" if dry_run else "added"
    click.echo(f"{verb} {done.people} people, {done.programs} programs, {done.assignments} assignments")


async def _import(settings: Settings, rows: list[NewPerson], dry_run: bool) -> Imported:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        return await flows.people.bring_in(conn, rows, parts.clock.now(), dry_run=dry_run)


def _refuse(mistakes: list[Mistake]) -> None:
    for mistake in sorted(mistakes, key=lambda mistake: mistake.line):
        click.echo(f"line {mistake.line}: {mistake.problem}", err=True)
    click.echo(f"{len(mistakes)} mistakes; nothing was written", err=True)
    sys.exit(2)


@click.command()
@click.argument("person")
@click.option("--minutes", type=click.IntRange(1, 24 * 60), default=15, show_default=True, help="How long it is good.")
def token(person: str, minutes: int) -> None:
    """Print an access token for PERSON: an id, or a phone like +12125550101.

    \b
    curl -H "Authorization: Bearer $(checkin token +12125550101)" http://127.0.0.1:8000/v1/me/check-ins
    """
    with database(settings_or_exit()) as settings:
        found = asyncio.run(_find(settings, person))
    if not found:
        raise click.ClickException("there is nobody by that id or phone")
    if len(found) > 1:
        raise click.ClickException("several people share that phone; name one by id")
    click.echo(auth.mint(found[0].id, settings.token_secret, Clock().now(), timedelta(minutes=minutes)))


async def _find(settings: Settings, person: str) -> list[Person]:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        try:
            one = await store.people.by_id(conn, UUID(person))
        except ValueError:
            return await store.people.by_phone(conn, flows.people_file.phone_number(person, "US") or person)
        return [] if one is None else [one]
