"""Webhooks each second: what is new, who is to be woken, and what is long ago."""

from core import sweep
from outbox import dispatcher
from webhooks import commands


def wake_workers() -> int:
    """Wakes workers for endpoints that are to be told something; returns how many. While the broker is away they stay due."""
    from webhooks.tasks import deliver

    sweep.each(commands.failing(), commands.disable_endpoint)
    commands.forget_old_attempts()
    wanted = commands.find_news()
    if wanted:
        dispatcher.wake_tasks(deliver, [(str(endpoint_id),) for endpoint_id in wanted], waits="webhooks")
    return len(wanted)
