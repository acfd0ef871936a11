"""Two databases beside `default` that hold ballots, for tests in this process."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.migrated import remake

NODES = ("ballots1", "ballots2")
DATABASES = ["default", *NODES]


@contextmanager
def two_nodes() -> Iterator[None]:
    """Both are there, migrated and empty, and polls that are made now are spread over them."""
    server = os.environ["DATABASE_URL"]
    names = {node: f"{connections['default'].settings_dict['NAME']}_{node}" for node in NODES}
    for node, name in names.items():
        connections.settings[node] = {
            **connections.settings["default"],
            "NAME": name,
            "ENGINE": "core.watched_postgres",
        }
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


class Line:
    """A TCP line to the server of the tests, which can be frozen: it takes connections, and passes nothing on."""

    def __init__(self) -> None:
        server = conninfo_to_dict(os.environ["DATABASE_URL"])
        self._server = f"{server['host']}/.s.PGSQL.{server.get('port', 5432)}"
        self._runs = threading.Event()
        self._runs.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Until the block ends."""
        self._runs.clear()
        try:
            yield
        finally:
            self._runs.set()

    def close(self) -> None:
        """Ends all connections."""
        for end in [self._listener, *self._ends]:
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            self._ends += [client, server]
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                self._runs.wait()
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            return


@contextmanager
def line_to(node: str) -> Iterator[Line]:
    """The node is reached over this line until the block ends."""
    line, settings = Line(), connections.settings[node]
    connections[node].close()
    del connections[node]
    connections.settings[node] = {**settings, "HOST": "127.0.0.1", "PORT": line.port}
    try:
        yield line
    finally:
        connections[node].close()
        del connections[node]
        connections.settings[node] = settings
        line.close()
