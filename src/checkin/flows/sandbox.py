"""The sandbox: texts typed on pretend phones, and a clock that can be moved on."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from checkin import core, gateway, store
from checkin.core.people import Person, Role, Status
from checkin.flows import nudge_plans
from checkin.store.ids import new_id
from checkin.store.pool import Connection, Pool
from checkin.store.sandbox import PhoneText

A_STOP: Final = timedelta(milliseconds=1)
PATIENCE: Final = 3.0  # seconds the worker gets at each stop; without a worker the clock moves on all the same
ANSWERED_WITHIN: Final = 1.5  # seconds a text waits for its answer, so that a page without script shows both
FOLLOWED_WITHIN: Final = 0.2  # seconds in which every other process has seen that the clock was moved
LOOK: Final = 0.02
MOST_STOPS: Final = 200
ACCEPTED: Final = 204


class Move(StrEnum):
    """How far the clock is moved on."""

    hour = "hour"
    day = "day"
    nudge = "nudge"


class Unmoved(StrEnum):
    """Why the clock was left alone."""

    moving = "moving"
    no_nudge = "no_nudge"


Place = Literal["mentee", "mentor", "cover", "coordinator"]


class Phone(Struct, frozen=True, kw_only=True):
    """A pretend phone: whose it is, where they stand, and the newest texts on it, the oldest of them first."""

    owner: Person
    place: Place
    texts: list[PhoneText]


class Webhook(Struct, frozen=True, kw_only=True):
    """Our own webhook as the carrier knows it: where it is, whose account, the token that signs, and our number."""

    url: str
    account_sid: str
    token: str
    sender: str


async def text_us(pool: Pool, owner: Person, body: str, webhook: Webhook, now: Callable[[], datetime]) -> int | None:
    """Text *body* from *owner*'s phone by the way a carrier takes, and wait a moment for the answer.

    Returns the webhook's HTTP status, None when nobody answered; only a text that was accepted is kept on the phone.
    """
    assert owner.phone is not None
    at = now()
    status = await gateway.sandbox.text_in(
        webhook.url, webhook.account_sid, webhook.token, phone=owner.phone, sender=webhook.sender, body=body
    )
    if status == ACCEPTED:
        async with pool.acquire() as conn:
            await store.sandbox.add_text(conn, f"SM{new_id(at).hex}", owner.phone, "from_phone", body, at)
        await _worked_off(pool, now(), ANSWERED_WITHIN)
    return status


async def move_on(
    pool: Pool, move: Move, mentee_id: UUID | None, real_now: Callable[[], datetime]
) -> timedelta | Unmoved:
    """Move the clock on, one move at a time; returns how far it is ahead of *real_now* afterwards, or why not.

    A move to the next nudge is to that of *mentee_id*, or without one to anybody's.
    """
    async with pool.acquire() as conn, conn.transaction():
        if not await store.sandbox.lock_clock(conn):
            return Unmoved.moving
        ahead = await store.sandbox.ahead(conn)
        now = real_now() + ahead
        target = await target_of(conn, move, now, mentee_id)
        if target is None:
            return Unmoved.no_nudge
        await move_clock(pool, now, target, ahead)
        return await store.sandbox.ahead(conn)


async def target_of(conn: Connection, move: Move, now: datetime, mentee_id: UUID | None = None) -> datetime | None:
    """Return the time that *move* leads to: an hour or a day on, or just past the next nudge if there is one."""
    match move:
        case Move.hour:
            return now + timedelta(hours=1)
        case Move.day:
            return now + timedelta(days=1)
        case Move.nudge:
            mentee = None if mentee_id is None else await store.people.by_id(conn, mentee_id)
            due = await (store.sandbox.next_due_nudge(conn, now) if mentee is None else next_nudge(conn, mentee, now))
            return None if due is None else due + A_STOP


async def next_nudge(conn: Connection, mentee: Person, now: datetime) -> datetime | None:
    """Return when *mentee* is asked next; what is decided next may be a day of a pause, on which nothing is sent."""
    due = await store.sandbox.next_due_nudge(conn, now, mentee.id)
    if due is None:
        return None
    pauses = await store.pauses.standing(conn, mentee.id, core.wall.local_day(now, mentee.time_zone))
    if not any(pause.holds_on(core.wall.local_day(due, mentee.time_zone)) for pause in pauses):
        return due
    coming = await nudge_plans.preview(conn, mentee, now, 1)
    return coming.nudges[0][0].at if coming.nudges else None


async def move_clock(pool: Pool, now: datetime, target: datetime, ahead: timedelta) -> None:
    """Move the clock from *now* (*ahead* of the real one) to *target*, stopping wherever something is due.

    At each stop the worker gets a moment to do what is due, so that a day that is skipped is lived through.
    """
    real = now - ahead
    began = asyncio.get_running_loop().time()

    def passed() -> timedelta:
        return timedelta(seconds=asyncio.get_running_loop().time() - began)

    for _ in range(MOST_STOPS):
        async with pool.acquire() as conn:
            due = await store.sandbox.next_due(conn, now)
            if due is None or due >= target:
                break
            now = due + A_STOP
            await store.sandbox.set_ahead(conn, now - real - passed())
        if not await _worked_off(pool, now):
            break
    async with pool.acquire() as conn:
        await store.sandbox.set_ahead(conn, target - real - passed())
    await _worked_off(pool, target)
    await asyncio.sleep(FOLLOWED_WITHIN)


async def _worked_off(pool: Pool, now: datetime, patience: float = PATIENCE) -> bool:
    """Wait until nothing is due any more; False when the worker did not manage in *patience* seconds.

    The clock runs on from *now* while we wait: what the worker queues meanwhile is due a little later than *now*.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    while (waited := loop.time() - began) < patience:
        async with pool.acquire() as conn:
            if await store.sandbox.undone(conn, now + timedelta(seconds=waited)) == 0:
                return True
        await asyncio.sleep(LOOK)
    return False


async def phones(conn: Connection, mentee_id: UUID | None, now: datetime) -> tuple[list[Person], list[Phone]]:
    """Return every mentee there is to choose from, and the phones of one: the mentee's, the mentor's, the others'.

    The chosen mentee is *mentee_id*, or the first one. Their mentor, cover and coordinators follow in this order.
    """
    people = [person for person in await store.sandbox.people(conn) if person.status is not Status.ended]
    mentees = sorted((person for person in people if Role.mentee in person.roles), key=lambda person: person.name)
    chosen = next((person for person in mentees if person.id == mentee_id), mentees[0] if mentees else None)
    if chosen is None:
        return [], []
    standing = await store.people.assigned(conn, chosen.id, now)
    places: list[tuple[Place, Person]] = [
        ("mentee", chosen),
        *(("mentor", one) for one in standing.get("primary", [])),
        *(("cover", one) for one in standing.get("cover", [])),
        *(("coordinator", one) for one in await store.people.coordinators(conn, chosen.program_id, now)),
    ]
    found: dict[UUID, Phone] = {}
    for place, owner in places:
        if owner.phone is not None and owner.id not in found:
            texts = await store.sandbox.on_phone(conn, owner.phone)
            found[owner.id] = Phone(owner=owner, place=place, texts=texts)
    return mentees, list(found.values())
