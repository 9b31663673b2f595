"""A group looks at itself, without names."""

from datetime import datetime

from msgspec import Struct

from checkin import core, store
from checkin.core.errors import UnknownPerson
from checkin.core.groups import GroupDay
from checkin.core.people import Person, Role
from checkin.flows import chains
from checkin.store.pool import Connection


class Group(Struct, frozen=True):
    """How many are in a group now, and what is told of its latest days, the newest first."""

    members: int
    days: list[GroupDay]


async def read(conn: Connection, mentee: Person, now: datetime) -> Group:
    """Return what the group of *mentee* may know of itself: numbers, and nobody's own.

    Raises UnknownPerson where there is no group: the program's rules ask no facilitator, or nobody facilitates for
    *mentee* now.
    """
    if mentee.is_a(Role.mentee) and core.routing.is_for_groups(await chains.routing_of(conn, mentee.program_id)):
        facilitator = await store.groups.facilitator(conn, mentee.id, now)
        if facilitator is not None:
            zone = mentee.time_zone
            days = core.groups.days(core.wall.local_day(now, zone))
            members_at = [min(now, core.groups.closes_at(day, zone)) for day in days]
            tallies = await store.groups.tallies(conn, facilitator, days, members_at)
            return Group(tallies[0].members, core.groups.tell(tallies, zone, now))
    raise UnknownPerson("you are in no group here")
