"""The commands of docs/api.md work as written, on the demo's people with real processes."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from checkin import store
from checkin.clock import Clock
from checkin.config import Settings
from checkin.embedded import Embedded
from checkin.flows import cast
from checkin.store.vault import Vault
from tests.conftest import SECRETS
from tests.running import running_system, sandbox_environ
from tests.skipping import skip

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
SECTIONS = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
COMMANDS = re.compile(r"```console\n(.*?)```", re.DOTALL)
EXAMPLE = re.compile(r"```json\n(.*?)```", re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def demo_url(server: Embedded, template: str) -> str:
    """The address of a database with the demo's people in it."""
    name = f"docs{os.getpid()}"
    server.create_database(name, template)
    url = server.url(name)

    async def seed() -> None:
        pool = await store.pool.connect(url, Vault(SECRETS["encryption_keys"], SECRETS["lookup_key"]))
        async with pool.acquire() as conn:
            await cast.seed(conn, Clock().now())
        await pool.close()

    asyncio.run(seed())
    return url


def test_every_command_works_as_the_page_says(demo_url: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        skip("curl is not here")
    keys = replace(Settings(), **SECRETS)

    with running_system(demo_url, sandbox_environ(keys)) as base:
        said = {
            title: [run(command.replace(ADDRESS, base), tmp_path) for command in COMMANDS.findall(section)]
            for title, section in SECTIONS.findall(PAGE.read_text())
        }

    asked, code, tokens, stored, read, fresh = said.pop("From nothing to a check-in")
    assert json.loads(asked).keys() == {"request_id", "expires_in"}
    assert re.fullmatch(r"\d{6}\n", code)
    assert json.loads(tokens)["roles"] == ["mentee"]
    assert (json.loads(stored)["mood"], json.loads(stored)["note"]) == (7, "slept well")
    assert json.loads(stored) == json.loads(read)["items"][0]
    assert len(json.loads(read)["items"]) == 3
    assert json.loads(fresh)["session_id"] == json.loads(tokens)["session_id"]
    (problem,) = said.pop("When something goes wrong")
    assert json.loads(problem).keys() == json.loads(EXAMPLE.findall(PAGE.read_text())[1]).keys()
    assert json.loads(problem)["errors"] == [{"pointer": "/mood", "detail": "Expected `int` <= 10"}]
    sent, first, then, called = said.pop("Working offline")
    assert [one["outcome"] for one in json.loads(sent)["items"]] == ["stored", "invalid"]
    assert {one["kind"] for one in json.loads(first)["items"]} == {"me", "nudge_plan", "check_in"}
    assert json.loads(then) == {"items": [], "next_cursor": json.loads(first)["next_cursor"], "has_more": False}
    assert json.loads(called).keys() == {"asked_at"}
    assert said.pop("The sandbox and its clock") == ["303\n"]
    assert said.pop("And out") == ["204\n"]
    assert not any(said.values()), "commands that nobody looked at"


def run(command: str, folder: Path) -> str:
    """Run one block of commands as a reader would paste it, and return what it printed.

    A reader takes longer than a second from block to block: `date` tells whole seconds, and two answers of one second
    for one day are a tie, which the later one may lose.
    """
    time.sleep(1.1)
    done = subprocess.run(["bash", "-euc", command], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout
