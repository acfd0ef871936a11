"""A connection to Postgres by which tests ask again and again."""

import select
import threading
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row


class KeptConnection:
    """It stays open: to open one costs 10 ms of CPU, on both sides together. Threads take turns."""

    def __init__(self) -> None:
        self._database = ""
        self._kept: psycopg.Connection[dict[str, Any]] | None = None
        self._turn = threading.RLock()

    def rows(self, database: str, query: str, parameters: Sequence[Any], *, keep: bool) -> list[dict[str, Any]]:
        """What a statement returns. Raises psycopg.Error. The connection is opened if need be, also to another database, and
        left open to `keep` it."""
        with self._turn:
            if self._kept and (database != self._database or self._kept.closed or self._hung_up()):
                self.close()
            self._database = database
            # Nothing is prepared: a migration may change what a statement returns.
            self._kept = self._kept or psycopg.connect(
                database, autocommit=True, row_factory=dict_row, prepare_threshold=None
            )
            try:
                cursor = self._kept.execute(query, parameters)
                return cursor.fetchall() if cursor.description else []
            finally:
                if not keep:
                    self.close()

    def _hung_up(self) -> bool:
        """Whether Postgres has said something unasked: that it ends the connection, or nothing more."""
        assert self._kept
        poll = select.poll()  # `select` takes no number of a file above 1023
        poll.register(self._kept.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Until it is needed again."""
        with self._turn:
            if self._kept:
                self._kept.close()
                self._kept = None
