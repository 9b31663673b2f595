"""Notes that were found to speak of danger, as the causes of alerts hold them until somebody has answered them."""

from uuid import UUID

import msgspec
from msgspec import Struct

from checkin.core.danger import Screening
from checkin.store.pool import Connection


class DangerNote(Struct, frozen=True, kw_only=True):
    """A note, or the words of a request, under its own id, and what was found in it."""

    mentee_id: UUID
    id: UUID
    found: Screening


# A cause says under "unanswered" which note it was found in.
TAKE = """
    with waiting as (
        select mentee_id, id, evidence
          from alerts
         where kind = 'crisis'
           and resolved_at is null
           and evidence @? '$[*].unanswered'
           and ($2::uuid is null or mentee_id = $2)
         limit $1
           for update skip locked
    ), answered as (
        update alerts a
           set evidence = (select jsonb_agg(e.cause - 'unanswered' order by e.place)
                             from jsonb_array_elements(a.evidence) with ordinality as e (cause, place))
          from waiting w
         where a.mentee_id = w.mentee_id
           and a.id = w.id
    )
    select w.mentee_id, (e.cause ->> 'unanswered')::uuid as id, e.cause
      from waiting w
     cross join jsonb_array_elements(w.evidence) as e (cause)
     where e.cause ? 'unanswered'
"""


async def take(conn: Connection, limit: int, only: UUID | None = None) -> list[DangerNote]:
    """Return the notes in up to *limit* open alerts that nobody has answered, each of them once and never again.

    Those of one mentee alone, if *only* says whose.
    """
    rows = await conn.fetch(TAKE, limit, only)
    return [
        DangerNote(mentee_id=row["mentee_id"], id=row["id"], found=msgspec.json.decode(row["cause"], type=Screening))
        for row in rows
    ]
