"""A progress bar on standard error, where that is a terminal."""

import sys
import time

WIDTH = 30


class Progress:
    """Knows how much there is to do in all, seconds of measuring or rows to write, and shows how much is done."""

    def __init__(self, total: float) -> None:
        self._total = total
        self._done = 0.0
        self._shown = sys.stderr.isatty()
        self.begin("starting", 0)

    def begin(self, label: str, seconds: float) -> None:
        """Name the next step, which takes *seconds*; 0 for steps that are not counted."""
        self._label, self._seconds, self._began = label, seconds, time.monotonic()
        self.tick()

    def advance(self, done: float) -> None:
        """Count what a step without a known length has done."""
        self._done += done
        self.tick()

    def end(self) -> None:
        self._done += self._seconds
        self._seconds = 0

    def tick(self) -> None:
        if self._shown:
            passed = self._done + min(self._seconds, time.monotonic() - self._began)
            full = int(WIDTH * min(1.0, passed / self._total))
            sys.stderr.write(f"\r[{'#' * full}{'.' * (WIDTH - full)}] {self._label:<40.40}")
            sys.stderr.flush()

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r" + " " * (WIDTH + 43) + "\r")
            sys.stderr.flush()
