"""How many threads may wait for receivers of webhooks, so that a slow one holds up neither other venues nor anything else.

Counted in each process: in a worker its threads (Procfile: 8), which also perform effects and send messages to guests; in a web
process those of Django (DJANGO_THREADS: 4).
"""

import threading
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from webhooks import selectors

# Turns of one worker at once with receivers that are known; how many of them with slow ones; how many of those of one venue.
MOST_KNOWN, MOST_SLOW, MOST_OF_A_VENUE = 5, 2, 1
# First tries at once, beside those, MOST_OF_A_VENUE of one venue. One ends after FIRST_TRY_S (webhooks/deliveries.py), so nothing
# else holds up a new receiver.
MOST_FIRST = 2
# Messages at once that people and programs send by hand, and wait for, in one web process.
MOST_BY_HAND = 2
# A thread waits so long for a lane: a turn with a fast receiver is often over by then.
WAIT_S = 0.1

_changed = threading.Condition()
_in_use: Counter[Hashable] = Counter()


@dataclass(frozen=True, slots=True)
class Lane:
    """What a thread counts as while it sends, and how many may count so at once. `is_first`: the receiver was never sent to."""

    limits: Mapping[Hashable, int]
    is_first: bool = False


def lane_of(endpoint_id: UUID) -> Lane:
    """The lane in which the endpoint is sent to, by its newest answer."""
    took_ms = selectors.newest_took_ms(endpoint_id)
    if took_ms is not None and took_ms < selectors.SLOW_MS:
        return Lane({"known": MOST_KNOWN})
    venue_id = selectors.venue_id_of(endpoint_id)
    if took_ms is None:
        return Lane({"first": MOST_FIRST, ("first", venue_id): MOST_OF_A_VENUE}, is_first=True)
    return Lane({"known": MOST_KNOWN, "slow": MOST_SLOW, ("slow", venue_id): MOST_OF_A_VENUE})


BY_HAND = Lane({"by hand": MOST_BY_HAND})


@contextmanager
def entered(lane: Lane) -> Iterator[bool]:
    """Whether one more is within all limits of the lane, now or within WAIT_S. If so, it counts until the block is left."""
    limits = lane.limits
    with _changed:
        free = _changed.wait_for(lambda: all(_in_use[name] < most for name, most in limits.items()), WAIT_S)
        if free:
            _in_use.update(limits.keys())
    try:
        yield free
    finally:
        if free:
            with _changed:
                for name in limits:
                    _in_use[name] -= 1
                    if not _in_use[name]:
                        del _in_use[name]
                _changed.notify_all()
