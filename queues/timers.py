"""Deadlines of lines (law 5): calls that were not answered, lines that are over, last entries, waits that hosts set, services
that open, tables that nobody freed, questions after visits. Deadlines are columns; due rows become ordinary commands, which check
again under the lock by the database's clock. Any number of sweepers may run."""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from uuid import UUID

from core import clock
from core.errors import Busy, Refused
from queues import commands, selectors, sitting
from queues.models import SentAction
from queues.sent import KEPT_FOR

logger = logging.getLogger(__name__)

FORGOTTEN_AT_ONCE = 500


# A command of the sweep: takes `wait`, returns whether it did something, raises Busy when the line or service is locked (at
# once without `wait`).
Due = Callable[..., bool]


def sweep() -> int:
    """One pass over due rows; returns how many commands changed something.

    It first skips locked lines, then waits for their locks: without waiting it would never get the lock of a busy line.
    """
    now = clock.now()
    due: list[tuple[UUID, Due]] = [
        (queue_id, partial(commands.expire_call, queue_id, party_id=party_id))
        for queue_id, party_id in selectors.calls_over(now)
    ]
    due += [(queue_id, partial(commands.close_if_over, queue_id)) for queue_id in selectors.lines_over(now)]
    due += [(queue_id, partial(commands.end_entry, queue_id)) for queue_id in selectors.entries_over(now)]
    due += [
        (queue_id, partial(commands.free_if_forgotten, queue_id, party_id=party_id))
        for queue_id, party_id in sitting.forgotten(now)
    ]
    due += [
        (queue_id, partial(commands.ask_about_visit, queue_id, party_id=party_id))
        for queue_id, party_id in selectors.visits_due(now)
    ]
    due += [(queue_id, partial(commands.end_wait, queue_id)) for queue_id in selectors.waits_over(now)]
    due += [(service_id, partial(commands.open_if_due, service_id)) for service_id in selectors.services_due(now)]
    done, busy = _try(due, wait=False)
    return done + _try(busy, wait=True)[0]


def _try(due: Iterable[tuple[UUID, Due]], *, wait: bool) -> tuple[int, list[tuple[UUID, Due]]]:
    """Returns how many commands changed their line, and those whose line was locked. Refused ones were done by another
    sweeper."""
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
            if wait:  # one time-out per line, not one for each of its parties
                stuck.add(queue_id)
        except Refused:
            pass
        except Exception:  # a fault in one line must not stop the timers of all others
            logger.exception("sweep failed for one line")
    return done, busy


def forget_sent() -> int:
    """Deletes outcomes of hosts' actions that no device asks for any more (decision 0076); returns how many."""
    until = clock.now() - KEPT_FOR
    old = list(SentAction.objects.filter(at__lt=until).values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    return commands.forget_sent(old) if old else 0
