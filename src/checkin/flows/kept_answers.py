"""A call with an Idempotency-Key is done once, and has the same answer for a day."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from checkin import store
from checkin.core.errors import CheckinError, KeyInUse, KeyReused
from checkin.store.kept_answers import KeptAnswer
from checkin.store.pool import Connection

KEPT: Final = timedelta(hours=24)


class Asked(Struct, frozen=True, kw_only=True):
    """Who asks for what under which key, and all they *said*, written out."""

    person_id: UUID
    operation: str
    key: str
    said: str


class Answer(Struct, frozen=True):
    """A status below 500, and the body as it goes out."""

    status: int
    body: str


async def once(
    conn: Connection,
    asked: Asked,
    now: datetime,
    do: Callable[[], Awaitable[Answer]],
    refuse: Callable[[CheckinError], Answer | None],
) -> Answer:
    """Return what *do* answers; it is done, and its answer kept, in one transaction, or neither is.

    A CheckinError takes back what was done; what *refuse* makes of it is kept too, and it is raised again where that
    is nothing: then, as after every other error, the key is as new. Raises KeyReused for a key that came with
    something else within a day, and KeyInUse while the first call is under way.
    """
    answer_id = store.kept_answers.identify(conn, asked.person_id, asked.operation, asked.key)
    said_hash = store.kept_answers.hash_said(conn, asked.said)
    async with conn.transaction():
        if not await store.kept_answers.try_lock(conn, answer_id):
            raise KeyInUse("try again in a moment, with the same key")
        kept = await store.kept_answers.find(conn, asked.person_id, answer_id, now - KEPT)
        if kept is not None and kept.said_hash != said_hash:
            raise KeyReused("take a new key for what is new")
        if kept is not None:
            return Answer(kept.status, kept.body)
        try:
            async with conn.transaction():
                answer = await do()
        except CheckinError as problem:
            refused = refuse(problem)
            if refused is None:
                raise
            answer = refused
        keeping = KeptAnswer(said_hash, answer.status, answer.body)
        await store.kept_answers.keep(conn, asked.person_id, answer_id, keeping, now)
        return answer


async def forget(conn: Connection, now: datetime) -> dict[str, int]:
    """Forget the answers that are older than a day; returns how many."""
    count = await store.kept_answers.forget(conn, now - KEPT)
    return {"forgotten": count} if count else {}
