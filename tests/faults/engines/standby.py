"""A Postgres and its synchronous standby."""

import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg

from devserver.embedded import Postgres
from devserver.embedded.postgres import DATABASE

NAME = "standby"


class Node(Postgres):
    """One of the two. A standby is ready when it can be read."""

    READY = frozenset({"ready", "standby"})

    def address(self, database: str = DATABASE) -> str:
        """Its address for this database."""
        return self._url(database)

    @property
    def socket_folder(self) -> str:
        """What libpq takes as its host."""
        return str(self._socket_dir)

    def promote(self) -> None:
        """From now on it takes writes."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")


class Pair:
    """`one` is the primary at first, and waits for `two` at each commit."""

    def __init__(self, folder: Path) -> None:
        self.one, self.two = Node(folder / "one"), Node(folder / "two")

    def url(self, database: str) -> str:
        """Both, of which the program takes the one that writes."""
        hosts = ",".join((self.one.socket_folder, self.two.socket_folder))
        password = quote(self.one.password)
        place = f"host={quote(hosts, safe='')}&port=5432,5432&target_session_attrs=read-write"
        return f"postgresql://postgres:{password}@/{database}?{place}"

    def start(self) -> None:
        """Makes both, and has the first wait for the second."""
        self.one.start()
        self.one.stop()
        self.two.home.parent.mkdir(parents=True)
        subprocess.run(["cp", "-a", str(self.one.home), str(self.two.home)], check=True)
        shutil.copy2(self.one.home.parent / "postgres_password", self.two.home.parent)
        follow = f"host={self.one.socket_folder} user=postgres password={self.one.password} application_name={NAME}"
        with (self.two.home / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"primary_conninfo = '{follow}'\n")
        (self.two.home / "standby.signal").touch()
        self.one.start()
        self.two.start()
        self.wait_for(NAME)

    def wait_for(self, names: str) -> None:
        """The first waits for these standbys at each commit; "" for none."""
        with psycopg.connect(self.one.url, autocommit=True) as connection:
            connection.execute("SELECT set_config('synchronous_commit', 'local', false)")
            connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
            connection.execute("SELECT pg_reload_conf()")

    def stop(self) -> None:
        """Ends both."""
        for node in (self.two, self.one):
            node.stop("immediate")
