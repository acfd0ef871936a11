"""Postgres's own clock, moved: all that asks it for the time, from whatever connection, hears what the test says (law 2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, connections

_MOVED = """
CREATE SCHEMA moved;
CREATE TABLE moved.clock (at timestamptz NOT NULL);
CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM moved.clock';
"""


class DatabaseClock:
    """What `clock_timestamp()` says."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self._run("INSERT INTO moved.clock VALUES (%s)", [start])

    def set(self, moment: datetime) -> None:
        """It is that moment now."""
        self.now = moment
        self._run("UPDATE moved.clock SET at = %s", [moment])

    def forward(self, **by: float) -> None:
        """Later, by minutes=…, hours=…"""
        self.set(self.now + timedelta(**by))

    @staticmethod
    def _run(statement: str, values: list[datetime]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)


@contextmanager
def moved_clock(start: datetime) -> Iterator[DatabaseClock]:
    """For a test with `transaction=True`. New connections find our `clock_timestamp()` before Postgres's."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(_MOVED)
        cursor.execute(f"ALTER DATABASE {name} SET search_path = moved, pg_catalog, public")
    connections.close_all()
    try:
        yield DatabaseClock(start)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} RESET search_path")
            cursor.execute("DROP SCHEMA moved CASCADE")
        connections.close_all()
