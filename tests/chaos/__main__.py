"""Kill and stop senders in the middle of sending, and account for every message.

Ends with 1 if any promise is broken. Uses only the loopback; every process and database it made is gone at the end.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
import time
import warnings
from itertools import count

from msgspec import Struct

from benchmarks.progress import Progress
from tests.chaos import accounts, scenarios, stage
from tests.chaos.scenarios import Report

TICK = 0.5  # seconds
RESTS = 3  # times that all workers are gone for some minutes
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Options(Struct, frozen=True):
    messages: int
    kills: int
    faults: list[int]
    seed: int
    server: str


def main() -> int:
    options = read_options()
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")  # said by a library of the embedded server
    began = time.monotonic()
    try:
        reports = asyncio.run(run_all(options))
    except asyncio.CancelledError:
        sys.stderr.write("stopped; everything that was started has been cleaned up\n")
        return 130
    broken = sum(len(report.broken) for report in reports)
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    verdict = f"{broken} promises broken" if broken else "every promise held"
    sys.stdout.write(f"{verdict}, in {minutes} min {seconds} s (seed {options.seed})\n")
    return 1 if broken else 0


async def run_all(options: Options) -> list[Report]:
    """Run what is asked for on the server that is named, or an embedded one; a signal ends it at the next `await`."""
    stop_at_signals()
    if options.server:
        return await run_on(options, options.server)
    with stage.embedded() as server:
        return await run_on(options, server)


def stop_at_signals() -> None:
    """Cancel this task at the first signal; a second one does not disturb the cleaning up.

    An exception out of a signal handler could fall between a process's start and the note of it.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def stop() -> None:
        for number in SIGNALS:
            loop.add_signal_handler(number, lambda: None)
        logging.disable()  # what breaks now was meant to
        task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)


async def run_on(options: Options, server: str) -> list[Report]:
    """Run fault 2 one scenario after the other, and fault 5, which mostly waits, all at once."""
    killing = scenarios.killing(options.messages, options.kills, RESTS, options.seed) if 2 in options.faults else []
    stopping = scenarios.stopping() if 5 in options.faults else []
    asleep = max((one.seconds for one in stopping), default=0)
    progress = Progress(sum(one.seconds for one in killing) + asleep)
    ticking = asyncio.create_task(_tick(progress))
    names = (f"checkin_chaos_{os.getpid()}_{number}" for number in count(1))
    reports = []
    try:
        for one in killing:
            progress.begin(one.name, one.seconds)
            reports.append(await scenarios.run(one, server, next(names), options.seed))
            progress.end()
            _show(progress, reports[-1])
        progress.begin("stopped senders", asleep)
        stopped = await asyncio.gather(*(scenarios.run(one, server, next(names), options.seed) for one in stopping))
        for report in stopped:
            _show(progress, report)
    finally:
        ticking.cancel()
        progress.clear()
    return reports + stopped


async def _tick(progress: Progress) -> None:
    while True:
        await asyncio.sleep(TICK)
        progress.tick()


def _show(progress: Progress, report: Report) -> None:
    progress.clear()
    lines = [f"fault {report.fault}: {report.name}", report.did, accounts.table(report.account)]
    lines += [f"BROKEN: {line}" for line in report.broken]
    sys.stdout.write("\n".join(lines) + "\n\n")
    sys.stdout.flush()


def read_options() -> Options:
    description, _, endings = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=description, epilog=endings)
    parser.add_argument("--messages", type=int, default=3000, help="in each run of fault 2 (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=30, help="in each run of fault 2 (default: %(default)s)")
    parser.add_argument("--faults", default="2,5", help="2: killed, 5: stopped (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same kills again (default: %(default)s)")
    parser.add_argument("--server", default="", help="address of a PostgreSQL to make databases on; else embedded")
    given = parser.parse_args()
    if not 100 <= given.messages <= 5000 or not 0 <= given.kills <= given.messages // 20:
        parser.error("messages 100-5000, kills at most one in 20 messages")
    if not set(given.faults.split(",")) <= {"2", "5"}:
        parser.error("faults: 2, 5, or both with a comma")
    faults = [int(fault) for fault in given.faults.split(",")]
    return Options(given.messages, given.kills, faults, given.seed, given.server)


if __name__ == "__main__":
    sys.exit(main())
