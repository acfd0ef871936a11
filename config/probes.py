"""What the page /healthz/proxy asks for from the browser, to see what the proxies in between do to it."""

import asyncio
from contextlib import suppress

from core import rate_limits
from core.asgi_types import Receive, Scope, Send
from realtime.conditional import Answer, conditional
from realtime.consumers import NORMAL, Consumer
from realtime.pubsub import Hub
from realtime.routes import Limit, Route, Socket
from realtime.streams import EventStream, disconnected

# From the stream's only message to its end. The page waits 10 s for it: a proxy that holds it back until the end is found out.
OPEN_S = 15.0
# As long as a line's snapshot, so that proxies compress it.
_LONG = {"probe": ["This is what proxies are tried with."] * 60}


class ProxyProbes:
    """One per process."""

    def __init__(self) -> None:
        self._long = Answer(_LONG)

    async def tag(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET /healthz/proxy/tag: JSON with an ETag."""
        await conditional(scope, send, self._long)

    async def stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET /healthz/proxy/stream: a message at once, and the end OPEN_S later."""
        events = EventStream(send)
        await events.begin()
        if scope["method"] == "GET":
            await events.say(b'{"message":1}')
            with suppress(TimeoutError):
                async with asyncio.timeout(OPEN_S):
                    await disconnected(receive)
                    return
        await events.end()


class ProbeSocket(Consumer):
    """/healthz/proxy/connect: one message, then the end."""

    async def connect(self) -> None:
        """Says it."""
        await self.accept()
        await self.say('{"message":1}')
        await self.end(NORMAL)


ROUTES = (
    Route("GET", "/healthz/proxy/tag", ProxyProbes.tag, "answered from memory"),
    Route("GET", "/healthz/proxy/stream", ProxyProbes.stream, Limit(rate_limits.FOLLOW, "stream")),
)
SOCKETS = (Socket("/healthz/proxy/connect", ProbeSocket, Hub),)
