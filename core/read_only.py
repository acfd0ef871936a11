"""A Postgres that is read-only (a standby, a failover, an administrator's setting), or whose node of Citus is being restarted, is
treated as away: its error becomes an OperationalError, which is answered with 503 and "try again"."""

from collections.abc import Callable
from typing import Any

from django.db import InternalError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import InternalError_, ReadOnlySqlTransaction

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


def watch_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of `connection_created`."""
    if raise_as_operational not in connection.execute_wrappers:
        connection.execute_wrappers.append(raise_as_operational)


def raise_as_operational(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Wraps every statement: Django raises these as InternalError, which would be answered with 500."""
    try:
        return execute(sql, params, many, context)
    except InternalError as problem:
        if isinstance(problem.__cause__, ReadOnlySqlTransaction | InternalError_):
            raise OperationalError(*problem.args) from problem.__cause__
        raise
