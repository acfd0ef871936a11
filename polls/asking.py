"""Polls of a line, as its tickets show them."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from core import clock
from core.clock import milliseconds
from core.errors import Busy, NotFound
from outbox.effects import Retry
from outbox.models import Event
from polls.models import Poll
from queues import commands

MOST_SHOWN = 5


def asked_in(queue_id: UUID, now: datetime) -> QuerySet[Poll]:
    """The line's polls that are open, or will be at their time, the one opened last first."""
    not_over = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    return Poll.objects.filter(not_over, queue=queue_id, status=Poll.Status.OPEN).order_by("-opened_at", "pk")


def question_of(queue_id: UUID) -> Poll | None:
    """The poll that the people in the line may vote in now: of those that have begun the one opened last."""
    now = clock.now()
    return asked_in(queue_id, now).filter(Q(starts_at__isnull=True) | Q(starts_at__lte=now)).first()


def questions(queue_id: UUID) -> list[dict[str, Any]]:
    """What tickets know of the line's polls. A ticket shows the first that has begun and is not over."""
    return [
        {
            "code": poll.code,
            "title": poll.title,
            "from": milliseconds(poll.starts_at),
            "until": milliseconds(poll.ends_at),
        }
        for poll in asked_in(queue_id, clock.now())[:MOST_SHOWN]
    ]


def show_on_tickets(event: Event) -> None:
    """The effect `tickets` (outbox/effects.py): a poll was opened, closed, reset or deleted. Only a line's is on tickets.

    Raises Retry when the line is busy.
    """
    of_poll = Poll.objects.filter(pk=event.stream_id).values_list("queue", flat=True)
    queue_id = event.data.get("sessionId") or of_poll.first()
    if queue_id is None:
        return
    line = UUID(str(queue_id))
    try:
        with suppress(NotFound):
            commands.show_questions(line, read=lambda: questions(line))
    except Busy as problem:
        raise Retry(problem.message, after_s=1) from problem
