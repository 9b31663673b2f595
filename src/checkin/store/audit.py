"""Who looked at or changed whose data; rows are only ever added."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from checkin.core.people import Role
from checkin.store.ids import new_id
from checkin.store.pool import Connection

ADD = """
    insert into audit (person_id, id, actor_id, actor, action, about, at) values ($1, $2, $3, $4, $5, $6, $7)
"""


async def add(
    conn: Connection,
    whose: UUID,
    actor_id: UUID | None,
    actor: Role | str,
    action: str,
    now: datetime,
    about: str | None = None,
) -> None:
    """Write that *actor_id*, as *actor* ("system" for the program itself), did *action* to *whose* data.

    What concerns a program as a whole stands under the program's own id.
    """
    await conn.execute(ADD, whose, new_id(now), actor_id, actor, action, about, now)


ADD_LOOKS = """
    insert into audit (person_id, id, actor_id, actor, action, at)
    select l.person_id, l.id, $3, $4, $5, $6
      from unnest($1::uuid[], $2::uuid[]) as l (person_id, id)
"""


async def add_looks(
    conn: Connection, whose: list[UUID], actor_id: UUID | None, actor: Role | str, action: str, now: datetime
) -> None:
    """Write that *actor_id* looked at the data of everybody in *whose*; a look at one's own is nobody's business."""
    others = [one for one in whose if one != actor_id]
    await conn.execute(ADD_LOOKS, others, [new_id(now) for _ in others], actor_id, actor, action, now)


HAS_DONE = """
    select exists (select 1
                     from audit
                    where person_id = $1
                      and actor_id is not distinct from $2
                      and action = $3
                      and about = $4)
"""


async def has_done(conn: Connection, whose: UUID, actor_id: UUID | None, action: str, about: str) -> bool:
    """Whether *actor_id* did *action* before, so that the same call again is answered and not done."""
    done: bool = await conn.fetchval(HAS_DONE, whose, actor_id, action, about)
    return done


class Entry(Struct, frozen=True, kw_only=True):
    """What somebody else did. *name* is theirs where they look after people in the person's program now."""

    id: UUID
    at: datetime
    actor: str
    action: str
    name: str | None


BY_OTHERS = """
    select a.id, a.at, a.actor, a.action, p.id as actor_id, p.name
      from audit a
      join people me on me.id = a.person_id
      left join people p
        on p.id = a.actor_id
       and p.program_id = me.program_id
       and p.status <> 'ended'
       and a.actor in ('mentor', 'coordinator')
     where a.person_id = $1
       and a.actor_id is distinct from $1
       and ($2::uuid is null or a.id < $2)
     order by a.id desc
     limit $3
"""


async def by_others(conn: Connection, person_id: UUID, before: UUID | None, limit: int) -> list[Entry]:
    """Return up to *limit* rows about a person that are not their own doing, the newest first, older than *before*."""
    return [
        Entry(
            id=row["id"],
            at=row["at"],
            actor=row["actor"],
            action=row["action"],
            name=None if row["name"] is None else conn.vault.open("people.name", row["actor_id"], row["name"]),
        )
        for row in await conn.fetch(BY_OTHERS, person_id, before, limit)
    ]
