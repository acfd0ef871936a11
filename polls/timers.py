"""What time itself does to polls and rooms (law 5)."""

import logging
from collections.abc import Callable, Iterable
from uuid import UUID

from core import clock
from core.errors import Refused
from polls import commands, selectors
from rooms import commands as room_commands
from rooms import selectors as room_selectors

logger = logging.getLogger(__name__)


def sweep() -> int:
    """Closes the polls and rooms whose end has come; returns how many."""
    now = clock.now()
    return _close_each(selectors.polls_over(now), commands.close_if_over) + _close_each(
        room_selectors.rooms_over(now), room_commands.close_if_over
    )


def _close_each(due: Iterable[UUID], close_if_over: Callable[[UUID], bool]) -> int:
    done = 0
    for pk in due:
        try:
            done += close_if_over(pk)
        except Refused:
            continue  # busy, or deleted meanwhile: the next pass looks again
        except Exception:  # one's fault must not stop the clock of all the others
            logger.exception("sweep failed for one")
    return done
