"""The database a command works on: where it cannot, one line says so."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from checkin.cli import main

NOWHERE = "postgresql://checkin:hush@127.0.0.1:1/none"
COMMANDS = [
    *("people list Harbor", "token +12125550101", "nudges preview +12125550101", "mentors load"),
    *("outbox status", "programs activate Harbor", "serve"),
]


@pytest.fixture(autouse=True)
def settle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHECKIN_VAR", str(tmp_path))
    monkeypatch.setenv("CHECKIN_DATABASE_URL", NOWHERE)


@pytest.mark.parametrize("command", COMMANDS)
def test_without_its_database_a_command_ends_with_one_line(command: str) -> None:
    done = CliRunner().invoke(main, command.split())

    assert done.exit_code == 1
    assert "Error: the database cannot be reached: " in done.stderr.splitlines()[-1]


def test_a_worker_without_its_database_ends_with_one_line() -> None:
    done = subprocess.run([sys.executable, "-m", "checkin.cli", "worker"], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: the database cannot be reached: ")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://checkin:hush@db/none", "Error: CHECKIN_DATABASE_URL must read postgresql://user:password@host"),
        (f"{NOWHERE}?sslmode=hm", "Error: the database cannot be reached: `sslmode` parameter must be one of"),
    ],
)
def test_an_address_that_cannot_be_is_one_line(monkeypatch: pytest.MonkeyPatch, url: str, said: str) -> None:
    monkeypatch.setenv("CHECKIN_DATABASE_URL", url)

    done = CliRunner().invoke(main, ["mentors", "load"])

    assert done.exit_code == 1
    assert done.stderr.startswith(said)
    assert "hush" not in done.stderr


async def test_a_database_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("CHECKIN_DATABASE_URL", url.replace("/t", "/none_t", 1))

    done = await asyncio.to_thread(CliRunner().invoke, main, ["mentors", "load"])

    assert done.exit_code == 1
    assert "does not exist" in done.stderr.splitlines()[-1]
