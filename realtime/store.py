"""Rows in Redis: one per line or poll, ordered by version, gone after 30 s, never the truth (laws 1 and 3).

Written by the process that committed a change and by the timers (queues/edge/publish.py, polls/edge/publish.py); read by
realtime/snapshot_cache.py.
"""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from django.conf import settings
from redis.exceptions import RedisError

from core.cache import Unavailable, answered, breaker, sync_redis
from realtime import broadcast

# The version of a deleted thing: newer than any other. 2^53 - 1 is the largest whole number that Lua can hold.
GONE = 2**53 - 1

# Fields of a row: `row`, its version `r`, and `v`, the newest version that was told. Of a long line mostly only the changes are
# told, and `r` stays behind.

# A key of another type is not ours, and would block ours for ever.
_OURS = """
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
"""
# KEYS[1] row; ARGV: version, row, ttl in ms. An older version never replaces a newer one; returns 1 when written.
WRITE_IF_NEWER = (
    _OURS
    + """
local told, have = unpack(redis.call('HMGET', KEYS[1], 'v', 'r'))
have = have or told
if have and tonumber(have) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'r', ARGV[1], 'row', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if not told or tonumber(told) <= tonumber(ARGV[1]) then
    redis.call('HSET', KEYS[1], 'v', ARGV[1])
end
return 1
"""
)

# KEYS[1] row; ARGV: version, ttl in ms. Returns 1 when nothing as new was told before.
TELL_IF_NEWER = (
    _OURS
    + """
local told = redis.call('HGET', KEYS[1], 'v')
if told and tonumber(told) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'v', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
)


def key(kind: str, name: str) -> str:
    """The key of the row of a kind ("line", "poll") and a name (a code or id)."""
    return f"tl:{kind}:{name}"


def write_arguments(row: dict[str, Any]) -> list[str | bytes | int]:
    """The arguments of WRITE_IF_NEWER for a row."""
    return [row["version"], orjson.dumps(row), _ttl_ms()]


def _ttl_ms() -> int:
    return settings.SNAPSHOT_TTL_S * 1000


# Called in the writer's thread with the key of each thing that this process has changed, and the changes where they are known;
# also while Redis is away.
changed_here: list[Callable[[str, dict[str, Any] | None], None]] = []


def changed(kind: str, name: str, changes: dict[str, Any] | None = None) -> None:
    """Tells this process's own caches of a change that it has committed, before the answer goes out."""
    for listener in changed_here:
        listener(key(kind, name), changes)


def write(kind: str, name: str, row: dict[str, Any]) -> bool:
    """Writes a row unless a newer one is there, and tells the other processes. False when Redis did not take it: they ask
    Postgres then."""
    return _eval(WRITE_IF_NEWER, key(kind, name), write_arguments(row))


def tell(kind: str, name: str, changes: dict[str, Any]) -> bool:
    """Tells what changed, without a row: caches apply it to the snapshot they have. False when Redis did not take it."""
    return _eval(TELL_IF_NEWER, key(kind, name), [changes["version"], _ttl_ms()], changes)


def bury(kind: str, name: str) -> bool:
    """Marks a thing as deleted, for caches that still have its row and for writers of an older one."""
    return _eval(WRITE_IF_NEWER, key(kind, name), [GONE, b"null", _ttl_ms()])


def _eval(
    script: str, name: str, arguments: Sequence[str | bytes | int], changes: dict[str, Any] | None = None
) -> bool:
    if not breaker.closed:
        return False
    taken = True
    try:
        newer = sync_redis().eval(script, 1, name, *arguments)
    except Unavailable as problem:
        breaker.trip(problem)
        if not answered(problem):
            return False
        # A Redis that takes no writes still passes messages on: the other processes must ask Postgres, not their memory.
        taken, newer, changes = False, True, None
    if newer:
        broadcast.tell_and_wait(name, int(arguments[0]), changes)
    return taken


def repair(kind: str, current: Sequence[tuple[str, int]], publish: Callable[[str], bool]) -> bool:
    """For each (name, version in Postgres): publishes a row again that is older, and tells the version of the others again.

    False when Redis is away: the caller tries again.
    """
    if not current:
        return True
    try:
        # A pipeline would wait for a frozen node of a cluster once per command.
        sync_redis().ping()
        pipeline = sync_redis().pipeline(transaction=False)
        for name, _ in current:
            pipeline.hget(key(kind, name), "v")
        shown = pipeline.execute(raise_on_error=False)
        stale, fresh = [], []
        for (name, version), have in zip(current, shown, strict=True):
            # A missing row is left to its first reader; a stale one would be believed.
            if isinstance(have, RedisError) or (have is not None and int(have) < version):
                stale.append(name)
            else:
                fresh.append((name, version))
    except Unavailable as problem:
        breaker.trip(problem)
        return False
    for name, version in fresh:
        broadcast.tell(key(kind, name), version)
    return all([publish(name) for name in stale])


def read(kind: str, name: str) -> dict[str, Any] | None:
    """The row in Redis; None when there is none. Raises one of `Unavailable`."""
    text: Any = sync_redis().hget(key(kind, name), "row")
    found: dict[str, Any] | None = orjson.loads(text) if text is not None else None
    return found
