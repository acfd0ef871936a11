"""The Celery task of messages: a wake-up for what is due. Losing it is harmless (law 4)."""

from celery import shared_task
from django.db import close_old_connections

from reach import sending


@shared_task(name="reach.send_due", ignore_result=True, acks_late=False)
def send_due() -> None:
    """Sends messages that are due."""
    close_old_connections()
    sending.send_due()
