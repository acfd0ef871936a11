"""What tells waits: our models, through the code that the product uses, and the references. All are given the same evenings."""

from collections import defaultdict, deque
from dataclasses import replace
from typing import NamedTuple, Protocol

from benchmarks.waits.evenings import Party, Tables
from queues import quotes, turns
from queues.quotes import Flow, Outcome, Past, State, Told
from queues.quotes.outcomes import MINUTE_MS
from queues.quotes.summary import DAY_MIN, MOST_OUTCOMES, WEEK_MIN

# As queues/sitting.py reads them.
MOST_TURNS = 600


class Wait(NamedTuple):
    """What is told, in minutes."""

    low: float
    high: float
    expected: float


class Teller(Protocol):
    """Minutes are of the evening that `opens` began."""

    name: str

    def opens(self, day: int) -> None:
        """A new evening."""

    def sees(self, tables: Tables) -> None:
        """The tables before what happens next."""

    def joins(self, at: float, party: Party, waiting: list[Party]) -> Wait:
        """Tells the party that joins behind these its wait."""

    def closes(self, turned: list[tuple[int, float]]) -> None:
        """The evening is over: the sizes and turns of those who sat at tables."""

    def calls(self, at: float, party: Party) -> None:
        """A party is called."""

    def leaves(self, at: float, party: Party) -> None:
        """A party gives up."""


class Ours:
    """A version of queues/quotes on one venue: what commands keep in the rows of its lines, and its outcomes. Day 0 is a Monday,
    lines open at this minute of the day. `tables`: whether the venue keeps its tables."""

    def __init__(self, model: int = quotes.MODEL, *, opens_at: int = 17 * 60, tables: bool = True) -> None:
        self.model, self.opens_at, self.tables = model, opens_at, tables
        self.name = "the rule of before" if model == 1 else f"model {model}{'' if tables else ' without tables'}"
        self._turned: deque[tuple[int, int]] = deque(maxlen=MOST_TURNS)
        self._seen: Tables | None = None
        self.day, self.flow, self.past = 0, Flow(), Past()
        self.outcomes: deque[Outcome] = deque(maxlen=MOST_OUTCOMES)
        self.told: dict[Party, Told] = {}

    def opens(self, day: int) -> None:
        """As the command that opens a line."""
        last, self.day = self.flow, day
        minute = day % 7 * DAY_MIN + self.opens_at
        if self.model == 1:
            self.flow = Flow()
            return
        self.past = quotes.summary_of(
            self.outcomes,
            opens_ms=self._ms(0),
            minute=minute,
            last=last if day else None,
            turns=quotes.turns_of(turns.by_class(reversed(self._turned))) if self.tables else None,
            model=self.model,
        )
        self.flow = quotes.first_flow(self.past)

    def sees(self, tables: Tables) -> None:
        """As the commands that seat, and that free tables. Who is called sits down at once here."""
        if self.past.turns is None or tables is self._seen:
            return
        self._seen = tables
        at, seats = tables
        taken = [quotes.Taken(each.seats, each.size, int((at - each.since) * MINUTE_MS)) for each in seats]
        self.flow = replace(self.flow, coming=quotes.coming_free(taken, (), self.past.turns))

    def closes(self, turned: list[tuple[int, float]]) -> None:
        """As rows of parties keep it."""
        self._turned += [(size, int(minutes * MINUTE_MS)) for size, minutes in turned]

    def joins(self, at: float, party: Party, waiting: list[Party]) -> Wait:
        """As the command that joins."""
        now_ms, ahead = self._ms(at), quotes.ahead_of(each.size for each in waiting)
        state = State(now_ms=now_ms, flow=self.flow, past=self.past, waiting=ahead)
        quote = quotes.quote(state, party.size, model=self.model)
        self.told[party] = quote.told
        self.flow = quotes.flow_after_join(self.flow, now_ms=now_ms, size=party.size, ahead=ahead)
        return Wait(quote.low_ms / MINUTE_MS, quote.high_ms / MINUTE_MS, quote.expected_ms / MINUTE_MS)

    def calls(self, at: float, party: Party) -> None:
        """As the commands that call."""
        told = self.told.pop(party)
        self.flow = quotes.flow_after_call(
            self.flow, now_ms=self._ms(at), size=party.size, joined_ms=self._ms(party.joined), told=told
        )
        self._keep(at, party, told, left=False)

    def leaves(self, at: float, party: Party) -> None:
        """A line's row does not change for it."""
        self._keep(at, party, self.told.pop(party), left=True)

    def _keep(self, at: float, party: Party, told: Told, *, left: bool) -> None:
        joined_ms = self._ms(party.joined)
        minute = (self.day % 7 * DAY_MIN + self.opens_at + int(party.joined)) % WEEK_MIN
        waited_ms = self._ms(at) - joined_ms
        self.outcomes.append(Outcome(self.day, joined_ms, minute, party.size, waited_ms, left, told))

    def _ms(self, at: float) -> int:
        return int(((self.day + 1) * DAY_MIN + self.opens_at + at) * MINUTE_MS)


class Reference:
    """Tells what it expects, 30 % less or more."""

    name = ""

    def opens(self, day: int) -> None:
        """Most forget nothing, and need to know nothing."""

    def sees(self, tables: Tables) -> None:
        """Not looked at."""

    def closes(self, turned: list[tuple[int, float]]) -> None:
        """Not looked at."""

    def joins(self, at: float, party: Party, waiting: list[Party]) -> Wait:
        """30 % around `expected`."""
        middle = self.expected(at, party, waiting)
        return Wait(0.7 * middle, 1.3 * middle, middle)

    def expected(self, at: float, party: Party, waiting: list[Party]) -> float:
        """In minutes."""
        raise NotImplementedError

    def calls(self, at: float, party: Party) -> None:
        """What came."""

    def leaves(self, at: float, party: Party) -> None:
        """Not looked at."""


class ThreeMinutes(Reference):
    """Parties ahead, three minutes each."""

    name = "ahead x 3 min"

    def expected(self, at: float, party: Party, waiting: list[Party]) -> float:
        """0 for the first."""
        return 3.0 * len(waiting)


class LastThirty(Reference):
    """The mean wait of the last 30 called within four hours."""

    name = "mean of the last 30 within 4 h"

    def __init__(self) -> None:
        self.last: deque[tuple[float, float]] = deque(maxlen=30)

    def opens(self, day: int) -> None:
        """Yesterday is more than four hours ago."""
        self.last.clear()

    def expected(self, at: float, party: Party, waiting: list[Party]) -> float:
        """Three minutes each before anybody was called."""
        recent = [waited for when, waited in self.last if at - when <= 240]
        return sum(recent) / len(recent) if recent else 3.0 * len(waiting)

    def calls(self, at: float, party: Party) -> None:
        """One more."""
        self.last.append((at, at - party.joined))


class SizeAndHour(Reference):
    """The mean wait per place, of parties of this size at this weekday and hour, times the places."""

    name = "size x weekday-hour pace x (n + 1)"

    def __init__(self) -> None:
        self.day = 0
        self.places: dict[Party, int] = {}
        # Of each cell, then of all weekdays, of all hours, of all: waits per place and how many.
        self.sums: dict[tuple[object, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])

    def opens(self, day: int) -> None:
        """The weekday changes."""
        self.day = day

    def _cells(self, party: Party) -> list[tuple[object, ...]]:
        hour, weekday = int(party.joined // 60), self.day % 7
        return [
            (party.size, weekday, hour),
            (party.size, "any", hour),
            (party.size, "any", "any"),
            ("any", "any", "any"),
        ]

    def expected(self, at: float, party: Party, waiting: list[Party]) -> float:
        """Of the finest cell with five parties."""
        self.places[party] = len(waiting) + 1
        found = next((sums for cell in self._cells(party) if (sums := self.sums[cell])[1] >= 5), None)
        return (found[0] / found[1] if found else 3.0) * (len(waiting) + 1)

    def calls(self, at: float, party: Party) -> None:
        """One more in each cell."""
        per_place = (at - party.joined) / self.places[party]
        for cell in self._cells(party):
            self.sums[cell][0] += per_place
            self.sums[cell][1] += 1
