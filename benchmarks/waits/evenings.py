"""An evening of a room, minute by minute: what its host and its line's row would see."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from math import exp
from random import Random
from typing import Any

from benchmarks.waits.rooms import SIZE_WEIGHTS, SIZES, WEEK, Room

STOP_MIN = 20.0
CALL_WINDOW_MIN = 5.0


@dataclass(slots=True, eq=False)
class Party:
    """`joined` in minutes from opening; `patience` in minutes from then."""

    number: int
    size: int
    joined: float
    patience: float


@dataclass(frozen=True, slots=True)
class Seat:
    """A table as its host sees it: its seats, and the size of who sits there since when; 0: it is free."""

    seats: int
    size: int = 0
    since: float = 0.0


# The time of the last change at a table (a party sat down or left), and the tables since then.
Tables = tuple[float, tuple[Seat, ...]]


@dataclass(frozen=True, slots=True)
class Happening:
    """`what`: join, call or leave. `tables`: as their host sees them before it."""

    at: float
    what: str
    party: Party
    tables: Tables


class Evening:
    """One day of a room. `happenings`: in order, of the parties that had to wait. Parties that found a free table were never in
    line."""

    def __init__(self, room: Room, random: Random, *, day: int, arrivals: Sequence[float] | None = None) -> None:
        self.room, self.random = room, random
        self.happenings: list[Happening] = []
        self.waiting: list[Party] = []
        self.seats = [seats for seats, how_many in zip((2, 4, 6), room.tables, strict=True) for _ in range(how_many)]
        self.free = set(range(len(self.seats)))
        self.leaves_at: dict[int, float] = {}
        # (size, minutes) of who sat at a table and left it.
        self._seats = [Seat(seats) for seats in self.seats]
        self.turned: list[tuple[int, float]] = []
        self._tables: Tables = (0.0, tuple(self._seats))
        self._order = count()
        self._events: list[tuple[float, int, str, Any]] = []
        stop = random.uniform(60, room.minutes - 90) if random.random() < room.stops else None
        self.stop = None if stop is None else (stop, stop + STOP_MIN)
        for at in self._arrivals(day) if arrivals is None else arrivals:
            self._at(at, "arrive", None)
        if self.stop:
            self._at(self.stop[0], "stop", None)
        self._run()

    def _arrivals(self, day: int) -> list[float]:
        """By thinning; a day is busier or calmer than its weekday for no reason."""
        busy = WEEK[day % 7] * exp(self.random.gauss(0, 0.12))
        most = busy * max(self.room.rate(minute) for minute in range(int(self.room.minutes)))
        found, at = [], self.random.expovariate(most)
        while at < self.room.minutes - 30:
            if self.random.random() < busy * self.room.rate(at) / most:
                found.append(at)
            at += self.random.expovariate(most)
        return found

    def _at(self, at: float, what: str, about: Any) -> None:
        heappush(self._events, (at, next(self._order), what, about))

    def _run(self) -> None:
        numbers = count(1)
        while self._events:
            at, _, what, about = heappop(self._events)
            if what == "arrive":
                self._arrive(at, next(numbers))
            elif what == "free" and self.leaves_at.get(about) == at:
                del self.leaves_at[about]
                self.free.add(about)
                self._left(about, at)
                self._offer(at)
            elif what == "give up" and about in self.waiting:
                self.waiting.remove(about)
                self._happens(at, "leave", about)
                self._offer(at)
            elif what == "stop":
                for table, until in list(self.leaves_at.items()):
                    self._occupy(table, until + STOP_MIN)

    def _arrive(self, at: float, number: int) -> None:
        size = self.random.choices(SIZES, SIZE_WEIGHTS)[0]
        party = Party(number, size, at, self.room.give_up(self.random, self.room.patience))
        table = self._fitting(size)
        if table is not None and not (self.room.strict and self.waiting):
            self._sits(table, Seat(self.seats[table], size, at), at)
            self._seat(table, size, at)
            return
        self.waiting.append(party)
        self._happens(at, "join", party)
        self._at(at + party.patience, "give up", party)

    def _fitting(self, size: int) -> int | None:
        """The smallest free table that fits: one more class up at most."""
        fits = [table for table in self.free if size <= self.seats[table] <= size + 3]
        return min(fits, key=lambda table: (self.seats[table], table), default=None)

    def _offer(self, at: float) -> None:
        """Calls parties while one fits a free table."""
        while self.free and self.waiting:
            choice = next(
                ((party, table) for party in self._eligible() if (table := self._fitting(party.size)) is not None), None
            )
            if choice is None:
                return
            party, table = choice
            self.waiting.remove(party)
            self._happens(at, "call", party)
            self._sits(table, Seat(self.seats[table], party.size, at), at)
            if self.random.random() < self.room.no_shows:
                self._occupy(table, at + CALL_WINDOW_MIN)
            else:
                self._seat(table, party.size, at + self.random.expovariate(1 / 1.5))

    def _eligible(self) -> list[Party]:
        return self.waiting[:1] if self.room.strict else self.waiting

    def _seat(self, table: int, size: int, at: float) -> None:
        stay = self.room.turn(self.random, self.room.turns[(size > 2) + (size > 4)])
        if self.stop and self.stop[0] <= at < self.stop[1]:
            stay += self.stop[1] - at
        self._occupy(table, at + stay)

    def _occupy(self, table: int, until: float) -> None:
        self.free.discard(table)
        self.leaves_at[table] = until
        self._at(until, "free", table)

    def _happens(self, at: float, what: str, party: Party) -> None:
        self.happenings.append(Happening(at, what, party, self._tables))

    def _sits(self, table: int, seat: Seat, at: float) -> None:
        self._seats[table] = seat
        self._tables = at, tuple(self._seats)

    def _left(self, table: int, at: float) -> None:
        seat = self._seats[table]
        self.turned.append((seat.size, at - seat.since))
        self._sits(table, Seat(seat.seats), at)
