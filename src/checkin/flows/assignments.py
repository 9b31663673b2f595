"""Mentors are given, lent, passed on and let go; open alerts find whoever stands by then."""

from collections import Counter
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from checkin import core, store
from checkin.core.assignments import Kind
from checkin.core.errors import AlreadyEnded, BadInput, UnknownPerson
from checkin.core.people import Person, Role
from checkin.store.assignments import Assignment
from checkin.store.pool import Connection


class By(Struct, frozen=True):
    """Who does it: a coordinator, or with no id the operator."""

    id: UUID | None

    @property
    def actor(self) -> Role | str:
        """The role that is written down."""
        return "operator" if self.id is None else Role.coordinator


OPERATOR: Final = By(None)


async def look_through(conn: Connection, mentee: Person, most: int, now: datetime, *, by: By) -> list[Assignment]:
    """Return the latest *most* assignments of *mentee*, whom the caller may look after, and write the look down."""
    async with conn.transaction():
        await store.audit.add_looks(conn, [mentee.id], by.id, by.actor, "assignments.read", now)
        return await store.assignments.of_mentee(conn, mentee.id, most)


async def begin(
    conn: Connection,
    mentee: Person,
    mentor_id: UUID,
    kind: Kind,
    starts_at: datetime | None,
    ends_at: datetime | None,
    now: datetime,
    *,
    by: By,
) -> Assignment:
    """Let a mentor stand by *mentee*, whom the caller may look after, from now or *starts_at* on.

    With *ends_at* it ends by itself. The very assignment that the caller began, and that stands, is returned as it is.
    Raises UnknownPerson, BadInput, and Conflict.
    """
    start = starts_at or now
    async with conn.transaction():
        mentor = await _lock(conn, mentee, mentor_id)
        for one in await store.assignments.begun_by(conn, by.id, mentee.id, mentor_id, kind, now):
            if core.assignments.is_same_time((one.starts_at, one.ends_at), (starts_at, ends_at), now):
                return one
        core.assignments.check(mentee, mentor, start, ends_at, now)
        added = await store.assignments.add(conn, mentee.id, mentor_id, kind, start, ends_at)
        await store.audit.add(conn, mentee.id, by.id, by.actor, "assignment.begun", now, str(added))
        return await store.assignments.one(conn, mentee.id, added)


async def end(conn: Connection, assignment: Assignment, now: datetime, *, by: By) -> Assignment:
    """End an assignment now; its open alerts go to whoever is left.

    What the caller has ended before stays as it is. Raises AlreadyEnded for what is over otherwise.
    """
    async with conn.transaction():
        await store.roster.lock(conn, assignment.mentee_id)
        if await store.audit.has_done(conn, assignment.mentee_id, by.id, "assignment.ended", str(assignment.id)):
            return await store.assignments.one(conn, assignment.mentee_id, assignment.id)
        standing = await _standing(conn, assignment, now)
        await store.assignments.end(conn, standing, now)
        if standing.has_begun(now):
            await store.assignments.ask_anew(conn, standing.mentee_id, standing.mentor_id, now)
        await store.audit.add(conn, standing.mentee_id, by.id, by.actor, "assignment.ended", now, str(standing.id))
        return await store.assignments.one(conn, standing.mentee_id, standing.id)


async def transfer(conn: Connection, assignment: Assignment, mentor_id: UUID, now: datetime, *, by: By) -> Assignment:
    """End an assignment and begin the same with another mentor; the open alerts' next step asks them.

    What the caller has passed on to this mentor before is returned as it is. Raises AlreadyEnded, UnknownPerson,
    BadInput, and Conflict.
    """
    async with conn.transaction():
        mentee = await store.people.by_id(conn, assignment.mentee_id)
        assert mentee is not None
        mentor = await _lock(conn, mentee, mentor_id)
        passed_on = await store.assignments.passed_on_by(conn, by.id, assignment, mentor_id)
        if passed_on is not None:
            return passed_on
        standing = await _standing(conn, assignment, now)
        if not standing.has_begun(now):
            raise BadInput("this assignment has not begun; end it, and begin another")
        if standing.mentor_id == mentor_id:
            raise BadInput("this mentor has the assignment already", "/mentor_id")
        core.assignments.check(mentee, mentor, now, standing.ends_at, now)
        await store.assignments.end(conn, standing, now)
        start = max(now, standing.starts_at + core.nudges.MOMENT)
        added = await store.assignments.add(conn, mentee.id, mentor_id, standing.kind, start, standing.ends_at)
        await store.assignments.ask_anew(conn, mentee.id, standing.mentor_id, now)
        await store.audit.add(conn, mentee.id, by.id, by.actor, "assignment.transferred", now, str(added))
        return await store.assignments.one(conn, mentee.id, added)


async def hand_on(conn: Connection, now: datetime, until: datetime | None = None) -> Counter[str]:
    """Let alerts find others whose holder no longer stands by the mentee; returns how many, if any.

    With *until* only those are looked at whose next step comes by then.
    """
    async with conn.transaction():
        found = await store.assignments.hand_on(conn, until, now)
        for mentee_id, alert_id in found:
            await store.audit.add(conn, mentee_id, None, "system", "alert.handed_on", now, str(alert_id))
    return Counter(handed_on=len(found)) if found else Counter()


async def _lock(conn: Connection, mentee: Person, mentor_id: UUID) -> Person | None:
    """Lock both, so that neither changes while they come together, and return the mentor."""
    locked = await store.roster.lock(conn, mentee.id, mentor_id)
    if mentee.id not in locked:
        raise UnknownPerson("this mentee's time in the program has ended")
    return locked.get(mentor_id)


async def _standing(conn: Connection, assignment: Assignment, now: datetime) -> Assignment:
    """Return an assignment as it is now that its mentee is locked. Raises AlreadyEnded, also when that came between.

    *now* must have been read after *assignment*: seen from an earlier moment, an end just written would lie ahead.
    """
    found = await store.assignments.one(conn, assignment.mentee_id, assignment.id)
    if found.is_over(now) or found.ends_at != assignment.ends_at:
        raise AlreadyEnded("this assignment is over")
    return found
