"""The HTTP hot paths, in plain ASGI ahead of Django (law 6): the slices' tables of routes put together (decision 0047).
All other paths, and all other methods, go on to Django.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

from config import health, probes
from config.live import Live
from core import api_paths
from core.allowed_hosts import as_addressed
from core.asgi_requests import header
from core.asgi_types import App, Receive, Scope, Send
from core.errors import TooMany
from core.identifiers import with_canonical_path
from polls.edge.ballots import BallotViews
from polls.edge.results import PollViews
from polls.edge.routes import ROUTES as POLL_ROUTES
from queues.edge.posters import PosterViews
from queues.edge.routes import ROUTES as LINE_ROUTES
from queues.edge.snapshots import LineViews
from queues.edge.versions import LineVersions
from realtime import metrics
from realtime.door import Door
from realtime.exports import Exports
from realtime.not_modified import NotModified
from realtime.postgres import ask
from realtime.refusing import Refusing
from realtime.responses import no_such_path, not_allowed, refuse
from realtime.routes import Limit, Pattern, Route, View
from rooms.edge.routes import ROUTES as ROOM_ROUTES
from rooms.edge.views import RoomViews
from venues import keys

ROUTES: Sequence[Route] = (*LINE_ROUTES, *POLL_ROUTES, *ROOM_ROUTES, *health.ROUTES, *probes.ROUTES)
_PATTERNS = {path: Pattern(path) for path in dict.fromkeys(route.path for route in ROUTES)}

NOTHING = {"type": "http.response.body", "body": b""}


def methods_of(path: str) -> list[str] | None:
    """The methods that this path answers, here or in Django; None where there is no such path."""
    here = {method for route in ROUTES if _PATTERNS[route.path].match(path) is not None for method in route.methods}
    found = here | {*(api_paths.methods_of(path) or [])}
    return sorted({*found, "OPTIONS"}) if found else None


class Edge:
    """Answers the hot paths and hands everything else to `inner`. `waiting`: the queues of the process (Health)."""

    def __init__(
        self,
        inner: App,
        live: Live,
        *,
        waiting: Mapping[str, Callable[[], int]] | None = None,
    ) -> None:
        self._inner = inner
        runtime = live.runtime
        self._limiter, self._run = runtime.limiter, runtime.run
        exports = Exports(runtime.run, runtime.limiter, live.drawer)
        lines, polls = LineViews(live.lines), PollViews(live.polls, exports)
        self._not_modified = NotModified([lines.in_memory, polls.in_memory])
        views = (
            live.joins,
            lines,
            LineVersions(live.lines),
            PosterViews(exports),
            polls,
            BallotViews(live.polls, live.box),
            RoomViews(live.rooms, runtime.limiter, exports),
            health.Health(runtime, {**live.waiting, **(waiting or {})}),
            probes.ProxyProbes(),
        )
        answered: dict[str, dict[str, View]] = {path: {} for path in _PATTERNS}
        for route in ROUTES:
            view = self._limited(route.limit, self._scoped(route.view, route.bound(views)))
            answered[route.path] |= dict.fromkeys(route.methods, view)
        self._routes = [(_PATTERNS[path], path, by_method) for path, by_method in answered.items()]
        self._found = lru_cache(maxsize=512)(self._find)
        self._door = Door(self._route, django=inner, knows_key=self._knows_key, methods_of=methods_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (not_modified := self._not_modified.answer(scope)) is not None:
            route, headers = not_modified
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send(NOTHING)
            metrics.not_modified(route)
            return
        await self._door(with_canonical_path(as_addressed(scope)), receive, send)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if (found := self._found(path)) is not None:
            template, by_method, parts = found
            timed = _timed(template, send)
            if (view := by_method.get(method)) is not None:
                await view(scope, receive, timed, *parts)
            elif method in (api_paths.methods_of(path) or []):
                await self._inner(scope, receive, timed)
            else:
                await not_allowed(scope, timed, methods_of(path) or [])
            return
        timed = _timed("django", send)
        if api_paths.is_api(path) and any(
            method in by_method and pattern.resembles(path) for pattern, _, by_method in self._routes
        ):
            await no_such_path(timed)
        else:
            await self._inner(scope, receive, timed)

    def _find(self, path: str) -> tuple[str, dict[str, View], tuple[str, ...]] | None:
        """The template of the path, its views by method, and the codes and ids in the path; None for Django's paths."""
        for pattern, template, by_method in self._routes:
            if path.startswith(pattern.begin) and (parts := pattern.match(path)) is not None:
                return template, by_method, parts
        return None

    async def _knows_key(self, key: str) -> bool:
        return await ask(self._run, keys.find, key) is not None

    def _scoped(self, declared: View, view: View) -> View:
        """The view behind the check of an API key's scopes, where its operation declares some."""
        needed = getattr(declared, "scopes", ())
        if not needed:
            return view

        async def scoped(scope: Scope, receive: Receive, send: Send, *found: str) -> None:
            async with Refusing(scope, receive, send):
                if key := header(scope, b"api-key"):
                    await ask(self._run, keys.require, key, needed)
                await view(scope, receive, send, *found)

        return scoped

    def _limited(self, limit: Limit | str, view: View) -> View:
        """The view behind its limit, unless there is none or the view counts."""
        if isinstance(limit, str) or limit.by_view:
            return view

        async def limited(scope: Scope, receive: Receive, send: Send, *found: str) -> None:
            try:
                await self._limiter.check(scope, limit.rate, limit.counted)
            except TooMany as refused:
                await refuse(scope, send, refused)
                return
            await view(scope, receive, send, *found)

        return limited


def _timed(route: str, send: Send) -> Send:
    # A partial, not a closure: realtime/django/threadjob.py must find the server's own `send` behind it to hang up on daphne.
    return partial(metrics.counted, route, time.perf_counter(), send)
