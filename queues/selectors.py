"""Reads of lines: everything that is asked of Postgres, never changed."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet

from queues import rules, shapes
from queues.models import Party, Queue
from venues.models import User

# How long a party that ended stays in the line's row; whoever asks later is answered from Postgres.
REMEMBERED_MIN = 10


def line_by_code(code: str) -> Queue | None:
    """The line with this code, in any case."""
    if not rules.is_code(code):
        return None
    return Queue.objects.select_related("venue").filter(code=code.upper()).first()


# One statement, so that version and parties come from one instant, and one answer whatever the length of the line.
_ROW = """
SELECT q.id::text, q.code, q.version, q.event_name, q.max_guests, q.paused, q.closed_at IS NOT NULL, q.pace_ms,
       CASE WHEN q.message <> '' THEN
         json_build_object('text', q.message, 'at', floor(extract(epoch FROM q.message_at) * 1000)) END,
       (SELECT coalesce(json_agg(json_build_object(
                 'id', id, 'ticket', ticket, 'name', name, 'size', size, 'note', note, 'status', status,
                 'nearby', nearby, 'walkIn', walk_in, 'joinedAt', floor(extract(epoch FROM joined_at) * 1000),
                 'quoteLowMs', quote_low_ms, 'quoteHighMs', quote_high_ms,
                 'calledAt', floor(extract(epoch FROM called_at) * 1000),
                 'deadline', floor(extract(epoch FROM call_deadline) * 1000))
               ORDER BY called_at, rank, ticket), '[]')
          FROM queues_party WHERE queue_id = q.id AND status IN ('waiting', 'called')),
       (SELECT coalesce(json_object_agg(id, status), '{}') FROM queues_party
         WHERE queue_id = q.id AND ended_at > q.last_activity_at - make_interval(mins => %s)),
       (SELECT count(*) FROM queues_party WHERE queue_id = q.id AND status = 'served')
  FROM queues_queue q WHERE """


def current_row(line: str | UUID) -> shapes.Row | None:
    """The line as it is now (a code in any case, or its id), as one row for all snapshots; None for an unknown line."""
    by_id = isinstance(line, UUID)
    if not by_id and not rules.is_code(str(line)):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            _ROW + ("q.id = %s" if by_id else "q.code = %s"), [REMEMBERED_MIN, line if by_id else str(line).upper()]
        )
        found = cursor.fetchone()
    if found is None:
        return None
    session_id, code, version, event_name, max_guests, paused, closed, pace_ms, message, parties, gone, served = found
    return shapes.build_row(
        {
            "version": version,
            "sessionId": session_id,
            "code": code,
            "eventName": event_name,
            "maxGuests": max_guests,
            "paused": paused,
            "closed": closed,
            "paceMs": pace_ms,
            "message": message,
            "gone": gone,
            "served": served,
        },
        waiting=[party for party in parties if party["status"] == rules.WAITING],
        called=[party for party in parties if party["status"] == rules.CALLED],
    )


def party_status(queue_id: UUID | str, party_id: str) -> str | None:
    """The status of a party of this line, also of one that ended long ago; None for an unknown party."""
    try:
        wanted = UUID(party_id)
    except ValueError:
        return None
    found = Party.objects.filter(queue_id=queue_id, pk=wanted)
    status: str | None = found.values_list("status", flat=True).first()
    return status


def lines_of(user: User) -> QuerySet[Queue]:
    """The lines of all venues a person works for, open ones first, newest first."""
    return (
        Queue.objects.filter(venue__memberships__user=user)
        .select_related("venue")
        .order_by(F("closed_at").desc(nulls_first=True), "-opened_at")
    )


def lines_changed_since(moment: Any) -> list[UUID]:
    """The ids of the lines that changed after `moment`."""
    return list(Queue.objects.filter(last_activity_at__gt=moment).values_list("pk", flat=True))


def lines_over(now: Any) -> list[UUID]:
    """Open lines that may be due to close: over their time, or without activity for two hours."""
    over = Q(closes_at__lte=now) | Q(last_activity_at__lte=now - rules.IDLE_LIFE)
    return list(Queue.objects.filter(over, closed_at__isnull=True).values_list("pk", flat=True))


def calls_over(now: Any) -> list[tuple[UUID, UUID]]:
    """(line, party) of every called party whose deadline is over, the longest overdue first."""
    due = Party.objects.filter(status=rules.CALLED, call_deadline__lte=now).order_by("call_deadline")
    return list(due.values_list("queue_id", "pk"))
