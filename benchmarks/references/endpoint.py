"""A push service that takes everything: 201, and, when it is stopped by SIGTERM, a line of JSON for each message on standard
output: [path, Topic, seconds since 1970].

python -m benchmarks.references.endpoint PORT
"""

import asyncio
import json
import signal
import sys
import time
from typing import Any

import uvloop

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
taken: list[tuple[str, str, float]] = []


class Service(asyncio.Protocol):
    """One connection, kept open."""

    def __init__(self) -> None:
        self._data = b""
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Nothing is said first."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers each whole request."""
        self._data += data
        while True:
            head, found, rest = self._data.partition(b"\r\n\r\n")
            if not found:
                return
            fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
            length = int(fields.get(b"content-length", b"0"))
            if len(rest) < length:
                return
            self._data = rest[length:]
            path = head.split(b" ", 2)[1].decode()
            taken.append((path, fields.get(b"topic", b"").decode(), time.time()))
            self._transport.write(CREATED)


async def main(port: int) -> None:
    """Serves until SIGTERM."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    await loop.create_server(Service, "127.0.0.1", port, backlog=256)
    await stopped.wait()
    for one in taken:
        print(json.dumps(one))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
