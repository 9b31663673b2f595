"""`checkin demo`: a program with pretend phones on an embedded database, API and worker as real processes."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from msgspec.structs import replace

from checkin import flows
from checkin.cli import story
from checkin.cli.database import NAME, migrate
from checkin.cli.ports import free_port
from checkin.clock import Clock
from checkin.config import BadSettings, Settings, load
from checkin.embedded import Embedded, NoEmbedded
from checkin.runtime import follow_sandbox_clock, running

LOOPBACK: Final = "127.0.0.1"
READY_WITHIN: Final = 30.0
STOP_WITHIN: Final = 12.0
TICK_MS: Final = "50"


@click.command()
@click.option("--headless", is_flag=True, help="No browser: play the story, one JSON line a step; exit 0 if it held.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port of the pages.")
@click.option("--processes", type=click.IntRange(1, 8), default=1, help="API processes, and as many workers.")
@click.option("--fresh", is_flag=True, help="Forget what an earlier demo left and begin anew.")
def demo(headless: bool, port: int, processes: int, fresh: bool) -> None:
    """See it work: a program of eight people with pretend phones.

    \b
    checkin demo             then open http://127.0.0.1:8000/sandbox
    checkin demo --headless  nudge, answers, a falling fortnight, the alert, the mentor's OK

    Nothing leaves this machine. The demo keeps its database under ./var/demo (CHECKIN_VAR); --headless uses
    one of its own and removes it.
    """
    try:
        if headless:
            sys.exit(_play(processes))
        _serve(port, processes, fresh)
    except (NoEmbedded, BadSettings) as problem:
        raise click.ClickException(str(problem)) from None


def _serve(port: int, processes: int, fresh: bool) -> None:
    folder = Path(os.environ.get("CHECKIN_VAR", "var")) / "demo"
    if fresh and folder.exists():
        shutil.rmtree(folder)
    try:
        port = free_port(LOOPBACK, port)
    except OSError:
        click.echo(f"port {port} is taken; using another", err=True)
        port = free_port(LOOPBACK)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with _system(folder, port, processes) as settings:
        address = settings.public_url
        click.secho("\nThe demo is running. No text reaches a real phone.\n", bold=True)
        click.echo(f"  the phones, side by side   {address}/sandbox")
        click.echo(f"  the OpenAPI document       {address}/schema/openapi.json")
        click.echo(f"  is it ready                {address}/health/ready")
        click.echo("\nPress Ctrl-C to stop.", nl=True)
        while not stop.wait(0.5):
            pass
        click.echo("stopping")


def _play(processes: int) -> int:
    """Play the story on a system of its own; returns the exit code."""
    with (
        tempfile.TemporaryDirectory(prefix="checkin-", ignore_cleanup_errors=True) as folder,
        _system(Path(folder) / "demo", free_port(LOOPBACK), processes) as settings,
    ):
        return asyncio.run(story.play(settings))


@contextmanager
def _system(folder: Path, port: int, processes: int) -> Iterator[Settings]:
    """Lend the settings of a running system: embedded database, seeded program, API and worker."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CHECKIN_")}
    mine = {
        "CHECKIN_VAR": str(folder.resolve()),
        "CHECKIN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "CHECKIN_PORT": str(port),
        "CHECKIN_WORKERS": str(processes),
        "CHECKIN_TICK_MS": TICK_MS,
        "CHECKIN_LOG_LEVEL": "warning",
    }
    settings = load(mine)
    click.echo("starting an embedded PostgreSQL", err=True)
    with Embedded(folder / "pg") as server:
        server.create_database(NAME)
        settings = replace(settings, database_url=server.url(NAME))
        migrate(settings.database_url)
        if asyncio.run(_seed(settings)):
            click.echo("wrote a coordinator, two mentors, five mentees and sixty days of answers", err=True)
        environ |= mine | {"CHECKIN_DATABASE_URL": settings.database_url}
        children = [_start(verb, environ) for verb in ("serve", *["worker"] * processes)]
        try:
            _wait_until_ready(f"{settings.public_url}/health/ready", children)
            yield settings
        finally:
            _stop(children)


async def _seed(settings: Settings) -> bool:
    async with running(settings) as parts:
        await follow_sandbox_clock(parts)
        async with parts.pool.acquire() as conn:
            return await flows.cast.seed(conn, max(parts.clock.now(), Clock().now()))


def _start(verb: str, environ: dict[str, str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "checkin.cli", verb]
    # What the processes say goes to standard error: standard output is the story's.
    return subprocess.Popen(command, env=environ, stdout=sys.stderr, start_new_session=True)  # noqa: S603 - our own program


def _wait_until_ready(address: str, children: list["subprocess.Popen[bytes]"]) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        if any(child.poll() is not None for child in children):
            raise click.ClickException("a process of the demo ended while it started; its words stand above")
        try:
            with urllib.request.urlopen(address, timeout=1) as response:  # noqa: S310 - our own loopback address
                if response.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise click.ClickException(f"the demo was not ready within {READY_WITHIN:.0f} seconds")


def _stop(children: list["subprocess.Popen[bytes]"]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
