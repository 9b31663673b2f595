"""Killed and stopped senders, small: the same scenarios as `make chaos`, and the judge that must not be fooled."""

import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from checkin.core.delivery import Lane, Status
from checkin.embedded import Embedded
from tests.chaos import accounts, scenarios, stops
from tests.chaos.accounts import Account, Fate
from tests.chaos.carrier import Moment
from tests.chaos.scenarios import Deed, Scenario
from tests.chaos.stage import Stage
from tests.skipping import skip

MESSAGES = 480  # a killed sender takes up to 80 with it, and enough must be left for the last kill
KILLS = 6
SEED = 1
NUMBERS = count(1)
PROCESSES = Path("/proc")


@pytest.fixture
def name() -> str:
    return f"chaos{os.getpid()}_{next(NUMBERS)}"


@pytest.mark.parametrize("scenario", scenarios.killing(MESSAGES, KILLS, 1, SEED), ids=lambda one: one.name)
async def test_no_kill_of_a_sender_breaks_a_promise(scenario: Scenario, server: Embedded, name: str) -> None:
    report = await scenarios.run(scenario, server.url("postgres"), name, SEED)

    assert report.broken == []
    assert len(report.account.fates) == MESSAGES


def stopped(sleep: stops.Sleep) -> Deed:
    async def deed(on: Stage) -> str:
        await stops.stop_a_sender(on, 1, Moment.TAKEN, sleep)
        return "stopped"

    return deed


@pytest.mark.parametrize(
    ("sleep", "calls_back"),
    [(stops.within_the_lease, False), (stops.past_the_lease, True)],
    ids=["within its lease, no reports", "past it"],
)
async def test_a_sender_that_is_stopped_while_it_sends_sends_once(
    sleep: stops.Sleep, calls_back: bool, server: Embedded, name: str
) -> None:
    scenario = Scenario(name="stopped", fault=5, deed=stopped(sleep), calls_back=calls_back, seconds=5)

    report = await scenarios.run(scenario, server.url("postgres"), name, SEED)

    assert report.broken == []
    assert [one.arrived for one in report.account.fates] == [1]


@pytest.mark.parametrize(
    ("fate", "calls_back", "lists", "broken"),
    [
        (Fate(Lane.NUDGE, 1, Status.DELIVERED), True, True, 0),
        (Fate(Lane.NUDGE, 0, Status.UNCERTAIN), False, True, 0),
        (Fate(Lane.NUDGE, 1, Status.UNCERTAIN), False, False, 0),
        (Fate(Lane.ALERT, 2, Status.SENT), False, False, 0),
        (Fate(Lane.NUDGE, 0, Status.UNCERTAIN), True, True, 2),
        (Fate(Lane.NUDGE, 0, Status.SENT), False, False, 1),
        (Fate(Lane.NUDGE, 2, Status.SENT), False, False, 1),
        (Fate(Lane.NUDGE, 0, Status.QUEUED), False, False, 1),
        (Fate(Lane.ALERT, 0, Status.UNCERTAIN), False, False, 1),
        (Fate(Lane.ALERT, 2, Status.SENT), False, True, 1),
        (Fate(Lane.CRISIS, 2, Status.DELIVERED), True, True, 1),
    ],
)
def test_the_judge_sees_what_is_lost_doubled_or_untrue(fate: Fate, calls_back: bool, lists: bool, broken: int) -> None:
    drawn = Account(fates=[Fate(Lane.REPLY, 1, Status.DELIVERED), fate], strange=0)

    assert len(accounts.broken_promises(drawn, calls_back=calls_back, lists=lists)) == broken


def test_the_judge_sees_a_message_that_nobody_queued() -> None:
    assert accounts.broken_promises(Account(fates=[], strange=1), calls_back=True, lists=True) == [
        "1 messages not of ours"
    ]


def test_every_hundred_messages_hold_every_lane_in_its_share() -> None:
    lanes = [accounts.lane_of(number) for number in range(700, 800)]

    assert {lane: lanes.count(lane) for lane in accounts.LANES} == accounts.LANES


def test_half_of_the_phones_are_told_everything_twice_in_the_same_lane() -> None:
    alike = [number for number in range(700, 900) if accounts.words_of(number) == accounts.words_of(number - 100)]

    assert len(alike) == 50
    assert [accounts.lane_of(number) for number in alike] == [accounts.lane_of(number - 100) for number in alike]


def test_a_run_that_is_interrupted_leaves_no_process_behind() -> None:
    if not PROCESSES.is_dir():
        skip("there is no /proc to look for processes in")
    mark = uuid4().hex
    command = [sys.executable, "-m", "tests.chaos", "--messages", "200", "--kills", "4"]
    run = subprocess.Popen(command, env={**os.environ, "CHAOS_MARK": mark}, stderr=subprocess.PIPE)

    until = time.monotonic() + 60
    while not (began := any(line.endswith("worker") for line in marked(mark))) and time.monotonic() < until:
        time.sleep(0.05)
    run.send_signal(signal.SIGTERM)
    _, said = run.communicate(timeout=60)

    assert began
    assert run.returncode == 130, said
    assert marked(mark) == []


def marked(mark: str) -> list[str]:
    """Return the command lines of the processes that were started with *mark* in their environment."""
    found = []
    for folder in PROCESSES.iterdir():
        try:
            if folder.name.isdigit() and mark.encode() in (folder / "environ").read_bytes():
                words = (folder / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
                found.append(b" ".join(words).decode(errors="replace"))
        except OSError:  # it has just ended
            continue
    return found
