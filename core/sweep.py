"""One pass of a timer over what is due (law 5)."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

from core.errors import Refused

# What tells a row: its id or number.
Row = TypeVar("Row", UUID, int)

logger = logging.getLogger(__name__)


def each(due: Iterable[Row], command: Callable[[Row], bool]) -> int:
    """Gives each id to the command, which checks again under the lock and returns whether it changed anything; how many it
    changed. One that is refused (busy, or deleted since it was found) is left to the next pass, and one that fails is logged."""
    done = 0
    for pk in due:
        try:
            done += command(pk)
        except Refused:
            continue
        except Exception:  # a fault in one must not stop the timers of all others
            logger.exception("sweep failed for one")
    return done
