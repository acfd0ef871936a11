"""The rows of lines: written after each commit, and again by the timers where somebody died before (law 1)."""

from datetime import datetime
from uuid import UUID

from queues import selectors
from queues.models import Queue
from realtime import broadcast, store
from realtime.cache import Unavailable, breaker

KIND = "line"


def publish(queue_id: UUID) -> bool:
    """Writes the line's row as it is now and tells every process; False when Redis is away (readers ask Postgres then)."""
    if not breaker.closed:
        return False
    row = selectors.current_row(queue_id)
    if row is None:
        return True
    if not store.write(KIND, row["code"], row):
        return False
    broadcast.line_changed(queue_id, row["version"])
    return True


def refresh(changed_since: datetime) -> bool:
    """Repairs what a dying process or a lost message left behind: for every line changed since then, a row older than
    Postgres is written again and the version is told again. False when Redis is away, so that the caller tries again.
    """
    lines = list(Queue.objects.filter(last_activity_at__gt=changed_since).values_list("pk", "code", "version"))
    if not lines:
        return True
    try:
        shown = store.versions(KIND, [code for _, code, _ in lines])
    except Unavailable as problem:
        breaker.trip(problem)
        return False
    complete = True
    for (queue_id, _, version), have in zip(lines, shown, strict=True):
        # A missing row is left to its first reader; a stale one would be believed.
        if have is not None and have < version:
            complete = publish(queue_id) and complete
        else:
            broadcast.line_changed(queue_id, version)
    return complete
