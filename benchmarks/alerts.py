"""Measure how soon a mentor's text is at the carrier while thousands of nudges wait, on a slow sender.

Real `checkin serve` and `checkin worker` processes on an embedded PostgreSQL, a pretend Twilio on the loopback.
Ends with 1 unless 99 % of crisis texts lead to the mentor's text within 10 s and of falls within 60 s;
with 2 when nothing could be measured. Uses only the loopback and a folder of its own, which it removes.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
import warnings
from contextlib import AsyncExitStack
from math import ceil
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run by its path, it finds its siblings by package

from msgspec import Struct

from benchmarks import crowd, databases
from benchmarks.latency import LAST_WAIT, SETTLE, Bench, Load, Measured
from benchmarks.progress import Progress
from checkin import config, store
from checkin.cli.database import migrate
from checkin.clock import Clock
from checkin.embedded import Embedded
from checkin.store.vault import Vault
from tests.pretend_twilio import ACCOUNT_SID, AUTH_TOKEN, PretendTwilio
from tests.running import running_processes

DATABASE = "checkin"
SENDER = "+15005550006"
CRISIS_WITHIN = 10.0  # seconds, 99 % of them
FALL_WITHIN = 60.0


class Options(Struct, frozen=True, kw_only=True):
    """How much to send; *rate* is the sender's messages a second, *tick* the worker's beat in milliseconds."""

    seconds: int
    a_second: int
    rate: float
    nudges: int
    crises: int
    falls: int
    tick: int
    seed: int


class Outcome(Struct, frozen=True):
    """What was measured, and how many nudges still waited when it was over."""

    measured: Measured
    nudges_left: int


def main() -> int:
    options = read_options()
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")  # said by a library of the embedded server
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    progress = Progress(SETTLE + options.seconds)
    try:
        with databases.embedded() as server:
            outcome = asyncio.run(measure(server, options, progress))
    except KeyboardInterrupt:
        progress.clear()
        print("stopped; everything that was started has been cleaned up", file=sys.stderr)
        return 130
    except (AssertionError, databases.NotDurable) as problem:
        progress.clear()
        print(f"nothing measured: {problem}", file=sys.stderr)
        return 2
    progress.clear()
    print("\n".join(table(outcome, options)))
    found = shortfalls(outcome.measured)
    print("\n".join(found) or f"held: crisis within {CRISIS_WITHIN:g} s, falls within {FALL_WITHIN:g} s")
    return 1 if found else 0


def read_options() -> Options:
    description, _, endings = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(description=description, epilog=endings)
    parser.add_argument("--seconds", type=int, default=60, help="length of the load (default: %(default)s)")
    parser.add_argument("--a-second", type=int, default=50, help="inbound texts a second (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=1.0, help="messages a second (default: %(default)s)")
    parser.add_argument("--nudges", type=int, default=5000, help="nudges that wait (default: %(default)s)")
    parser.add_argument("--crises", type=int, default=12, help="texts of danger among them (default: %(default)s)")
    parser.add_argument("--falls", type=int, default=8, help="mentees who fall (default: %(default)s)")
    parser.add_argument("--tick", type=int, default=1000, help="the worker's beat in ms (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="when danger and falls come (default: %(default)s)")
    given = parser.parse_args()
    if not (5 <= given.seconds <= 600 and 1 <= given.a_second <= 500 and 0.1 <= given.rate <= 1000):
        parser.error("seconds 5-600, a second 1-500, rate 0.1-1000")
    if not (0 <= given.nudges <= 100_000 and 1 <= given.crises <= 1000 and 1 <= given.falls <= 1000):
        parser.error("nudges 0-100000, crises and falls 1-1000")
    if given.crises > given.seconds * given.a_second:
        parser.error("more texts of danger than texts")
    return Options(**vars(given))


async def measure(server: Embedded, options: Options, progress: Progress) -> Outcome:
    """Set everything up, run the load, and take everything down."""
    server.create_database(DATABASE)
    url = server.url(DATABASE)
    migrate(url)
    await asyncio.to_thread(databases.run, server, DATABASE, databases.settings)
    secrets = config.new_secrets()
    async with AsyncExitStack() as stack:
        carrier = await stack.enter_async_context(PretendTwilio())
        environ = environment(carrier, secrets, options)
        settings = config.load(environ | {"CHECKIN_DATABASE_URL": url})
        pool = await store.pool.connect(url, Vault(settings.encryption_keys, settings.lookup_key), size=2)
        stack.push_async_callback(pool.close)
        progress.begin("people come in", 0)
        async with pool.acquire() as conn:
            now = Clock().now()
            ordinary = max(options.a_second * options.seconds // 3, 1)  # three texts each, so that each is answered
            people = await crowd.gather(conn, ordinary, options.crises, options.falls, now)
            await crowd.queue_nudges(conn, options.nudges, now)
        processes = running_processes(url, environ)
        system = await asyncio.to_thread(processes.__enter__)
        try:
            load = Load(options.a_second, options.seconds, options.seed)
            measured = await Bench(system.base, carrier, settings, people, load).run(progress)
            async with pool.acquire(patience=10) as conn:
                return Outcome(measured, await crowd.nudges_left(conn))
        finally:
            await asyncio.to_thread(processes.__exit__, None, None, None)


def environment(carrier: PretendTwilio, secrets: dict[str, str], options: Options) -> dict[str, str]:
    return {
        "CHECKIN_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "CHECKIN_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "CHECKIN_TWILIO_FROM": SENDER,
        "CHECKIN_TWILIO_API_URL": carrier.url,
        "CHECKIN_SENDER_RATE": str(options.rate),
        "CHECKIN_TICK_MS": str(options.tick),
        "CHECKIN_LOG_LEVEL": "warning",
        "CHECKIN_TOKEN_SECRET": secrets["token_secret"],
        "CHECKIN_ENCRYPTION_KEYS": secrets["encryption_keys"],
        "CHECKIN_LOOKUP_KEY": secrets["lookup_key"],
    }


def table(outcome: Outcome, options: Options) -> list[str]:
    measured = outcome.measured
    sender = f"{options.rate:g} messages a second, a beat of {options.tick} ms"
    texts = f"{measured.achieved:.1f} texts a second for {options.seconds} s, {options.crises} of danger"
    return [
        f"{options.nudges:,} nudges queued, {sender}, {os.cpu_count()} cores",
        f"{texts}; beside them {options.falls} falls by PUT",
        f"{outcome.nudges_left:,} nudges still queued at the end; {measured.refused} calls refused",
        "",
        f"{'seconds':<44}{'n':>6}{'p50':>8}{'p99':>8}{'max':>8}{'missing':>9}",
        row("crisis text -> mentor's text at the carrier", measured.crises),
        row("falling check-in -> mentor's text", measured.falls),
        row("webhook answered", list(measured.webhooks)),
        "",
    ]


def row(name: str, seconds: list[float | None]) -> str:
    came = sorted(one for one in seconds if one is not None)
    figures = [percentile(came, share) for share in (0.5, 0.99, 1.0)] if came else [float("nan")] * 3
    return f"{name:<44}{len(seconds):>6}{''.join(f'{one:>8.2f}' for one in figures)}{len(seconds) - len(came):>9}"


def percentile(came: list[float], share: float) -> float:
    """Return the value that *share* of the sorted values do not exceed."""
    return came[max(ceil(share * len(came)) - 1, 0)]


def shortfalls(measured: Measured) -> list[str]:
    """Return a sentence for each promise that was not kept."""
    found = [] if not measured.refused else [f"NOT HELD: {measured.refused} calls were refused"]
    for name, seconds, limit in (
        ("crisis", measured.crises, CRISIS_WITHIN),
        ("falls", measured.falls, FALL_WITHIN),
    ):
        came = sorted(one for one in seconds if one is not None)
        if len(came) < len(seconds):
            found.append(f"NOT HELD: {name}: {len(seconds) - len(came)} mentors heard nothing within {LAST_WAIT:g} s")
        elif percentile(came, 0.99) > limit:
            found.append(f"NOT HELD: {name}: p99 is {percentile(came, 0.99):.1f} s, and it should be at most {limit:g}")
    return found


if __name__ == "__main__":
    sys.exit(main())
