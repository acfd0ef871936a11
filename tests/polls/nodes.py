"""Two databases beside `default` that hold ballots, for tests in this process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from psycopg.conninfo import make_conninfo

from tests.installation import remake

NODES = ("ballots1", "ballots2")
DATABASES = ["default", *NODES]


@contextmanager
def two_nodes() -> Iterator[None]:
    """Both are there, migrated and empty, and polls that are made now are spread over them."""
    server = os.environ["DATABASE_URL"]
    names = {node: f"{connections['default'].settings_dict['NAME']}_{node}" for node in NODES}
    for node, name in names.items():
        connections.settings[node] = {**connections.settings["default"], "NAME": name}
        if node == NODES[0]:
            remake(server, name, "template1")
            call_command("migrate", database=node, verbosity=0)
            connections[node].close()
        else:
            remake(server, name, names[NODES[0]])
    try:
        with override_settings(BALLOT_DATABASE_URLS=[make_conninfo(server, dbname=name) for name in names.values()]):
            yield
    finally:
        for node, name in names.items():
            connections[node].close()
            del connections[node], connections.settings[node]
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def away(node: str) -> Iterator[None]:
    """The node refuses all connections until the block ends, as one that is being restarted."""
    name = connections.settings[node]["NAME"]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            connections[node].close()
