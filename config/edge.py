"""The HTTP hot paths, in plain ASGI ahead of Django (law 6): which path is answered by what. All others go on to Django."""

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from config.health import Health
from config.probes import ProxyProbes
from core import api_paths, rate_limits
from core.allowed_hosts import as_addressed
from core.asgi_types import App, Receive, Scope, Send
from core.codes import CODE_IN_ANY_CASE
from core.errors import TooMany
from core.spelling import respelled
from polls.api.pictures import poll_picture, session_picture
from polls.edge.ballots import BallotViews
from polls.edge.batcher import BallotBox
from polls.edge.results import PollViews
from queues.edge.joins import JoinViews
from queues.edge.snapshots import LineViews
from queues.edge.versions import LineVersions
from realtime import metrics
from realtime.door import Door
from realtime.loaders import Reader
from realtime.not_modified import Unchanged
from realtime.pictures import Drawer, PictureViews
from realtime.postgres import ask
from realtime.requests import READING, refuse
from rooms.api.pictures import room_picture
from rooms.edge.room import Rooms
from rooms.edge.views import RoomViews
from venues import keys
from web import charts

_ID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_PARTS = {
    "{code}": f"({CODE_IN_ANY_CASE})",
    "{id}": f"({_ID})",
    "{poll}": f"({_ID}|{CODE_IN_ANY_CASE})",
    "{room}": f"({_ID}|{CODE_IN_ANY_CASE})",
    "{any}": "([^/]+)",
}

NOTHING = {"type": "http.response.body", "body": b""}

View = Callable[..., Awaitable[None]]


def _by_method(usual: View, **others: View) -> View:
    """One path, several views."""

    async def view(scope: Scope, receive: Receive, send: Send, *found: str) -> None:
        await others.get(scope["method"], usual)(scope, receive, send, *found)

    return view


class Edge:
    """Answers the hot paths and hands everything else to `inner`. `waiting`: the queues of the process (Health)."""

    def __init__(
        self,
        inner: App,
        reader: Reader,
        rooms: Rooms,
        box: BallotBox,
        joins: JoinViews,
        *,
        drawer: Drawer | None = None,
        waiting: Mapping[str, Callable[[], int]] | None = None,
    ) -> None:
        self._inner = inner
        self._unchanged = Unchanged(reader)
        self._gate, self._run = reader.gate, reader.run
        lines, in_rooms, health = LineViews(reader), RoomViews(rooms, reader.gate), Health(reader, waiting or {})
        ballots, polls = BallotViews(inner, reader, box), PollViews(inner, reader)
        probes = ProxyProbes()
        pictures = PictureViews(inner, reader, drawer or Drawer(charts.PROGRAM))
        routes: dict[str, View] = {
            "/api/queue/{code}/join": joins.join,
            "/api/queue/{code}/snapshot": lines.snapshot,
            "/api/queue/{code}/console": lines.console,
            "/api/queue/{code}/versions": self._limited(LineVersions(reader).stream),
            "/api/polls/{poll}/results": polls.results,
            "/api/polls/{poll}/ballots": ballots.own,
            "/api/polls/{poll}/stream": self._limited(polls.stream),
            "/api/vote/{id}": ballots.session,
            "/api/vote/{id}/stream": self._limited(polls.session_stream),
            "/api/rooms/{room}/history": in_rooms.history,
            # However the id is spelled: a picture must not be drawn in Django's threads.
            "/api/polls/{any}/export": pictures.of(poll_picture),
            "/api/vote/{any}/export": pictures.of(session_picture),
            "/api/rooms/{any}/export": pictures.of(room_picture),
            "/poll/{id}": _by_method(polls.configuration, POST=ballots.edge_poll, PUT=ballots.edge_poll),
            "/poll/{id}/results": polls.edge_results,
            "/vote/{code}/ballot": ballots.page,
            "/queue/{code}/vote/{code}/ballot": ballots.page,
            "/healthz": health.alive,
            "/readyz": health.ready,
            "/metrics": health.metrics,
            "/healthz/proxy/tag": probes.tag,
            "/healthz/proxy/stream": self._limited(probes.stream),
        }
        self._routes = [(_pattern(template), template, view) for template, view in routes.items()]
        self._door = Door(self._route, django=inner, knows_key=self._knows_key, methods_of=self._methods_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        if (unchanged := self._unchanged.answer(scope)) is not None:
            route, headers = unchanged
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send(NOTHING)
            metrics.answered(route, 304, began)
            return
        await self._door(respelled(as_addressed(scope)), receive, send)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        for pattern, template, view in self._routes:
            if found := pattern.fullmatch(scope["path"]):
                await view(scope, receive, _timed(template, send), *found.groups())
                return
        await self._inner(scope, receive, _timed("django", send))

    async def _knows_key(self, key: str) -> bool:
        return await ask(self._run, keys.find, key) is not None

    def _methods_of(self, path: str) -> list[str] | None:
        """Django's view answers every method of its path that the edge does not; paths without one are only read."""
        methods = api_paths.methods_of(path)
        if methods is None and any(pattern.fullmatch(path) for pattern, _, _ in self._routes):
            return list(READING)
        return methods

    def _limited(self, view: View) -> View:
        """A view that holds a connection: so many begin a minute from one address."""

        async def limited(scope: Scope, receive: Receive, send: Send, *found: str) -> None:
            try:
                await self._gate.admit(scope, rate_limits.FOLLOW, "stream")
            except TooMany as refused:
                await refuse(send, refused)
                return
            await view(scope, receive, send, *found)

        return limited


def _pattern(template: str) -> re.Pattern[str]:
    for name, part in _PARTS.items():
        template = template.replace(name, part)
    return re.compile(f"{template}/?")


def _timed(route: str, send: Send) -> Send:
    # A partial, not a closure: realtime/django/threadjob.py must find the server's own `send` behind it to hang up on daphne.
    return partial(metrics.counted, route, time.perf_counter(), send)
