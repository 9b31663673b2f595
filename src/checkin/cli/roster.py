"""`checkin people list, show, invite, assign, transfer, cover, end`: an operator's hand on a program's people."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

import click

from checkin import flows, store
from checkin.cli.database import database, settings_or_exit
from checkin.config import Settings
from checkin.core.assignments import Kind
from checkin.core.errors import CheckinError
from checkin.core.people import Person, Role, Status
from checkin.flows.assignments import By
from checkin.flows.roster import Newcomer
from checkin.runtime import running
from checkin.store.assignments import Assignment
from checkin.store.pool import Connection

OPERATOR = By(None)
MOST = 1000
ROLES = click.Choice([role.value for role in Role])
MOMENT = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"])


@click.command("list")
@click.argument("program")
@click.option("--role", type=ROLES, help="Only people in this role.")
@click.option("--status", type=click.Choice([one.value for one in Status]), help="Only people who stand so.")
def list_people(program: str, role: str | None, status: str | None) -> None:
    """List the people of PROGRAM, one a line: id, status, roles, name. Names are shown; keep the screen to yourself."""

    async def tell(conn: Connection, now: datetime) -> list[str]:
        found = await store.people.in_program(conn, await _program(conn, program))
        kept = [
            one for one in found if (role is None or role in one.roles) and (status is None or status == one.status)
        ]
        await store.audit.add_looks(conn, [one.id for one in kept], None, "operator", "person.read", now)
        return [_line(one) for one in kept]

    _run(tell)


@click.command()
@click.argument("person")
def show(person: str) -> None:
    """Show PERSON (an id, or a phone like +12125550101): their entry, and who stands by whom."""

    async def tell(conn: Connection, now: datetime) -> list[str]:
        one = await _person(conn, person)
        await store.audit.add_looks(conn, [one.id], None, "operator", "person.read", now)
        lines = [_line(one), f"language {one.language}, {one.time_zone}"]
        lines += ["has stopped our texts"] if one.opted_out else []
        lines += ["texts do not arrive"] if one.unreachable else []
        for held in await store.assignments.standing_of(conn, one.id, now):
            other = "mentors " + str(held.mentee_id) if held.mentor_id == one.id else "has " + held.mentor_name
            lines.append(f"{other}, {_period(held)}")
        return lines

    _run(tell)


@click.command()
@click.argument("program")
@click.argument("name")
@click.argument("phone")
@click.option("--role", "roles", type=ROLES, multiple=True, default=["mentee"], show_default=True)
@click.option("--language", type=click.Choice(["en", "es"]), default="en", show_default=True)
@click.option("--zone", help="An IANA name like America/New_York; the program's without it.")
@click.option("--consented", is_flag=True, help="They agreed on paper; they are not asked by text.")
def invite(
    program: str, name: str, phone: str, roles: tuple[str, ...], language: str, zone: str | None, consented: bool
) -> None:
    """Invite NAME with PHONE to PROGRAM; a mentee is asked by text, and begins with their yes.

    \b
    checkin people invite Harbor Ana "+1 212 555 0101" --language es
    """

    async def tell(conn: Connection, now: datetime) -> list[str]:
        home = await store.people.program(conn, await _program(conn, program))
        new = Newcomer(
            name=name,
            phone=phone,
            roles=frozenset(Role(role) for role in roles),
            language=language,
            time_zone=zone or home.time_zone,
            consented=consented,
        )
        added = await flows.roster.invite(conn, home.id, new, now, by=OPERATOR)
        return [_line(added)]

    _run(tell)


@click.command()
@click.argument("mentee")
@click.argument("mentor")
@click.option("--from", "starts", type=MOMENT, help="A moment in UTC; now without it.")
@click.option("--until", "ends", type=MOMENT, help="A moment in UTC; until further notice without it.")
@click.option(
    "--as",
    "kind",
    type=click.Choice([Kind.primary.value, Kind.facilitator.value]),
    default=Kind.primary.value,
    show_default=True,
    help="A facilitator has MENTEE in their group.",
)
def assign(mentee: str, mentor: str, starts: datetime | None, ends: datetime | None, kind: str) -> None:
    """Give MENTEE a primary MENTOR (ids, or phones like +12125550101), or a facilitator."""
    _run(lambda conn, now: _begin(conn, mentee, mentor, Kind(kind), starts, ends, now))


@click.command()
@click.argument("mentee")
@click.argument("mentor")
@click.option("--from", "starts", type=MOMENT, help="A moment in UTC; now without it.")
@click.option("--until", "ends", type=MOMENT, help="A moment in UTC at which it ends by itself.")
def cover(mentee: str, mentor: str, starts: datetime | None, ends: datetime | None) -> None:
    """Let MENTOR stand in for MENTEE's own mentor (ids, or phones); with --until it ends by itself."""
    _run(lambda conn, now: _begin(conn, mentee, mentor, Kind.cover, starts, ends, now))


@click.command()
@click.argument("mentee")
@click.argument("mentor")
def transfer(mentee: str, mentor: str) -> None:
    """Pass MENTEE on to MENTOR (ids, or phones) in one moment; the next step of open alerts asks the new one."""

    async def tell(conn: Connection, now: datetime) -> list[str]:
        whose, to = await _person(conn, mentee), await _person(conn, mentor)
        standing = await store.assignments.of_mentee(conn, whose.id, MOST)
        held = [one for one in standing if one.kind == Kind.primary and one.starts_at <= now and not one.is_over(now)]
        if not held:
            raise click.ClickException("this mentee has no primary mentor; use: checkin people assign")
        return [_period(await flows.assignments.transfer(conn, held[0], to.id, now, by=OPERATOR))]

    _run(tell)


@click.command()
@click.argument("person")
@click.confirmation_option(prompt="Nothing is asked of them any more, and their assignments end. Go on?")
def end(person: str) -> None:
    """Let PERSON (an id, or a phone) go: assignments end, and the open alerts they had find somebody else."""

    async def tell(conn: Connection, now: datetime) -> list[str]:
        return [_line(await flows.roster.end(conn, await _person(conn, person), now, by=OPERATOR))]

    _run(tell)


async def _begin(
    conn: Connection,
    mentee: str,
    mentor: str,
    kind: Kind,
    starts: datetime | None,
    ends: datetime | None,
    now: datetime,
) -> list[str]:
    whose, to = await _person(conn, mentee), await _person(conn, mentor)
    added = await flows.assignments.begin(conn, whose, to.id, kind, _utc(starts), _utc(ends), now, by=OPERATOR)
    return [_period(added)]


def _run(tell: Callable[[Connection, datetime], Awaitable[list[str]]]) -> None:
    """Print the lines that *tell* returns, or the one line that says what is wrong."""
    with database(settings_or_exit()) as settings:
        try:
            lines = asyncio.run(_lines(settings, tell))
        except CheckinError as problem:
            raise click.ClickException(str(problem)) from None
    click.echo("\n".join(lines))


async def _lines(settings: Settings, tell: Callable[[Connection, datetime], Awaitable[list[str]]]) -> list[str]:
    async with running(settings) as parts, parts.pool.acquire() as conn:
        return await tell(conn, parts.clock.now())


async def _program(conn: Connection, name: str) -> UUID:
    found = await store.people.program_by_name(conn, name)
    if found is None:
        raise click.ClickException("there is no program of that name")
    return found


async def _person(conn: Connection, person: str) -> Person:
    """Return the one person by that id or phone, or end with the line that says why there is none."""
    try:
        one = await store.people.by_id(conn, UUID(person))
        found = [] if one is None else [one]
    except ValueError:
        found = await store.people.by_phone(conn, flows.people_file.phone_number(person, "US") or person)
    if not found:
        raise click.ClickException("there is nobody by that id or phone")
    if len(found) > 1:
        raise click.ClickException("several people share that phone; name one by id")
    return found[0]


def _line(one: Person) -> str:
    return f"{one.id}  {one.status:8}{' '.join(sorted(one.roles)):20}{one.name!r}"


def _period(one: Assignment) -> str:
    until = "until further notice" if one.ends_at is None else f"until {one.ends_at:%Y-%m-%d %H:%M} UTC"
    return f"{one.kind}: {one.mentor_name} from {one.starts_at:%Y-%m-%d %H:%M} UTC {until}"


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
