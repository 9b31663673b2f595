"""A FastAPI and SQLAlchemy service that records check-ins: the yardstick, written the way its manuals teach.

`python -m benchmarks.peers.fastapi_sqlalchemy` creates its tables; uvicorn serves `create_app` (`--factory`).
Settings come from the environment: PEER_DATABASE_URL, PEER_TOKEN_SECRET, PEER_NOTE_KEY (hex), PEER_POOL.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from functools import reduce
from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

import jwt
import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import DateTime, ForeignKey, Identity, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from checkin import core
from checkin.core.trend import Fall, Report, State

ISSUER = "checkin"
AUDIENCE = "checkin-app"
KEY_ID = b"k1:"
REMEMBERED = 120

read_state = msgspec.msgpack.Decoder(State).decode
write_state = msgspec.msgpack.Encoder().encode


class Base(DeclarativeBase):
    pass


class Mentee(Base):
    __tablename__ = "mentee"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    active: Mapped[bool]
    time_zone: Mapped[str]


class Trend(Base):
    __tablename__ = "trend"

    mentee_id: Mapped[UUID] = mapped_column(ForeignKey("mentee.id"), primary_key=True)
    state: Mapped[bytes]


class CheckIn(Base):
    __tablename__ = "check_in"

    mentee_id: Mapped[UUID] = mapped_column(ForeignKey("mentee.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    mood: Mapped[int]
    hope: Mapped[int]
    note: Mapped[bytes | None]
    answered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    time_zone: Mapped[str | None]
    stored_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Alert(Base):
    __tablename__ = "alert"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    mentee_id: Mapped[UUID] = mapped_column(ForeignKey("mentee.id"), index=True)
    record: Mapped[bytes]
    raised_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Audit(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    actor_id: Mapped[UUID]
    mentee_id: Mapped[UUID] = mapped_column(index=True)
    action: Mapped[str]
    subject: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


LOCKED = (
    select(Mentee, Trend)
    .join(Trend, Trend.mentee_id == Mentee.id)
    .where(Mentee.id == bindparam("mentee_id"))
    .with_for_update()
)
INSERT = insert(CheckIn).values(
    {name: bindparam(name) for name in ("mentee_id", "day", "mood", "hope", "note", "answered_at", "time_zone")}
)
UPSERT = INSERT.on_conflict_do_update(
    index_elements=[CheckIn.mentee_id, CheckIn.day],
    set_={name: INSERT.excluded[name] for name in ("mood", "hope", "note", "answered_at", "time_zone")},
    where=CheckIn.answered_at < INSERT.excluded.answered_at,
).returning(CheckIn)


def known_zone(name: str) -> str:
    if name not in ZONES:
        raise ValueError("not an IANA time zone")
    return name


ZONES = available_timezones()
Score = Annotated[int, Field(ge=0, le=10, strict=True)]
Zone = Annotated[str, AfterValidator(known_zone)]


class NewCheckIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mood: Score
    hope: Score
    note: Annotated[str, Field(max_length=1000)] | None = None
    answered_at: AwareDatetime
    time_zone: Zone | None = None


class CheckInView(BaseModel):
    day: date
    mood: int
    hope: int
    note: str | None
    answered_at: datetime
    time_zone: str | None


class Notes:
    """Notes at rest: AES-256-GCM, a random nonce, bound to the table, column and row they belong to."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, note: str, mentee_id: UUID, day: date) -> bytes:
        nonce = os.urandom(12)
        return KEY_ID + nonce + self._cipher.encrypt(nonce, note.encode(), self._place(mentee_id, day))

    def open(self, sealed: bytes, mentee_id: UUID, day: date) -> str:
        nonce, text = sealed[len(KEY_ID) : len(KEY_ID) + 12], sealed[len(KEY_ID) + 12 :]
        return self._cipher.decrypt(nonce, text, self._place(mentee_id, day)).decode()

    @staticmethod
    def _place(mentee_id: UUID, day: date) -> bytes:
        return f"check_in.note.{mentee_id}.{day}".encode()


async def current_mentee(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> UUID:
    """Return the mentee the access token names; 401 for anything but a token that is valid now."""
    try:
        claims = jwt.decode(
            credentials.credentials,
            request.app.state.token_secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["exp", "aud", "iss", "sub"]},
        )
        return UUID(claims["sub"])
    except (jwt.InvalidTokenError, ValueError) as error:
        raise HTTPException(401, "invalid token") from error


async def new_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


async def record(session: AsyncSession, notes: Notes, mentee_id: UUID, day: date, new: NewCheckIn) -> CheckInView:
    """Store the check-in, its effect on the trend and an audit row; an older answer leaves what is stored."""
    found = (await session.execute(LOCKED, {"mentee_id": mentee_id})).one_or_none()
    if found is None or not found.Mentee.active:
        raise HTTPException(404, "no such mentee")
    stored = await upsert(session, notes, mentee_id, day, new)
    if stored is None:
        row = await session.get_one(CheckIn, (mentee_id, day))
        return view(row, None if row.note is None else notes.open(row.note, mentee_id, day))
    fall = await advance(session, found.Trend, Report(day=day, mood=new.mood, hope=new.hope))
    if fall is not None:
        session.add(Alert(mentee_id=mentee_id, record=write_state(fall)))
    session.add(Audit(actor_id=mentee_id, mentee_id=mentee_id, action="check_in.recorded", subject=str(day)))
    return view(stored, new.note)


async def upsert(session: AsyncSession, notes: Notes, mentee_id: UUID, day: date, new: NewCheckIn) -> CheckIn | None:
    """Write the day's check-in and return its row; None when a newer answer is already there."""
    values = {
        "mentee_id": mentee_id,
        "day": day,
        "mood": new.mood,
        "hope": new.hope,
        "note": None if new.note is None else notes.seal(new.note, mentee_id, day),
        "answered_at": new.answered_at,
        "time_zone": new.time_zone,
    }
    return await session.scalar(UPSERT, values)


async def advance(session: AsyncSession, trend: Trend, report: Report) -> Fall | None:
    """Bring the trend up to *report*; an earlier or edited day folds the remembered reports again."""
    state = read_state(trend.state)
    if report.day.toordinal() <= state.last_day:
        trend.state = write_state(await fold_again(session, trend.mentee_id))
        return None
    state, fall = core.trend.update(state, report)
    trend.state = write_state(state)
    return fall


async def fold_again(session: AsyncSession, mentee_id: UUID) -> State:
    latest = select(CheckIn).where(CheckIn.mentee_id == mentee_id).order_by(CheckIn.day.desc()).limit(REMEMBERED)
    reports = [Report(day=row.day, mood=row.mood, hope=row.hope) for row in await session.scalars(latest)]
    return reduce(lambda state, report: core.trend.update(state, report)[0], reversed(reports), core.trend.START)


def view(row: CheckIn, note: str | None) -> CheckInView:
    return CheckInView(
        day=row.day,
        mood=row.mood,
        hope=row.hope,
        note=note,
        answered_at=row.answered_at,
        time_zone=row.time_zone,
    )


async def put_check_in(
    day: date,
    new: NewCheckIn,
    request: Request,
    mentee_id: Annotated[UUID, Depends(current_mentee)],
    session: Annotated[AsyncSession, Depends(new_session)],
) -> CheckInView:
    async with session.begin():
        return await record(session, request.app.state.notes, mentee_id, day, new)


def create_app() -> FastAPI:
    app = FastAPI(title="check-ins", lifespan=connected)
    app.state.token_secret = os.environ["PEER_TOKEN_SECRET"]
    app.state.notes = Notes(bytes.fromhex(os.environ["PEER_NOTE_KEY"]))
    app.put("/v1/me/check-ins/{day}")(put_check_in)
    return app


@asynccontextmanager
async def connected(app: FastAPI) -> AsyncIterator[None]:
    engine = new_engine()
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


def new_engine() -> AsyncEngine:
    """Return an engine whose pool never grows past PEER_POOL connections (20 when unset)."""
    size = int(os.environ.get("PEER_POOL", "20"))
    return create_async_engine(os.environ["PEER_DATABASE_URL"], pool_size=size, max_overflow=0)


async def create_tables() -> None:
    engine = new_engine()
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(create_tables())
