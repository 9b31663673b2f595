"""What people who answer alerts have chosen: their hours, their digest, how much they can carry."""

from datetime import datetime, time
from uuid import UUID

import msgspec
from msgspec import Struct

from checkin.core.availability import Availability, OpenAlerts, Window
from checkin.core.escalation import Reader
from checkin.core.people import Person
from checkin.store.pool import Connection


class Chosen(Struct, frozen=True, kw_only=True):
    """What somebody has chosen; *hours* None is their program's wall."""

    hours: tuple[Window, ...] | None = None
    digest_at: time | None = None
    limit: OpenAlerts | None = None

    def within(self, wall: tuple[Window, ...]) -> Availability:
        """Return it in full; *wall* are the hours of those who have chosen none."""
        hours = wall if self.hours is None else self.hours
        return Availability(hours=hours, digest_at=self.digest_at, limit=self.limit)


OF = """
    select hours, digest_at, alert_limit from availability where person_id = $1
"""


async def of(conn: Connection, person_id: UUID) -> Chosen:
    """Return what a person has chosen; nothing is a choice too."""
    row = await conn.fetchrow(OF, person_id)
    return Chosen() if row is None else _chosen(row["hours"], row["digest_at"], row["alert_limit"])


SAVE = """
    insert into availability (person_id, hours, digest_at, alert_limit, changed_at)
    values ($1, $2::jsonb, $3, $4, $5)
        on conflict (person_id) do update
           set hours = excluded.hours, digest_at = excluded.digest_at, alert_limit = excluded.alert_limit,
               changed_at = excluded.changed_at
"""


async def save(conn: Connection, person_id: UUID, chosen: Chosen, now: datetime) -> None:
    """Keep what a person has chosen, in place of what they chose before."""
    hours = None
    if chosen.hours is not None:
        hours = msgspec.json.encode([(one.weekday, one.opens, one.closes) for one in chosen.hours]).decode()
    await conn.execute(SAVE, person_id, hours, chosen.digest_at, chosen.limit, now)


# Open alerts are theirs that they were asked about last, or have.
READERS = """
    select p.id, v.hours, v.digest_at, v.alert_limit,
           (select count(*) from alerts a
             where a.owner_id = p.id and a.resolved_at is null and a.id <> $2) as open_alerts
      from unnest($1::uuid[]) as p (id)
      left join availability v on v.person_id = p.id
"""


async def readers(
    conn: Connection, people: list[Person], alert_id: UUID, wall: tuple[Window, ...]
) -> dict[UUID, Reader]:
    """Return *people* as those who may be asked about *alert_id*, by id; *wall* are their hours unless they chose."""
    by_id = {person.id: person for person in people}
    return {
        row["id"]: Reader(
            person=by_id[row["id"]],
            available=_chosen(row["hours"], row["digest_at"], row["alert_limit"]).within(wall),
            open_alerts=row["open_alerts"],
        )
        for row in await conn.fetch(READERS, list(by_id), alert_id)
    }


def _chosen(hours: str | None, digest_at: time | None, limit: int | None) -> Chosen:
    windows = None
    if hours is not None:
        windows = tuple(Window(*one) for one in msgspec.json.decode(hours, type=list[tuple[int, time, time]]))
    return Chosen(hours=windows, digest_at=digest_at, limit=limit)
