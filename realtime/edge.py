"""The HTTP hot paths, in plain ASGI ahead of Django (law 6): which path is answered by what. All others go on to Django."""

import re
from collections.abc import Awaitable, Callable

from config.asgi_types import App, Receive, Scope, Send
from realtime.hub import Hub
from realtime.line_views import LineViews
from realtime.origins import guarded
from realtime.poll_views import PollViews
from realtime.reader import Reader
from realtime.room_views import RoomViews
from realtime.rooms.rooms import Rooms
from realtime.scopes import answer

_CODE = "[A-HJ-NP-Za-hj-np-z2-9]{6}"
_ID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_EITHER = f"({_ID}|{_CODE})"

View = Callable[..., Awaitable[None]]


class Edge:
    """Answers the hot paths and hands everything else to `inner`."""

    def __init__(self, inner: App, reader: Reader, hub: Hub, rooms: Rooms) -> None:
        self._inner = inner
        lines, polls, in_rooms = LineViews(reader), PollViews(inner, reader, hub), RoomViews(rooms)
        self._routes: list[tuple[re.Pattern[str], View]] = [
            (re.compile(pattern), view)
            for pattern, view in (
                (rf"/api/queue/({_CODE})/(snapshot|console)/?", lines.view),
                (rf"/api/polls/{_EITHER}/results", polls.results),
                (rf"/api/polls/{_EITHER}/stream", polls.stream),
                (rf"/api/vote/({_ID})/stream", polls.session_stream),
                (rf"/api/rooms/{_EITHER}/history", in_rooms.history),
                (rf"/poll/({_ID})", polls.configuration),
                (rf"/poll/({_ID})/results", polls.edge_results),
            )
        ]
        self._api = guarded(self._route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith("/api/"):
            await self._api(scope, receive, send)
        elif path.startswith("/poll/"):
            await self._route(scope, receive, send)
        elif path == "/healthz":
            await answer(send, 200, {"ok": True})
        else:
            await self._inner(scope, receive, send)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        for pattern, view in self._routes:
            if found := pattern.fullmatch(scope["path"]):
                await view(scope, receive, send, *found.groups())
                return
        await self._inner(scope, receive, send)
