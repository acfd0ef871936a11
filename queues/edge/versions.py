"""Following a line by its version alone, by Server-Sent Events or WebSocket: "there is version n". Everybody may know it (the
public snapshot shows it), so it needs no proof, and none stands in an address. Who follows fetches what they may see.
"""

from contextlib import AbstractAsyncContextManager

from core.asgi_types import Receive, Scope, Send
from core.codes import is_code
from queues.edge.lines import Line, Lines
from realtime import fanout, streams
from realtime.fanout import Beat, Done, Teller
from realtime.postgres import Unreadable
from realtime.pubsub import Topic
from realtime.requests import answer, refuse_socket, try_again

# The version is said again this often, so that a reader knows a silent line from a dead connection.
BEAT_S = 4.0


class LineVersions:
    """One per process."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._beats = Beat(lambda: BEAT_S)

    async def stream(self, scope: Scope, receive: Receive, send: Send, code: str) -> None:
        """The line's version whenever it changes, and every few seconds; also as a WebSocket. Then fetch what you may see.

        `{"version": n}` at once, at each change, and every BEAT_S seconds.
        """
        code = code.upper()
        try:
            line = await self._lines.get(code)
        except Unreadable:
            await try_again(send)
            return
        if line is None:
            await answer(send, 404, {"error": "There is no line with this code."})
            return
        async with self._follow(code, line) as topic:

            async def tell(events: streams.EventStream) -> None:
                await events.say(_newest(topic).encode())

            await fanout.stream(scope, receive, send, topic, tell, beats=self._beats)

    async def socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The same as a WebSocket, /api/queue/{code}/versions. Refuses the handshake: 404; 503: try again."""
        code = scope["url_route"]["kwargs"]["code"].upper()
        try:
            line = await self._lines.get(code) if is_code(code) else None
        except Unreadable:
            await refuse_socket(scope, receive, send, 503)
            return
        if line is None:
            await refuse_socket(scope, receive, send, 404)
            return
        socket = streams.Socket(receive, send)
        await socket.accept(scope)
        async with self._follow(code, line) as topic:

            async def tell() -> None:
                await socket.say(_newest(topic))

            teller = Teller(tell)
            with self._beats.on(teller.wake):
                if await teller.follow(topic, socket.answer_pings()):
                    await socket.close(streams.NORMAL, "closed")

    def _follow(self, code: str, line: Line) -> AbstractAsyncContextManager[Topic[Line]]:
        return self._lines.follow(code, line)


def _newest(topic: Topic[Line]) -> str:
    """The message. Raises Done when the line is gone."""
    if topic.gone or topic.state is None:
        raise Done
    return f'{{"version":{topic.state.version}}}'
