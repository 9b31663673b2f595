"""Measure how fast one worker plans the nudges of mentees who are all due in the same minute, against a plain COPY.

Ends with 1 unless they are claimed, decided and queued at no less than 25 % of the rate at which the same PostgreSQL
takes the very same rows by COPY, in flat memory, and a second run over the same minute queues nothing; with 2 when
nothing could be measured. Uses only a folder of its own, which it removes.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
import warnings
from pathlib import Path

import asyncpg
import msgspec
from msgspec import Struct

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run by its path, it finds its siblings by package

from benchmarks import check_ins, copying, databases, due, ours, processes
from benchmarks.databases import DURABLE, NotDurable
from benchmarks.planning import Planned
from benchmarks.processes import Failed
from benchmarks.progress import Progress
from checkin import flows
from checkin.embedded import Embedded
from checkin.jobs import schedule

LEAST_SHARE = 0.25
MOST_GROWTH = 50.0  # MB


class Results(Struct, frozen=True, kw_only=True):
    """All that was measured; *copied* is seconds by table."""

    mentees: int
    settings: dict[str, str]
    first: Planned
    second: Planned
    copied: dict[str, float]

    @property
    def rate(self) -> float:
        return self.mentees / self.first.seconds

    @property
    def copy_rate(self) -> float:
        return self.mentees / sum(self.copied.values())

    @property
    def share(self) -> float:
        return self.rate / self.copy_rate

    @property
    def growth(self) -> float:
        return self.first.most_rss - self.first.first_rss

    @property
    def queued_again(self) -> int:
        return self.second.counts.get("sent", 0)


def main() -> int:
    mentees = read_mentees()
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")  # said by a library of the embedded server
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, check_ins.stop_once)
    progress = Progress(due.TABLES * mentees)
    try:
        results = measure(mentees, progress)
    except KeyboardInterrupt:
        progress.clear()
        print("stopped; everything that was started has been cleaned up", file=sys.stderr)
        return 130
    except (Failed, NotDurable) as problem:
        progress.clear()
        print(f"nothing measured: {problem}", file=sys.stderr)
        return 2
    progress.clear()
    print(report(results))
    found = shortfalls(results)
    print(
        "\n".join(found)
        or f"held: at least {LEAST_SHARE:.0%} of COPY, memory within {MOST_GROWTH:g} MB, nothing queued twice"
    )
    return 1 if found else 0


def read_mentees() -> int:
    description, _, endings = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(description=description, epilog=endings)
    parser.add_argument("--mentees", type=int, default=1_000_000, help="how many are due (default: %(default)s)")
    mentees: int = parser.parse_args().mentees
    if not 1_000 <= mentees <= 10_000_000:
        parser.error("mentees: 1000-10000000")
    return mentees


def measure(mentees: int, progress: Progress) -> Results:
    """Run the whole benchmark. Raises Failed or NotDurable where a figure would not mean what it says."""
    with databases.embedded() as server:
        server.create_database(ours.DATABASE)
        ours.create_tables(server.folder)

        async def fill(conn: asyncpg.Connection) -> dict[str, str]:
            await due.seed(conn, mentees, progress.advance)
            return await databases.settings(conn)

        progress.begin(f"writing {mentees:,} mentees", 0)
        settings = databases.run(server, ours.DATABASE, fill)
        progress.begin("planning", 0)
        first = plan(server)
        check(server, mentees)
        progress.begin("planning the same minute again", 0)
        second = plan(server)
        progress.begin("the same rows by COPY", 0)
        copied = asyncio.run(copy(server))
        return Results(mentees=mentees, settings=settings, first=first, second=second, copied=copied)


def plan(server: Embedded) -> Planned:
    """Run the nudge job in a process of its own until nobody is due."""
    databases.run(server, ours.DATABASE, settle)
    printed = processes.output(processes.module("benchmarks.planning"), ours.environment(server.folder))
    return msgspec.json.decode(printed, type=Planned)


async def settle(conn: asyncpg.Connection) -> None:
    """Leave nothing to do for the autovacuum and the next checkpoint, and what will be read in memory."""
    await conn.execute("vacuum analyze")
    await conn.execute("checkpoint")


PLANNED = """
    select (select count(*) from outbox where status = 'queued' and lane = 'nudge'),
           (select count(*) from nudges n
             where decision = 'sent'
               and exists (select 1 from outbox o where o.mentee_id = n.mentee_id and o.id = n.message_id)),
           (select count(*) from nudge_plans where next_nudge_at > $1 and silence_check_at > $1)
"""


def check(server: Embedded, mentees: int) -> None:
    """Raise Failed unless each mentee has one message, one decision that names it, and a next time."""
    found = databases.run(server, ours.DATABASE, lambda conn: conn.fetch(PLANNED, due.NOW))
    counts = tuple(found[0])
    if counts != (mentees, mentees, mentees):
        raise Failed(f"messages, decisions and next times of {mentees} mentees: {counts}")


async def copy(server: Embedded) -> dict[str, float]:
    """Write the same rows by COPY over one connection, and return the seconds by table."""
    conn = await asyncpg.connect(server.url(ours.DATABASE))
    try:
        await copying.create_tables(conn)
        files = await copying.take_out(conn, server.folder.parent)
        await settle(conn)
        return await copying.copy_in(conn, files)
    finally:
        await conn.close()


def report(results: Results) -> str:
    found, first = results.settings, results.first
    copied = ", ".join(f"{table} {seconds:.1f} s" for table, seconds in results.copied.items())
    return "\n".join(
        [
            f"{results.mentees:,} mentees due in the same minute; {os.cpu_count()} cores",
            f"one worker process, {schedule.LANES} batches of {flows.nudges.BATCH:,} at a time; COPY on one connection",
            "each side begins after a vacuum and a checkpoint, with what it reads in memory",
            f"PostgreSQL {found['server_version']} with {', '.join(f'{name} {found[name]}' for name in DURABLE)}",
            "",
            f"planned      {results.rate:>10,.0f} a second   {first.seconds:.1f} s, {first.cpu:.1f} s of them Python's",
            f"by COPY      {results.copy_rate:>10,.0f} a second   {copied}",
            f"share        {results.share:>10.1%}",
            f"memory       {results.growth:>+10.1f} MB from {first.first_rss:.1f} MB after the first batch",
            f"second run   {results.queued_again:>10} queued in {results.second.seconds:.2f} s",
            "",
        ]
    )


def shortfalls(results: Results) -> list[str]:
    """Return a sentence for each promise that was not kept."""
    found = []
    if results.share < LEAST_SHARE:
        found.append(f"NOT HELD: {results.share:.1%} of the rate of COPY, and it should be {LEAST_SHARE:.0%}")
    if results.growth >= MOST_GROWTH:
        found.append(f"NOT HELD: memory grew by {results.growth:.1f} MB, and it should be less than {MOST_GROWTH:g}")
    if results.queued_again:
        found.append(f"NOT HELD: a second run over the same minute queued {results.queued_again}, and it should be 0")
    return found


if __name__ == "__main__":
    sys.exit(main())
