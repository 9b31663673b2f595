"""`checkin serve` refuses a place where it cannot listen, or would share what comes in with somebody else."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import asdict

from checkin.cli.ports import free_port
from checkin.config import Settings

LOOPBACK = "127.0.0.1"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which a server listens that would share it, as ours do."""
    with closing(socket.socket()) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind((LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


async def serve(settings: Settings, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    given = {f"CHECKIN_{name.upper()}": str(value) for name, value in asdict(settings).items() if value}
    environ = os.environ | given | {"CHECKIN_VAR": str(folder)}
    command = [sys.executable, "-m", "checkin.cli", "serve", *arguments]
    return await asyncio.to_thread(
        subprocess.run, command, env=environ, capture_output=True, text=True, timeout=30, check=False
    )


async def test_a_port_that_is_taken_is_refused_in_one_line(settings: Settings, tmp_path: Path, taken: int) -> None:
    done = await serve(settings, tmp_path, "--port", str(taken))

    assert done.returncode == 1
    assert done.stderr == f"Error: port {taken} is taken; stop what listens there, or choose another\n"


@pytest.mark.parametrize(
    ("host", "ends_with", "said"),
    [
        ("nohost", 2, "Error: Invalid value for '--host': 'nohost' is no IP address such as 127.0.0.1 or 0.0.0.0"),
        ("192.0.2.1", 1, "Error: cannot listen at 192.0.2.1, port 8000: Cannot assign requested address"),
    ],
)
async def test_a_place_to_listen_that_is_not_ours_is_one_line(
    settings: Settings, tmp_path: Path, host: str, ends_with: int, said: str
) -> None:
    done = await serve(settings, tmp_path, "--host", host)

    assert done.returncode == ends_with
    assert done.stderr.splitlines()[-1] == said


def test_any_port_is_one_that_is_free() -> None:
    port = free_port(LOOPBACK)

    assert free_port(LOOPBACK, port) == port
