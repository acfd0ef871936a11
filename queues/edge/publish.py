"""The rows of lines: written after each commit, and again by the timers where a process died before it could (law 1).

Of a long line only what changed is told: the process that reads its row from Postgres writes it to Redis (decision 0015).
"""

from datetime import datetime
from uuid import UUID

from core.cache import breaker
from queues import deltas, selectors
from queues.models import Queue
from realtime import store

KIND = "line"


def publish(queue_id: UUID) -> bool:
    """Tells every process how the line is now; False when Redis is away (readers ask Postgres then)."""
    if not breaker.closed:
        for code in Queue.objects.filter(pk=queue_id).values_list("code", flat=True):
            store.changed(KIND, code)
        return False
    news = selectors.newest(queue_id)
    if news is None:
        return True
    if deltas.is_row(news):
        store.changed(KIND, news["code"])
        return store.write(KIND, news["code"], news)
    store.changed(KIND, news["code"], news)
    return store.tell(KIND, news["code"], news)


def refresh(changed_since: datetime) -> bool:
    """Repairs what a dying process or a lost message left behind, for every line changed since then (store.repair)."""
    lines = {
        code: (queue_id, version)
        for queue_id, code, version in Queue.objects.filter(last_activity_at__gt=changed_since).values_list(
            "pk", "code", "version"
        )
    }
    current = [(code, version) for code, (_, version) in lines.items()]
    return store.repair(KIND, current, lambda code: publish(lines[code][0]))
