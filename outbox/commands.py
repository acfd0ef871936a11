"""What staff may do to effects."""

from functools import partial

from django.db import transaction

from core import clock
from core.change import durable
from outbox import dispatcher
from outbox.models import Effect


@durable()
def retry_effect(*, effect_id: int) -> bool:
    """Takes a dead effect (or one waiting for its next try) up again at once. False when it is done already."""
    effect = Effect.objects.select_for_update(of=("self",)).select_related("event").get(pk=effect_id)
    if effect.status == Effect.Status.DONE:
        return False
    effect.status = Effect.Status.PENDING
    effect.attempts = 0
    effect.leased_until = None
    effect.due_at = clock.now()
    effect.save(update_fields=["status", "attempts", "leased_until", "due_at"])
    transaction.on_commit(
        partial(dispatcher.after_commit, "", effect.event.stream_id, [(effect_id, effect.name)]), robust=True
    )
    return True
