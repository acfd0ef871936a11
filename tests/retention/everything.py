"""Searches everything that an installation keeps: all tables, columns as text; all of Redis; files."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import connection

from core.cache import sync_redis


def in_tables(values: Iterable[str], run: Callable[..., list[Any]] | None = None) -> list[str]:
    """Where a table has one of these values, in any column. `run`: executes a query in another database than this one."""
    run = run or _here
    found = []
    for (table,) in run(
        "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    ):
        for value in values:
            rows = run(f"SELECT t::text FROM {table} t WHERE t::text ILIKE %s LIMIT 1", f"%{value}%")  # noqa: S608
            found += [f"{table} has {value}: {row[:300]}" for (row,) in rows]
    return found


def _here(query: str, *values: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall()


def in_redis(values: Iterable[str], client: Any = None) -> list[str]:
    """Where a key of Redis has one of them, in its name or in what it holds."""
    found = []
    for name, held in everything_in_redis(client or sync_redis()):
        found += [f"{name!r} has {value}" for value in values if value.encode().lower() in name.lower() + held.lower()]
    return found


def everything_in_redis(client: Any) -> Iterator[tuple[bytes, bytes]]:
    """Each key and all that it holds. What goes while it is read is gone."""
    for key in client.scan_iter("*", count=1000):
        kind = client.type(key)
        reads = {
            b"string": lambda key: client.get(key),
            b"hash": lambda key: client.hgetall(key),
            b"list": lambda key: client.lrange(key, 0, -1),
            b"set": lambda key: client.smembers(key),
            b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
            b"stream": lambda key: client.xrange(key),
            b"none": lambda key: b"",
        }
        yield bytes(key), repr(reads[bytes(kind)](key)).encode()
