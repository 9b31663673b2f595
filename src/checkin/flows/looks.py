"""Looking at alerts: what is told of them to somebody whose business they are, with every look written down."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from checkin import core, store
from checkin.core.errors import UnknownAlert
from checkin.core.people import Person, Role
from checkin.core.trend import Report
from checkin.store.alerts import OpenAlert, Spot
from checkin.store.looks import Asked, Note, Try
from checkin.store.people import Program
from checkin.store.pool import Connection


class Told(Struct, frozen=True, kw_only=True):
    """What *reader* is told of an alert in a list: *holder* has it, and the mentee has been low since *low_since*."""

    reader: Person
    mentee: Person
    alert: OpenAlert
    holder: Person | None
    low_since: date | None


class Look(Told, frozen=True, kw_only=True):
    """An alert as *reader* may see it, with what stands behind it.

    *history* are all the mentee's reports, in day order; *notes* those of the last 60 days that the mentee shared,
    and none for a coordinator.
    """

    program: Program
    tried: Try
    steps: list[Asked]
    history: list[Report]
    notes: list[Note]


async def find(conn: Connection, reader: Person, alert_id: UUID, now: datetime) -> OpenAlert:
    """Return an open alert that is *reader*'s business now. Raises UnknownAlert for every other, as if it were not."""
    for alert in await store.alerts.open_for(conn, reader.id, now):
        if alert.id == alert_id:
            return alert
    raise UnknownAlert("there is no open alert by that id for you")


async def look_through(
    conn: Connection, reader_id: UUID, after: Spot | None, most: int, now: datetime
) -> tuple[list[Told], bool]:
    """Return up to *most* open alerts that are somebody's business now, the newest first, and if there are more."""
    async with conn.transaction():
        reader = await store.people.by_id(conn, reader_id)
        if reader is None:
            return [], False
        found = await store.alerts.open_for(conn, reader.id, now, after=after, limit=most + 1)
        return [await _tell(conn, reader, alert, now) for alert in found[:most]], len(found) > most


async def look_at(conn: Connection, reader: Person, alert_id: UUID, now: datetime) -> Look:
    """Return all of one open alert. Raises UnknownAlert unless it is *reader*'s business now."""
    async with conn.transaction():
        return await look(conn, reader, await find(conn, reader, alert_id, now), now)


async def look(conn: Connection, reader: Person, alert: OpenAlert, now: datetime) -> Look:
    """Return what *reader*, whose business *alert* is, may see of it, and write down that they looked.

    Runs inside the caller's transaction.
    """
    told = await _tell(conn, reader, alert, now)
    mentee = told.mentee
    since = core.wall.local_day(now, mentee.time_zone) - timedelta(days=core.charts.DAYS - 1)
    reads_notes = await store.looks.stands_by(conn, mentee.id, reader.id, now)
    return Look(
        reader=reader,
        mentee=mentee,
        alert=alert,
        holder=told.holder,
        low_since=told.low_since,
        program=await store.people.program(conn, mentee.program_id),
        tried=await store.looks.last_try(conn, mentee.id, alert.id),
        steps=await store.looks.steps(conn, mentee.id, alert.id),
        history=await store.check_ins.reports_since(conn, mentee.id, None),
        notes=await store.looks.shared_notes(conn, mentee.id, since) if reads_notes else [],
    )


async def tell(conn: Connection, reader: Person, alert: OpenAlert, now: datetime) -> Told:
    """Return what *reader*, who answered *alert* just now, is told of it; open or closed."""
    async with conn.transaction():
        return await _tell(conn, reader, alert, now)


async def still_low_since(conn: Connection, mentee_id: UUID, today: date) -> date | None:
    """Return the day since which a mentee has been low, as `core.still_low` sees it; *today* is their local day."""
    fall = await store.looks.latest_fall(conn, mentee_id)
    if fall is None:
        return None
    reports = await store.check_ins.reports_since(conn, mentee_id, fall.since)
    return core.still_low.since(fall, reports, today)


async def note(conn: Connection, reader: Person, mentee_id: UUID, alert_id: UUID, now: datetime) -> None:
    """Write down that *reader* was told of an alert."""
    role = Role.mentor if Role.mentor in reader.roles else Role.coordinator
    await store.audit.add(conn, mentee_id, reader.id, role, "alert.read", now, str(alert_id))


async def told(conn: Connection, reader: Person, alert: OpenAlert, now: datetime) -> Told:
    """Gather what *reader* would be told of an alert; nothing is written down."""
    mentee = await store.people.by_id(conn, alert.mentee_id)
    assert mentee is not None
    holder = alert.acknowledged_by
    return Told(
        reader=reader,
        mentee=mentee,
        alert=alert,
        holder=None if holder is None else await store.people.by_id(conn, holder),
        low_since=await still_low_since(conn, mentee.id, core.wall.local_day(now, mentee.time_zone)),
    )


async def _tell(conn: Connection, reader: Person, alert: OpenAlert, now: datetime) -> Told:
    """Gather what is told of an alert, and write down that *reader* looked."""
    await note(conn, reader, alert.mentee_id, alert.id, now)
    return await told(conn, reader, alert, now)
