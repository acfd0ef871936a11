"""Following something for as long as the client stays: Server-Sent Events (WHATWG HTML, 9.2) and WebSockets in plain ASGI."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable
from typing import Any

from core.asgi_types import Headers, Receive, Scope, Send
from realtime import wire
from realtime.conditional import Answer
from realtime.eager import begin
from realtime.server.budget import EXCEEDED, WHY, Budget

HEARTBEAT_S = 15.0
# A reader that takes nothing for this long is dropped.
STALL_S = 30.0
RETRY_MS = 2_000
NORMAL, GOING_AWAY, TRY_LATER, PRIVATE = 1000, 1001, 1013, 4000
# What the client proved itself by is good no more.
ENDED = 4401


class Stalled(Exception):
    """The client reads nothing any more."""


class EventStream:
    """An answer of type text/event-stream."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._cycle: Any = None

    async def begin(self) -> None:
        """200, the headers, and how soon to come back after a break."""
        headers: Headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),  # nginx would hold events back
        ]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        self._cycle = wire.cycle_of(self._send)
        await self._write(b"retry: %d\n\n" % RETRY_MS)

    async def say(self, data: bytes, *, mark: str = "") -> None:
        """One message with the id `mark` if there is one; `data` is one line. Raises Stalled."""
        await self._write(wire.event(data, mark))

    async def show(self, shown: Answer, *, mark: str = "") -> None:
        """One message that many are sent. Raises Stalled."""
        await self._write(*shown.event(mark))

    async def beat(self) -> None:
        """A comment, so that nobody on the way takes the silence for a dead connection. Raises Stalled."""
        await self._write(b":\n\n")

    async def end(self) -> None:
        """No more messages."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _write(self, event: bytes, chunk: bytes | None = None) -> None:
        if self._cycle is None or not wire.write_chunk(self._cycle, chunk or wire.chunk(event)):
            await patiently(self._send({"type": "http.response.body", "body": event, "more_body": True}))


class Socket:
    """A WebSocket. `accept` first, then `texts` in one task and `say` in any."""

    __slots__ = ("_protocol", "_receive", "_send")

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._protocol: Any = None

    async def accept(self, scope: Scope) -> None:
        """Completes the handshake. `scope` is empty from then on."""
        await self._receive()  # websocket.connect
        await self._send({"type": "websocket.accept"})
        self._protocol = wire.protocol_of(self._send)
        wire.forget_handshake(scope, self._protocol)

    async def texts(self) -> AsyncIterator[str]:
        """What the client says, until it goes or says too much; what is not text is passed over as an empty one."""
        # Servers without a budget of their own: messages only, for of pings and parts ASGI does not tell.
        budget = None if wire.counts_frames(self._protocol) else Budget()
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            if budget and not budget.spend(1, len(message.get("text") or message.get("bytes") or "")):
                await self.close(EXCEEDED, WHY)
                return
            yield message.get("text") or ""

    async def say(self, text: str) -> None:
        """One message. Raises Stalled, OSError when the client is gone."""
        if self._protocol is None or not wire.write(self._protocol, wire.text_frame(text)):
            await self._say(text)

    async def show(self, shown: Answer) -> None:
        """One message that many are sent. Raises as `say`."""
        if self._protocol is None or not wire.write(self._protocol, shown.frame):
            await self._say(shown.text)

    async def _say(self, text: str) -> None:
        try:
            await patiently(self._send({"type": "websocket.send", "text": text}))
        except RuntimeError as problem:  # so daphne says that the client is gone
            raise ConnectionError("the client is gone") from problem

    async def close(self, code: int, reason: str = "") -> None:
        """The end of it; no error when the client went first. Daphne may send 1000 and private codes only: 1008 is 4008."""
        if self._protocol is None and code != NORMAL and code < PRIVATE:
            code += PRIVATE - NORMAL
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


async def patiently(sending: Awaitable[None]) -> None:
    """Waits for a client to take what it is sent. Raises Stalled."""
    rest = begin(_awaited(sending))
    if rest is None:
        return
    try:
        await asyncio.wait_for(rest, STALL_S)
    except TimeoutError:
        raise Stalled from None


async def _awaited(sending: Awaitable[None]) -> None:
    await sending


async def disconnected(receive: Receive) -> None:
    """Returns when the HTTP client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
