"""Thousands of open WebSockets and event streams, and when the last of them was told.

Messages are looked for as bytes on the wire: what a server sends is not masked, and these are not compressed.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.clients.child import Child

AT_ONCE = 100
PATIENCE_S = 60.0


def socket_request(path: str) -> bytes:
    """The handshake of a WebSocket (RFC 6455)."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def stream_request(path: str) -> bytes:
    """The request of an event stream."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode()


def room_auth(user: str, token: str, room: str) -> bytes:
    """The first message to a room's socket (contract vote-websocket.md), as a frame masked with zeros."""
    body = json.dumps({"auth": {"user_id": user, "token": token, "room": room}}).encode()
    assert 126 <= len(body) < 65_536
    return b"\x81\xfe" + len(body).to_bytes(2, "big") + bytes(4) + body


@dataclass(frozen=True, slots=True)
class Opening:
    """What one connection sends first, and what it has then got once it is open; then, perhaps, what more."""

    request: bytes
    opened_by: bytes
    then: bytes = b""
    answered_by: bytes = b""


@dataclass(frozen=True, slots=True)
class Told:
    """When the first and the last follower were told (monotonic seconds), and the client's seconds of CPU until then."""

    first: float
    last: float
    client_s: float


class _Follower(asyncio.Protocol):
    def __init__(self, opening: Opening, crowd: "_Crowd") -> None:
        self._opening, self._crowd = opening, crowd
        self._got = b""
        self._needles = [needle for needle in (opening.opened_by, opening.answered_by) if needle]
        self.opened = asyncio.get_running_loop().create_future()
        self.told = False
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        if self._opening.request:
            transport.write(self._opening.request)
        if not self._needles:
            self.opened.set_result(None)

    def data_received(self, data: bytes) -> None:
        if self._needles:
            self._got += data
            if self._needles[0] in self._got:
                self._needles.pop(0)
                if self._needles:
                    self._transport.write(self._opening.then)
                else:
                    self._got = b""
                    self.opened.set_result(None)
            return
        if not self.told and self._crowd.needle:
            self._got = (self._got + data)[-4096:] if self._crowd.needle not in data else data
            if self._crowd.needle in self._got:
                self.told, self._got = True, b""
                self._crowd.one_more()

    def connection_lost(self, problem: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(f"refused: {self._got[:300]!r}"))
        elif not self._crowd.leaving:
            self._crowd.lost += 1


class _Crowd:
    def __init__(self, port: int, openings: Sequence[Opening]) -> None:
        self._port, self._openings = port, openings
        self.followers: list[_Follower] = []
        self.needle = b""
        self.leaving = False
        self.lost = 0
        self.count = 0
        self.first = self.last = 0.0
        self.all = asyncio.Event()

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        for first in range(0, len(self._openings), AT_ONCE):
            made = await asyncio.gather(
                *(
                    loop.create_connection(lambda opening=opening: _Follower(opening, self), "127.0.0.1", self._port)  # type: ignore[misc]
                    for opening in self._openings[first : first + AT_ONCE]
                )
            )
            followers = [follower for _, follower in made]
            await asyncio.wait_for(asyncio.gather(*(each.opened for each in followers)), PATIENCE_S)
            self.followers += followers

    def expect(self, needle: bytes) -> None:
        self.needle = needle
        self.count, self.first, self.last = 0, 0.0, 0.0
        self.all.clear()
        for follower in self.followers:
            follower.told = False

    def one_more(self) -> None:
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.count += 1
        if self.count == len(self.followers):
            self.all.set()

    async def wait(self, used: float) -> Told:
        try:
            await asyncio.wait_for(self.all.wait(), PATIENCE_S)
        except TimeoutError:
            raise AssertionError(
                f"{self.count} of {len(self.followers)} were told {self.needle!r}; {self.lost} were cut off"
            ) from None
        return Told(self.first, self.last, time.process_time() - used)


async def _serve(pipe: Any, port: int, openings: Sequence[Opening]) -> None:
    crowd = _Crowd(port, openings)
    await crowd.open()
    pipe.send("open")
    loop = asyncio.get_running_loop()
    while True:
        crowd.expect(await loop.run_in_executor(None, pipe.recv))
        used = time.process_time()
        pipe.send("armed")
        pipe.send(await crowd.wait(used))


class Followers:
    """A crowd that has opened all its connections. Use as `with`: they are closed at its end."""

    def __init__(self, port: int, openings: Sequence[Opening], *, core: int | None = None) -> None:
        self._child = Child(_serve, port, openings, core=core)
        try:
            assert self._child.hear(3 * PATIENCE_S) == "open"
        except BaseException:
            self._child.close()
            raise

    def __enter__(self) -> "Followers":
        return self

    def __exit__(self, *problem: Any) -> None:
        self._child.close()

    def expect(self, needle: bytes) -> None:
        """From now on each connection waits for these bytes."""
        self._child.tell(needle)
        assert self._child.hear(PATIENCE_S) == "armed"

    def told(self) -> Told:
        """Waits until every connection has got them. AssertionError when one has not, PATIENCE_S seconds later."""
        said: Told = self._child.hear(2 * PATIENCE_S)
        return said
