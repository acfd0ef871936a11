"""What signing in leaves behind: ended sessions, and attempts with their addresses. Forgotten after a while (decision 0088)."""

from datetime import datetime
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session

from core import clock
from core.change import durable

_MOST_AT_ONCE = 500


@durable()
def forget_visits(before: datetime) -> int:
    """Deletes some of the sessions that are over, and of the notes of attempts that are older; how many."""
    old: list[Any] = [Session.objects.filter(expire_date__lt=clock.now())]
    old += [model.objects.filter(attempt_time__lt=before) for model in (AccessAttempt, AccessFailureLog, AccessLog)]
    deleted = 0
    for rows in old:
        found = list(rows.order_by().values_list("pk", flat=True)[:_MOST_AT_ONCE])
        deleted += rows.model.objects.filter(pk__in=found).delete()[0] if found else 0
    return deleted
