"""A PostgreSQL that a test may stop: beside the one that all tests share, with the same programs and owner."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from checkin.embedded import Embedded

PATIENCE = 60  # seconds


class OwnPostgres:
    """A server with a data folder and a socket of its own."""

    def __init__(self, programs: Path, folder: Path, owner: int) -> None:
        self._programs, self._folder, self._owner = programs, folder, owner
        self._run("initdb", "-U", "postgres", "-A", "trust", "-D", str(folder))
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={quote(str(self._folder))}"

    def start(self) -> None:
        options, log = f"-h '' -k {self._folder}", str(self._folder / "log")
        self._run("pg_ctl", "-w", "-D", str(self._folder), "-o", options, "-l", log, "start")

    def stop_at_once(self) -> None:
        """Stop as a crash does: connections are cut, nothing is written any more."""
        self._run("pg_ctl", "-w", "-D", str(self._folder), "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        owner = self._owner if os.geteuid() == 0 else None
        command = [str(self._programs / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE, user=owner, cwd="/")


@contextmanager
def own_postgres(shared: Embedded) -> Iterator[OwnPostgres]:
    """Lend a fresh server; nothing of it is left at the end."""
    owner = shared.folder.stat().st_uid
    folder = Path(tempfile.mkdtemp(prefix="checkin-own-"))
    os.chown(folder, owner, -1)
    server = OwnPostgres(shared.programs, folder, owner)
    try:
        yield server
    finally:
        server.stop_at_once()
        shutil.rmtree(folder)
