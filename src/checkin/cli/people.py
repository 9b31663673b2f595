"""`checkin people` and `checkin token`: people in, what they agreed to on paper, and a key to their API."""

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
from checkin.core.errors import Mistake, UnknownPerson
from checkin.core.people import Person
from checkin.flows.people import Imported, NewPerson
from checkin.runtime import running
from checkin.store.pool import Connection


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
    in the same program. Optional columns: nudge_at (18:00, or 09:00 18:30 with a reminder), weekdays (mon-fri, 1-5),
    quiet (21:00-08:00), country (US), consented (yes, no), facilitator and clinical_contact (phones like mentor),
    on_call (yes or no). Programs that are new are made; one with nobody to ask at the end of its alerts (a
    coordinator, or somebody on call) stays a draft.

    Every bad line is named; one bad line, and nothing is written.
    """
    try:
        rows, mistakes = flows.people_file.read(file)
    except UnicodeDecodeError:
        raise click.ClickException("the file is not UTF-8; save it as CSV UTF-8 and try again") from None
    if not rows:
        _refuse(mistakes)
    with database(settings_or_exit()) as settings:
        done = asyncio.run(_import(settings, rows, dry_run or bool(mistakes)))
    if found := flows.people_file.together(mistakes, done.mistakes):
        _refuse(found)
    verb = "would add" if dry_run else "added"
    click.echo(f"{verb} {done.people} people, {done.programs} programs, {done.assignments} assignments")
    for name in done.drafts:
        click.echo(f"{name} stays a draft: it has no coordinator and nobody on call. Nobody is invited or nudged yet.")
        click.echo(f'Import one, or put somebody on call, then: checkin programs activate "{name}"')


async def _import(settings: Settings, rows: list[NewPerson], dry_run: bool) -> Imported:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        return await flows.people.bring_in(conn, rows, parts.clock.now(), dry_run=dry_run)


def _refuse(mistakes: list[Mistake]) -> None:
    for mistake in mistakes:
        click.echo(f"line {mistake.line}: {mistake.problem}", err=True)
    click.echo(f"{len(mistakes)} mistakes; nothing was written", err=True)
    sys.exit(2)


@people.command()
@click.argument("person")
@click.argument("purpose", type=click.Choice([store.consents.CLINIC]))
@click.argument("said", type=click.Choice(["given", "withdrawn"]))
@click.option("--form", default="paper", show_default=True, help="The version of the paper they signed.")
def consent(person: str, purpose: str, said: str, form: str) -> None:
    """Write down that PERSON (an id, or a phone like +12125550101) agreed to PURPOSE on paper, or took it back.

    \b
    checkin people consent +12125550101 clinical_contact given --form 2026-11
    checkin people consent +12125550101 clinical_contact withdrawn
    """
    if not form.strip():
        raise click.BadParameter("name the version that stands on the paper", param_hint="--form")
    with database(settings_or_exit()) as settings:
        try:
            asyncio.run(_consent(settings, person, purpose, None if said == "withdrawn" else form))
        except UnknownPerson as problem:
            raise click.ClickException(str(problem)) from None
    click.echo(f"{purpose}: {said}")


async def _consent(settings: Settings, person: str, purpose: str, form: str | None) -> None:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        mentee, now = _only(await found_by(conn, person)), parts.clock.now()
        if form is None:
            await flows.consents.withdraw(conn, mentee, purpose, now)
        else:
            await flows.consents.give(conn, mentee, purpose, form, now)


def _only(found: list[Person]) -> Person:
    """Return the one person there is, or end with why there is not one."""
    if not found:
        raise click.ClickException("there is nobody by that id or phone")
    if len(found) > 1:
        raise click.ClickException("several people share that phone; name one by id")
    return found[0]


@click.command()
@click.argument("person")
@click.option("--minutes", type=click.IntRange(1, 24 * 60), default=15, show_default=True, help="How long it is good.")
def token(person: str, minutes: int) -> None:
    """Print an access token for PERSON: an id, or a phone like +12125550101.

    \b
    curl -H "Authorization: Bearer $(checkin token +12125550101)" http://127.0.0.1:8000/v1/me/check-ins
    """
    with database(settings_or_exit()) as settings:
        found = _only(asyncio.run(_find(settings, person)))
    click.echo(auth.mint(found.id, settings.token_secret, Clock().now(), timedelta(minutes=minutes)))


async def _find(settings: Settings, person: str) -> list[Person]:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        return await found_by(conn, person)


async def found_by(conn: Connection, person: str) -> list[Person]:
    """Return who *person* is: one by id, or everybody with that phone."""
    try:
        one = await store.people.by_id(conn, UUID(person))
    except ValueError:
        return await store.people.by_phone(conn, flows.people_file.phone_number(person, "US") or person)
    return [] if one is None else [one]
