"""What is due to be forgotten."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

# For each venue the first rows that wait to be forgotten, by an index of these alone: where nothing is due nothing is read.
_DUE = """
SELECT found.id FROM venues_venue v LEFT JOIN retention_keeping k ON k.venue_id = v.id
 CROSS JOIN LATERAL (
     SELECT id, closed_at FROM {table} WHERE venue_id = v.id AND closed_at IS NOT NULL AND forgotten_at IS NULL
        AND closed_at <= %(now)s - make_interval(days => coalesce(k.days, %(days)s)::int)
      ORDER BY closed_at LIMIT %(most)s) AS found
UNION ALL
(SELECT id FROM {table} WHERE venue_id IS NULL AND closed_at IS NOT NULL AND forgotten_at IS NULL
    AND closed_at <= %(now)s - make_interval(days => %(days)s::int)
  ORDER BY closed_at LIMIT %(most)s)"""
_TABLES = {"line": "queues_queue", "room": "polls_room"}


def due(kind: str, now: datetime, *, most: int) -> list[UUID]:
    """Lines ("line") or rooms ("room") that are to be forgotten now, at most so many of each venue."""
    values: dict[str, Any] = {"now": now, "days": settings.RETENTION_DAYS, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_DUE.format(table=_TABLES[kind]), values)
        return [pk for (pk,) in cursor]
