"""The WebSockets: the slices' tables put together (decision 0047), and what is checked before a consumer is asked."""

from collections.abc import Callable, Sequence

from config import probes
from config.live import Live
from core import rate_limits
from core.allowed_hosts import as_addressed
from core.asgi_requests import header
from core.asgi_types import Receive, Scope, Send
from core.errors import Busy, Refused, TooMany
from core.identifiers import with_canonical_path
from polls.edge.routes import SOCKETS as POLL_SOCKETS
from queues.edge.routes import SOCKETS as LINE_SOCKETS
from realtime.consumers import Consumer
from realtime.door import refusal_of
from realtime.postgres import Unreadable, ask
from realtime.responses import refuse_socket
from realtime.routes import Pattern, Socket
from rooms.edge.routes import SOCKETS as ROOM_SOCKETS
from venues import keys

SOCKETS: Sequence[Socket] = (*LINE_SOCKETS, *POLL_SOCKETS, *ROOM_SOCKETS, *probes.SOCKETS)


class Sockets:
    """Serves the WebSockets of one process."""

    def __init__(self, live: Live) -> None:
        self._limiter, self._run = live.runtime.limiter, live.runtime.run
        parts = (live.lines, live.polls, live.rooms, live.runtime.hub)
        self._routes = [(Pattern(socket.path), socket.bound(parts), _scopes_of(socket)) for socket in SOCKETS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands the socket to its consumer, or refuses the handshake."""
        scope, consumer, needed = self._routed(with_canonical_path(as_addressed(scope)))
        status = refusal_of(scope) or await self._over_limit(scope) or await self._beyond_scopes(scope, needed)
        if status or consumer is None:
            await refuse_socket(scope, receive, send, status or 404)
        else:
            await consumer()(scope, receive, send)

    def _routed(self, scope: Scope) -> tuple[Scope, Callable[[], Consumer] | None, Sequence[str]]:
        """The scope with the codes and ids of its path, where Channels has them; what makes the consumer; the scopes of a key."""
        for pattern, consumer, needed in self._routes:
            if (found := pattern.named(scope["path"])) is not None:
                return {**scope, "url_route": {"args": (), "kwargs": found}}, consumer, needed
        return scope, None, ()

    async def _beyond_scopes(self, scope: Scope, needed: Sequence[str]) -> int:
        """The status for an API key that is not good for this socket; 0: it is, or none was sent."""
        if not needed or not (key := header(scope, b"api-key")):
            return 0
        try:
            await ask(self._run, keys.require, key, needed)
        except Refused as refused:
            return refused.status
        except Unreadable:
            return Busy.status
        return 0

    async def _over_limit(self, scope: Scope) -> int:
        try:
            await self._limiter.check(scope, rate_limits.FOLLOW, "socket")
        except TooMany as refused:
            return refused.status
        return 0


def _scopes_of(socket: Socket) -> Sequence[str]:
    scopes: Sequence[str] = getattr(socket.consumer.connect, "scopes", ())
    return scopes
