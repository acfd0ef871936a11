"""The Celery task of webhooks: a wake-up for one endpoint. Losing it is harmless (law 4)."""

from uuid import UUID

from celery import shared_task
from django.db import close_old_connections

from webhooks import commands, deliveries
from webhooks.lanes import entered, lane_of


@shared_task(name="webhooks.deliver", ignore_result=True, acks_late=False)
def deliver(endpoint_id: str) -> None:
    """Sends the endpoint what is due."""
    close_old_connections()
    endpoint = UUID(endpoint_id)
    lane = lane_of(endpoint)
    with entered(lane) as free:
        if free:
            deliveries.deliver(endpoint, first_try=lane.is_first)
    if not free and lane.is_first:
        commands.wake_in_next_pass(endpoint)
