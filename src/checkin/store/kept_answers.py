"""What was answered to calls with an Idempotency-Key, sealed, for the time they may come again."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from checkin.store.ids import made_of
from checkin.store.pool import Connection


class KeptAnswer(Struct, frozen=True):
    """An answer, and a hash of what was said to get it."""

    said_hash: bytes
    status: int
    body: str


def identify(conn: Connection, person_id: UUID, operation: str, key: str) -> UUID:
    """Return the id of what a person asks of an operation under their key."""
    digest = conn.vault.hash("kept_answer", f"{person_id}\0{operation}\0{key}")
    return made_of(digest)


def hash_said(conn: Connection, said: str) -> bytes:
    """Return what tells one body from another, and nothing else of it."""
    return conn.vault.hash("kept_answer.said", said)


TRY_LOCK = """
    select pg_try_advisory_xact_lock($1)
"""


async def try_lock(conn: Connection, answer_id: UUID) -> bool:
    """Say whether this transaction, alone until it ends, may find the answer by that id."""
    number = int.from_bytes(answer_id.bytes[8:], signed=True)
    mine: bool = await conn.fetchval(TRY_LOCK, number)
    return mine


FIND = """
    select said_hash, status, body
      from kept_answers
     where person_id = $1
       and id = $2
       and kept_at > $3
"""


async def find(conn: Connection, person_id: UUID, answer_id: UUID, since: datetime) -> KeptAnswer | None:
    """Return an answer that was kept later than *since*."""
    row = await conn.fetchrow(FIND, person_id, answer_id, since)
    if row is None:
        return None
    return KeptAnswer(row["said_hash"], row["status"], conn.vault.open("kept_answers.body", answer_id, row["body"]))


KEEP = """
    insert into kept_answers (person_id, id, said_hash, status, body, kept_at) values ($1, $2, $3, $4, $5, $6)
        on conflict (person_id, id) do update
       set said_hash = excluded.said_hash, status = excluded.status, body = excluded.body, kept_at = excluded.kept_at
"""


async def keep(conn: Connection, person_id: UUID, answer_id: UUID, answer: KeptAnswer, now: datetime) -> None:
    """Keep an answer; one that is too old to be found gives way."""
    sealed = conn.vault.seal("kept_answers.body", answer_id, answer.body)
    await conn.execute(KEEP, person_id, answer_id, answer.said_hash, answer.status, sealed, now)


FORGET = """
    delete from kept_answers where kept_at <= $1
"""


async def forget(conn: Connection, until: datetime) -> int:
    """Forget what was kept until a moment; returns how many."""
    done: str = await conn.execute(FORGET, until)
    return int(done.split()[-1])
