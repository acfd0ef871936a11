"""The drawing process: pictures are drawn outside of the web process, so that nothing else waits for them.

It is given only what may be shown (B8). Each web process has one: started by the first picture, bounded in memory and time, ended
when idle, replaced when it dies.
"""

import asyncio
import contextlib
import hashlib
import logging
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator

from django.conf import settings

from core.errors import Busy, TooMany

logger = logging.getLogger(__name__)

LONGEST_S = 20.0
IDLE_S = 60.0
KEPT_BYTES = 16 * 1024 * 1024
# One picture at a time for each client; this many more may wait, outside Django's threads.
MOST_WAITING = 8
MOST_WAITING_IN_ALL = 64
RETRY_S = 2
NOT_DRAWN = "The picture could not be drawn just now. Please try again."


class Turns:
    """One thing at a time for each client."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}
        self._waiting = 0

    @contextlib.asynccontextmanager
    async def of(self, client: str) -> AsyncIterator[None]:
        """This client's turn. Raises TooMany when too many of theirs wait already, Busy when too many of all do."""
        lock, waiting = self._locks.get(client, (asyncio.Lock(), 0))
        if waiting > MOST_WAITING:
            raise TooMany("Your other pictures are being drawn. Please wait a little.", retry_after_s=RETRY_S)
        if self._waiting >= MOST_WAITING_IN_ALL:
            raise Busy("Many pictures are being drawn just now. Please try again.")
        self._locks[client] = lock, waiting + 1
        self._waiting += 1
        try:
            async with lock:
                yield
        finally:
            self._waiting -= 1
            _, waiting = self._locks[client]
            if waiting > 1:
                self._locks[client] = lock, waiting - 1
            else:
                del self._locks[client]


class Drawer:
    """The drawing process of this web process, and the pictures it drew last. `program`: the module that it runs."""

    def __init__(self, program: str, *, longest_s: float = LONGEST_S, idle_s: float = IDLE_S) -> None:
        self._program = program
        self._longest_s = longest_s
        self._idle_s = idle_s
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._drawing: dict[bytes, asyncio.Task[bytes]] = {}
        self._one = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    async def draw(self, order: bytes) -> bytes:
        """The PNG of a packed order (web/charts/orders.py): kept, being drawn, or drawn now. Raises Busy.

        An order holds all that the picture shows, so a kept picture is the same for all who may see as much.
        """
        key = hashlib.sha256(order).digest()
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        if key not in self._drawing:
            self._drawing[key] = asyncio.create_task(self._draw_and_keep(key, order))
        # A client that leaves stops neither the picture nor others who wait for it.
        return await asyncio.shield(self._drawing[key])

    async def aclose(self) -> None:
        """Ends the process."""
        for task in list(self._drawing.values()):
            task.cancel()
        async with self._one:
            await self._end()

    async def _draw_and_keep(self, key: bytes, order: bytes) -> bytes:
        try:
            async with self._one:
                picture = await self._drawn(order)
        finally:
            del self._drawing[key]
        self._kept[key] = picture
        while sum(map(len, self._kept.values())) > KEPT_BYTES:
            self._kept.popitem(last=False)
        return picture

    async def _drawn(self, order: bytes) -> bytes:
        if self._idle is not None:
            self._idle.cancel()
        try:
            async with asyncio.timeout(self._longest_s):
                drawn, body = await self._asked(order)
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as problem:
            logger.warning("A picture was not drawn", extra={"problem": type(problem).__name__})
            await self._end()
            raise Busy(NOT_DRAWN) from None
        except BaseException:  # cancelled between question and answer: the next one would get this one's picture
            await self._end()
            raise
        self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._end_idle)
        if not drawn:
            logger.error("A picture was not drawn", extra={"problem": body.decode()})
            raise Busy(NOT_DRAWN)
        return body

    async def _asked(self, order: bytes) -> tuple[bool, bytes]:
        """What the process says. One that died since the last picture is replaced, once. Raises what pipes raise."""
        process = self._process
        if process is not None and process.returncode is None:
            try:
                return await _exchanged(process, order)
            except (OSError, asyncio.IncompleteReadError):
                await self._end()
        return await _exchanged(await self._start(), order)

    async def _start(self) -> asyncio.subprocess.Process:
        # In a new session: Ctrl-C in a terminal reaches only the web process. This one ends with its input.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._program,
            cwd=settings.BASE_DIR,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        return self._process

    def _end_idle(self) -> None:
        self._ending = asyncio.create_task(self._end_in_turn())

    async def _end_in_turn(self) -> None:
        async with self._one:
            await self._end()

    async def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _exchanged(process: asyncio.subprocess.Process, order: bytes) -> tuple[bool, bytes]:
    assert process.stdin is not None and process.stdout is not None  # noqa: S101 — as it was started
    process.stdin.write(len(order).to_bytes(4, "big") + order)
    await process.stdin.drain()
    head = await process.stdout.readexactly(5)
    return bool(head[0]), await process.stdout.readexactly(int.from_bytes(head[1:], "big"))
