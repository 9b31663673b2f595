"""The product's side of the benchmark: its database, its mentees, its tokens, its process."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec

from benchmarks import cast, processes
from benchmarks.cast import Cast
from benchmarks.processes import Server
from checkin import config
from checkin.api import auth
from checkin.store.vault import Vault

NAME = "checkin"
DATABASE = "checkin"
LIFETIME = timedelta(hours=2)
SECRETS = config.new_secrets()
CHECK_INS = "check_ins"
PROGRAM = UUID("01990000-0000-7000-8000-ffffffffffff")


def environment(socket: Path) -> dict[str, str]:
    """Return the settings of a production process, so that no sandbox's work is measured."""
    return {
        "CHECKIN_ENV": "production",
        "CHECKIN_PUBLIC_URL": "https://checkin.invalid",
        "CHECKIN_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "CHECKIN_TWILIO_AUTH_TOKEN": "0" * 32,
        "CHECKIN_TWILIO_FROM": "+15005550006",
        "CHECKIN_TWILIO_API_URL": "http://127.0.0.1:9",  # nothing is sent; if it were, it would go nowhere
        "CHECKIN_DATABASE_URL": f"postgresql://postgres@/{DATABASE}?host={socket}",
        "CHECKIN_TOKEN_SECRET": SECRETS["token_secret"],
        "CHECKIN_ENCRYPTION_KEYS": SECRETS["encryption_keys"],
        "CHECKIN_LOOKUP_KEY": SECRETS["lookup_key"],
        "CHECKIN_LOG_LEVEL": "warning",
        "CHECKIN_TICK_MS": "60000",
    }


def create_tables(socket: Path) -> None:
    processes.output(processes.module("checkin.cli", "migrate"), environment(socket))


ADD_PROGRAM = """
    insert into programs (id, name, time_zone, created_at) values ($1, 'Bench', $2, $3)
"""


async def seed(conn: asyncpg.Connection, people: Cast, now: datetime) -> None:
    """Fill our tables with the people, their history and where the detector stands with each."""
    vault = Vault(SECRETS["encryption_keys"], SECRETS["lookup_key"])
    histories = cast.histories(people)
    await conn.execute(ADD_PROGRAM, PROGRAM, cast.ZONE, now)
    persons = (
        (mentee, PROGRAM, ["mentee"], "active", vault.seal("people.name", mentee, "Robin"), "en", cast.ZONE, now)
        for mentee in people.mentees
    )
    columns = ["id", "program_id", "roles", "status", "name", "language", "time_zone", "created_at"]
    await conn.copy_records_to_table("people", records=persons, columns=columns)
    trails = [msgspec.msgpack.encode(history.trail) for history in histories]
    memory = ((mentee, trails[number % len(trails)], now) for number, mentee in enumerate(people.mentees))
    await conn.copy_records_to_table("trend_states", records=memory, columns=["mentee_id", "trail", "updated_at"])
    answers = (
        (mentee, day.day, uuid4(), day.mood, day.hope, *[cast.answered_at(day.day)] * 2, cast.ZONE, "app")
        for number, mentee in enumerate(people.mentees)
        for day in histories[number % len(histories)].reports
    )
    columns = ["mentee_id", "day", "id", "mood", "hope", "answered_at", "received_at", "time_zone", "source"]
    await conn.copy_records_to_table("check_ins", records=answers, columns=columns)


def tokens(people: Cast, now: datetime) -> list[str]:
    """Return an access token for each mentee, good for the whole run."""
    return [auth.mint(mentee, SECRETS["token_secret"], now, LIFETIME) for mentee in people.mentees]


def start(socket: Path, logs: Path) -> Server:
    """Start our API with one worker on the database whose socket lies in the folder *socket*."""
    port = processes.free_port()
    command = processes.module("checkin.cli", "serve", "--workers", "1", "--host", "127.0.0.1", "--port", str(port))
    return Server(NAME, command, environment(socket), port, logs / "ours.log")
