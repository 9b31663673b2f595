"""Somebody signs in: asks for a code, is sent it if we know the number, and trades it for a session."""

import secrets
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from checkin import core, store
from checkin.core.delivery import Lane
from checkin.core.errors import TooOften, WrongCode
from checkin.core.limits import Room
from checkin.core.people import Person, Status
from checkin.core.texts import Text
from checkin.flows import say, sessions
from checkin.flows.sessions import Signed
from checkin.store.ids import new_id
from checkin.store.limits import Keys
from checkin.store.outbox import Letter
from checkin.store.pool import Connection
from checkin.store.sign_in import CodeRequest

BATCH = 50


class Granted(Struct, frozen=True):
    """A request for a code that was taken, and what is left of the limit that is nearest, unless it came before."""

    request: CodeRequest
    room: Room | None


class Wish(Struct, frozen=True, kw_only=True):
    """Somebody at *address* wants a code sent to *phone* (E.164), which *device* alone may use.

    A *key* of their own says that it is the same wish when it comes again.
    """

    phone: str
    address: str
    device: UUID | None = None
    key: str | None = None


async def ask(conn: Connection, wish: Wish, now: datetime, *, codes_an_hour: int) -> Granted:
    """Take a request for a code; one that came before under its key has the same answer while the code lives.

    Whether anybody has that number is not looked at here. *codes_an_hour* are those of everybody together.
    Raises TooOften.
    """
    try:
        return await _ask(conn, wish, now, codes_an_hour)
    except TooOften:
        before = await _same(conn, wish, now)
        if before is None:
            raise
        return Granted(before, None)


async def _ask(conn: Connection, wish: Wish, now: datetime, codes_an_hour: int) -> Granted:
    phone = wish.phone
    keys = (
        (core.sign_in.PER_ADDRESS, wish.address),
        (core.sign_in.PER_RANGE, core.sign_in.number_range(phone)),
        (core.sign_in.per_service(codes_an_hour), ""),
    )
    await _room(conn, phone, keys, now)  # so that who may not ask anyway does not wait for those who may
    if (before := await _same(conn, wish, now)) is not None:  # nor who asks again, whom no limit counts
        return Granted(before, None)
    async with conn.transaction():
        await store.limits.lock(conn)
        if (before := await _same(conn, wish, now)) is not None:
            return Granted(before, None)
        room = await _room(conn, phone, keys, now)
        request = CodeRequest(id=new_id(now), phone=phone, expires_at=now + core.sign_in.CODE_LIFETIME)
        await store.sign_in.add(conn, request, wish.device, now, key=wish.key)
        await store.limits.use(conn, keys, now)
    return Granted(request, core.limits.used_once(room))


async def _same(conn: Connection, wish: Wish, now: datetime) -> CodeRequest | None:
    return None if wish.key is None else await store.sign_in.same(conn, wish.phone, wish.device, wish.key, now)


async def _room(conn: Connection, phone: str, keys: Keys, now: datetime) -> Room:
    """Return what is left to whoever asks for *phone*. Raises TooOften."""
    asked = await store.sign_in.recent(conn, phone, now - core.sign_in.A_DAY)
    uses = await store.limits.used(conn, keys, now)
    others = [core.limits.room(limit, use, now) for (limit, _), use in zip(keys, uses, strict=True)]
    room = core.sign_in.may_ask(asked, others, now)
    if room.wait:
        raise TooOften(room)
    return room


async def send_codes(conn: Connection, now: datetime) -> dict[str, int]:
    """Make and queue a code for every request that nobody has looked at yet; returns how many, and how many went out.

    A number that several people have signs nobody in: whose check-ins it would open is for a human to say.
    """
    async with conn.transaction():
        requests = await store.sign_in.claim_unsent(conn, now, BATCH)
        queued = 0
        for request in requests:
            sharers = await store.people.by_phone(conn, request.phone)
            person = core.sign_in.recipient(sharers)
            if person is not None and now < request.expires_at:
                await _send(conn, request, person, now)
                queued += 1
            elif len(sharers) > 1:
                await _tell_of_sharing(conn, sharers, now)
    return {"asked": len(requests), "queued": queued} if requests else {}


async def _send(conn: Connection, request: CodeRequest, person: Person, now: datetime) -> None:
    code = core.sign_in.code(secrets.randbelow(core.sign_in.CODES))
    await store.sign_in.give(conn, request.id, person.id, code)
    program = await store.people.program(conn, person.program_id)
    letter = Letter(
        about=person.id,
        to=person.id,
        phone=request.phone,
        lane=Lane.CODE,
        key=f"code:{request.id}",
        body=say.words(Text.code, person.language, program, code=code),
        not_before=now,
        expires_at=request.expires_at,
    )
    await store.outbox.enqueue(conn, [letter], now)


async def _tell_of_sharing(conn: Connection, sharers: list[Person], now: datetime) -> None:
    for program_id in {person.program_id for person in sharers}:
        program = await store.people.program(conn, program_id)
        key = f"shared_phone:{now.date()}"
        await say.tell_coordinators(conn, program, sharers[0].id, Text.shared_phone, key, now)


async def redeem(conn: Connection, request_id: UUID, code: str, device: UUID | None, now: datetime) -> Signed:
    """Trade the code of a request for a session, once.

    Raises WrongCode, and says nothing more: not whether the code was wrong, late, used, or never sent.
    """
    async with conn.transaction():
        person_id = await store.sign_in.try_code(conn, request_id, code, device, now)
        person = None if person_id is None else await store.people.by_id(conn, person_id)
        signed = None
        if person is not None and person.status is Status.active:
            await store.sign_in.use_up(conn, request_id, now)
            signed = await sessions.begin(conn, person, device, now)
    if signed is None:  # raised out here, for the try to count
        raise WrongCode("ask for a new code")
    return signed


async def clear(conn: Connection, now: datetime) -> dict[str, int]:
    """Forget codes, uses of limits and sessions that matter no more; returns how many of each."""
    async with conn.transaction():
        gone = {
            "codes": await store.sign_in.clear(conn, now - 2 * core.sign_in.A_DAY),
            "uses": await store.limits.clear(conn, now - 2 * core.sign_in.A_DAY),
            "sessions": await store.sessions.clear(conn, now - core.sign_in.SESSION_LIFETIME),
        }
    return {name: count for name, count in gone.items() if count}
