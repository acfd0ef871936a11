"""One port for everything (law 6): hot paths in plain ASGI, sockets through Channels, Django as one thread job a request."""

import os
from collections.abc import Sequence
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application

_django = get_wsgi_application()

from channels.routing import URLRouter
from django.conf import settings
from django.urls import re_path

from config import probes
from config.edge import Edge
from config.live import Live
from core import rate_limits
from core.allowed_hosts import as_addressed
from core.asgi_types import App, Receive, Scope, Send
from core.durability import NotDurable, require_durable
from core.errors import TooMany
from core.identifiers import with_canonical_path
from polls.ballots import record
from polls.consumers import PollSocket
from polls.outcomes import Cast, Outcome
from queues.consumers import LineSocket, VersionsSocket
from realtime import store
from realtime.django.bodies import body_limit
from realtime.django.threadjob import Jobs, ThreadJobs
from realtime.door import refusal_of
from realtime.responses import refuse_socket
from realtime.server.http import bounded
from rooms.consumers import VoteSocket

jobs = ThreadJobs(_django, threads=settings.DJANGO_THREADS, body_limit=body_limit)
ballot_jobs = Jobs(threads=2, name="ballots")  # the box gives it one batch at a time, and one that waits


async def _record(batch: Sequence[Cast], *, wait: bool) -> list[Outcome]:
    return await ballot_jobs.run(record, batch, wait=wait)


live = Live(jobs.run, _record)
store.changed_here.append(live.runtime.hub.changed_here)
edge = Edge(jobs, live, waiting={"django": lambda: jobs.waiting})


_http = bounded(edge)


def _asgi(app: App) -> Any:
    """Channels routes to ASGI applications, which the types of Django's `re_path` do not know."""
    return app


sockets = URLRouter(
    [
        re_path(r"^api/queue/(?P<code>[^/]{1,32})/connect/?$", _asgi(LineSocket.as_asgi(lines=live.lines))),
        re_path(r"^api/queue/(?P<code>[^/]{1,32})/versions/?$", _asgi(VersionsSocket.as_asgi(lines=live.lines))),
        re_path(r"^api/polls/(?P<poll>[^/]{1,64})/connect/?$", _asgi(PollSocket.as_asgi(polls=live.polls))),
        re_path(r"^api/vote_ws/?$", _asgi(VoteSocket.as_asgi(rooms=live.rooms))),
        re_path(r"^healthz/proxy/connect/?$", _asgi(probes.ProbeSocket.as_asgi(hub=live.runtime.hub))),
    ]
)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application: http, websocket and lifespan."""
    live.start()
    if scope["type"] == "http":
        await _http(scope, receive, send)
    elif scope["type"] == "websocket":
        await _socket(scope, receive, send)
    else:
        await _lifespan(receive, send)


async def _socket(scope: Scope, receive: Receive, send: Send) -> None:
    scope = with_canonical_path(as_addressed(scope))
    if status := refusal_of(scope):
        await refuse_socket(scope, receive, send, status)
        return
    try:
        await live.runtime.limiter.check(scope, rate_limits.FOLLOW, "socket")
    except TooMany:
        await refuse_socket(scope, receive, send, 429)
        return
    try:
        await sockets(scope, receive, send)
    except ValueError as problem:
        if "No route found" not in str(problem):
            raise
        await refuse_socket(scope, receive, send, 404)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await jobs.run(require_durable)
                await live.clock.read()
            except NotDurable as problem:
                await live.aclose()
                await jobs.aclose(timeout_s=5)
                await send({"type": "lifespan.startup.failed", "message": str(problem)})
                return
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await live.aclose()
            await ballot_jobs.aclose(timeout_s=5)
            await jobs.aclose(timeout_s=5)
            await send({"type": "lifespan.shutdown.complete"})
            return
