"""The one Celery task: a wake-up for some effects. Losing it is harmless (law 4)."""

from collections.abc import Sequence

from celery import shared_task
from django.db import close_old_connections

from outbox import work


@shared_task(name="outbox.perform_effects", ignore_result=True, acks_late=False)
def perform_effects(effect_ids: Sequence[int]) -> None:
    """Performs them on the thread's connection of Postgres, or on a new one where that broke."""
    close_old_connections()
    work.perform(*effect_ids)
