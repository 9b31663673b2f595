"""`checkin serve`, `worker` and `migrate`: the processes an operator runs."""

import asyncio
import errno
import os
from ipaddress import ip_address
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from checkin import log
from checkin.api import app  # noqa: F401 - a mistake in it shows here, not in a child that is started again for ever
from checkin.cli.database import database, migrate, say_sandbox, settings_or_exit, write_schema
from checkin.cli.ports import free_port
from checkin.config import Settings
from checkin.jobs.worker import work
from checkin.runtime import running


def _ip(_: click.Context, __: click.Parameter, host: str | None) -> str | None:
    try:
        return None if host is None else str(ip_address(host))
    except ValueError:
        raise click.BadParameter(f"{host!r} is no IP address such as 127.0.0.1 or 0.0.0.0") from None


@click.command()
@click.option("--host", callback=_ip, help="Address to listen on.  [default: CHECKIN_HOST or 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.  [default: CHECKIN_PORT or 8000]")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that answer.  [default: CHECKIN_WORKERS or 1]")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Answer HTTP: the API, the carrier's webhooks, the pages.

    Workers that die are started again. Run `checkin worker` beside it, on this machine or another.
    """
    with database(settings_or_exit()) as settings:
        say_sandbox(settings)
        asyncio.run(_look(settings))
        address, wanted = host or settings.host, settings.port if port is None else port
        _refuse_taken(address, wanted)
        os.environ["CHECKIN_PUBLIC_URL"] = settings.public_url
        Granian(
            "checkin.api.app:create",
            address=address,
            port=wanted,
            interface=Interfaces.ASGI,
            workers=workers or settings.workers,
            factory=True,
            respawn_failed_workers=True,
            websockets=False,
            log_access=False,
            log_level=LogLevels.warning,
            workers_kill_timeout=10,
        ).serve()


@click.command()
def worker() -> None:
    """Do what is due: nudges, alerts, messages.

    Any number may run. SIGTERM finishes what began, within 10 seconds.
    """
    with database(settings_or_exit()) as settings:
        log.configure(settings.log_level)
        say_sandbox(settings)
        asyncio.run(work(settings))


@click.command("migrate")
@click.option(
    "--schema",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Instead, write the schema the migrations make to this file (needs the embedded PostgreSQL).",
)
def migrate_command(schema: Path | None) -> None:
    """Bring the database to this version.

    Works on CHECKIN_DATABASE_URL, or on the embedded PostgreSQL where none is set. Running it twice, or from two
    places at once, does no harm.
    """
    if schema is not None:
        write_schema(schema)
        return
    settings = settings_or_exit()
    if settings.database_url:
        click.echo(migrate(settings.database_url) or "nothing to do: the database is at this version")
        return
    with database(settings):
        click.echo("the embedded database is at this version")


def _refuse_taken(host: str, port: int) -> None:
    """End where nobody can listen. Two servers on one port would each get a part of the requests, unnoticed."""
    try:
        free_port(host, port)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise click.ClickException(f"port {port} is taken; stop what listens there, or choose another") from None
        raise click.ClickException(f"cannot listen at {host}, port {port}: {problem.strerror}") from None


async def _look(settings: Settings) -> None:
    """Try what every worker will need, so that a mistake is one clear line and not a row of dying workers."""
    async with running(settings):
        pass
