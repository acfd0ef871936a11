"""Searches everything that an installation keeps: all tables, all of Redis, all files; also what is packed (unpacked.py)."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from redis import Redis

from core.cache import sync_redis
from tests.installation import Stack
from tests.retention.unpacked import found_in

# Folders of Postgres: old versions of rows stay in them until they are vacuumed (docs/operations.md).
_OF_POSTGRES = {"base", "pg_wal", "global", "pg_xact", "pg_multixact", "pg_stat_tmp", "pg_dynshmem", "pg_subtrans"}
_LONGEST_FILE = 200_000_000
_ROWS_AT_ONCE = 2_000


def in_tables(values: Iterable[str], run: Callable[..., Iterable[Any]] | None = None) -> list[str]:
    """Where a table has one of these values, in any column. `run`: executes a query in another database than this one."""
    run, wanted, found = run or _here, _small(values), []
    for (table,) in list(
        run(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
    ):
        seen: set[bytes] = set()
        for (row,) in run(f"SELECT t::text FROM {table} t"):  # noqa: S608
            new = found_in(row.encode(), wanted) - seen
            found += [f"{table} has {value.decode()}: {row[:300]}" for value in sorted(new)]
            seen |= new
    return found


def _here(query: str) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from rows


def in_tables_of(stack: Stack, values: Iterable[str]) -> list[str]:
    """The same in the database of an installation."""
    with psycopg.connect(stack.database, autocommit=True) as opened:
        return in_tables(values, lambda query: opened.execute(query.encode()))


def in_redis(values: Iterable[str], client: Any = None) -> list[str]:
    """Where a key of Redis has one of them, in its name or in what it holds."""
    wanted, found = _small(values), []
    for name, parts in everything_in_redis(client or sync_redis()):
        there = set().union(*(found_in(part, wanted) for part in (name, *parts)))
        found += [f"{name!r} has {value.decode()}" for value in sorted(there)]
    return found


def everything_in_redis(client: Any) -> Iterator[tuple[bytes, list[bytes]]]:
    """Each key and all that it holds. What goes while it is read is gone."""
    reads = {
        b"string": lambda key: client.get(key),
        b"hash": lambda key: client.hgetall(key),
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": lambda key: client.smembers(key),
        b"zset": lambda key: client.zrange(key, 0, -1),
        b"stream": lambda key: client.xrange(key),
        b"none": lambda key: b"",
    }
    for key in client.scan_iter("*", count=1000):
        yield bytes(key), list(_parts(reads[bytes(client.type(key))](key)))


def _parts(held: Any) -> Iterator[bytes]:
    """The texts of an answer of Redis, however it is nested."""
    if isinstance(held, dict):
        held = [each for pair in held.items() for each in pair]
    if isinstance(held, bytes | bytearray):
        yield bytes(held)
    elif isinstance(held, str):
        yield held.encode()
    elif isinstance(held, list | tuple | set):
        for each in held:
            yield from _parts(each)


def in_files(values: Iterable[str], *folders: Path) -> list[str]:
    """Where a file below these folders has one of them: logs, mails, copies; not the data files of Postgres."""
    wanted, found = _small(values), []
    for path in files_in(*folders):
        try:
            there = found_in(path.read_bytes(), wanted) | found_in(path.name.encode(), wanted)
        except FileNotFoundError:  # deleted meanwhile
            continue
        found += [f"{path} has {value.decode()}" for value in sorted(there)]
    return found


def files_in(*folders: Path) -> Iterator[Path]:
    """Files that are searched."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not _OF_POSTGRES & set(path.parts) and path.stat().st_size < _LONGEST_FILE:
                yield path


def everywhere(stack: Stack, values: Iterable[str]) -> list[str]:
    """Where any of them stands in an installation: tables, Redis, files and logs."""
    values = list(values)
    redis = Redis.from_url(stack.env["REDIS_URL"])
    return [
        *in_tables_of(stack, values),
        *in_redis(values, redis),
        *in_files(values, stack.folder, Path(os.environ["DATA_DIR"])),
    ]


def _small(values: Iterable[str]) -> list[bytes]:
    return [value.lower().encode() for value in values]
