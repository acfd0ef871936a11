"""Server-Sent Events (WHATWG HTML, 9.2) in plain ASGI."""

import contextlib
from collections.abc import Awaitable, Callable

from core.asgi_types import Headers, Receive, Scope, Send
from realtime.conditional import Answer, event
from realtime.fanout import Beat, Follower, Follows

HEARTBEAT_S = 15.0
RETRY_MS = 2_000


def heartbeat_s() -> float:
    """How often a silent stream shows that it lives."""
    return HEARTBEAT_S


class EventStream(Follower):
    """An answer of type text/event-stream. `tell` says what is new."""

    _beating = False

    def __init__(self, send: Send, tell: "Callable[[EventStream], Awaitable[None]] | None" = None) -> None:
        self._send = send
        self._tell = tell

    async def begin(self) -> None:
        """200, the headers, and how soon to come back after a break."""
        headers: Headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),  # nginx would hold events back
        ]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._write(b"retry: %d\n\n" % RETRY_MS)

    async def say(self, data: bytes, *, mark: str = "") -> None:
        """One message with the id `mark` if there is one; `data` is one line."""
        await self._write(event(data, mark))

    async def show(self, shown: Answer, *, mark: str = "") -> None:
        """One message that many are sent."""
        await self._write(shown.event(mark))

    async def end(self) -> None:
        """No more messages."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def step(self) -> None:
        """Says what is new; and a comment when it is time, so that no proxy takes the silence for a dead connection."""
        if self._beating:
            self._beating = False
            await self._write(b":\n\n")
        if self._tell is not None:
            await self._tell(self)

    def beat(self) -> None:
        """Time has passed."""
        self._beating = True
        super().beat()

    async def _write(self, body: bytes) -> None:
        await self.patiently(self._send({"type": "http.response.body", "body": body, "more_body": True}))


async def stream(
    scope: Scope,
    receive: Receive,
    send: Send,
    topic: Follows,
    tell: Callable[[EventStream], Awaitable[None]],
    *,
    beats: Beat,
) -> None:
    """Answers with the events that `tell` says whenever there is news, until Done or the client goes; a HEAD with the headers
    alone."""
    events = EventStream(send, tell)
    with contextlib.suppress(OSError):
        await events.begin()
        if scope["method"] != "HEAD":

            async def until_gone() -> None:
                events.follow(topic, beats)
                if not events.over:
                    await disconnected(receive)

            await events.serve(until_gone())
            if not events.done:
                return
        await events.end()


async def disconnected(receive: Receive) -> None:
    """Returns when the HTTP client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
