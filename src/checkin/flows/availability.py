"""Who answers alerts says when: hours, digest, how much at once, and leave with somebody to stand in."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from checkin import core, store
from checkin.core.availability import Window
from checkin.core.errors import BadInput, Stale, UnknownPerson
from checkin.core.people import Person, Role
from checkin.core.wall import DAY, MIDNIGHT
from checkin.flows import chains
from checkin.store.absences import Leave
from checkin.store.availability import Chosen
from checkin.store.pool import Connection

LONGEST_LEAVE = 366  # days
FARTHEST = 732  # days from now, on which leave may end
AT_ONCE = timedelta(minutes=1)  # what is sent at once is done in any order, so a leave may end a little later than now


class Available(Struct, frozen=True, kw_only=True):
    """What somebody has chosen, their hours in full, and their leave now and to come."""

    chosen: Chosen
    hours: tuple[Window, ...]
    leave: list[Leave]


class NewLeave(Struct, frozen=True, kw_only=True):
    """Leave from *first* to *last* (both off, on the mentor's own calendar), and who stands in."""

    first: date
    last: date
    cover_id: UUID | None = None


async def read(conn: Connection, person: Person, now: datetime) -> Available:
    """Return what a mentor or coordinator has chosen. Raises UnknownPerson for anybody else."""
    _check_role(person)
    program = await store.people.program(conn, person.program_id)
    chosen = await store.availability.of(conn, person.id)
    return Available(
        chosen=chosen,
        hours=chosen.within(chains.wall_of(program)).hours,
        leave=await store.absences.coming(conn, person.id, now),
    )


async def change(
    conn: Connection,
    person: Person,
    chosen: Chosen,
    added: list[NewLeave],
    ended: list[UUID],
    now: datetime,
    *,
    seen: Available | None = None,
) -> Available:
    """Keep what somebody has chosen, with leave that is *added* or *ended* (by its id); all of it or nothing.

    What stands already, leave of the same days and cover too, and what is over already is not done, and not written
    down, a second time.
    Raises UnknownPerson unless they are a mentor or coordinator, BadInput, and Stale when *seen*, what the change was
    made from, stands no more.
    """
    _check_role(person)
    async with conn.transaction():
        await store.roster.lock(conn, person.id)
        stands = await read(conn, person, now)
        if seen is not None and seen != stands:
            raise Stale("it was changed since you read it; read it again")
        ending = await _still_on(conn, person, stands.leave, ended, now)
        left = [one for one in stands.leave if one.id not in ending]
        beginning = await _not_yet(conn, person, left, added, now)
        if chosen == stands.chosen and not ending and not beginning:
            return stands
        program = await store.people.program(conn, person.program_id)
        available = chosen.within(chains.wall_of(program))
        if chosen.digest_at and core.availability.next_digest(available, person.time_zone, now) is None:
            raise BadInput("the digest has to come inside the hours of some day", "/digest_at")
        await store.availability.save(conn, person.id, chosen, now)
        for leave_id in ending:
            await store.absences.end_one(conn, person.id, leave_id, now)
        for leave in beginning:
            await _go_on_leave(conn, person, leave, now)
        role = Role.mentor if Role.mentor in person.roles else Role.coordinator
        await store.audit.add(conn, person.id, person.id, role, "availability.changed", now)
        return await read(conn, person, now)


async def _still_on(
    conn: Connection, person: Person, standing: list[Leave], ended: list[UUID], now: datetime
) -> list[UUID]:
    """Return which of *ended* is not over, or as good as over. Raises BadInput for what is no leave of theirs."""
    soon = now + AT_ONCE
    on = {one.id for one in standing if one.ends_at > soon}
    for leave_id in ended:
        if leave_id not in on and not await store.absences.is_over(conn, person.id, leave_id, soon):
            raise BadInput("there is no leave of yours by that id", "/leave_end")
    return [one for one in dict.fromkeys(ended) if one in on]


async def _not_yet(
    conn: Connection, person: Person, standing: list[Leave], added: list[NewLeave], now: datetime
) -> list[NewLeave]:
    """Return which of *added* does not stand, and none of it twice. Raises BadInput for what can be no leave."""
    today = core.wall.local_day(now, person.time_zone)
    known = set()
    for one in standing:
        begins = core.wall.local_day(one.starts_at, person.time_zone)
        known.add((max(begins, today), one.ends_at, one.cover_id))
    found = []
    for leave in added:
        await _check_leave(conn, person, leave, today)
        same = (max(leave.first, today), _end(person, leave), leave.cover_id)
        if same not in known:
            known.add(same)
            found.append(leave)
    return found


async def _check_leave(conn: Connection, person: Person, leave: NewLeave, today: date) -> None:
    ahead = (leave.last - today).days
    if not 0 <= ahead <= FARTHEST or not 0 <= (leave.last - leave.first).days < LONGEST_LEAVE:
        raise BadInput(
            f"leave ends after it begins, within {LONGEST_LEAVE} days, and {FARTHEST} days from now at the latest",
            "/leave_add",
        )
    if leave.cover_id is not None:
        cover = await store.people.by_id(conn, leave.cover_id)
        ours = cover is not None and cover.program_id == person.program_id and cover.id != person.id
        if cover is None or not ours or not (cover.is_a(Role.mentor) or cover.is_a(Role.coordinator)):
            raise BadInput("who stands in has to be another mentor or coordinator of the program", "/leave_add")


async def _go_on_leave(conn: Connection, person: Person, leave: NewLeave, now: datetime) -> None:
    starts_at = max(now, core.wall.instant(leave.first, MIDNIGHT, person.time_zone))
    await store.absences.begin(conn, person.id, starts_at, _end(person, leave), leave.cover_id)
    if starts_at <= now:
        await store.alerts.let_go(conn, person.id, now)


def _end(person: Person, leave: NewLeave) -> datetime:
    return core.wall.instant(leave.last + DAY, MIDNIGHT, person.time_zone)


def _check_role(person: Person) -> None:
    if not (person.is_a(Role.mentor) or person.is_a(Role.coordinator)):
        raise UnknownPerson("only mentors and coordinators answer alerts")
