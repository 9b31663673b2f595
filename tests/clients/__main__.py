"""Generates clients from the OpenAPI document, and plays a scenario with them against a running `checkin serve`."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from tests.clients import players

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "openapi" / "openapi.json"
CLIENTS = ROOT / "openapi" / "clients"
FILES = ROOT / "openapi" / "tools" / "python-client.yaml"
"""Tells the generator of the Python client that a CSV is sent as any file; it skips media types it does not know."""
GENERATORS = ("swift6", "kotlin", "dart-dio", "typescript-fetch", "java")
NEEDED = {
    "java": "a JDK, 17 or newer (apt-get install openjdk-17-jdk-headless)",
    "node": "Node.js, 20 or newer (apt-get install nodejs npm)",
    "openapi-generator-cli": "the generators (make openapi-clients installs them)",
    "openapi-python-client": "the generators (make openapi-clients installs them)",
}


def main() -> None:
    """Generate every client and play the scenario; the exit code is 1 when something is missing or does not hold."""
    missing = [what for program, what in NEEDED.items() if shutil.which(program) is None]
    if missing:
        sys.exit("openapi-clients needs " + "; ".join(dict.fromkeys(missing)))
    shutil.rmtree(CLIENTS, ignore_errors=True)
    errors = sum(generate(generator) for generator in GENERATORS)
    generate_python()
    if errors:
        sys.exit(f"{errors} errors from the generators")
    try:
        players.play_all(CLIENTS)
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{failed.cmd[0]} ended with {failed.returncode}")


def generate(generator: str) -> int:
    """Generate one client, say what the generator said of it, and return how many errors there were."""
    command = ["openapi-generator-cli", "generate", "-i", str(DOCUMENT), "-g", generator]
    done = run([*command, "-o", str(CLIENTS / generator)])
    lines = (done.stdout + done.stderr).splitlines()
    errors = [line for line in lines if "ERROR" in line]
    click.echo(f"{generator}: exit {done.returncode}, {len(errors)} ERROR lines")
    for line in errors or (lines[-20:] if done.returncode else []):
        click.echo(f"    {line}")
    return len(errors) or done.returncode


def generate_python() -> None:
    """Generate the Python client; every warning of its generator is an error."""
    command = ["openapi-python-client", "generate", "--path", str(DOCUMENT), "--config", str(FILES)]
    done = run([*command, "--fail-on-warning", "--output-path", str(CLIENTS / "python")])
    click.echo(f"openapi-python-client --fail-on-warning: exit {done.returncode}")
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run *command* and return what it said and how it ended."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    main()
