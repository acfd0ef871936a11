"""The one Celery task: a wake-up for one effect. Losing it is harmless (law 4)."""

from celery import shared_task
from django.db import close_old_connections

from outbox import work


@shared_task(name="outbox.perform_effect", ignore_result=True, acks_late=False)
def perform_effect(effect_id: int) -> None:
    """Performs one (event, effect), on the thread's connection of Postgres, or on a new one where that broke."""
    close_old_connections()
    work.perform(effect_id)
