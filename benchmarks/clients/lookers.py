"""Pollers of several URLs, each every few milliseconds on its own connection. They record when each version was seen first."""

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Any

from benchmarks.clients.child import Child

VERSION = re.compile(rb'"version":(\d+)')
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
ETAG = re.compile(rb'etag: ("[0-9a-f]+")', re.IGNORECASE)

# Per address, in order: a version, and the moment (seconds since 1970) at which an answer showed it.
Seen = dict[str, list[tuple[int, float]]]


async def _look(port: int, path: str, every_s: float, seen: list[tuple[int, float]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    etag = b'""'
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        writer.write(b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-None-Match: %b\r\n\r\n" % (path.encode(), etag))
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        assert status in {200, 304}, head
        if status == 200:
            length, fresh = LENGTH.search(head), ETAG.search(head)
            assert length and fresh, head
            body = await reader.readexactly(int(length[1]))
            version = VERSION.search(body)
            assert version, body[:200]
            etag = fresh[1]
            seen.append((int(version[1]), time.time()))
        due = max(due + every_s, loop.time())
        await asyncio.sleep(due - loop.time())


async def _serve(pipe: Any, port: int, paths: Mapping[str, str], every_s: float) -> None:
    seen: Seen = {name: [] for name in paths}
    looking = [asyncio.create_task(_look(port, path, every_s, seen[name])) for name, path in paths.items()]
    stopped = asyncio.get_running_loop().run_in_executor(None, pipe.recv)
    done, _ = await asyncio.wait([stopped, *looking], return_when=asyncio.FIRST_COMPLETED)
    for each in looking:
        each.cancel()
    if stopped not in done:
        next(iter(done)).result()
    pipe.send(seen)


class Lookers:
    """Looks at `paths` (name → path) from now until `stop()`."""

    def __init__(self, port: int, paths: Mapping[str, str], *, every_s: float) -> None:
        self._child = Child(_serve, port, paths, every_s)

    def stop(self) -> Seen:
        """What was seen. AssertionError when a poller got a wrong answer."""
        try:
            self._child.tell(None)
            seen: Seen = self._child.hear(20)
        finally:
            self._child.close()
        return seen
