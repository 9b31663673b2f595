"""Plays the scenarios: TypeScript, Python and the JDK against one running system, each with people of its own."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import click
from msgspec import Struct

from checkin import core, gateway, store
from checkin.cli.database import migrate
from checkin.clock import Clock
from checkin.config import Settings, new_secrets
from checkin.core.people import Person
from checkin.embedded import Embedded
from checkin.store.vault import Vault
from tests.people import DAY, ZONE, Cast, cast
from tests.running import running_system, sandbox_environ

HERE = Path(__file__).parent
TOOLS = HERE.parents[1] / "openapi" / "tools" / "node_modules" / ".bin"
COMPILE = "--strict --target es2022 --lib es2022,dom --module commonjs --moduleResolution node10 --noEmitOnError"
NOTE = "i want to die"
DATABASE = "clients"
SMS = "/webhooks/twilio/sms"


class Stage(Struct, frozen=True):
    """A running system, its settings and its people; *days* are four of theirs, today's the last."""

    base: str
    url: str
    settings: Settings
    people: Cast
    days: list[date]

    def environ(self) -> dict[str, str]:
        """Return the variables of a `checkin` command on this system."""
        return {**os.environ, **sandbox_environ(self.settings), "CHECKIN_DATABASE_URL": self.url}

    def token(self, person: Person) -> str:
        """Return what `checkin token` prints for *person*."""
        command = [sys.executable, "-m", "checkin.cli", "token", str(person.id)]
        printed = subprocess.run(command, env=self.environ(), capture_output=True, text=True, check=True)
        return printed.stdout.strip()

    def play(self, mentee: Person, mentor: Person) -> str:
        """Return what a scenario has to know, as JSON."""
        play = {"base": self.base, "phone": mentee.phone, "mentee": str(mentee.id), "mentor": self.token(mentor)}
        days = [str(day) for day in self.days[1:]]
        return json.dumps({**play, "days": days, "zone": ZONE, "note": NOTE})


def play_all(clients: Path) -> None:
    """Play with the clients generated into *clients*; raises CalledProcessError where one does not get through."""
    secrets = new_secrets()
    settings = Settings(
        token_secret=secrets["token_secret"],
        encryption_keys=secrets["encryption_keys"],
        lookup_key=secrets["lookup_key"],
    )
    with tempfile.TemporaryDirectory(prefix="checkin-") as folder:
        Path(folder).chmod(0o755)
        with Embedded(Path(folder) / "pg") as server:
            server.create_database(DATABASE)
            url = server.url(DATABASE)
            migrate(url)
            people = asyncio.run(_seed(url, Vault(settings.encryption_keys, settings.lookup_key)))
            today = core.wall.local_day(Clock().now(), ZONE)
            with running_system(url, sandbox_environ(settings)) as base:
                stage = Stage(base, url, settings, people, [today - back * DAY for back in (3, 2, 1, 0)])
                play_typescript(stage, clients / "typescript-fetch")
                play_python(stage, clients / "python")
                play_java(stage)


async def _seed(url: str, vault: Vault) -> Cast:
    pool = await store.pool.connect(url, vault)
    async with pool.acquire() as conn:
        people = await cast(conn, Clock().now() - 60 * DAY)
    await pool.close()
    return people


def play_typescript(stage: Stage, client: Path) -> None:
    """Compile the generated client and the scenario, as strictly as the compiler can, and run them."""
    shutil.copy(HERE / "scenario.ts", client)
    built = client / "built"
    run([str(TOOLS / "tsc"), *COMPILE.split(), "--outDir", str(built), str(client / "scenario.ts")], {})
    play = stage.play(stage.people.mentee, stage.people.mentor)
    run(["node", str(built / "scenario.js")], {"PLAY": play})
    click.echo("typescript: compiled with --strict, and played")


def play_python(stage: Stage, client: Path) -> None:
    """Run the scenario with the generated Python client."""
    play = stage.play(stage.people.other_mentee, stage.people.other_mentor)
    run([sys.executable, str(HERE / "scenario.py")], {"PLAY": play, "PYTHONPATH": str(client)})
    click.echo("python: played")


def play_java(stage: Stage) -> None:
    """Run the JDK's HttpClient, which offers HTTP/2 with its first request, against a long note and a signed text."""
    carrier = stage.settings.carrier
    mentee = stage.people.mentee
    fields = {
        "AccountSid": carrier.account_sid,
        "MessageSid": "SM" + "a" * 32,
        "From": mentee.phone or "",
        "To": carrier.sender,
        "Body": "a long day. " * 100,
        "NumMedia": "0",
    }
    play = {
        "PLAY_BASE": stage.base,
        "PLAY_TOKEN": stage.token(mentee),
        "PLAY_DAY": str(stage.days[0]),
        "PLAY_ZONE": ZONE,
        "PLAY_FORM": urlencode(fields),
        "PLAY_SIGNATURE": gateway.signatures.sign(stage.base + SMS, list(fields.items()), carrier.tokens[0]),
    }
    run(["java", str(HERE / "Scenario.java")], play)
    click.echo("java: bodies of PUT and POST arrive whole")


def run(command: list[str], environ: Mapping[str, str]) -> None:
    """Run *command* with *environ* besides ours; raises CalledProcessError, after its words, when it fails."""
    done = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    if done.returncode:
        click.echo(done.stdout + done.stderr, err=True)
    done.check_returncode()
