"""The metrics of a process, for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/).

Labels are names of routes, statuses and kinds only (law 8). Several web processes write into files of
PROMETHEUS_MULTIPROC_DIR, and the one that is asked adds them up.
"""

import asyncio
import os
import time
from collections.abc import Awaitable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from core.asgi_types import Message, Send

_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)

REQUESTS = Counter("tallyline_http_requests", "Answers by route and status.", ["route", "status"])
SECONDS = Histogram(
    "tallyline_http_seconds",
    "From request to answer, by route; without the 304s given from memory.",
    ["route"],
    buckets=_FAST,
)
BALLOTS = Counter("tallyline_ballots", "Ballots by what became of them.", ["status"])
BATCHES = Histogram("tallyline_ballot_batch_size", "Ballots in one transaction.", buckets=_SIZES)
BATCH_SECONDS = Histogram("tallyline_ballot_batch_seconds", "From the batch's start to its commit.", buckets=_FAST)
FOLLOWERS = Gauge("tallyline_followers", "Open WebSockets and event streams.", ["kind"], multiprocess_mode="livesum")
WAITING = Gauge("tallyline_waiting", "Items that wait for a thread or a batch.", ["queue"], multiprocess_mode="livesum")
REDIS_SILENT = Gauge("tallyline_redis_silent_seconds", "Since Redis was last heard.", multiprocess_mode="livemax")
BROKER_SILENT = Gauge(
    "tallyline_broker_silent_seconds", "Since the broker stopped answering.", multiprocess_mode="livemax"
)
EFFECTS = Gauge("tallyline_effects", "Effects not done, by state.", ["status"], multiprocess_mode="livemostrecent")
OUTBOX_LAG = Gauge(
    "tallyline_outbox_lag_seconds", "How long the oldest due effect has waited.", multiprocess_mode="livemostrecent"
)
MESSAGES = Gauge(
    "tallyline_messages",
    "Messages to guests made 17 to 2 minutes ago, by way and what became of them.",
    ["way", "state"],
    multiprocess_mode="livemostrecent",
)
MESSAGES_LAG = Gauge(
    "tallyline_messages_lag_seconds", "How long the oldest due message has waited.", multiprocess_mode="livemostrecent"
)
TEXTS = Gauge(
    "tallyline_texts_venues",
    "Venues whose texts are near the day's cap, held back by it, or taken by no provider.",
    ["state"],
    multiprocess_mode="livemostrecent",
)
WEBHOOKS = Gauge("tallyline_webhooks", "Webhooks by state.", ["state"], multiprocess_mode="livemostrecent")
WEBHOOKS_LAG = Gauge(
    "tallyline_webhooks_lag_seconds",
    "How long the oldest event for a healthy webhook has waited.",
    multiprocess_mode="livemostrecent",
)
RETENTION_LATE = Gauge(
    "tallyline_retention_late_seconds",
    "For how long the oldest data of guests has been kept beyond its time.",
    multiprocess_mode="livemostrecent",
)

_seconds: dict[str, Histogram] = {}
_statuses: dict[tuple[str, int], Counter] = {}
# 304s given from memory that REQUESTS does not have yet, by route.
_not_modified: dict[str, int] = {}
ADDED_AFTER_S = 1.0


def counted(route: str, began: float, send: Send, message: Message) -> Awaitable[None]:
    """Passes a message on; counts and times the answer it begins. A stream is timed to its beginning."""
    if message["type"] == "http.response.start":
        answered(route, message["status"], began)
    return send(message)


def answered(route: str, status: int, began: float) -> None:
    """Counts an answer to a request that came at `began` (seconds of time.perf_counter)."""
    # Looking labels up costs more than counting, so they are kept.
    if (seconds := _seconds.get(route)) is None:
        seconds = _seconds[route] = SECONDS.labels(route)
    _requests(route, status).inc()
    seconds.observe(time.perf_counter() - began)


def not_modified(route: str) -> None:
    """Counts a 304 given from memory. To add it at once would cost a tenth of the answer; to time it would hide slow answers
    among thousands that take 20 µs."""
    if not _not_modified:
        asyncio.get_running_loop().call_later(ADDED_AFTER_S, _add_not_modified)
    _not_modified[route] = _not_modified.get(route, 0) + 1


def _add_not_modified() -> None:
    for route, times in _not_modified.items():
        _requests(route, 304).inc(times)
    _not_modified.clear()


def _requests(route: str, status: int) -> Counter:
    if (requests := _statuses.get((route, status))) is None:
        requests = _statuses[route, status] = REQUESTS.labels(route, str(status))
    return requests


def exposition() -> tuple[str, bytes]:
    """Content type and text of all metrics, of all web processes. Others' 304s are counted up to ADDED_AFTER_S ago."""
    _add_not_modified()
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return CONTENT_TYPE_LATEST, generate_latest(registry)
