"""A Postgres that takes no writes is away, as far as a command is concerned: a standby, one in a failover, one that its
administrator has set read-only. Each of our answers to an OperationalError (503, try again) is the right one then."""

from collections.abc import Callable
from typing import Any

from django.db import InternalError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import ReadOnlySqlTransaction

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


def watch_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of `connection_created`."""
    if raise_as_operational not in connection.execute_wrappers:
        connection.execute_wrappers.append(raise_as_operational)


def raise_as_operational(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """A wrapper of every statement: Django calls a refused write an InternalError, of which it would make a 500."""
    try:
        return execute(sql, params, many, context)
    except InternalError as problem:
        if isinstance(problem.__cause__, ReadOnlySqlTransaction):
            raise OperationalError(*problem.args) from problem.__cause__
        raise
