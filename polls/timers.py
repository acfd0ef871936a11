"""What time itself does to polls (law 5)."""

import logging

from config.errors import Refused
from outbox import clock
from polls import commands, selectors

logger = logging.getLogger(__name__)


def sweep() -> int:
    """Closes the polls whose end has come; returns how many."""
    done = 0
    for poll_id in selectors.polls_over(clock.now()):
        try:
            done += commands.close_if_over(poll_id)
        except Refused:
            continue  # busy, or deleted meanwhile: the next pass looks again
        except Exception:  # one poll's fault must not stop the clock of all the others
            logger.exception("sweep failed for one poll")
    return done
