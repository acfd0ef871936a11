"""Polls of a line, as its tickets show them."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from core import clock
from core.clock import milliseconds
from core.errors import Busy, NotFound
from outbox.effects import Retry
from outbox.models import Event
from polls.models import Poll
from queues import commands

MOST_SHOWN = 5


def questions(queue_id: UUID) -> list[dict[str, Any]]:
    """The line's polls that are open, or will be at their time, the one opened last first. A ticket shows the first that has
    begun and is not over.
    """
    not_over = Q(ends_at__isnull=True) | Q(ends_at__gt=clock.now())
    found = Poll.objects.filter(not_over, queue=queue_id, status=Poll.Status.OPEN).order_by("-opened_at", "pk")
    return [
        {
            "code": poll.code,
            "title": poll.title,
            "from": milliseconds(poll.starts_at),
            "until": milliseconds(poll.ends_at),
        }
        for poll in found[:MOST_SHOWN]
    ]


def show_on_tickets(event: Event) -> None:
    """The effect `tickets` (outbox/effects.py): a poll was opened, closed, reset or deleted. Only a line's is on tickets.

    Raises Retry when the line is busy.
    """
    queue_id = (
        event.data.get("sessionId") or Poll.objects.filter(pk=event.stream_id).values_list("queue", flat=True).first()
    )
    if queue_id is None:
        return
    line = UUID(str(queue_id))
    try:
        commands.show_questions(line, read=lambda: questions(line))
    except Busy as problem:
        raise Retry(problem.message, after_s=1) from problem
    except NotFound:
        return
