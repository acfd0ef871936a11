"""The connection by which tests ask an installation's Postgres."""

import os
from collections.abc import Iterator

import pytest
from psycopg.conninfo import make_conninfo

from tests.installation import wait_until
from tests.kept_connection import KeptConnection

pytestmark = pytest.mark.servers

SERVER = os.environ.get("DATABASE_URL", "")
MINE = "SELECT pg_backend_pid() AS pid"
THERE = "SELECT pid FROM pg_stat_activity WHERE pid = %s"


@pytest.fixture
def kept() -> Iterator[KeptConnection]:
    made = KeptConnection()
    yield made
    made.close()


@pytest.fixture
def other() -> Iterator[KeptConnection]:
    made = KeptConnection()
    yield made
    made.close()


def test_one_connection_serves_until_postgres_ends_it_and_then_another(
    kept: KeptConnection, other: KeptConnection
) -> None:
    [mine] = kept.rows(SERVER, MINE, (), keep=True)
    assert kept.rows(SERVER, MINE, (), keep=True) == [mine]
    other.rows(SERVER, "SELECT pg_terminate_backend(%s, 10000)", [mine["pid"]], keep=True)
    [new] = kept.rows(SERVER, MINE, (), keep=True)
    assert new != mine and kept.rows(SERVER, MINE, (), keep=True) == [new]


def test_where_nothing_runs_no_connection_is_left(kept: KeptConnection, other: KeptConnection) -> None:
    [mine] = kept.rows(SERVER, MINE, (), keep=False)
    assert kept.rows(SERVER, MINE, (), keep=True) != [mine]
    # Its process ends a moment after its client has gone.
    wait_until(lambda: other.rows(SERVER, THERE, [mine["pid"]], keep=True) == [], what="the connection to end")


def test_another_database_is_asked_by_a_connection_of_its_own(kept: KeptConnection) -> None:
    name = "SELECT current_database() AS name"
    [before] = kept.rows(SERVER, name, (), keep=True)
    [after] = kept.rows(make_conninfo(SERVER, dbname="template1"), name, (), keep=True)
    assert before != after == {"name": "template1"}
