"""Law 1: Postgres must keep what it has acknowledged. Law 2: a wait for a lock must end. The settings of every new connection are
checked; a server that may lose commits in a crash, or lets locks be waited for without end, is not used. With `DEBUG` any
server may be used."""

import logging
from typing import Any

from django.conf import settings
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from core.environment import TIME_OUTS
from core.start import CannotStart

logger = logging.getLogger(__name__)

NEEDED = ("fsync", "full_page_writes", "synchronous_commit")


class NotDurable(CannotStart):
    """This Postgres may lose commits that it has acknowledged, or lets locks be waited for without end."""


def require_durable() -> None:
    """Called at the start of a process: raises NotDurable, so that it ends with a clear message instead of failing each request.

    A Postgres that cannot be reached does not stop the start: its first connection is checked later.
    """
    for database in connections.all():
        try:
            database.ensure_connection()
        except OperationalError as problem:
            logger.warning("Postgres is away", extra={"database": database.alias, "problem": problem})


def check_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of `connection_created`: closes the connection and raises NotDurable when a needed setting is off, or locks are
    waited for without end: a pooler (pgbouncer) drops the options that a connection starts with.

    The settings are read from this connection, because roles and databases may override the server's.
    """
    if settings.DEBUG or connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off'"
            " OR name = 'lock_timeout' AND setting = '0'",
            [list(NEEDED)],
        )
        off = sorted(row[0] for row in cursor.fetchall())
    if off:
        connection.close()
        raise NotDurable(_endless(connection) if "lock_timeout" in off else _unsafe(off))


def _unsafe(off: list[str]) -> str:
    return (
        f"Postgres runs with {', '.join(off)} off and may lose what it has acknowledged. Turn it on in "
        f"postgresql.conf (or for this role or database), or set DEBUG=on where data may be lost."
    )


def _endless(connection: BaseDatabaseWrapper) -> str:
    role, database = (connection.ops.quote_name(connection.settings_dict[key] or "...") for key in ("USER", "NAME"))
    return (
        "Postgres has no lock_timeout: a pooler has dropped the options of this connection. Give them to the role, once, and "
        "then RECONNECT the pooler:"
        + "".join(
            f"\n  ALTER ROLE {role} IN DATABASE {database} SET {name} = '{value}';" for name, value in TIME_OUTS.items()
        )
    )
