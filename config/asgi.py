"""One port for everything (law 6): hot paths in plain ASGI, sockets through Channels, Django as one thread job a request."""

import asyncio
import gc
from collections.abc import Sequence

from django.core.wsgi import get_wsgi_application

_django = get_wsgi_application()

from django.conf import settings

from config.bodies import body_limit
from config.edge import Edge
from config.live import Live
from config.sockets import Sockets
from config.start import require_databases
from core.asgi_types import Receive, Scope, Send
from core.start import CannotStart, require_secrets
from polls import nodes
from polls.ballots import record_on_node
from polls.outcomes import Cast, Outcome
from realtime import store
from realtime.django.threadjob import Jobs, ThreadJobs
from realtime.server.http import bounded

try:  # here, because daphne calls no lifespan
    require_secrets()
except CannotStart as problem:
    raise SystemExit(str(problem)) from None

jobs = ThreadJobs(_django, threads=settings.DJANGO_THREADS, body_limit=body_limit)
# For each node, to which the box gives one batch at a time, and one that waits.
ballot_jobs = {node: Jobs(threads=2, name=f"batch-{node}") for node in nodes.aliases()}


async def _record(batch: Sequence[Cast], *, wait: bool) -> list[Outcome]:
    return await ballot_jobs[batch[0].node].run(record_on_node, batch, wait=wait)


live = Live(jobs.run, _record)
store.changed_here.append(live.runtime.hub.changed_here)
_http = bounded(Edge(jobs, live, waiting={"django": lambda: jobs.waiting}))
_sockets = Sockets(live)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application: http, websocket and lifespan."""
    if not live.started:
        live.start()
    if scope["type"] == "http":
        await _http(scope, receive, send)
    elif scope["type"] == "websocket":
        await _sockets(scope, receive, send)
    else:
        await _lifespan(receive, send)


def _spare_the_collector() -> None:
    """What was made at the start stays: the collector need not look at it again, and looks less often at what is young. It took
    13 to 31 µs of each ballot (decision 0071)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await jobs.run(require_databases)
                await live.clock.read()
                _spare_the_collector()
            except CannotStart as problem:
                await live.aclose()
                await jobs.aclose(timeout_s=5)
                await send({"type": "lifespan.startup.failed", "message": str(problem)})
                return
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await live.aclose()
            await asyncio.gather(*(each.aclose(timeout_s=5) for each in ballot_jobs.values()))
            await jobs.aclose(timeout_s=5)
            await send({"type": "lifespan.shutdown.complete"})
            return
