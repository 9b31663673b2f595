"""Send check-ins over keep-alive HTTP/1.1 connections, each waiting for its answer before the next.

`python -m benchmarks.load PLAN.json` prints one JSON object (`Outcome`). It is a process of its own and does no more
than it must: request bytes are made before the clock starts, answers are cut by Content-Length, nothing is decoded.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import cast

import msgspec
from msgspec import Struct


class Plan(Struct, frozen=True, kw_only=True):
    """What to send: check-in number k is mentee k mod M on day k div M, so every one is a new, later day.

    `heads` are what follows the day in a mentee's request line and headers; `bodies[day]` are that day's JSON
    variants, all of one length; `seconds` bounds the run, `most` the number of check-ins.
    """

    port: int
    connections: int
    seconds: float
    most: int
    first: int
    days: list[str]
    heads: list[str]
    bodies: list[list[str]]


class Outcome(Struct, frozen=True, kw_only=True):
    """What came back: seconds on the wall, latencies in milliseconds, the first answer that was not 2xx."""

    stored: int
    failed: int
    seconds: float
    p50: float
    p99: float
    next: int
    exhausted: bool
    first_failure: str = ""

    @property
    def rate(self) -> float:
        return self.stored / self.seconds


class Requests:
    """The requests not yet sent, and what became of the others."""

    def __init__(self, plan: Plan) -> None:
        self._days = [f"PUT /v1/me/check-ins/{day}".encode() for day in plan.days]
        self._heads = [head.encode() for head in plan.heads]
        self._bodies = [[body.encode() for body in variants] for variants in plan.bodies]
        self._end = min(plan.first + plan.most, len(plan.days) * len(plan.heads))
        self._bound = plan.most < len(plan.days) * len(plan.heads) - plan.first
        self.next = plan.first
        self.latencies: list[int] = []
        self.failed = 0
        self.first_failure = ""
        self.closing = False

    def take(self) -> bytes | None:
        """Return the next request's bytes, or None when there is nothing left to send."""
        if self.closing or self.next >= self._end:
            return None
        day, mentee = divmod(self.next, len(self._heads))
        variants = self._bodies[day]
        body = variants[self.next % len(variants)]
        self.next += 1
        return self._days[day] + self._heads[mentee] + body

    @property
    def exhausted(self) -> bool:
        """Whether the plan's days ran out before its seconds did."""
        return self.next >= self._end and not self._bound


class Connection(asyncio.Protocol):
    """One keep-alive connection: a request, its whole answer, the next request."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._buffer = b""
        self._length = 0
        self._sent_at = 0
        self._busy = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class, with the same methods
        self._send()

    def _send(self) -> None:
        request = self._requests.take()
        if request is None:
            self._busy = False
            self._transport.close()
            return
        self._busy = True
        self._sent_at = time.perf_counter_ns()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self._length:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._length = end + 4 + content_length(self._buffer[:end])
        if len(self._buffer) >= self._length:
            self._settle()
            self._send()

    def _settle(self) -> None:
        if self._buffer[9:10] == b"2":
            self._requests.latencies.append(time.perf_counter_ns() - self._sent_at)
        else:
            self._fail(self._buffer.decode(errors="replace"))
        self._buffer = b""
        self._length = 0

    def _fail(self, answer: str) -> None:
        self._requests.failed += 1
        self._requests.first_failure = self._requests.first_failure or answer

    def connection_lost(self, error: Exception | None) -> None:
        if self._busy:
            self._fail(f"connection closed before the answer: {error}")
        if not self.done.done():
            self.done.set_result(None)


def content_length(head: bytes) -> int:
    """Return the body's length in bytes; ValueError for an answer that does not say it."""
    lower = head.lower()
    start = lower.find(b"\r\ncontent-length:")
    if start < 0:
        raise ValueError(f"an answer without Content-Length: {head!r}")
    start += len(b"\r\ncontent-length:")
    end = lower.find(b"\r\n", start)
    return int(lower[start : end if end > 0 else len(lower)])


async def run(plan: Plan) -> Outcome:
    loop = asyncio.get_running_loop()
    requests = Requests(plan)
    loop.call_later(plan.seconds, setattr, requests, "closing", True)
    started = time.perf_counter()
    opened = [
        loop.create_connection(lambda: Connection(requests), "127.0.0.1", plan.port) for _ in range(plan.connections)
    ]
    connections = [connection for _, connection in await asyncio.gather(*opened)]
    async with asyncio.timeout(plan.seconds + 30):
        await asyncio.gather(*(connection.done for connection in connections))
    elapsed = time.perf_counter() - started
    latencies = sorted(requests.latencies)
    return Outcome(
        stored=len(latencies),
        failed=requests.failed,
        seconds=elapsed,
        p50=percentile(latencies, 0.50),
        p99=percentile(latencies, 0.99),
        next=requests.next,
        exhausted=requests.exhausted,
        first_failure=requests.first_failure,
    )


def percentile(latencies: list[int], share: float) -> float:
    """Return, in milliseconds, the value *share* of the sorted nanoseconds do not exceed; 0 for none at all."""
    return latencies[min(len(latencies) - 1, int(share * len(latencies)))] / 1e6 if latencies else 0.0


def main() -> None:
    import uvloop

    plan = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(run(plan))) + b"\n")


if __name__ == "__main__":
    main()
