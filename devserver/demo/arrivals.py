"""Generates a random evening in a restaurant: arrivals with a dinner peak, tables, departures and no-shows.

Pure; the same seed gives the same evening.
"""

import heapq
import math
import random
from collections.abc import Callable
from itertools import count

from devserver.demo.plan import Action, Guest, Kind, Plan

PARTIES = 120
# Seconds during which guests arrive; the peak is at PEAK_S, with a deviation of PEAK_WIDTH_S.
ARRIVALS_S, PEAK_S, PEAK_WIDTH_S = 200 * 60, 95 * 60, 50 * 60
# Names of tables by seats. A party takes the smallest that is free, and none of more than twice its seats.
TABLES = {
    seats: [str(first + nth) for nth in range(number)] for seats, first, number in ((2, 1, 12), (4, 21, 9), (8, 41, 6))
}
SIZES = {1: 6, 2: 42, 3: 14, 4: 22, 5: 7, 6: 5, 7: 2, 8: 2}
DINING_S, DINING_SPREAD = 48 * 60, 0.3
PATIENCE_S = 22 * 60
LEAVER_SHARE, NO_SHOW_SHARE, NEARBY_SHARE = 0.15, 0.06, 0.5
CALL_WINDOW_S = 120

FIRST_NAMES = (  # noqa: SIM905 — read as words, not as a list
    "Ada Aiko Amir Ana Anders Bea Ben Carla Chidi Chloe Dario Elif Emma Farid Finn Greta Hana Hugo Ines Ivan Jonas Julia "
    "Kai Kenji Lena Liam Lucia Mateo Maya Mei Nadia Noah Nora Olga Omar Paula Pedro Rosa Sam Sofia Tariq Tom Vera Yuki Zoe"
).split()
INITIALS = "ABCDEFGHKLMNPRSTW"


def guests(rng: random.Random, number: int) -> list[Guest]:
    """Parties with distinct names."""
    names = rng.sample([f"{first} {initial}." for first in FIRST_NAMES for initial in INITIALS], number)
    sizes = rng.choices(list(SIZES), weights=list(SIZES.values()), k=number)
    return [Guest(name, size) for name, size in zip(names, sizes, strict=True)]


def arrival_times(rng: random.Random, number: int) -> list[float]:
    """Arrival times in seconds after opening, ascending, dense around the peak."""
    minutes = range(ARRIVALS_S // 60)
    weights = [0.15 + math.exp(-(((minute * 60 - PEAK_S) / PEAK_WIDTH_S) ** 2)) for minute in minutes]
    return sorted(60 * minute + rng.uniform(0, 60) for minute in rng.choices(minutes, weights=weights, k=number))


def evening(seed: int, *, parties: int = PARTIES) -> Plan:
    """The evening of a seed; it ends when no party waits, about four hours after opening."""
    rng = random.Random(seed)  # noqa: S311 — a story, not a secret
    return _Evening(rng, guests(rng, parties), arrival_times(rng, parties)).run()


class _Evening:
    """Simulates tables and line with a heap of coming events."""

    def __init__(self, rng: random.Random, guests: list[Guest], arrivals: list[float]) -> None:
        self.rng = rng
        self.guests = guests
        self.actions: list[Action] = []
        self.waiting: list[int] = []
        self.free = {seats: list(names) for seats, names in TABLES.items()}
        # By party: the seats of its table, and its name.
        self.table: dict[int, tuple[int, str]] = {}
        self._order = count()
        self._next: list[tuple[float, int, Callable[[float], None]]] = []
        for party, at_s in enumerate(arrivals):
            self._later(at_s, lambda now, p=party: self._arrive(now, p))  # type: ignore[misc]

    def run(self) -> Plan:
        """Runs until the heap is empty. Who gives a table back after the last party was seated is not told."""
        while self._next:
            now, _, happen = heapq.heappop(self._next)
            happen(now)
        over_s = max(action.at_s for action in self.actions if action.kind != "free")
        return Plan.of(self.guests, (action for action in self.actions if action.at_s <= over_s))

    def _later(self, at_s: float, happen: Callable[[float], None]) -> None:
        heapq.heappush(self._next, (at_s, next(self._order), happen))

    def _note(self, at_s: float, kind: Kind, party: int, table: str = "") -> None:
        self.actions.append(Action(at_s, kind, party, table))

    def _arrive(self, now: float, party: int) -> None:
        self._note(now, "join", party)
        self.waiting.append(party)
        if self.rng.random() < LEAVER_SHARE:
            self._later(now + self.rng.expovariate(1 / PATIENCE_S), lambda then: self._lose_patience(then, party))
        if self.rng.random() < NEARBY_SHARE:
            self._later(now + self.rng.uniform(60, 900), lambda then: self._come_near(then, party))
        self._call_next(now)

    def _lose_patience(self, now: float, party: int) -> None:
        if party in self.waiting:
            self.waiting.remove(party)
            self._note(now, "leave", party)

    def _come_near(self, now: float, party: int) -> None:
        if party in self.waiting:
            self._note(now, "nearby", party)

    def _call_next(self, now: float) -> None:
        """The first for whom a table is free, then the next; larger parties may be passed over, as at any door."""
        for party in list(self.waiting):
            if (seats := self._table_for(self.guests[party].size)) is None:
                continue
            self.table[party] = seats, self.free[seats].pop(0)
            self.waiting.remove(party)
            self._note(now, "call", party)
            if self.rng.random() < NO_SHOW_SHARE:
                self._later(now + CALL_WINDOW_S, lambda then, p=party: self._give_up(then, p))  # type: ignore[misc]
            else:
                self._later(now + self.rng.uniform(15, 100), lambda then, p=party: self._seat(then, p))  # type: ignore[misc]

    def _table_for(self, size: int) -> int | None:
        fits = (seats for seats, free in sorted(self.free.items()) if free and size <= seats <= 2 * max(size, 2))
        return next(fits, None)

    def _give_up(self, now: float, party: int) -> None:
        self._note(now, "no_show", party)
        self._clear_table(now, party)

    def _seat(self, now: float, party: int) -> None:
        self._note(now, "serve", party, self.table[party][1])
        longer = 1 + 0.04 * (self.guests[party].size - 2)
        dining = self.rng.lognormvariate(math.log(DINING_S * longer), DINING_SPREAD)
        self._later(now + dining, lambda then: self._leave_table(then, party))

    def _leave_table(self, now: float, party: int) -> None:
        self._note(now, "free", party, self.table[party][1])
        self._clear_table(now, party)

    def _clear_table(self, now: float, party: int) -> None:
        seats, name = self.table[party]
        self.free[seats].append(name)
        self._call_next(now)
