"""Messages each second: workers are woken for those that are due (law 5: `due_at` is a column)."""

from core import clock
from outbox import dispatcher
from reach.models import Message

# Workers woken at once; each goes on until nothing is due or its turn is over.
MOST_WOKEN = 4
# Messages that one worker may well send in a second.
PER_WORKER = 20


def wake_workers() -> int:
    """Wakes workers for messages that are due; returns how many. While the broker is away they stay due."""
    from reach.tasks import send_due

    due = Message.objects.filter(state=Message.State.DUE, due_at__lte=clock.NOW)
    waiting = due.exclude(leased_until__gt=clock.NOW)[: MOST_WOKEN * PER_WORKER].count()
    workers = min(-(-waiting // PER_WORKER), MOST_WOKEN)
    if workers:
        dispatcher.wake_tasks(send_due, [()] * workers, waits="messages")
    return workers
