"""The one clock (law 2): Postgres's. Machines' clocks drift apart, and a deadline must be the same for all of them."""

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Func

# The same within a statement, for marks of when something was done.
NOW = Func(function="clock_timestamp", output_field=DateTimeField())


def now() -> datetime:
    """The database's time at this instant (aware, UTC). Read it once per command, after the lock is held."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    moment: datetime = row[0]
    return moment
