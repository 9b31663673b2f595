"""A coordinator looks at why a mentee was nudged or not, and at what is to come; each look is written down."""

from datetime import date, datetime
from uuid import UUID

from checkin import store
from checkin.core.errors import UnknownPerson
from checkin.core.people import Person, Role
from checkin.flows import nudge_plans
from checkin.flows.nudge_plans import Coming
from checkin.store.nudges import Told
from checkin.store.pool import Connection


async def past(
    conn: Connection, mentee_id: UUID, reader_id: UUID, before: tuple[date, str] | None, limit: int, now: datetime
) -> list[Told]:
    """Return what became of a mentee's nudges, as `store.nudges.told` does. Raises UnknownPerson."""
    async with conn.transaction():
        mentee = await _seen(conn, mentee_id, reader_id, now)
        return await store.nudges.told(conn, mentee.id, before, limit)


async def ahead(conn: Connection, mentee_id: UUID, reader_id: UUID, count: int, now: datetime) -> tuple[Person, Coming]:
    """Return a mentee with the nudges to come, as `flows.nudge_plans.preview` does. Raises UnknownPerson."""
    async with conn.transaction():
        mentee = await _seen(conn, mentee_id, reader_id, now)
        return mentee, await nudge_plans.preview(conn, mentee, now, count)


async def _seen(conn: Connection, mentee_id: UUID, reader_id: UUID, now: datetime) -> Person:
    """Return a mentee of the programme that *reader_id* coordinates, and write down that they looked."""
    mentee = await store.nudge_plans.coordinated(conn, mentee_id, reader_id)
    if mentee is None:
        raise UnknownPerson("there is no mentee by that id whose coordinator you are")
    await store.audit.add_looks(conn, [mentee.id], reader_id, Role.coordinator, "nudges.read", now)
    return mentee
