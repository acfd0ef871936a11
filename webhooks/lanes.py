"""How many threads may wait for receivers of webhooks, so that a slow one holds up neither other venues nor anything else.

Counted in each process: in a worker its threads (Procfile: 8), which also perform effects and send messages to guests; in a web
process those of Django (DJANGO_THREADS: 4).
"""

import threading
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from webhooks import selectors

# Turns of one worker at once; how many of them may be with receivers that are slow or not known yet; and how many of those may
# be of one venue.
MOST_AT_ONCE, MOST_DOUBTFUL, MOST_OF_A_VENUE = 6, 3, 1
# Messages at once that people and programs send by hand, and wait for, in one web process.
MOST_BY_HAND = 2
# A thread waits so long for a lane: a turn with a fast receiver is often over by then.
WAIT_S = 0.1

_changed = threading.Condition()
_in_use: Counter[Hashable] = Counter()


@contextmanager
def lane_for(endpoint_id: UUID) -> Iterator[bool]:
    """Whether this thread may send to the endpoint now; if not, its turn comes with a later wake-up."""
    limits: dict[Hashable, int] = {"turns": MOST_AT_ONCE}
    if (venue_id := selectors.venue_if_doubtful(endpoint_id)) is not None:
        limits |= {"doubtful": MOST_DOUBTFUL, venue_id: MOST_OF_A_VENUE}
    with _within(limits) as free:
        yield free


@contextmanager
def lane_by_hand() -> Iterator[bool]:
    """Whether this thread may send a message by hand now."""
    with _within({"by hand": MOST_BY_HAND}) as free:
        yield free


@contextmanager
def _within(limits: Mapping[Hashable, int]) -> Iterator[bool]:
    """Whether one more is within all of these limits, now or within WAIT_S. If so, it counts until the block is left."""
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
