"""Measure how many authenticated, durable check-ins a second one API process takes, against pgbench and a peer.

Ends with 1 unless we take at least 3 times what the peer takes, in at most 4 round trips to PostgreSQL a check-in;
with 2 when nothing could be measured. Uses only the loopback and a folder of its own, which it removes.
"""

import argparse
import logging
import signal
import sys
import warnings
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run by its path, it finds its siblings by package

from benchmarks import measure, report
from benchmarks.databases import NotDurable
from benchmarks.measure import Options
from benchmarks.pgbench import Drifted
from benchmarks.processes import Failed
from benchmarks.progress import Progress

LEAST_RATIO = 3.0
MOST_ROUND_TRIPS = 4.0


def main() -> int:
    options = read_options()
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")  # said by a library of the embedded server
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop_once)
    progress = Progress(measure.seconds_needed(options))
    try:
        results = measure.measure(options, progress)
    except KeyboardInterrupt:
        progress.clear()
        print("stopped; everything that was started has been cleaned up", file=sys.stderr)
        return 130
    except (Failed, NotDurable, Drifted) as problem:
        progress.clear()
        print(f"nothing measured: {problem}", file=sys.stderr)
        return 2
    progress.clear()
    print(report.table(results, options))
    shortfalls = report.shortfalls(results, LEAST_RATIO, MOST_ROUND_TRIPS)
    print(
        "\n".join(shortfalls)
        or f"held: at least {LEAST_RATIO:g} times the peer, at most {MOST_ROUND_TRIPS:g} round trips"
    )
    return 1 if shortfalls else 0


def read_options() -> Options:
    description, _, endings = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(description=description, epilog=endings)
    parser.add_argument("--seconds", type=int, default=8, help="length of a round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each contender (default: %(default)s)")
    parser.add_argument("--clients", type=int, default=16, help="connections at once (default: %(default)s)")
    parser.add_argument("--mentees", type=int, default=10_000, help="mentees in each database (default: %(default)s)")
    given = parser.parse_args()
    if not (1 <= given.seconds <= 300 and 1 <= given.rounds <= 50 and 1 <= given.clients <= 64):
        parser.error("seconds 1-300, rounds 1-50, clients 1-64")
    if not 64 * given.clients <= given.mentees <= 200_000:
        parser.error("mentees: at least 64 a client, so that nobody is asked twice at once; at most 200000")
    return Options(**vars(given))


def stop_once(number: int, frame: FrameType | None) -> None:
    """End the run at the first signal; a second one does not disturb the cleaning up."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    logging.disable()  # what breaks now was meant to
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
