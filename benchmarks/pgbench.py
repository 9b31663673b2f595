"""The same check-in without any service: the product's own two statements, sent by PostgreSQL's pgbench."""

import re
from datetime import date
from pathlib import Path

from msgspec import Struct

from benchmarks import cast, databases, load, processes
from benchmarks.progress import Progress
from checkin import store
from checkin.embedded import Embedded

NAME = "pgbench, our statements"
SEALED_NOTE = "\\x6b313a" + "5a" * (12 + len(cast.NOTE) + 16)

CHECK_INS = "select count(*) from check_ins"

# Client c plays mentees c + 1, c + 1 + clients, ... in turn; after the last of them the next day begins.
POSITION = r"""
\set k :k + 1
\set mentee 1 + :client_id + :clients * (:k % :share)
\set ahead :k / :share
"""
MENTEE = f"('{cast.IDS}' || lpad(:mentee::text, 12, '0'))::uuid"
DAY = "(:first::date + :ahead::integer)"

READ_VALUES = {1: MENTEE, 2: DAY, 3: "null"}  # no session, as with the tokens of the other sides
WRITE_VALUES = {
    1: MENTEE,
    2: ":before_version::integer",
    3: ":before_trail::bytea",
    4: DAY,
    5: "gen_random_uuid()",
    6: "6::smallint",
    7: "5::smallint",
    8: "false",
    9: f"'{SEALED_NOTE}'::bytea",
    10: "false",
    11: f"(({DAY} + time '18:00') at time zone 'UTC')",
    12: f"'{cast.ZONE}'",
    13: "'app'",
    14: "now()",
    15: "'[]'::jsonb",
    16: "uuidv7()",
}


class Run(Struct, frozen=True):
    """Check-ins a second; latencies in milliseconds; where each client would go on."""

    rate: float
    p50: float
    p99: float
    next: int


class Drifted(Exception):
    """The product's statements have other parameters than the values here were written for."""


def script() -> str:
    """Return the pgbench script: the product's read, then its write with what was read."""
    read = filled(store.check_ins.READ, READ_VALUES)
    write = filled(store.check_ins.WRITE, WRITE_VALUES)
    return f"{POSITION}{read}\\gset before_\n{write};\n"


def filled(statement: str, values: dict[int, str]) -> str:
    """Return *statement* with each $n replaced. Raises Drifted unless it has exactly the parameters of *values*."""
    used = {int(number) for number in re.findall(r"\$(\d+)", statement)}
    if used != set(values):
        raise Drifted(f"parameters {sorted(used)}, values for {sorted(values)}")
    lines = [line for line in statement.strip().splitlines() if not line.strip().startswith("--")]
    return re.sub(r"\$(\d+)", lambda found: values[int(found[1])], "\n".join(lines)) + " "


def run(
    server: Embedded, database: str, people: cast.Cast, clients: int, seconds: int, first: int, progress: Progress
) -> Run:
    """Run the script on *database* with prepared statements, every client going on from its check-in *first*."""
    folder = server.folder.parent
    (folder / "check_in.sql").write_text(script())
    before = int(databases.value(server, database, CHECK_INS))
    printed = processes.output(
        command(server, database, people.days[0], len(people.mentees), clients, seconds, first, folder),
        ticking=progress.tick,
    )
    latencies, counts = read_log(folder)
    tps = re.search(r"^tps = ([\d.]+)", printed, re.MULTILINE)
    if tps is None:
        raise processes.Failed(f"pgbench said no figure:\n{printed}")
    stored = int(databases.value(server, database, CHECK_INS)) - before
    if stored != len(latencies):
        raise processes.Failed(f"pgbench: {len(latencies)} transactions, {stored} rows stored")
    return Run(
        rate=float(tps[1]),
        p50=load.percentile(latencies, 0.50),
        p99=load.percentile(latencies, 0.99),
        next=first + max(counts),
    )


def command(
    server: Embedded,
    database: str,
    day: date,
    mentees: int,
    clients: int,
    seconds: int,
    first: int,
    folder: Path,
) -> list[str]:
    given = {"k": first - 1, "clients": clients, "share": mentees // clients, "first": day}
    return [
        str(server.programs / "pgbench"),
        *("--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1", f"--time={seconds}"),
        *("--log", f"--log-prefix={folder / 'pgbench_log'}", f"--file={folder / 'check_in.sql'}"),
        *(f"--define={name}={value}" for name, value in given.items()),
        *(f"--host={server.folder}", "--username=postgres", database),
    ]


def read_log(folder: Path) -> tuple[list[int], list[int]]:
    """Return the sorted latencies in nanoseconds, and how many transactions each client made; remove the log."""
    latencies: list[int] = []
    counts: dict[str, int] = {}
    for log in folder.glob("pgbench_log.*"):
        for line in log.read_text().splitlines():
            client, _, microseconds, *_ = line.split()
            latencies.append(int(microseconds) * 1000)
            counts[client] = counts.get(client, 0) + 1
        log.unlink()
    return sorted(latencies), list(counts.values())
