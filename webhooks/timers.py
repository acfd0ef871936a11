"""Webhooks each second: what is new, who is to be woken, and what is long ago."""

import logging

from core import sweep
from outbox import dispatcher
from webhooks import commands

logger = logging.getLogger(__name__)


def wake_workers() -> int:
    """Wakes workers for endpoints that are to be told something; returns how many. While the broker is away they stay due."""
    from webhooks.tasks import deliver

    sweep.each(commands.failing(), commands.disable_endpoint)
    commands.forget_old_attempts()
    wanted = commands.find_news()
    if not wanted:
        return 0
    try:
        with dispatcher.producer() as opened:
            for endpoint_id in wanted:
                deliver.apply_async((str(endpoint_id),), producer=opened, retry=False)
    except Exception as problem:  # any fault of the broker's client library means the same: not now
        logger.warning("the broker does not answer, webhooks wait", extra={"problem": problem})
    return len(wanted)
