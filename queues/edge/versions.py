"""Streams a line's version. It is public (the public snapshot shows it), so a follower needs no proof, and no address holds one.
The follower fetches what it may see.
"""

from core.asgi_types import Receive, Scope, Send
from core.errors import NotFound
from queues.edge.lines import Line, Lines
from queues.refusals import NO_LINE
from realtime import streams
from realtime.fanout import Done
from realtime.postgres import Unreadable
from realtime.responses import refuse, try_again
from realtime.topics import Topic
from web.openapi import EVENTS, operation

# The version is said again this often, so that a reader knows a silent line from a dead connection.
BEAT_S = 4.0


def beat_s() -> float:
    """Seconds from one version to the next, though it is the same."""
    return BEAT_S


class LineVersions:
    """One per process. The same as a WebSocket: queues/consumers.py."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    @operation("stream_line_versions", answers=EVENTS, refuses=(404,))
    async def stream(self, scope: Scope, receive: Receive, send: Send, code: str) -> None:
        """The line's version whenever it changes, and every few seconds; also as a WebSocket. Then fetch what you may see.

        `{"version": n}` at once, at each change, and every BEAT_S seconds.
        """
        code = code.upper()
        try:
            line = await self._lines.get(code)
        except Unreadable:
            await try_again(scope, send)
            return
        if line is None:
            await refuse(scope, send, NotFound(NO_LINE))
            return
        async with self._lines.follow(code, line) as topic:

            async def tell(events: streams.EventStream) -> None:
                if (text := newest(topic)) is None:
                    raise Done
                await events.say(text.encode())

            await streams.stream(scope, receive, send, topic, tell, beats=self._lines.hub.beat(beat_s))


def newest(topic: Topic[Line]) -> str | None:
    """The message; None when the line is gone."""
    return None if topic.gone or topic.state is None else f'{{"version":{topic.state.version}}}'
