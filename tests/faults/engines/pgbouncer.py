"""Debian's pgbouncer in transaction mode, in front of the tests' own Postgres."""

import os
import shutil
import signal
import socket
from pathlib import Path
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from devserver.embedded.account import postgres_account
from devserver.embedded.postgres import POSTGRES_BIN
from devserver.embedded.server import Server
from tests.installation import free_port

POOL = 4


class PgBouncer(Server):
    """Gives each transaction the connection that has been idle for longest, so that two in a row get two."""

    programs = ("pgbouncer",)

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder / "pgbouncer")
        found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if found is None:
            pytest.fail("pgbouncer is missing: apt-get install pgbouncer")
        self.executable = found
        self.port = free_port()
        self._behind = conninfo_to_dict(database_url)

    @property
    def url(self) -> str:
        return self.url_of(str(self._behind["dbname"]))

    def url_of(self, database: str) -> str:
        """The address of this database behind it."""
        user, password = (quote(str(self._behind[key]), safe="") for key in ("user", "password"))
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        account = postgres_account(self.home, POSTGRES_BIN)  # who may use the Postgres's socket
        users = self.home / "users"
        users.write_text(f'"{self._behind["user"]}" "{self._behind["password"]}"\n')
        config = self.home / "pgbouncer.ini"
        config.write_text(f"""
[databases]
* = host={self._behind["host"]} port={self._behind["port"]}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {POOL}
server_round_robin = 1
ignore_startup_parameters = options
""")
        if account is not None:
            for path in (self.home, users, config):
                account.own(path)
        self._launch([self.executable, str(config)], account)

    def stop(self, mode: str = "fast") -> None:
        self._end(signal.SIGINT)

    def _ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False
