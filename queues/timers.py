"""What time itself does to lines (law 5): calls that nobody answered, lines that are over. Deadlines are columns; due rows
become ordinary commands, which check again under the lock by the database's clock. Any number of sweepers may run."""

import logging
from collections.abc import Iterable
from functools import partial
from typing import Protocol
from uuid import UUID

from core import clock
from core.errors import Busy, Refused
from queues import commands, selectors

logger = logging.getLogger(__name__)


class Due(Protocol):
    """A command of the sweep; whether it changed the line. Raises Busy when somebody else does (at once without `wait`)."""

    def __call__(self, *, wait: bool) -> bool: ...


def sweep() -> int:
    """One pass over what is due; returns how many lines were changed.

    Lines that nobody holds come first. For the others the sweep then queues as everybody does: whoever only tries a lock
    would never come into a line that is never idle.
    """
    now = clock.now()
    due: list[tuple[UUID, Due]] = [
        (queue_id, partial(commands.expire_call, queue_id, party_id=party_id))
        for queue_id, party_id in selectors.calls_over(now)
    ]
    due += [(queue_id, partial(commands.close_if_over, queue_id)) for queue_id in selectors.lines_over(now)]
    done, busy = _try(due, wait=False)
    return done + _try(busy, wait=True)[0]


def _try(due: Iterable[tuple[UUID, Due]], *, wait: bool) -> tuple[int, list[tuple[UUID, Due]]]:
    """How many changed their line, and those whose line was busy. What was swept by somebody else meanwhile is refused."""
    done = 0
    busy: list[tuple[UUID, Due]] = []
    stuck: set[UUID] = set()
    for queue_id, command in due:
        if queue_id in stuck:
            continue
        try:
            done += command(wait=wait)
        except Busy:
            busy.append((queue_id, command))
            if wait:  # a time-out for this line's every party would keep all the others waiting
                stuck.add(queue_id)
        except Refused:
            pass
        except Exception:  # one line's fault must not stop the clock of all the others
            logger.exception("sweep failed for one line")
    return done, busy
