"""Following something for as long as the client stays: Server-Sent Events (WHATWG HTML, 9.2) and WebSockets in plain ASGI."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from config.asgi_types import Receive, Scope, Send
from realtime.scopes import Headers

HEARTBEAT_S = 15.0
# A reader that takes nothing for this long is dropped.
STALL_S = 30.0
RETRY_MS = 2_000
NORMAL, GOING_AWAY, TRY_LATER = 1000, 1001, 1013


class Stalled(Exception):
    """The client reads nothing any more."""


class EventStream:
    """An answer of type text/event-stream."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def begin(self) -> None:
        """200, the headers, and how soon to come back after a break."""
        headers: Headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),  # nginx would hold events back
        ]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._write(b"retry: %d\n\n" % RETRY_MS)

    async def say(self, data: bytes, *, number: int | None = None) -> None:
        """One message; `data` is one line. Raises Stalled."""
        await self._write((b"id: %d\n" % number if number is not None else b"") + b"data: " + data + b"\n\n")

    async def beat(self) -> None:
        """A comment, so that nobody on the way takes the silence for a dead connection. Raises Stalled."""
        await self._write(b":\n\n")

    async def end(self) -> None:
        """No more messages."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _write(self, chunk: bytes) -> None:
        try:
            async with asyncio.timeout(STALL_S):
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        except TimeoutError:
            raise Stalled from None


class Socket:
    """A WebSocket. `accept` first, then `texts` in one task and `say` in any."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    async def accept(self) -> None:
        """Completes the handshake."""
        await self._receive()  # websocket.connect
        await self._send({"type": "websocket.accept"})

    async def texts(self) -> AsyncIterator[str]:
        """What the client says, until it goes; what is not text is passed over as an empty one."""
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            yield message.get("text") or ""

    async def say(self, text: str) -> None:
        """One message. Raises Stalled, OSError when the client is gone."""
        try:
            async with asyncio.timeout(STALL_S):
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            raise Stalled from None
        except RuntimeError as problem:  # so daphne says that the client is gone
            raise ConnectionError("the client is gone") from problem

    async def close(self, code: int, reason: str = "") -> None:
        """The end of it; no error when the client went first."""
        with contextlib.suppress(OSError, RuntimeError):
            await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def answer_pings(self) -> None:
        """Reads until the client goes; `{"type": "ping"}` is answered, whatever else is said is not for us."""
        async for text in self.texts():
            if said(text).get("type") == "ping":
                await self.say('{"type":"pong"}')


def said(text: str) -> dict[str, Any]:
    """A message as a JSON object; an empty one for whatever else was sent."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


async def disconnected(receive: Receive) -> None:
    """Returns when the HTTP client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Runs them side by side until one ends, and ends the others. Raises what that one raised, but not that the client
    went or stalled: that is how such connections end."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        problem = task.exception() if not task.cancelled() else None
        if problem is not None and not isinstance(problem, OSError | Stalled):
            raise problem


async def stream(
    scope: Scope, receive: Receive, send: Send, tell: Callable[[EventStream], Coroutine[Any, Any, None]]
) -> None:
    """Answers with what `tell` says, until it ends or the client goes; a HEAD with the headers alone."""
    events = EventStream(send)

    async def all_of_it() -> None:
        await events.begin()
        if scope["method"] != "HEAD":
            await tell(events)
        await events.end()

    await first_of(all_of_it(), disconnected(receive))
