"""The whole system as an operator runs it: `checkin serve` and `checkin worker`, real processes on free ports."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from checkin.config import Settings

READY_WITHIN = 30.0  # seconds; the machine may be busy with other tests
STOP_WITHIN = 15.0
TAIL = 4000  # characters of a log that are shown when a process does not start
STARTED = '"worker.started"'


class Process(Struct, frozen=True):
    """One running process, its group (the same id) and where its words go."""

    popen: "subprocess.Popen[bytes]"
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """Kill the process and all it started (SIGKILL), and wait for it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(STOP_WITHIN)


class System(Struct, frozen=True):
    """Everything that runs. *base* is the first server's address, and the one the carrier knows."""

    base: str
    bases: list[str]
    servers: list[Process]
    workers: list[Process]


def sandbox_environ(settings: Settings) -> dict[str, str]:
    """Return the variables of a system with pretend phones that can read what *settings*' keys have sealed."""
    return {
        "CHECKIN_TOKEN_SECRET": settings.token_secret,
        "CHECKIN_ENCRYPTION_KEYS": settings.encryption_keys,
        "CHECKIN_LOOKUP_KEY": settings.lookup_key,
    }


@contextmanager
def running_system(url: str, environ: Mapping[str, str], workers: int = 1, servers: int = 1) -> Iterator[str]:
    """Lend the address of a running system on the migrated database *url*; nothing of it is left at the end.

    *environ* holds `CHECKIN_…` variables; they go before our own choice of address, tick and log level.
    """
    with running_processes(url, environ, workers, servers) as system:
        yield system.base


@contextmanager
def running_processes(url: str, environ: Mapping[str, str], workers: int = 1, servers: int = 1) -> Iterator[System]:
    """Like `running_system`, and lends the processes too.

    Raises AssertionError, with the logs, when something does not start.
    """
    bases = [f"http://127.0.0.1:{free_port()}" for _ in range(max(servers, 1))]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("CHECKIN_")}
    variables |= {"CHECKIN_DATABASE_URL": url, "CHECKIN_PUBLIC_URL": bases[0], "CHECKIN_TICK_MS": "50"}
    variables |= environ
    started: list[Process] = []
    with tempfile.TemporaryDirectory(prefix="checkin-logs-") as folder:
        variables.setdefault("CHECKIN_VAR", folder)
        try:
            for number, base in enumerate(bases[:servers]):
                port = base.rpartition(":")[2]
                started.append(start(["serve", "--port", port], variables, Path(folder) / f"serve-{number}.log"))
            started += [
                start(["worker"], variables, Path(folder) / f"worker-{number}.log") for number in range(workers)
            ]
            system = System(bases[0], bases[:servers], started[:servers], started[servers:])
            wait_until_ready(system, variables.get("CHECKIN_LOG_LEVEL", "info") in ("debug", "info"))
            yield system
        finally:
            stop(started)


def start(arguments: list[str], environ: Mapping[str, str], log: Path) -> Process:
    """Start `checkin` with *arguments* in a process group of its own."""
    command = [sys.executable, "-m", "checkin.cli", *arguments]
    with log.open("ab") as words:
        popen = subprocess.Popen(command, env=environ, stdout=words, stderr=words, start_new_session=True)
    return Process(popen, log)


def wait_until_ready(system: System, workers_speak: bool) -> None:
    """Wait until every server is ready and every worker has begun (as far as its log level lets us see that)."""
    until = time.monotonic() + READY_WITHIN
    everybody = system.servers + system.workers
    while time.monotonic() < until and all(process.popen.poll() is None for process in everybody):
        begun = not workers_speak or all(STARTED in worker.said() for worker in system.workers)
        if begun and all(is_ready(base) for base in system.bases):
            return
        time.sleep(0.05)
    logs = "\n".join(f"--- {process.log.name}\n{process.said()[-TAIL:]}" for process in everybody)
    raise AssertionError(f"a process ended, or was not ready within {READY_WITHIN:.0f} seconds\n{logs}")


def is_ready(base: str) -> bool:
    """Say whether a server answers, and can reach its database."""
    try:
        with urllib.request.urlopen(f"{base}/health/ready", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def stop(processes: list[Process]) -> None:
    """Ask everything to end, wait for it, and kill what is left of each process's group."""
    for process in processes:
        if process.popen.poll() is None:
            process.popen.terminate()
    until = time.monotonic() + STOP_WITHIN
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.popen.wait(max(until - time.monotonic(), 0.1))
        process.kill()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
