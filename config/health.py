"""Liveness, readiness and metrics; metrics for operators only."""

import asyncio
import hmac
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from ipaddress import ip_address

from django.apps import apps
from django.conf import settings
from django.db import connection, connections, transaction

from config import gauges
from core.asgi_requests import header
from core.asgi_types import Receive, Scope, Send
from outbox import dispatcher
from polls import nodes
from realtime import metrics
from realtime.postgres import Unreadable, ask
from realtime.responses import answer, no_such_path
from realtime.routes import Route
from realtime.runtime import Runtime

PATIENCE_S = 2.0
# Anyone may ask /readyz, and each check writes: at most one check in this time.
KEPT_S = 0.25
# Apps into whose tables commands of lines, polls and rooms write.
WRITTEN = ("queues", "polls", "rooms", "outbox", "reach")
# What proxies add (RFC 7239, and by custom): the client is behind the proxy, and the connection's address is the proxy's.
FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip", b"via")


def can_write() -> bool:
    """Whether a command could do its work now: Postgres takes writes, no table is locked, a commit becomes durable.

    Raises django.db.Error when it cannot be asked. The write is a message in the log of Postgres that no table shows.
    """
    tables = ", ".join(
        connection.ops.quote_name(model._meta.db_table)
        for name in WRITTEN
        for model in apps.get_app_config(name).get_models()
    )
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_read_only')::bool OR pg_is_in_recovery()")
        if cursor.fetchone()[0]:
            return False
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        cursor.execute(f"LOCK TABLE {tables} IN ROW EXCLUSIVE MODE")
        cursor.execute("SELECT pg_logical_emit_message(true, 'tallyline', '')")
    return True


def node_answers(node: str) -> bool:
    """Whether this database that holds ballots answers. Raises django.db.Error when it does not."""
    with connections[node].cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


class Health:
    """One per process. `waiting` gives the length of each of its queues, by name."""

    def __init__(self, runtime: Runtime, waiting: Mapping[str, Callable[[], int]]) -> None:
        self._runtime = runtime
        self._waiting = waiting
        # By what is checked: the last check, and when it began.
        self._checks: dict[str, tuple[asyncio.Task[bool], float]] = {}

    async def alive(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET /healthz: the process answers."""
        await answer(send, 200, {"ok": True})

    async def ready(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET /readyz: 200 when Postgres takes writes, else 503. Without Redis and the broker the program works, only slower;
        without a node that holds ballots the polls of the others go on."""
        others = nodes.aliases()[1:]
        found = await asyncio.gather(
            self._passes("postgres", can_write), *(self._passes(node, partial(node_answers, node)) for node in others)
        )
        view: dict[str, object] = {
            "postgres": found[0],
            "redis": self._runtime.hub.hears,
            "broker": not dispatcher.broker_silent_s(),
        }
        if others:
            view |= {"nodes": dict(zip(others, found[1:], strict=True))}
        await answer(send, 200 if found[0] else 503, view)

    async def _passes(self, name: str, check: Callable[[], bool]) -> bool:
        """Whether the check passes now, or did within KEPT_S."""
        task, began = self._checks.get(name, (None, 0.0))
        if task is None or task.done() and time.monotonic() - began > KEPT_S:
            task = asyncio.create_task(self._try(check))
            self._checks[name] = task, time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await asyncio.shield(task)
        except TimeoutError:
            return False

    async def _try(self, check: Callable[[], bool]) -> bool:
        try:
            passed: bool = await ask(self._runtime.run, check)
        except Unreadable:
            return False
        return passed

    async def metrics(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET /metrics (Prometheus), for this machine or with METRICS_TOKEN; 404 for all others."""
        if not (_is_from_here(scope) or _has_token(scope)):
            await no_such_path(send)
            return
        with suppress(Unreadable):  # the other metrics need no Postgres
            await ask(self._runtime.run, gauges.refresh)
        for queue, length in self._waiting.items():
            metrics.WAITING.labels(queue).set(length())
        metrics.REDIS_SILENT.set(self._runtime.hub.silent_s)
        metrics.BROKER_SILENT.set(dispatcher.broker_silent_s())
        kind, text = metrics.exposition()
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else text})


def _is_from_here(scope: Scope) -> bool:
    """Whether a program of this machine asks, and not a proxy for a client elsewhere."""
    if any(header(scope, name) for name in FORWARDED):
        return False
    try:
        address = ip_address((scope.get("client") or ("", 0))[0])
    except ValueError:  # a Unix socket: a proxy's
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _has_token(scope: Scope) -> bool:
    kind, _, token = header(scope, b"authorization").partition(" ")
    wanted = settings.METRICS_TOKEN
    same = hmac.compare_digest(token.strip().encode("latin-1"), wanted.encode())
    return bool(wanted) and kind.lower() == "bearer" and same


ROUTES = (
    Route("GET", "/healthz", Health.alive, "answered from memory"),
    Route("GET", "/readyz", Health.ready, "asks Postgres a few times a second at most"),
    Route("GET", "/metrics", Health.metrics, "404 without a proof"),
)
