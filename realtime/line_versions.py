"""Following a line by its version alone, by Server-Sent Events or WebSocket: "there is version n". Everybody may know it (the
public snapshot shows it), so it needs no proof, and none stands in an address. Who follows fetches what they may see.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from config.asgi_types import Receive, Scope, Send
from queues import rules
from realtime import store, streams
from realtime.postgres import Unreadable
from realtime.reader import Line, Reader
from realtime.scopes import answer, only_get, refuse_socket, try_again

# The version is said again this often, so that a reader knows a silent line from a dead connection.
BEAT_S = 4.0

Say = Callable[[str], Coroutine[Any, Any, None]]


class LineVersions:
    """One per process."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def stream(self, scope: Scope, receive: Receive, send: Send, code: str) -> None:
        """GET /api/queue/{code}/versions: `{"version": n}` at once, at each change, and every BEAT_S seconds."""
        if not await only_get(scope, send):
            return
        try:
            line = await self._reader.line(code.upper())
        except Unreadable:
            await try_again(send)
            return
        if line is None:
            await answer(send, 404, {"error": "There is no line with this code."})
            return
        known = line

        async def tell(events: streams.EventStream) -> None:
            await self._tell(known, lambda message: events.say(message.encode()))

        await streams.stream(scope, receive, send, tell)

    async def socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The same as a WebSocket, /api/queue/{code}/versions. Refuses the handshake: 404; 503: try again."""
        code = scope["url_route"]["kwargs"]["code"].upper()
        try:
            line = await self._reader.line(code) if rules.is_code(code) else None
        except Unreadable:
            await refuse_socket(scope, send, 503)
            return
        if line is None:
            await refuse_socket(scope, send, 404)
            return
        socket = streams.Socket(receive, send)
        await socket.accept()
        await streams.first_of(self._tell(line, socket.say), socket.answer_pings())

    async def _tell(self, line: Line, say: Say) -> None:
        """The line's newest version, until the line is gone."""
        code: str = line.row["code"]
        async with self._reader.hub.follow(store.key("line", code), lambda: self._reader.line(code), line) as topic:
            version = -1
            while not topic.gone:
                newer = await topic.newer(version, within_s=BEAT_S)
                version = newer.version if newer is not None else version
                await say(f'{{"version":{version}}}')
