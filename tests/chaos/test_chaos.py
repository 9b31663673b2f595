"""Killed and stopped senders, small: the same scenarios as `make chaos`, and the judge that must not be fooled."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from checkin import store
from checkin.core.delivery import Lane, Status
from checkin.embedded import Embedded
from checkin.store.outbox import Letter
from checkin.store.pool import Connection, Pool
from tests.chaos import accounts, scenarios, stops
from tests.chaos.accounts import Account, Fate
from tests.chaos.carrier import Arrival, Moment
from tests.chaos.scenarios import Deed, Scenario
from tests.chaos.stage import Stage
from tests.people import NOW
from tests.skipping import skip

MESSAGES = 480  # a killed sender takes up to 80 with it, and enough must be left for the last kill
KILLS = 6
SEED = 1
NUMBERS = count(1)
MENTEE = uuid4()
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


@pytest.mark.parametrize(
    ("said", "taken", "arrived"),
    [
        ((Status.SENT, Status.SENT), (2, 0), [1, 1]),
        ((Status.SENT, Status.SENT), (3, 0), [2, 1]),
        ((Status.SENT, Status.UNCERTAIN), (2, 0), [2, 0]),
        ((Status.SENT, Status.UNCERTAIN), (0, 1), [1, 0]),
        ((Status.SENT, Status.UNCERTAIN), (1, 1), [1, 1]),
        ((Status.SENT, Status.UNCERTAIN), (0, 3), [1, 2]),
        ((Status.UNCERTAIN, Status.UNCERTAIN), (0, 2), [0, 2]),
    ],
)
async def test_what_came_twice_makes_up_only_for_what_was_said_to_be_sent(
    pool: Pool, conn: Connection, said: tuple[Status, Status], taken: tuple[int, int], arrived: list[int]
) -> None:
    first, second = (letter(key) for key in ("one", "two"))
    ids = await store.outbox.enqueue(conn, [first, second], NOW)
    letters = {ids[one.about, one.key]: one for one in (first, second)}
    for message, status in zip(letters, said, strict=True):
        until = "infinity" if status is Status.UNCERTAIN else None
        await conn.execute(
            "update outbox set status = $2, claimed_until = $3::text::timestamptz where id = $1", message, status, until
        )
    arrivals = [
        Arrival(message, uuid4(), first.phone, first.body)
        for message, times in zip(letters, taken, strict=True)
        for _ in range(times)
    ]

    drawn = await accounts.account(pool, letters, arrivals)

    assert sorted((one.status, one.arrived) for one in drawn.fates) == sorted(zip(said, arrived, strict=True))


def letter(key: str) -> Letter:
    """A nudge that says what every other one says."""
    return Letter(
        about=MENTEE,
        to=None,
        phone="+12125550001",
        lane=Lane.NUDGE,
        key=key,
        body="the same",
        not_before=NOW,
        expires_at=NOW + timedelta(hours=1),
    )


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
