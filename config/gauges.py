"""What /metrics asks Postgres for: how far workers, webhooks and retention are behind, and what became of messages."""

from core import clock
from outbox import backlog
from push import figures as push
from reach import figures as reach
from realtime import metrics
from retention import selectors as retention
from webhooks import figures as webhooks


def refresh() -> None:
    """Sets the gauges. Some ten statements, each on an index. Raises django.db.Error when Postgres is away."""
    effects = backlog.now()
    metrics.OUTBOX_LAG.set(effects.lag_s)
    for status, count in effects.counts.items():
        metrics.EFFECTS.labels(status).set(count)
    messages = reach.now()
    outcomes = messages.outcomes | {("push", state): count for state, count in push.outcomes().items()}
    for (way, state), count in outcomes.items():
        metrics.MESSAGES.labels(way, state).set(count)
    metrics.MESSAGES_LAG.set(messages.lag_s)
    for state, count in messages.texts.items():
        metrics.TEXTS.labels(state).set(count)
    told = webhooks.now()
    for state, count in told.counts.items():
        metrics.WEBHOOKS.labels(state).set(count)
    metrics.WEBHOOKS_LAG.set(told.lag_s)
    metrics.RETENTION_LATE.set(retention.late_s(clock.now()))
