"""A programme's holidays are set and taken back; days that have been stay as they were."""

from datetime import date, datetime, timedelta
from uuid import UUID

from checkin import core, store
from checkin.core.errors import BadInput, Conflict
from checkin.core.people import Role
from checkin.store.pool import Connection

LONGEST_NAME = 80
MOST_TO_COME = 200
FURTHEST = timedelta(days=3 * 365)


async def add(
    conn: Connection, program_id: UUID, day: date, name: str, now: datetime, *, by: UUID | None = None
) -> None:
    """Make *day* a holiday, on which nobody is nudged; *by* is the coordinator who does it, if not the operator.

    Raises BadInput for a day before today or years ahead, and for a name that is not 1-80 characters, and Conflict
    where there are too many.
    """
    async with conn.transaction():
        today = await _today(conn, program_id, day, now)
        if not 1 <= len(name.strip()) <= LONGEST_NAME:
            raise BadInput(f"a holiday needs a name of 1 to {LONGEST_NAME} characters", "/name")
        if day > today + FURTHEST:
            raise BadInput("that day is more than three years ahead", "/day")
        to_come = await store.holidays.between(conn, program_id, today, date.max)
        if to_come.get(day) == name.strip():
            return
        if day not in to_come and len(to_come) >= MOST_TO_COME:
            raise Conflict(f"{MOST_TO_COME} holidays are to come already")
        await store.holidays.save(conn, program_id, day, name.strip())
        await _write_down(conn, program_id, now, by)


async def remove(conn: Connection, program_id: UUID, day: date, now: datetime, *, by: UUID | None = None) -> bool:
    """Make *day* a day like others; whether it was a holiday. Raises BadInput for a day before today."""
    async with conn.transaction():
        await _today(conn, program_id, day, now)
        removed = await store.holidays.remove(conn, program_id, day)
        if removed:
            await _write_down(conn, program_id, now, by)
        return removed


async def _today(conn: Connection, program_id: UUID, day: date, now: datetime) -> date:
    """Return the programme's local day, the programme locked. Raises BadInput where *day* comes before it.

    Names of holidays that have been are kept: the rows of nudges that were not sent on them are told by them.
    """
    program = await store.programs.lock(conn, program_id)
    today = core.wall.local_day(now, program.time_zone)
    if day < today:
        raise BadInput("that day has been; holidays are set from today on", "/day")
    return today


async def _write_down(conn: Connection, program_id: UUID, now: datetime, by: UUID | None) -> None:
    """Keep a coordinator's change with them, as other changes of a programme's settings are."""
    if by is not None:
        await store.audit.add(conn, by, by, Role.coordinator, "holidays.changed", now, str(program_id))
