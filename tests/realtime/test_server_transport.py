"""realtime/server: frames counted by their headers, and transports that end."""

import asyncio
from typing import Any

import pytest

from realtime.server.sockets import Frames
from realtime.server.transport import Transport
from tests.realtime.raw_connections import frame

LONG = b"\x80\xff" + (70_000).to_bytes(8, "big") + bytes(4) + b"y" * 70_000
MESSAGES = frame(1, b"hello") + frame(9) + frame(2, b"x" * 200) + frame(1, fin=False) + LONG


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 4_096, 100_000])
def test_frames_are_counted_however_they_are_cut(size: int) -> None:
    frames = Frames()
    pieces = [MESSAGES[start : start + size] for start in range(0, len(MESSAGES), size)]
    assert sum(frames.count(piece) for piece in pieces) == 5
    assert frames.parts == 2


class Real:
    """A transport whose client reads nothing."""

    def __init__(self) -> None:
        self.closed, self.aborted, self.written = False, asyncio.Event(), b""

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted.set()

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: bytes) -> None:
        self.written += data

    def can_write_eof(self) -> bool:
        return False

    def resume_reading(self) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0

    def get_protocol(self) -> None:
        return None


def test_a_close_is_not_waited_for_for_ever() -> None:
    async def run() -> None:
        real: Any = Real()
        Transport(real, linger_s=0.01).close()
        async with asyncio.timeout(10):
            await real.aborted.wait()
        assert real.closed

    asyncio.run(run())


def test_after_the_last_word_nothing_is_written_and_the_client_is_waited_for() -> None:
    async def run() -> None:
        real: Any = Real()
        transport = Transport(real, linger_s=0.05)
        transport.end_with(b"bye")
        transport.write(b"more")
        transport.close()
        assert (real.written, real.closed, transport.is_closing()) == (b"bye", False, True)
        async with asyncio.timeout(10):
            await real.aborted.wait()

    asyncio.run(run())
