"""Mentees as those see them who stand by them or coordinate their program; every look is written down."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from checkin import core, store
from checkin.core.check_ins import CheckIn
from checkin.core.consents import Purpose
from checkin.core.errors import UnknownPerson
from checkin.core.people import Person
from checkin.store.mentees import Trend
from checkin.store.pool import Connection


class Seen(Struct, frozen=True, kw_only=True):
    """One mentee with their *latest* answers, the newest day first; whoever does not stand by them reads no notes.

    *shares_since* is since when the mentee lets their mentor read every note to come, if they do.
    """

    mentee: Person
    trend: Trend
    latest: list[CheckIn]
    reads_notes: bool
    shares_since: datetime | None


async def look_through(
    conn: Connection, reader: Person, after: UUID | None, most: int, now: datetime
) -> tuple[list[Person], bool]:
    """Return up to *most* mentees whom *reader* stands by now, in the order they came, and whether there are more."""
    async with conn.transaction():
        found = await store.mentees.mine(conn, reader.id, now, after, most + 1)
        shown = found[:most]
        role = core.people.acting_role(reader)
        await store.audit.add_looks(conn, [one.id for one in shown], reader.id, role, "mentee.listed", now)
        return shown, len(found) > most


async def look_at(conn: Connection, reader: Person, mentee_id: UUID, days: int, now: datetime) -> Seen:
    """Return a mentee with the answers of their latest *days*.

    Raises UnknownPerson unless *reader* stands by them now or coordinates their program.
    """
    async with conn.transaction():
        seen = await store.mentees.one(conn, reader.id, now, mentee_id)
        trend = None if seen is None else await store.mentees.trend(conn, mentee_id)
        if seen is None or trend is None:
            raise UnknownPerson("there is no mentee by that id for you")
        latest = await store.check_ins.latest(conn, mentee_id, None, days)
        shares_since = await store.consents.since(conn, mentee_id, Purpose.notes_to_mentor)
        await store.audit.add_looks(conn, [mentee_id], reader.id, core.people.acting_role(reader), "mentee.read", now)
        return Seen(
            mentee=seen.mentee, trend=trend, latest=latest, reads_notes=seen.stands_by, shares_since=shares_since
        )
