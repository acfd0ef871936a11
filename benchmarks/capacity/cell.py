"""Simulates one cell, a few web processes and the Postgres that takes their ballots, in steps of a few milliseconds. All arrivals
of a step count as its beginning.

The rules are the program's own (polls/edge/batcher.py): at most 500 ballots a batch, later ballots in the next batch; a process
in which 20,000 wait answers 503, and the page retries (frontend/poll/waits.ts). A web process does one thing at a time. A batch
keeps one core of Postgres busy and then waits for the disk. Until its commit it locks its process's slot of the tallies
(polls/ballots.py), so batches of one slot commit one after the other. A process writes one batch at a time (decision 0009). One
difference: ballots whose request is not read yet count as waiting; a proxy must bound them.
"""

from collections import deque
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush, heapreplace

import numpy as np

from benchmarks.capacity.arrivals import PerSecond
from benchmarks.capacity.measured import Costs

# A 503 says Retry-After: 1. The page waits longer by a random part of 1, 2, 4 ... 60 s (frontend/poll/waits.ts).
RETRY_AFTER_S, LONGEST_WAIT_S = 1.0, 60.0
# Latencies are kept to half a millisecond, utilisation by the second.
GRAIN_S = 0.0005
BEYOND_S = 600
BUSY_OVER_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A cell. `tries`: after how many a voter gives up; 0: never, like an open page. `clients`: in place of a crowd, this many
    clients that each send the next ballot when they have their answer (as benchmark S4 does)."""

    processes: int
    cores: int
    most_batch: int = 500
    most_waiting: int = 20_000
    slots: int = 16
    tries: int = 0
    clients: int = 0


@dataclass(slots=True)
class Outcome:
    """The outcome of a run. `waits`: ballots by latency (in GRAIN_S), from the try that was accepted to its commit."""

    arrived: int = 0
    recorded: int = 0
    gave_up: int = 0
    waiting: int = 0
    refusals: int = 0
    batches: int = 0
    last_s: float = 0.0
    most_waiting: int = 0
    waits: dict[int, int] = field(default_factory=dict)
    web_s: list[float] = field(default_factory=list)
    postgres_s: list[float] = field(default_factory=list)

    @property
    def conserved(self) -> bool:
        """No visitor is lost, none is counted twice."""
        return self.arrived == self.recorded + self.waiting + self.gave_up and self.recorded == sum(self.waits.values())

    def percentile_ms(self, share: float) -> float:
        """The latency that `share` of the ballots did not exceed."""
        left = share * self.recorded
        for grain in sorted(self.waits):
            left -= self.waits[grain]
            if left <= 0:
                return 1000 * GRAIN_S * grain
        return 0.0

    @property
    def batch(self) -> float:
        """Ballots in a batch, on average."""
        return self.recorded / self.batches if self.batches else 0.0


class _Process:
    """A web process. `inbox`: unread requests; `box`: ballots not in a batch yet; both as (since when, count), oldest first."""

    __slots__ = ("box", "boxed", "busy", "credit", "inbox", "unread", "under_way")

    def __init__(self) -> None:
        self.inbox: deque[list[float]] = deque()
        self.unread = 0
        self.box: deque[list[float]] = deque()
        self.boxed = 0
        self.under_way = False
        # Seconds of CPU that it may use now (negative: it is still working), and its recent utilisation.
        self.credit = 0.0
        self.busy = 0.0


class Cell:
    """One simulation; call `run` once."""

    def __init__(self, shape: Shape, costs: Costs, *, seed: int = 1, step_s: float = 0.005) -> None:
        self.shape, self.costs, self.step_s = shape, costs, step_s
        self.outcome = Outcome()
        self._random = np.random.default_rng(seed)
        self._processes = [_Process() for _ in range(shape.processes)]
        self._cores = [0.0] * shape.cores
        heapify(self._cores)
        # When each slot is unlocked; each process draws one for itself.
        self._slots = [0.0] * shape.slots
        self._slot_of = self._random.integers(shape.slots, size=shape.processes).tolist()
        # (committed at, process, [since when, how many] ...), and by step: (process, failures so far, how many).
        self._batches: list[tuple[float, int, int, list[list[float]]]] = []
        self._returning: dict[int, list[tuple[int, int, int]]] = {}
        self._away = 0
        self._waits: list[float] = []

    def run(self, crowd: PerSecond, *, most_s: float | None = None) -> Outcome:
        """Until the last ballot is in, or for `most_s` seconds. `crowd`: of this cell."""
        steps_per_s = round(1 / self.step_s)
        end = (len(crowd) + BEYOND_S if most_s is None else most_s) * steps_per_s
        step = 0
        if self.shape.clients:
            self._come(0, self._split(self.shape.clients))
        while step < end:
            second = step // steps_per_s
            if step % steps_per_s == 0:
                self.outcome.web_s.append(0.0)
                self.outcome.postgres_s.append(0.0)
                expected = crowd[second] / steps_per_s / self.shape.processes if second < len(crowd) else 0.0
                fresh = self._random.poisson(expected, (steps_per_s, self.shape.processes)).tolist() if expected else []
            self._step(step, fresh[step % steps_per_s] if fresh else None, second)
            step += 1
            if second >= len(crowd) and not self._away and not self._batches and not self._in_hand and most_s is None:
                break
        self.outcome.waiting = self._in_hand + self._away
        return self.outcome

    @property
    def _in_hand(self) -> int:
        taken = sum(process.unread + process.boxed for process in self._processes)
        return taken + int(sum(many for *_, parts in self._batches for _, many in parts))

    # ----------------------------------------------------------------------------------------------------------- a step
    def _step(self, step: int, fresh: list[int] | None, second: int) -> None:
        now = step * self.step_s
        while self._batches and self._batches[0][0] <= now:
            self._committed(step, heappop(self._batches))
        if fresh is not None:
            self._come(step, fresh)
        for place, failures, many in self._returning.pop(step, ()):
            self._away -= many
            self._take(step, place, many, failures)
        for place, process in enumerate(self._processes):
            # Credit left from the step before was idle time.
            process.busy += (1 - max(0.0, process.credit) / self.step_s - process.busy) * self.step_s / BUSY_OVER_S
            process.credit = min(process.credit + self.step_s, self.step_s)
            if process.boxed:
                self._begin(now, place, process, second)
            if process.unread and process.credit > 0:
                self._read(process, second)
                if process.boxed:
                    self._begin(now, place, process, second)

    def _come(self, step: int, fresh: list[int]) -> None:
        for place, many in enumerate(fresh):
            if many:
                self.outcome.arrived += many
                self._take(step, place, many, 0)

    def _take(self, step: int, place: int, many: int, failures: int) -> None:
        """`many` requests reach a process; those beyond its room are answered 503."""
        process = self._processes[place]
        taken = min(many, self.shape.most_waiting - process.unread - process.boxed)
        if taken:
            process.inbox.append([step * self.step_s, taken])
            process.unread += taken
        if many > taken:
            process.credit -= (many - taken) * self.costs.handle
            self._refuse(step, place, many - taken, failures + 1)
        self.outcome.most_waiting = max(self.outcome.most_waiting, process.unread + process.boxed)

    def _refuse(self, step: int, place: int, many: int, failures: int) -> None:
        self.outcome.refusals += many
        if self.shape.tries and failures >= self.shape.tries:
            self.outcome.gave_up += many
            return
        most = min(2.0 ** (failures - 1), LONGEST_WAIT_S)
        waits = (RETRY_AFTER_S + most * self._random.random(many)) / self.step_s
        for later, count in zip(*np.unique(waits.astype(int) + 1, return_counts=True), strict=True):
            self._returning.setdefault(step + int(later), []).append((place, failures, int(count)))
        self._away += many

    def _read(self, process: _Process, second: int) -> None:
        """Reads as many requests as there is time for; the last one may run into the next step."""
        read = min(
            process.unread, max(1, int(process.credit / self.costs.handle)) if self.costs.handle else process.unread
        )
        process.credit -= read * self.costs.handle
        self.outcome.web_s[second] += read * self.costs.handle
        process.box.extend(_first(process.inbox, read))
        process.unread -= read
        process.boxed += read

    def _begin(self, now: float, place: int, process: _Process, second: int) -> None:
        if not process.boxed or process.under_way or process.credit <= 0:
            return
        many = min(process.boxed, self.shape.most_batch)
        parts = _first(process.box, many)
        process.boxed -= many
        process.under_way = True
        own = self.costs.record_fixed + many * self.costs.record_each
        process.credit -= own
        work = self.costs.postgres_fixed + many * self.costs.postgres_each
        crowded = process.busy * self.costs.crowded
        counted = max(now + own + crowded, self._cores[0]) + work
        heapreplace(self._cores, counted)
        slot = self._slot_of[place]
        committed = self._slots[slot] = max(counted, self._slots[slot]) + self._wait()
        self.outcome.web_s[second] += own
        self.outcome.postgres_s[second] += work
        heappush(self._batches, (committed, self.outcome.batches, place, parts))
        self.outcome.batches += 1

    def _committed(self, step: int, batch: tuple[float, int, int, list[list[float]]]) -> None:
        committed, _, place, parts = batch
        self._processes[place].under_way = False
        many = 0
        for since, count in parts:
            grain = round((committed - since) / GRAIN_S)
            self.outcome.waits[grain] = self.outcome.waits.get(grain, 0) + int(count)
            many += int(count)
        self.outcome.recorded += many
        self.outcome.last_s = max(self.outcome.last_s, committed)
        if self.shape.clients:
            self.outcome.arrived += many
            self._take(step, place, many, 0)

    def _wait(self) -> float:
        """The wait of one batch for the disk (s), drawn from the measured ones."""
        if not self._waits:
            shares, waits = zip(*self.costs.waits, strict=True)
            self._waits = np.interp(self._random.random(4096), shares, waits).tolist()
        return self._waits.pop()

    def _split(self, many: int) -> list[int]:
        places = self.shape.processes
        return [many // places + (place < many % places) for place in range(places)]


def _first(line: deque[list[float]], many: int) -> list[list[float]]:
    """Removes the `many` oldest from a line, and returns them."""
    taken = []
    while many:
        since, there = line[0]
        if there <= many:
            taken.append(line.popleft())
            many -= int(there)
        else:
            line[0][1] -= many
            taken.append([since, many])
            many = 0
    return taken
