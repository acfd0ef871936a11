"""What time itself does to lines (law 5): calls that nobody answered, lines that are over. Deadlines are columns; due rows
become ordinary commands, which check again under the lock by the database's clock. Any number of sweepers may run."""

import logging
from collections.abc import Callable

from config.errors import Refused
from outbox import clock
from queues import commands, selectors

logger = logging.getLogger(__name__)


def sweep() -> int:
    """One pass over what is due; returns how many lines were changed."""
    now = clock.now()
    done = 0
    for queue_id, party_id in selectors.calls_over(now):
        done += _try(lambda q=queue_id, p=party_id: commands.expire_call(q, party_id=p))  # type: ignore[misc]
    for queue_id in selectors.lines_over(now):
        done += _try(lambda q=queue_id: commands.close_if_over(q))  # type: ignore[misc]
    return done


def _try(command: Callable[[], bool]) -> bool:
    """A line that is busy, or was swept by somebody else meanwhile, is left to the next pass; the others go on."""
    try:
        return command()
    except Refused:
        return False
    except Exception:  # one line's fault must not stop the clock of all the others
        logger.exception("sweep failed for one line")
        return False
