"""Postgres's own clock, moved: all that asks it for the time, from whatever connection, hears what the test says (law 2)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, connections
from psycopg.conninfo import conninfo_to_dict

from tests.installation import Stack

_MOVED = (
    "CREATE SCHEMA moved",
    "CREATE TABLE moved.clock (at timestamptz NOT NULL)",
    "CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM moved.clock'",
)


class DatabaseClock:
    """What `clock_timestamp()` says to new connections of a database. `run` executes a statement with values there."""

    def __init__(self, run: Callable[..., Any], *, database: str, start: datetime) -> None:
        self._run, self.now = run, start
        for statement in _MOVED:
            run(statement)
        # They find our function before Postgres's.
        run(f'ALTER DATABASE "{database}" SET search_path = moved, pg_catalog, public')
        run("INSERT INTO moved.clock VALUES (%s)", start)

    def set(self, moment: datetime) -> None:
        """It is that moment now."""
        self.now = moment
        self._run("UPDATE moved.clock SET at = %s", moment)

    def forward(self, **by: float) -> None:
        """Later, by minutes=…, hours=…"""
        self.set(self.now + timedelta(**by))

    def goes_on(self, condition: Callable[[], Any]) -> Callable[[], Any]:
        """For `wait_until`: the condition, and before each look at it a second passes. A sweep sends an effect again some seconds
        after the last time; on a clock that stands still it never does.
        """

        def later() -> Any:
            self.forward(seconds=1)
            return condition()

        return later


def moved_clock_of(stack: Stack, start: datetime) -> DatabaseClock:
    """The clock of an installation that only this test uses, before any of its processes runs."""
    name = str(conninfo_to_dict(stack.database)["dbname"])
    return DatabaseClock(stack.sql, database=name, start=start)


@contextmanager
def moved_clock(start: datetime) -> Iterator[DatabaseClock]:
    """For a test with `transaction=True`."""

    def run(statement: str, *values: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    name = connection.settings_dict["NAME"]
    clock = DatabaseClock(run, database=name, start=start)
    connections.close_all()
    try:
        yield clock
    finally:
        run(f'ALTER DATABASE "{name}" RESET search_path')
        run("DROP SCHEMA moved CASCADE")
        connections.close_all()
