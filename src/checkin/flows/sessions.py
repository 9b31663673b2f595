"""Sessions begin, are renewed by refresh tokens that are good once, and end."""

import base64
import hmac
import secrets
from datetime import datetime
from typing import Final, assert_never
from uuid import UUID

import structlog
from msgspec import Struct

from checkin import core, store
from checkin.core.errors import SignedOut, UnknownSession
from checkin.core.people import Person
from checkin.core.sign_in import Verdict
from checkin.store.ids import new_id
from checkin.store.pool import Connection

ID: Final = 16  # bytes
GENERATION: Final = 4
SECRET: Final = 32
TOKEN: Final = ID + ID + GENERATION + SECRET + SECRET

log = structlog.get_logger()


class Signed(Struct, frozen=True, kw_only=True):
    """Who is signed in, in which session, and the refresh token to go on with."""

    person: Person
    session: UUID
    refresh_token: str
    expires_at: datetime


class Family(Struct, frozen=True):
    """What every refresh token of one session holds: whose it is, which session, and the secret only its device has."""

    person: UUID
    session: UUID
    secret: bytes


async def begin(conn: Connection, person: Person, device: UUID | None, now: datetime) -> Signed:
    """Begin a session within the caller's transaction; what the device had before ends, and the oldest of too many."""
    family = Family(person.id, new_id(now), secrets.token_bytes(SECRET))
    expires_at = now + core.sign_in.SESSION_LIFETIME
    await store.sessions.make_room(conn, person.id, device, core.sign_in.MOST_SESSIONS, now)
    await store.sessions.begin(conn, person.id, family.session, device, family.secret, now, expires_at)
    await store.audit.add(conn, person.id, person.id, min(person.roles), "session.began", now, str(family.session))
    return Signed(person=person, session=family.session, refresh_token=_token(conn, family, 0), expires_at=expires_at)


async def renew(conn: Connection, token: str, now: datetime) -> Signed:
    """Trade a refresh token for its successor. Within the grace the same answer is given again.

    Raises SignedOut. A token that was traded longer ago has been stolen, or its successor has: the session ends.
    """
    family, generation = _read(conn, token)
    async with conn.transaction():
        found = await store.sessions.lock(conn, family.person, family.session)
        person = await store.people.by_id(conn, family.person)
        if found is None or person is None or not _knows_secret(conn, family, found[0]):
            raise SignedOut("sign in again")
        verdict = core.sign_in.judge(found[1], generation, now)
        expires_at = found[1].expires_at
        match verdict:
            case Verdict.renew:
                expires_at = now + core.sign_in.SESSION_LIFETIME
                await store.sessions.renew(conn, family.person, family.session, generation + 1, now, expires_at)
            case Verdict.revoke:
                await store.sessions.end(conn, family.person, family.session, "reused", now)
                await store.audit.add(conn, person.id, None, "system", "session.reused", now, str(family.session))
            case Verdict.repeat | Verdict.refuse:
                pass
            case other:
                assert_never(other)
    if verdict is Verdict.revoke:  # raised out here, for the end of the session to stand
        log.warning("session.reused", person=str(family.person), session=str(family.session))
    if verdict in (Verdict.revoke, Verdict.refuse):
        raise SignedOut("sign in again")
    successor = _token(conn, family, generation + 1)
    return Signed(person=person, session=family.session, refresh_token=successor, expires_at=expires_at)


async def end(conn: Connection, person_id: UUID, session_id: UUID, now: datetime) -> None:
    """End a session of one's own; one that has ended stays so. Raises UnknownSession."""
    async with conn.transaction():
        found = await store.sessions.lock(conn, person_id, session_id)
        person = await store.people.by_id(conn, person_id)
        if found is None or person is None:
            raise UnknownSession("there is no session of yours by that id")
        if await store.sessions.end(conn, person_id, session_id, "signed_out", now):
            await store.audit.add(conn, person_id, person_id, min(person.roles), "session.ended", now, str(session_id))


def _token(conn: Connection, family: Family, generation: int) -> str:
    """Return a session's refresh token of a *generation*, the same every time, so that a lost answer can be repeated.

    Nobody makes one who has not both our key and the family's secret, of which the database has a keyed hash alone.
    """
    head = family.person.bytes + family.session.bytes + generation.to_bytes(GENERATION) + family.secret
    return _written(head + _mark(conn, head))


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(conn: Connection, token: str) -> tuple[Family, int]:
    """Return what a refresh token holds. Raises SignedOut for one we never made, to the letter."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raw = b""
    head, mark = raw[: TOKEN - SECRET], raw[TOKEN - SECRET :]
    if len(raw) != TOKEN or _written(raw) != token or not hmac.compare_digest(mark, _mark(conn, head)):
        raise SignedOut("sign in again")
    person, session = UUID(bytes=head[:ID]), UUID(bytes=head[ID : 2 * ID])
    generation = int.from_bytes(head[2 * ID : 2 * ID + GENERATION])
    return Family(person, session, head[2 * ID + GENERATION :]), generation


def _mark(conn: Connection, head: bytes) -> bytes:
    return conn.vault.hash("refresh_token", head.hex())


def _knows_secret(conn: Connection, family: Family, kept: bytes) -> bool:
    return hmac.compare_digest(kept, store.sessions.secret_hash(conn, family.session, family.secret))
