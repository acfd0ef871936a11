"""The rows of lines: written after each commit, and again by the timers where somebody died before (law 1)."""

from datetime import datetime
from uuid import UUID

from queues import selectors
from queues.models import Queue
from realtime import store
from realtime.cache import breaker

KIND = "line"


def publish(queue_id: UUID) -> bool:
    """Writes the line's row as it is now and tells every process; False when Redis is away (readers ask Postgres then)."""
    if not breaker.closed:
        for code in Queue.objects.filter(pk=queue_id).values_list("code", flat=True):
            store.changed(KIND, code)
        return False
    row = selectors.current_row(queue_id)
    if row is None:
        return True
    store.changed(KIND, row["code"])
    return store.write(KIND, row["code"], row)


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
