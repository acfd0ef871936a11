"""The part of `manage.py reconcile` that checks facts."""

from collections.abc import Iterator
from uuid import UUID

from django.db import connection


def facts(stream_id: UUID) -> Iterator[str]:
    """Checks one line: an event has a fact exactly when its effect `analytics` is done, since both commit together (law 4)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.version, e.seq, e.type, k.id IS NULL FROM outbox_event e
              LEFT JOIN outbox_effect f ON f.event_id = e.id AND f.name = 'analytics' AND f.status = 'done'
              LEFT JOIN analytics_fact k ON k.event_id = e.id
             WHERE e.stream_id = %s AND (f.id IS NULL) <> (k.id IS NULL) ORDER BY 1, 2
            """,
            [stream_id],
        )
        for version, seq, type_, missing in cursor:
            if missing:
                yield f"event {version}.{seq} {type_}: its effect `analytics` is done, but there is no fact"
            else:
                yield f"event {version}.{seq} {type_}: there is a fact, but its effect `analytics` is not done"
