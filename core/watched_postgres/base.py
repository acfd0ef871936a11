"""A database that answers neither a statement nor a new connection is away: OperationalError instead of a wait without end.

Postgres's own time limits are no help where the server itself stands still (a frozen machine, a lost network). So a statement
that is silent for SILENT_S is looked into: where the server answers a new connection it works, and the statement may take its
time. Else the database is away for all threads of the process at once, until one that asks each second gets an answer.
"""

import logging
import threading
import time
from collections.abc import Generator
from types import SimpleNamespace
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo

logger = logging.getLogger(__name__)

SILENT_S = 1.0
# For a new connection; psycopg takes no less.
ANSWER_S = 2
EVERY_S = 1.0

_lock = threading.Lock()
_away: set[str] = set()


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with connections that notice a server that stands still."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> "Connection":
        """Raises OperationalError at once while the database is known to be away."""
        require_present(self.alias)
        try:
            connection: Connection = super().get_new_connection({"connect_timeout": ANSWER_S, **conn_params})
        except psycopg.errors.ConnectionTimeout:
            driver = {"cursor_factory", "context", "prepare_threshold"}
            found = make_conninfo(**{name: value for name, value in conn_params.items() if name not in driver})
            _mark_away(self.alias, found)
            raise
        connection.alias = self.alias
        return connection


class Connection(psycopg.Connection[Any]):
    """Raises OperationalError, and is closed, when its server stands still."""

    alias = ""

    def wait(self, gen: PQGen[Any], *args: Any, **kwargs: Any) -> Any:
        """psycopg's loop around everything that waits for the server; it resumes the generator at least ten times a second."""
        return super().wait(self._watched(gen), *args, **kwargs)

    def _watched(self, gen: PQGen[Any]) -> Generator[Any, Any, Any]:
        heard_at = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    heard_at = time.monotonic()
                elif time.monotonic() - heard_at > SILENT_S:
                    self._require_answer()
                    heard_at = time.monotonic()
                wanted = gen.send(ready)
        except StopIteration as ended:
            return ended.value

    def _require_answer(self) -> None:
        server = self.pgconn
        found = make_conninfo(
            host=server.host.decode(),
            port=server.port.decode(),
            user=server.user.decode(),
            password=server.password.decode(),
            dbname=server.db.decode(),
        )
        if self.alias not in _away and _answers(found):
            return
        _mark_away(self.alias, found)
        self.close()
        require_present(self.alias)


# Django asks this module for `connect`, and for the rest as before.
DatabaseWrapper.Database = SimpleNamespace(**{**vars(psycopg), "connect": Connection.connect})  # type: ignore[assignment]


def require_present(alias: str) -> None:
    """Raises OperationalError while this database is known to be away."""
    if alias in _away:
        raise psycopg.OperationalError(f"the database {alias} does not answer")


def _answers(conninfo: str) -> bool:
    """Whether the server answers a new connection. To refuse it is an answer."""
    try:
        psycopg.connect(conninfo, connect_timeout=ANSWER_S).close()
    except psycopg.errors.ConnectionTimeout:
        return False
    except psycopg.Error:
        pass
    return True


def _mark_away(alias: str, conninfo: str) -> None:
    with _lock:
        if alias in _away:
            return
        _away.add(alias)
    logger.warning("a database does not answer", extra={"database": alias})
    threading.Thread(target=_wait_for, args=(alias, conninfo), name=f"wait-for-{alias}", daemon=True).start()


def _wait_for(alias: str, conninfo: str) -> None:
    while not _answers(conninfo):
        time.sleep(EVERY_S)
    with _lock:
        _away.discard(alias)
    logger.warning("a database answers again", extra={"database": alias})
