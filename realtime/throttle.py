"""Throttled work: done soon after it is asked for, at most four times a second for one thing in all processes together (law 7:
ballots come in thousands; their results are shown a few times a second)."""

import logging
import os
import threading
from collections.abc import Callable
from uuid import UUID

from django.db import OperationalError, connection

from core.cache import Unavailable, breaker, sync_redis

logger = logging.getLogger(__name__)

GAP_S = 0.25

# KEYS[1] gate, KEYS[2] its number; ARGV[1] ms it stays shut. Returns the number of this opening, or minus the number of the
# last one, which was another process's.
ENTER = """
if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then
    local number = redis.call('INCR', KEYS[2])
    redis.call('PEXPIRE', KEYS[2], 600000)
    return number
end
return -tonumber(redis.call('GET', KEYS[2]) or '0')
"""


class Throttle:
    """Runs `work(id)` in a thread after `touch(id)`. The process that passes the gate in Redis does it; one that sees that
    another passed it after the touch does not. Without Redis nothing is done: there is nowhere to publish it."""

    def __init__(self, name: str, work: Callable[[UUID], object]) -> None:
        self._name = name
        self._work = work
        self._changed = threading.Condition()
        # What is to be done, and the number of the opening that came before the touch (None: not asked yet).
        self._touched: dict[UUID, int | None] = {}
        self._fresh = False
        self._running: int | None = None

    def touch(self, thing: UUID) -> None:
        """Returns at once."""
        with self._changed:
            if thing not in self._touched:  # what waits at its gate is tried again soon
                self._fresh = True
                self._changed.notify()
            self._touched[thing] = None
            if self._running != os.getpid():  # also in a forked child: threads do not survive a fork
                self._running = os.getpid()
                threading.Thread(target=self._run, name=f"throttle-{self._name}", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._touched:
                    connection.close()  # an idle thread keeps no connection of Postgres
                    self._changed.wait()
                self._fresh = False
                touched = dict(self._touched)
            for thing, early in touched.items():
                try:
                    self._try(thing, early)
                except OperationalError as problem:
                    logger.warning("Postgres is away", extra={"problem": problem})
                    connection.close()
                except Exception:  # the thread must not end
                    logger.exception("throttled work failed", extra={"of": self._name})
            with self._changed:
                if self._touched:
                    self._changed.wait_for(lambda: self._fresh, timeout=GAP_S / 2)

    def _try(self, thing: UUID, early: int | None) -> None:
        if not breaker.closed:
            self._drop(thing)
            return
        gate = f"tl:gate:{self._name}:{{{thing}}}"  # one hash tag: both keys are on one node of a cluster
        try:
            number = int(sync_redis().eval(ENTER, 2, gate, f"{gate}:n", int(GAP_S * 1000)))
        except Unavailable as problem:
            breaker.trip(problem)
            self._drop(thing)
            return
        if number > 0:
            # Removed before the work: a touch during it asks for another run.
            self._drop(thing)
            self._work(thing)
        elif early is None:
            with self._changed:
                if self._touched.get(thing, 0) is None:
                    self._touched[thing] = -number
        elif -number != early:
            self._drop(thing, only_if=early)

    def _drop(self, thing: UUID, *, only_if: int | None = None) -> None:
        """Removes it, unless it was touched again since it was tried."""
        with self._changed:
            if only_if is None or self._touched.get(thing) == only_if:
                self._touched.pop(thing, None)
