"""Until when the log is complete: what a reader has passed, nothing is added to any more.

An event carries the time at which its change held its lock, and is seen once that is committed, some milliseconds later; by then
another line may have told a later one. A program that had read as far as that would never hear of the first.
"""

from datetime import datetime

from django.db import connection

# A change takes its time after its transaction began, so whatever is still to come is no older than the oldest one that runs.
# A transaction without an id has written nothing: one that has read for a minute is a report or a backup.
_OLDEST = """
SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
   AND (backend_xid IS NOT NULL OR xact_start > clock_timestamp() - interval '60 seconds')
"""


def complete_until() -> datetime:
    """Before this time no event is added to the log. To be asked in a statement before the one that reads: what was committed
    between the two is then read, though it was counted as running."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        row = cursor.fetchone()
    until: datetime = row[0]
    return until
