"""What each change under a lock needs: a durable transaction, Busy where a lock cannot be had, changed fields.

The base that also records events is outbox/change.py, for `core` knows no other package (decision 0043).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, transaction
from django.db.models import Model
from psycopg.errors import DeadlockDetected, LockNotAvailable

from core.errors import Busy
from core.refusals import BUSY, Reason

# Changed fields by name: the JSON values [before, after].
Fields = dict[str, list[Any]]


@contextmanager
def durable(busy: Reason = BUSY, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """One transaction that is not nested in another. Raises Busy, for the reason `busy`, when a lock in it takes longer than law
    2 allows or ends in a deadlock; then nothing has happened.
    """
    try:
        with transaction.atomic(using, durable=True):
            yield
    except OperationalError as problem:
        if isinstance(problem.__cause__, LockNotAvailable | DeadlockDetected):
            raise Busy(busy) from problem
        raise


def plain(value: Any) -> Any:
    """A field's value as it stands in an event's JSON."""
    return value.isoformat() if isinstance(value, datetime | time) else value


def set_field(row: Model, name: str, value: Any, changes: Fields) -> bool:
    """Sets a field of the row and notes it in `changes`; whether it was different before.

    Of a field that is set more than once the first `before` and the last `after` are kept.
    """
    before = getattr(row, name)
    if before == value:
        return False
    setattr(row, name, value)
    changes[name] = [changes[name][0] if name in changes else plain(before), plain(value)]
    return True
