"""Whether the program lives, whether it can work, and what it counts; for whoever runs it, not for the world."""

import asyncio
from collections.abc import Callable, Mapping

from config.asgi_types import Receive, Scope, Send
from outbox import backlog, clock
from realtime import metrics
from realtime.postgres import Unreadable, ask
from realtime.reader import Reader
from realtime.scopes import answer, header, only_get

PATIENCE_S = 2.0


class Health:
    """One per process. `waiting` tells, by name, how many stand in each of its queues."""

    def __init__(self, reader: Reader, waiting: Mapping[str, Callable[[], int]]) -> None:
        self._reader = reader
        self._waiting = waiting

    async def alive(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET /healthz: the process answers."""
        await answer(send, 200, {"ok": True})

    async def ready(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET /readyz: 200 when Postgres answers, else 503. Without Redis the program works, only slower."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await ask(self._reader.run, clock.now)
            postgres = True
        except (Unreadable, TimeoutError):
            postgres = False
        view = {"postgres": postgres, "redis": self._reader.hub.hears}
        await answer(send, 200 if postgres else 503, view)

    async def metrics(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET /metrics (Prometheus). 404 for whatever a proxy has passed on: it comes from outside."""
        if not await only_get(scope, send):
            return
        if header(scope, b"x-forwarded-for"):
            await answer(send, 404, {"error": "There is nothing at this address."})
            return
        try:
            found: backlog.Backlog = await ask(self._reader.run, backlog.now)
            metrics.OUTBOX_LAG.set(found.lag_s)
            for status, count in found.counts.items():
                metrics.EFFECTS.labels(status).set(count)
        except Unreadable:
            pass  # what the process knows by itself is worth telling all the same
        for queue, length in self._waiting.items():
            metrics.WAITING.labels(queue).set(length())
        metrics.REDIS_SILENT.set(self._reader.hub.silent_s)
        kind, text = metrics.exposition()
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})
