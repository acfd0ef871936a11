"""Law 1: Postgres is the only truth, so it must keep what it has acknowledged. Every new connection is asked whether it
does; a server that may lose commits in a crash is not used at all. Development (`DEBUG`) may use what it likes."""

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)

NEEDED = ("fsync", "full_page_writes", "synchronous_commit")


class NotDurable(ImproperlyConfigured):
    """This Postgres may lose what it has acknowledged."""


def require_durable() -> None:
    """For the start of a process: raises NotDurable, so that it ends with a clear word instead of failing each request.

    A Postgres that cannot be reached is no reason not to start: whenever it comes, its first connection is asked.
    """
    try:
        connection.ensure_connection()
    except OperationalError as problem:
        logger.warning("Postgres is away", extra={"problem": problem})


def check_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of `connection_created`: closes the connection and raises NotDurable when a needed setting is off.

    What counts is what holds for this connection, for a role or a database may have a setting of its own.
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
