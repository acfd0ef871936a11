"""What hosts' devices have sent (queues/sent.py): forgotten after a while."""

from collections.abc import Collection

from queues.models import SentAction


def forget_sent(actions: Collection[int]) -> int:
    """Deletes these outcomes; returns how many."""
    return SentAction.objects.filter(pk__in=actions).delete()[0]
