"""Start, watch and stop the processes a benchmark needs; none of them outlives it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no annotations

ROOT = Path(__file__).resolve().parents[1]
START_LIMIT = 30.0  # seconds a server may take until it answers
STOP_LIMIT = 10.0  # seconds a server has to go by itself


class Failed(Exception):
    """A process did not do its part; the message ends with the last it wrote."""


class Server:
    """A server process with all its children, listening on a port of the loopback."""

    def __init__(self, name: str, arguments: Sequence[str], environment: dict[str, str], port: int, log: Path) -> None:
        self.name = name
        self.port = port
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                arguments,
                cwd=ROOT,
                env=with_source(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._tree = psutil.Process(self._process.pid)

    def wait(self) -> None:
        """Return once the port answers. Raises Failed when the process ends first or takes over START_LIMIT."""
        until = time.monotonic() + START_LIMIT
        while time.monotonic() < until and self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise Failed(f"{self.name} does not answer on port {self.port}:\n{self.tail()}")

    def tail(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]

    def cpu(self) -> float:
        """Return the CPU seconds, user and system, its living processes have used so far."""
        total = 0.0
        for process in [self._tree, *self._tree.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def stop(self) -> None:
        """Ask the whole tree to end, then end it."""
        tree = [self._tree]
        with suppress(psutil.NoSuchProcess):
            tree += self._tree.children(recursive=True)
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        _, left = psutil.wait_procs(tree, timeout=STOP_LIMIT)
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()


def with_source(environment: dict[str, str]) -> dict[str, str]:
    """Return this process's environment with *environment* on top and this source tree importable."""
    return os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"} | environment


def module(name: str, *arguments: str) -> list[str]:
    """Return the command line that runs the module *name* with this interpreter."""
    return [sys.executable, "-m", name, *arguments]


def output(
    arguments: Sequence[str], environment: dict[str, str] | None = None, ticking: Callable[[], None] | None = None
) -> str:
    """Run a command to its end, calling *ticking* five times a second, and return what it printed.

    Raises Failed when it ends with anything but 0. The command ends with us, whatever ends us.
    """
    process = subprocess.Popen(
        arguments,
        cwd=ROOT,
        env=with_source(environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        while True:
            try:
                printed, complaints = process.communicate(timeout=0.2)
                break
            except subprocess.TimeoutExpired:
                if ticking is not None:
                    ticking()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        raise Failed(f"{' '.join(map(str, arguments[:4]))} ended with {process.returncode}:\n{complaints[-3000:]}")
    return printed


def free_port() -> int:
    """Return a port of the loopback nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
