"""The minimum that writes to thousands of sockets: a plain asyncio server (uvloop, as ours) that writes a frame to
every connection when one of them sends a byte.

python -m benchmarks.references.fan_out PORT FRAME_IN_HEX
"""

import asyncio
import sys
from typing import Any

import uvloop

connections: set[Any] = set()


class Listener(asyncio.Protocol):
    """One connection."""

    def __init__(self, frame: bytes) -> None:
        self._frame = frame
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Adds the connection."""
        self._transport = transport
        connections.add(transport)

    def data_received(self, data: bytes) -> None:
        """Writes the frame to all other connections, then answers `.` for each byte received."""
        for transport in connections:
            if transport is not self._transport:
                transport.write(self._frame)
        self._transport.write(b".")

    def connection_lost(self, problem: Exception | None) -> None:
        """Removes the connection."""
        connections.discard(self._transport)


async def main(port: int, frame: bytes) -> None:
    """Serves until it is stopped."""
    server = await asyncio.get_running_loop().create_server(lambda: Listener(frame), "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), bytes.fromhex(sys.argv[2])))
