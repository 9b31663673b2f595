"""Pauses: the local days on which a mentee is not asked, those to come and those that were."""

from datetime import date, datetime
from uuid import UUID

from checkin.core.nudge_plans import Pause
from checkin.store.ids import new_id
from checkin.store.pool import Connection

ADD = """
    insert into pauses (mentee_id, id, starts_on, until, source, made_at)
    select $1, id, starts_on, until, $5, $6
      from unnest($2::uuid[], $3::date[], $4::date[]) as d (id, starts_on, until)
"""


async def add(conn: Connection, mentee_id: UUID, pauses: list[Pause], source: str, now: datetime) -> None:
    """Add pauses; *source* is "sms", "app", "coordinator" or "operator"."""
    starts, ends = [pause.starts_on for pause in pauses], [pause.until for pause in pauses]
    await conn.execute(ADD, mentee_id, [new_id(now) for _ in pauses], starts, ends, source, now)


END = """
    update pauses p
       set ended_at = $4
      from unnest($2::date[], $3::date[]) as d (starts_on, until)
     where p.mentee_id = $1
       and p.starts_on = d.starts_on
       and p.until = d.until
       and p.ended_at is null
"""


async def end(conn: Connection, mentee_id: UUID, pauses: list[Pause], now: datetime) -> None:
    """Take back pauses that stand, or end them early; their rows stay."""
    starts, ends = [pause.starts_on for pause in pauses], [pause.until for pause in pauses]
    await conn.execute(END, mentee_id, starts, ends, now)


STANDING = """
    select starts_on, until
      from pauses
     where mentee_id = $1
       and ended_at is null
       and until > $2
     order by starts_on, until
"""


async def standing(conn: Connection, mentee_id: UUID, today: date) -> tuple[Pause, ...]:
    """Return the pauses under way or to come on the local day *today*, the earliest first."""
    rows = await conn.fetch(STANDING, mentee_id, today)
    return tuple(Pause(row["starts_on"], row["until"]) for row in rows)


AROUND = """
    select starts_on, until, ended_at
      from pauses
     where mentee_id = $1
       and starts_on <= $2
       and until > $2
     order by made_at desc, id desc
"""


async def around(conn: Connection, mentee_id: UUID, day: date) -> list[tuple[Pause, datetime | None]]:
    """Return every pause that was meant to hold on *day*, the newest first, with when it was ended early."""
    rows = await conn.fetch(AROUND, mentee_id, day)
    return [(Pause(row["starts_on"], row["until"]), row["ended_at"]) for row in rows]
