"""Law 1: Postgres must keep what it has acknowledged. The settings of every new connection are checked; a server that may lose
commits in a crash is not used. With `DEBUG` any server may be used."""

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)

NEEDED = ("fsync", "full_page_writes", "synchronous_commit")


class NotDurable(ImproperlyConfigured):
    """This Postgres may lose commits that it has acknowledged."""


def require_durable() -> None:
    """Called at the start of a process: raises NotDurable, so that it ends with a clear message instead of failing each request.

    A Postgres that cannot be reached does not stop the start: its first connection is checked later.
    """
    try:
        connection.ensure_connection()
    except OperationalError as problem:
        logger.warning("Postgres is away", extra={"problem": problem})


def check_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of `connection_created`: closes the connection and raises NotDurable when a needed setting is off.

    The settings are read from this connection, because roles and databases may override the server's.
    """
    if settings.DEBUG or connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off'", [list(NEEDED)])
        off = sorted(row[0] for row in cursor.fetchall())
    if off:
        connection.close()
        raise NotDurable(
            f"Postgres runs with {', '.join(off)} off and may lose what it has acknowledged. Turn it on in "
            f"postgresql.conf (or for this role or database), or set DEBUG=on where data may be lost."
        )
