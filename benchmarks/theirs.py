"""The peer's side of the benchmark: its database, its mentees, its tokens, its process."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import jwt
import msgspec

from benchmarks import cast, processes
from benchmarks.cast import Cast
from benchmarks.processes import Server

NAME = "FastAPI + SQLAlchemy"
DATABASE = "peer"
TABLES = "benchmarks.peers.fastapi_sqlalchemy"
CHECK_INS = "check_in"
POOL = 20
TOKEN_SECRET = secrets.token_urlsafe(48)
NOTE_KEY = secrets.token_hex(32)


def environment(socket: Path) -> dict[str, str]:
    return {
        "PEER_DATABASE_URL": f"postgresql+asyncpg://postgres@/{DATABASE}?host={socket}",
        "PEER_TOKEN_SECRET": TOKEN_SECRET,
        "PEER_NOTE_KEY": NOTE_KEY,
        "PEER_POOL": str(POOL),
    }


def create_tables(socket: Path) -> None:
    processes.output(processes.module(TABLES), environment(socket))


async def seed(conn: asyncpg.Connection, people: Cast, now: datetime) -> None:
    """Fill the peer's tables with the people, their history and where the detector stands with each."""
    histories = cast.histories(people)
    states = [msgspec.msgpack.encode(history.trail.state) for history in histories]
    persons = [(mentee, True, cast.ZONE) for mentee in people.mentees]
    trends = [(mentee, states[number % len(states)]) for number, mentee in enumerate(people.mentees)]
    answers = (
        (mentee, report.day, report.mood, report.hope, cast.answered_at(report.day), cast.ZONE)
        for number, mentee in enumerate(people.mentees)
        for report in histories[number % len(histories)].reports
    )
    await conn.copy_records_to_table("mentee", records=persons, columns=["id", "active", "time_zone"])
    await conn.copy_records_to_table("trend", records=trends, columns=["mentee_id", "state"])
    columns = ["mentee_id", "day", "mood", "hope", "answered_at", "time_zone"]
    await conn.copy_records_to_table("check_in", records=answers, columns=columns)


def tokens(people: Cast, now: datetime) -> list[str]:
    """Return a bearer token for each mentee, good for the whole run."""
    claims = {"iss": "checkin", "aud": "checkin-app", "iat": now, "exp": now + timedelta(hours=2)}
    return [jwt.encode({"sub": str(mentee)} | claims, TOKEN_SECRET, algorithm="HS256") for mentee in people.mentees]


def start(socket: Path, logs: Path) -> Server:
    """Start one uvicorn worker on the database whose socket lies in the folder *socket*."""
    port = processes.free_port()
    command = processes.module("uvicorn", f"{TABLES}:create_app", "--factory", "--host", "127.0.0.1")
    options = ["--port", str(port), "--workers", "1", "--loop", "uvloop", "--http", "httptools"]
    quiet = ["--no-access-log", "--log-level", "warning"]
    return Server(NAME, [*command, *options, *quiet], environment(socket), port, logs / "peer.log")
