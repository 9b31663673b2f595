"""The embedded PostgreSQL: a first start that is broken off does no harm, and what is broken is left as it is."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from checkin.embedded import Embedded, NoEmbedded
from tests.conftest import in_memory

WITHIN = 60.0  # seconds; the machine may be busy
START = "import sys, pathlib, checkin.embedded as e; e.Embedded(pathlib.Path(sys.argv[1]))"


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="checkin-", ignore_cleanup_errors=True, dir=in_memory()) as parent:
        Path(parent).chmod(0o755)
        yield Path(parent) / "var" / "postgres"


def wait_for(parent: Path) -> None:
    """Wait until initdb has begun somewhere below *parent*."""
    until = time.monotonic() + WITHIN
    while not list(parent.rglob("PG_VERSION")):
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_first_start_that_is_killed_leaves_nothing_in_the_way(folder: Path) -> None:
    folder.parent.mkdir()
    first = subprocess.Popen([sys.executable, "-c", START, str(folder)], start_new_session=True)
    wait_for(folder.parent)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(WITHIN)

    with Embedded(folder) as server:
        server.create_database("checkin")


def test_two_first_starts_at_once_end_with_one_database(folder: Path) -> None:
    others = [subprocess.Popen([sys.executable, "-c", START, str(folder)]) for _ in range(2)]

    with Embedded(folder) as server:
        server.create_database("checkin")
        assert [other.wait(WITHIN) for other in others] == [0, 0]
        server.create_database("checkin")

    assert [path.name for path in folder.parent.iterdir()] == ["postgres"]


async def test_a_folder_that_was_never_finished_is_named_and_left(folder: Path) -> None:
    with Embedded(folder) as server:
        admin = await asyncpg.connect(server.url("template1"))
        await admin.execute("drop database postgres")
        await admin.close()

    with Embedded(folder) as server, pytest.raises(NoEmbedded, match="was never finished, and nothing was ever stored"):
        server.create_database("checkin")

    assert (folder / "PG_VERSION").exists()


async def test_a_folder_that_holds_something_is_never_called_unfinished(folder: Path) -> None:
    with Embedded(folder) as server:
        server.create_database("checkin")
        admin = await asyncpg.connect(server.url("template1"))
        await admin.execute("drop database postgres")
        await admin.close()

        with pytest.raises(NoEmbedded, match='database "postgres" does not exist'):
            server.create_database("another")


@pytest.mark.parametrize("left", [{}, {"postmaster.pid": f"-1{chr(10) * 7}"}])
def test_a_folder_that_does_not_start_is_named_and_left(folder: Path, left: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, words in ({"PG_VERSION": "18\n"} | left).items():
        (folder / name).write_text(words)

    with pytest.raises(NoEmbedded, match="does not start"):
        Embedded(folder)

    assert (folder / "PG_VERSION").exists()


def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(NoEmbedded, match="no database in /dev/null/var/postgres: Not a directory; set CHECKIN_VAR"):
        Embedded(Path("/dev/null/var/postgres"))
