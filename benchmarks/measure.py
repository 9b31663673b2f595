"""Set up both services on one PostgreSQL, then measure them in turns with pgbench between."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Protocol

import asyncpg
import msgspec
from msgspec import Struct

from benchmarks import cast, databases, ours, pgbench, processes, theirs, wire
from benchmarks.cast import Cast
from benchmarks.load import Outcome, Plan
from benchmarks.processes import Failed, Server
from benchmarks.progress import Progress
from checkin.embedded import Embedded

WARM_UP = 3.0  # seconds of load before the first round
CEILING = 2.0  # seconds of load on a server that does nothing
COPY = "pgbench"  # our database once more, for pgbench alone
COUNTED = 200  # check-ins the round trips are averaged over


class Side(Protocol):
    """What a service brings to the benchmark; the modules `ours` and `theirs` are the two."""

    NAME: str
    DATABASE: str
    CHECK_INS: str

    def create_tables(self, socket: Path) -> None: ...
    async def seed(self, conn: asyncpg.Connection, people: Cast, now: datetime) -> None: ...
    def tokens(self, people: Cast, now: datetime) -> list[str]: ...
    def start(self, socket: Path, logs: Path) -> Server: ...


class Round(Struct, frozen=True, kw_only=True):
    """One round of one contender: check-ins a second, latencies in ms, CPU seconds a thousand check-ins."""

    rate: float
    p50: float
    p99: float
    cpu: float = 0.0


class RoundTrips(Struct, frozen=True):
    """Round trips to PostgreSQL seen on the wire: for one warm check-in, and the mean over many."""

    one: int
    mean: float


class Results(Struct, frozen=True, kw_only=True):
    """All that was measured, the rounds by contender in the order they were run."""

    settings: dict[str, str]
    ceiling: float
    rounds: dict[str, list[Round]]
    round_trips: dict[str, RoundTrips]


class Options(Struct, frozen=True):
    """How much to measure; *seconds* is the length of a round."""

    seconds: int
    rounds: int
    clients: int
    mentees: int


class Contender:
    """One service with its database, its mentees and the check-ins they have still to send."""

    def __init__(self, side: Side, database: Embedded, people: Cast, now: datetime, options: Options) -> None:
        self.side = side
        self._database = database
        self.folder = database.folder.parent
        self.plan = cast.plan(people, side.tokens(people, now), 0, options.clients)

    def load(self, server: Server, progress: Progress, seconds: float, **changed: int) -> Outcome:
        """Send check-ins to *server*. Raises Failed when one was refused, or the days have run out."""
        plan = msgspec.structs.replace(self.plan, port=server.port, seconds=seconds, **changed)
        outcome = send(plan, self.folder, progress)
        self.plan = msgspec.structs.replace(self.plan, first=outcome.next)
        if outcome.failed:
            raise Failed(f"{self.side.NAME} refused {outcome.failed} check-ins, the first so:\n{outcome.first_failure}")
        if outcome.exhausted:
            raise Failed("every mentee has reported on every day; take more --mentees, or less time")
        return outcome

    def round(self, server: Server, progress: Progress, seconds: float) -> Round:
        """Measure one round, and make sure that each answer counted is a row in the table."""
        databases.value(self._database, "postgres", "checkpoint")
        before, used = self.stored(), server.cpu()
        outcome = self.load(server, progress, seconds)
        used = server.cpu() - used
        if self.stored() - before != outcome.stored:
            raise Failed(f"{self.side.NAME}: {outcome.stored} answers of 2xx, {self.stored() - before} rows stored")
        return Round(rate=outcome.rate, p50=outcome.p50, p99=outcome.p99, cpu=1000 * used / outcome.stored)

    def stored(self) -> int:
        return int(databases.value(self._database, self.side.DATABASE, f"select count(*) from {self.side.CHECK_INS}"))

    def count_round_trips(self, progress: Progress) -> RoundTrips:
        """Start the service again with a counting proxy before PostgreSQL, and send check-ins one at a time."""
        listen = self.folder / "wire"
        listen.mkdir(exist_ok=True)
        with wire.between(listen, self._database.folder) as proxy, ExitStack() as stack:
            server = self.side.start(listen, self.folder)
            stack.callback(server.stop)
            server.wait()
            self.load(server, progress, 60, connections=1, most=COUNTED)
            proxy.reset()
            self.load(server, progress, 60, connections=1, most=1)
            one = max(proxy.round_trips, proxy.turns)
            proxy.reset()
            outcome = self.load(server, progress, 60, connections=1, most=COUNTED)
            return RoundTrips(one, max(proxy.round_trips, proxy.turns) / outcome.stored)


def measure(options: Options, progress: Progress) -> Results:
    """Run the whole benchmark. Raises Failed, NotDurable or Drifted where a figure would not mean what it says."""
    with databases.embedded() as database, ExitStack() as stack:
        now = databases.run(database, "postgres", lambda conn: conn.fetchval("select now()"))
        people = cast.people(options.mentees, now.date())
        progress.begin("filling the databases", 0)
        settings = databases.run(database, "postgres", databases.settings)
        contenders = [prepare(side, database, people, now, options) for side in (ours, theirs)]
        database.create_database(COPY, template=ours.DATABASE)
        progress.begin("what the load generator can send", CEILING)
        ceiling = measure_ceiling(contenders[0], progress)
        progress.end()
        round_trips = {each.side.NAME: each.count_round_trips(progress) for each in contenders}
        servers = []
        for each in contenders:
            servers.append(each.side.start(database.folder, database.folder.parent))
            stack.callback(servers[-1].stop)
        rounds = take_turns(database, list(zip(contenders, servers, strict=True)), people, options, progress)
        return Results(settings=settings, ceiling=ceiling, rounds=rounds, round_trips=round_trips)


def prepare(side: Side, database: Embedded, people: Cast, now: datetime, options: Options) -> Contender:
    database.create_database(side.DATABASE)
    side.create_tables(database.folder)
    databases.run(database, side.DATABASE, lambda conn: side.seed(conn, people, now))
    databases.value(database, side.DATABASE, "vacuum analyze")
    return Contender(side, database, people, now, options)


def take_turns(
    database: Embedded,
    contenders: list[tuple[Contender, Server]],
    people: Cast,
    options: Options,
    progress: Progress,
) -> dict[str, list[Round]]:
    """Warm everyone up, then measure them one after the other, round by round."""
    taken: dict[str, list[Round]] = {name: [] for name in (*(each.side.NAME for each, _ in contenders), pgbench.NAME)}
    for each, server in contenders:
        server.wait()
        progress.begin(f"warming up {each.side.NAME}", WARM_UP)
        each.load(server, progress, WARM_UP)
        progress.end()
    position = 0
    for number in range(1, options.rounds + 1):
        for each, server in contenders:
            progress.begin(f"round {number}: {each.side.NAME}", options.seconds)
            taken[each.side.NAME].append(each.round(server, progress, options.seconds))
            progress.end()
        progress.begin(f"round {number}: {pgbench.NAME}", options.seconds)
        databases.value(database, "postgres", "checkpoint")
        run = pgbench.run(database, COPY, people, options.clients, options.seconds, position, progress)
        position = run.next
        taken[pgbench.NAME].append(Round(rate=run.rate, p50=run.p50, p99=run.p99))
        progress.end()
    return taken


def measure_ceiling(contender: Contender, progress: Progress) -> float:
    """Return how many requests a second the generator sends to a server that does nothing."""
    with ExitStack() as stack:
        port = processes.free_port()
        server = Server("echo", processes.module("benchmarks.echo", str(port)), {}, port, contender.folder / "echo.log")
        stack.callback(server.stop)
        server.wait()
        plan = msgspec.structs.replace(contender.plan, port=port, seconds=CEILING)
        return send(plan, contender.folder, progress).rate


def seconds_needed(options: Options) -> float:
    """Return how long the counted steps take in all."""
    return CEILING + 2 * WARM_UP + 3 * options.rounds * options.seconds


def send(plan: Plan, folder: Path, progress: Progress) -> Outcome:
    """Run the load generator, in a process of its own, over *plan*."""
    file = folder / "plan.json"
    file.write_bytes(msgspec.json.encode(plan))
    printed = processes.output(processes.module("benchmarks.load", str(file)), ticking=progress.tick)
    return msgspec.json.decode(printed, type=Outcome)
