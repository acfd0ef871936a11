"""The snapshot rows in Redis: one per line, ordered by version, gone after 30 s, never the truth (laws 1 and 3).

Written here, by whoever committed a change and by the timers; read by realtime/reader.py.
"""

from datetime import datetime
from uuid import UUID

import orjson
from django.conf import settings

from queues import selectors
from queues.models import Queue
from queues.shapes import Row
from realtime import broadcast
from realtime.cache import Unavailable, breaker, sync_redis

# KEYS[1] row; ARGV: version, row, ttl in ms. An older version never replaces a newer one; returns 1 when written.
WRITE_IF_NEWER = """
local have = redis.call('HGET', KEYS[1], 'v')
if have and tonumber(have) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'v', ARGV[1], 'row', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""


def key(code: str) -> str:
    """The row's key in Redis."""
    return f"tl:line:{code}"


def write_arguments(row: Row) -> list[str | bytes | int]:
    """The arguments of WRITE_IF_NEWER for a row."""
    return [row["version"], orjson.dumps(row), settings.SNAPSHOT_TTL_S * 1000]


def publish(queue_id: UUID) -> bool:
    """Writes the line's row as it is now and tells every process; False when Redis is away (readers ask Postgres then)."""
    if not breaker.closed:
        return False
    row = selectors.current_row(queue_id)
    if row is None:
        return True
    try:
        sync_redis().eval(WRITE_IF_NEWER, 1, key(row["code"]), *write_arguments(row))
    except Unavailable as problem:
        breaker.trip(problem)
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
        pipeline = sync_redis().pipeline(transaction=False)
        for _, code, _ in lines:
            pipeline.hget(key(code), "v")
        shown = pipeline.execute()
    except Unavailable as problem:
        breaker.trip(problem)
        return False
    complete = True
    for (queue_id, _, version), have in zip(lines, shown, strict=True):
        # A missing row is left to its first reader; a stale one would be believed.
        if have is not None and int(have) < version:
            complete = publish(queue_id) and complete
        else:
            broadcast.line_changed(queue_id, version)
    return complete
