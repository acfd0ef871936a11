"""The waits that a line shows: for one version of a line, every range comes from here (decision 0080).

Join page, ticket, wall, venue page, console, API and push make a `Standing` of the same figures and ask it, so they say the same.
Pure; rows are plain JSON values (queues/shapes.py), times in ms since 1970.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import accumulate, groupby

from core.clock import milliseconds
from core.json_types import View
from queues import quotes, rules
from queues.models import Queue
from queues.quotes import MOST_GUESTS, NOBODY, Ahead, Flow, Past, Quote, State, ahead_of, class_of

Range = tuple[int, int]
# The sizes of so many parties at the head of the line are known one by one; those behind them are taken to be like them.
HEAD = 128
# Behind so many places quotes are made for every so many places only, a 16th; those between have the next one's.
_COARSER = tuple((HEAD << more, HEAD << more >> 4) for more in reversed(range(10)))
# Where no size is known, the wait of a party of two is shown: half of all parties are of two.
USUAL_SIZE = 2
# The number that stands for a model where a host set the wait.
BY_HAND = 0
# By class: its largest size (None: any larger), and a size in it.
_CLASSES: list[tuple[int | None, int]] = [*((most, most) for most in MOST_GUESTS), (None, MOST_GUESTS[-1] + 1)]


@dataclass(frozen=True)
class Standing:
    """A line at one version, as far as waits depend on it.

    `at_ms`, `closes_ms`: when it last changed, when it ends, by the line's own clock. `head`: the sizes of the first
    waiting parties, HEAD at most. `waiting`, `called`: how many parties. `by_hand`: the wait that a host set for new guests.
    """

    model: int
    flow: Flow
    past: Past
    at_ms: int
    closes_ms: int | None
    head: tuple[int, ...]
    waiting: int
    called: int
    by_hand: Range | None = None
    _made: dict[tuple[int, int], Quote] = field(default_factory=dict, init=False, compare=False, repr=False)

    def quote(self, size: int, ahead: int) -> Quote:
        """The wait of a party of `size` guests with `ahead` parties waiting before it."""
        asked = class_of(size), _place(ahead)
        if (made := self._made.get(asked)) is None:
            made = self._made[asked] = self._model.quote(size, self._before(asked[1]))
        return made

    def joining(self, size: int = USUAL_SIZE) -> Quote:
        """The wait of a party that joins now."""
        if self.by_hand is None:
            return self.quote(size, self.waiting)
        return Quote(*self.by_hand, expected_ms=sum(self.by_hand) // 2, model=BY_HAND)

    @cached_property
    def known(self) -> bool:
        """Whether a party with others before it can be told its wait (decision 0089). Who is the first always can."""
        return self.quote(USUAL_SIZE, 1).known

    def each(self, sizes: Iterable[int]) -> Iterator[Quote]:
        """The waits of parties of these sizes, in the order of the line."""
        return (self.quote(size, ahead) for ahead, size in enumerate(sizes))

    def joining_by_size(self) -> list[list[int | None]]:
        """[guests, low, high] in ms by class of size, for a form in which a size is typed: for parties of up to so many guests
        (None: any larger). Empty where all classes wait alike."""
        found = [[most, *_ends(self.joining(size))] for most, size in _CLASSES]
        return found if any(each[1:] != found[0][1:] for each in found) else []

    def table(self) -> list[View]:
        """The waits of all places, for a reader who knows only their own: by class of size (parties of up to so many `guests`;
        None: any larger) the `runs` of places with the same wait, from the first: [places, low, high]. One entry where all
        classes wait alike."""
        every: list[View] = [{"guests": most, "runs": self._runs(size)} for most, size in _CLASSES]
        return every if any(each["runs"] != every[0]["runs"] for each in every) else every[-1:]

    def _runs(self, size: int) -> list[list[int]]:
        told, before = [], -1
        for place in _places(self.waiting):
            told.append((place - before, _ends(self.quote(size, place))))
            before = place
        runs = ((wait, sum(places for places, _ in run)) for wait, run in groupby(told, key=lambda each: each[1]))
        return [[places, *wait] for wait, places in runs]

    @cached_property
    def _model(self) -> quotes.Model:
        waiting = self._before(self.waiting)
        return quotes.MODELS[self.model](
            State(
                now_ms=self.at_ms,
                flow=self.flow,
                past=self.past,
                waiting=waiting,
                called=self.called,
                closing_ms=self.closes_ms,
            )
        )

    @cached_property
    def _counted(self) -> list[Ahead]:
        """Counts by class of size of the first 0, 1, 2 ... parties, as far as the head goes."""
        ones = (ahead_of([size]) for size in self.head)
        return list(accumulate(ones, lambda a, b: (a[0] + b[0], a[1] + b[1], a[2] + b[2]), initial=NOBODY))

    def _before(self, ahead: int) -> Ahead:
        """The first `ahead` parties, counted by class of size."""
        if ahead < len(self._counted):
            return self._counted[ahead]
        known = self._counted[-1]
        counts = [each * ahead // max(len(self.head), 1) for each in known]
        counts[known.index(max(known))] += ahead - sum(counts)
        return counts[0], counts[1], counts[2]


def of_row(row: View) -> Standing:
    """By the row of a line (queues/shapes.py)."""
    waiting, wait = row["waiting"], row["wait"]
    opened, scale = row["openedAt"], row["timeScale"]
    return Standing(
        model=row["quoteModel"],
        flow=_flow(row["flow"], row["paceMs"]),
        past=Past.from_json(row["past"]),
        at_ms=_line_ms(row["at"], opened, scale),
        closes_ms=row["closesAt"] and _line_ms(row["closesAt"], opened, scale),
        head=tuple(party["size"] for party in waiting[:HEAD]),
        waiting=len(waiting),
        called=len(row["called"]),
        by_hand=(wait["lowMs"], wait["highMs"]) if wait and wait["until"] > row["at"] else None,
    )


def of_line(line: Queue, *, head: Iterable[int], waiting: int, called: int, at: datetime | None = None) -> Standing:
    """By the line in Postgres and its parties (queues/occupancy.py); `at`: of the change that is under way."""
    changed = at or line.last_activity_at
    return Standing(
        model=line.quote_model,
        flow=flow_of(line),
        past=Past.from_json(line.past),
        at_ms=line_ms(line, changed),
        closes_ms=line_ms(line, line.closes_at),
        head=tuple(head),
        waiting=waiting,
        called=called,
        by_hand=rules.wait_by_hand(line.wait_low_ms, line.wait_high_ms, until=line.wait_until, now=changed),
    )


def flow_of(line: Queue) -> Flow:
    """How the line has moved so far."""
    return _flow(line.flow, line.pace_ms)


def _flow(stored: View, pace_ms: int) -> Flow:
    """A line that an older release opened has only a pace."""
    return Flow.from_json(stored) if stored else Flow(pace_ms=pace_ms)


def line_ms(line: Queue, at: datetime) -> int:
    """A time by the line's own clock (queues/replayed.py), in ms since 1970."""
    return _line_ms(milliseconds(at), milliseconds(line.opened_at), line.time_scale)


def _line_ms(at_ms: int, opened_ms: int, scale: int) -> int:
    return opened_ms + (at_ms - opened_ms) * scale


def _ends(wait: Quote) -> Range:
    return wait.low_ms, wait.high_ms


def _place(ahead: int) -> int:
    """The place whose quote stands for that of a party with so many ahead."""
    for places, every in _COARSER:
        if ahead > places:
            return -(-ahead // every) * every
    return ahead


def _places(waiting: int) -> Iterator[int]:
    """All places with a quote of their own, up to that of the last party waiting."""
    place = 0
    yield place
    while place < waiting - 1:
        place = _place(place + 1)
        yield place
