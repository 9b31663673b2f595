"""A server that answers every request with the same 200, to learn how much the load generator itself can send.

`python -m benchmarks.echo PORT` serves on the loopback until it is told to stop.
"""

import asyncio
import sys
from typing import cast

BODY = b'{"day":"2026-01-01","mood":5,"hope":5,"note":"' + b"x" * 60 + b'","answered_at":"2026-01-01T10:00:00Z"}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class, with the same methods

    def data_received(self, data: bytes) -> None:
        self._transport.write(ANSWER)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1])))
