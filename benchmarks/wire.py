"""Stand between a service and PostgreSQL on a Unix socket, counting the round trips really made.

A round trip is a message after which the client waits for the server: Sync, a simple Query or Flush. As a check on
that reading of the protocol, the turns of the conversation (client speaks after server) are counted too.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

SOCKET = ".s.PGSQL.5432"
WAITING = {ord("S"): "Sync", ord("Q"): "Query", ord("H"): "Flush"}


class Messages:
    """The client's side of one PostgreSQL connection, cut into messages as its bytes arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._started = False

    def feed(self, data: bytes) -> list[int]:
        """Return the type bytes of the messages that *data* completes; start-up packets have none."""
        self._buffer += data
        kinds: list[int] = []
        while True:
            offset = 1 if self._started else 0
            if len(self._buffer) < offset + 4:
                return kinds
            length = offset + int.from_bytes(self._buffer[offset : offset + 4], "big")
            if len(self._buffer) < length:
                return kinds
            if self._started:
                kinds.append(self._buffer[0])
            else:
                # SSLRequest, GSSENCRequest and CancelRequest carry 1234 where a start-up packet has its version.
                self._started = self._buffer[4:6] != b"\x04\xd2"
            del self._buffer[:length]


class Proxy:
    """Listens in the folder *listen* and hands every connection on to the server whose socket lies in *server*."""

    def __init__(self, listen: Path, server: Path) -> None:
        self._listen = listen / SOCKET
        self._server = server / SOCKET
        self._tasks: set[asyncio.Task[None]] = set()
        self.waits: Counter[str] = Counter()
        self.turns = 0

    @property
    def round_trips(self) -> int:
        return sum(self.waits.values())

    def reset(self) -> None:
        self.waits.clear()
        self.turns = 0

    async def start(self) -> None:
        self._accepting = await asyncio.start_unix_server(self._serve, self._listen)

    async def stop(self) -> None:
        self._accepting.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._listen.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        messages = Messages()
        spoken_to = False

        def from_client(data: bytes) -> None:
            nonlocal spoken_to
            self.waits.update(WAITING[kind] for kind in messages.feed(data) if kind in WAITING)
            self.turns += spoken_to
            spoken_to = False

        def from_server(_: bytes) -> None:
            nonlocal spoken_to
            spoken_to = True

        up_reader, up_writer = await asyncio.open_unix_connection(self._server)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(pass_on(reader, up_writer, from_client))
                both.create_task(pass_on(up_reader, writer, from_server))
        finally:
            up_writer.close()
            writer.close()


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Callable[[bytes], None]) -> None:
    """Copy until either end closes, showing each piece to *seen* before it goes on."""
    try:
        while data := await reader.read(65536):
            seen(data)
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except (ConnectionError, RuntimeError):
        return  # the other side has gone first; there is nobody left to copy to


@contextmanager
def between(listen: Path, server: Path) -> Iterator[Proxy]:
    """Lend a proxy that runs on a thread of its own; count while nothing else uses it."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    proxy = Proxy(listen, server)
    try:
        asyncio.run_coroutine_threadsafe(proxy.start(), loop).result()
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
