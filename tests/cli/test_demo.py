"""The demo plays its story on real processes, and says so when a step did not happen."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from checkin.cli import story
from checkin.config import Settings

STEPS = 10


@pytest.mark.parametrize("processes", [1, 2])
def test_the_story_holds_over_http_and_through_the_worker(processes: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "checkin.cli", "demo", "--headless", "--processes", str(processes)]

    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False)

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line["held"] for line in lines[:-1]] == [True] * STEPS
    assert lines[-1]["story"] == "complete"
    assert lines[-1]["seconds"] < 60
    assert list(tmp_path.iterdir()) == []


async def test_a_step_that_does_not_happen_ends_the_story_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    nobody_there = Settings(public_url="http://127.0.0.1:9", token_secret="0" * 40)

    code = await story.play(nobody_there)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 1
    assert [line["held"] for line in lines] == [False]
