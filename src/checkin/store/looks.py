"""What is shown beside an open alert: who was asked, its last try, and the notes that are shared."""

from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from checkin.core.alerts import Outcome
from checkin.core.trend import Fall
from checkin.store.pool import Connection


class Asked(Struct, frozen=True, kw_only=True):
    """One step that was taken: *name* is None where the place was empty; *result* may be new to a reader."""

    at: datetime
    place: str
    name: str | None
    result: str


class Try(Struct, frozen=True, kw_only=True):
    """What came of the last try to reach the mentee."""

    outcome: Outcome | None
    note: str | None


class Note(Struct, frozen=True):
    """A note of the mentee's that their mentor may read."""

    day: date
    words: str


STEPS = """
    select s.at, s.role, s.result, s.person_id, p.name
      from alert_steps s
      left join people p on p.id = s.person_id
     where s.mentee_id = $1
       and s.alert_id = $2
     order by s.step
"""


async def steps(conn: Connection, mentee_id: UUID, alert_id: UUID) -> list[Asked]:
    """Return every step taken for an alert, in order."""
    return [
        Asked(
            at=row["at"],
            place=row["role"],
            name=None if row["name"] is None else conn.vault.open("people.name", row["person_id"], row["name"]),
            result=row["result"],
        )
        for row in await conn.fetch(STEPS, mentee_id, alert_id)
    ]


LAST_TRY = """
    select outcome, outcome_note from alerts where mentee_id = $1 and id = $2
"""


async def last_try(conn: Connection, mentee_id: UUID, alert_id: UUID) -> Try:
    row = await conn.fetchrow(LAST_TRY, mentee_id, alert_id)
    assert row is not None
    sealed = row["outcome_note"]
    return Try(
        outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
        note=None if sealed is None else conn.vault.open("alerts.outcome_note", alert_id, sealed),
    )


NOTE_TRY = """
    update alerts
       set outcome = $3, outcome_note = $4
     where mentee_id = $1
       and id = $2
       and resolved_at is null
"""


async def note_try(conn: Connection, mentee_id: UUID, alert_id: UUID, outcome: Outcome, note: str | None) -> None:
    """Write what came of a try that leaves the alert open; the outcome that closes it takes its place."""
    sealed = None if note is None else conn.vault.seal("alerts.outcome_note", alert_id, note)
    await conn.execute(NOTE_TRY, mentee_id, alert_id, outcome, sealed)


LATEST_FALL = """
    select (select e.cause
              from jsonb_array_elements(evidence) with ordinality as e (cause, place)
             where e.cause ? 'since'
             order by e.place desc
             limit 1) as fall
      from alerts
     where mentee_id = $1
       and kind = 'trend'
     order by raised_at desc
     limit 1
"""


async def latest_fall(conn: Connection, mentee_id: UUID) -> Fall | None:
    """Return the latest fall that an alert told of."""
    fall = await conn.fetchval(LATEST_FALL, mentee_id)
    return None if fall is None else msgspec.json.decode(fall, type=Fall)


SHARED_NOTES = """
    select day, id, note
      from check_ins
     where mentee_id = $1
       and day >= $2
       and note is not null
       and (note_shared or received_at >= (select given_at from consents
                                            where person_id = $1
                                              and purpose = 'notes_to_mentor'
                                              and withdrawn_at is null))
     order by day desc
"""


async def shared_notes(conn: Connection, mentee_id: UUID, since: date) -> list[Note]:
    """Return the notes from *since* on that the mentee lets their mentor read, one by one or all, the newest first."""
    rows = await conn.fetch(SHARED_NOTES, mentee_id, since)
    return [Note(row["day"], conn.vault.open("check_ins.note", row["id"], row["note"])) for row in rows]


STANDS_BY = """
    select exists (select 1 from assignments
                    where mentee_id = $1
                      and mentor_id = $2
                      and kind in ('primary', 'cover')
                      and starts_at <= $3
                      and (ends_at is null or ends_at > $3))
"""


async def stands_by(conn: Connection, mentee_id: UUID, person_id: UUID, now: datetime) -> bool:
    """Say whether a person is the mentee's mentor or cover now."""
    stands: bool = await conn.fetchval(STANDS_BY, mentee_id, person_id, now)
    return stands
