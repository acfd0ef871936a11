"""The HTTP hot paths, in plain ASGI ahead of Django (law 6): which path is answered by what. All others go on to Django."""

import re
from collections.abc import Awaitable, Callable

from config.asgi_types import App, Receive, Scope, Send
from realtime.ballots.box import BallotBox
from realtime.ballots.views import BallotViews
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


def _by_method(usual: View, **others: View) -> View:
    """One path, several views."""

    async def view(scope: Scope, receive: Receive, send: Send, *found: str) -> None:
        await others.get(scope["method"], usual)(scope, receive, send, *found)

    return view


class Edge:
    """Answers the hot paths and hands everything else to `inner`."""

    def __init__(self, inner: App, reader: Reader, rooms: Rooms, box: BallotBox) -> None:
        self._inner = inner
        lines, in_rooms = LineViews(reader), RoomViews(rooms)
        ballots = BallotViews(inner, reader, box)
        # What is no vote is asked for: config, results.
        polls = PollViews(inner, reader)
        self._routes: list[tuple[re.Pattern[str], View]] = [
            (re.compile(pattern), view)
            for pattern, view in (
                (rf"/api/queue/({_CODE})/(snapshot|console)/?", lines.view),
                (rf"/api/polls/{_EITHER}/results", polls.results),
                (rf"/api/polls/{_EITHER}/stream", polls.stream),
                (rf"/api/polls/{_EITHER}/ballots", ballots.own),
                (rf"/api/vote/({_ID})", ballots.session),
                (rf"/api/vote/({_ID})/stream", polls.session_stream),
                (rf"/api/rooms/{_EITHER}/history", in_rooms.history),
                (rf"/poll/({_ID})", _by_method(polls.configuration, POST=ballots.edge_poll, PUT=ballots.edge_poll)),
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
