"""Postgres as the faults of this folder need it: on a small disk, with few connections, frozen or killed as a whole."""

import signal
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from devserver.embedded import Postgres
from devserver.embedded.account import Account
from devserver.embedded.postgres import MAX_CONNECTIONS

CONNECTIONS = 40


class FewConnections(Postgres):
    """It takes CONNECTIONS at once."""

    def _launch(self, command: list[str], account: Account | None = None) -> None:
        few = f"max_connections={CONNECTIONS}"
        super()._launch([word.replace(f"max_connections={MAX_CONNECTIONS}", few) for word in command], account)


def tell(server: Postgres, number: signal.Signals) -> None:
    """Sends a signal to each of its processes: they are in different process groups."""
    assert server.process is not None
    postmaster = psutil.Process(server.process.pid)
    for process in (postmaster, *postmaster.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def take_all(url: str) -> list[psycopg.Connection[object]]:
    """All connections that are left."""
    taken: list[psycopg.Connection[object]] = []
    with suppress(psycopg.OperationalError):
        while True:
            taken.append(psycopg.connect(url))
    return taken


def fill(folder: Path) -> Path:
    """A file that takes all that is left of the disk."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65_536))
    return filler
