"""A line of the past, quoted again: what another version of the rules would have told each party, and what came. Pure.

It folds the line's events, as replays do (queues/replay.py), and keeps the flow by the functions that the commands use. So under
its own version a line is told what it was told (tests/queues/test_retold.py).
"""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from statistics import fmean
from typing import Any, Protocol

from core.clock import milliseconds
from queues import quotes, rules, waits
from queues.quotes import Flow, Past, Quote, Told
from queues.quotes.outcomes import MINUTE_MS
from queues.quotes.ranges import COVERAGE

_JOINED, _PUT_BACK, _UNDONE = "QUEUE_MEMBER_JOINED", "QUEUE_MEMBER_PUT_BACK", "QUEUE_ACTION_UNDONE"
# What ends a wait: the party was called, or seated without a call.
_REACHED = {rules.CALLED, rules.SERVED}


class Recorded(Protocol):
    """The fields of an event that are needed."""

    type: str
    at: datetime
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Retold:
    """A party: when it joined, by the line's own clock (ms since 1970), and its wait until its first call in ms (None: it was
    never called). `told`: the range that it was told, `by_host` by a host. `quote`: what the version asked for would have told.
    """

    ticket: int
    size: int
    joined_ms: int
    told: waits.Range
    by_host: bool
    quote: Quote
    waited_ms: int | None = None

    @property
    def range(self) -> waits.Range:
        """That of `quote`."""
        return self.quote.low_ms, self.quote.high_ms


@dataclass(frozen=True, slots=True)
class Score:
    """How good ranges were, of parties that were called: the share of them that held, the mean distance of the wait from the
    middle, and the mean Winkler score at COVERAGE (the width, and ten times the distance of a miss); in minutes."""

    parties: int
    held: float
    error_min: float
    winkler_min: float


def score(ranges: Iterable[tuple[waits.Range, int | None]]) -> Score | None:
    """Of (range, wait) in ms; None when none of the parties was called."""
    found = [
        (low / MINUTE_MS, high / MINUTE_MS, waited / MINUTE_MS) for (low, high), waited in ranges if waited is not None
    ]
    if not found:
        return None
    return Score(
        parties=len(found),
        held=fmean(low <= waited <= high for low, high, waited in found),
        error_min=fmean(abs(waited - (low + high) / 2) for low, high, waited in found),
        winkler_min=fmean(
            high - low + 2 / (1 - COVERAGE) * max(low - waited, waited - high, 0) for low, high, waited in found
        ),
    )


def retold(events: Iterable[Recorded], *, model: int | None = None) -> list[Retold]:
    """All parties of a line whose events these are, in order. `model`: None is the one that each line was opened with."""
    line = _Line(model)
    for event in events:
        line.take(event)
    return list(line.parties.values())


@dataclass(slots=True)
class _Line:
    model: int | None
    queue: dict[str, Any] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    flow: Flow = field(default_factory=Flow)
    # (rank, ticket, id) of who waits, in order; and how many are called.
    waiting: list[tuple[int, int, str]] = field(default_factory=list)
    called: int = 0
    parties: dict[str, Retold] = field(default_factory=dict)

    def take(self, event: Recorded) -> None:
        """Applies the event, and before that quotes the party that joins by it."""
        began = not self.queue
        changed: dict[str, dict[str, list[Any]]] = event.changes.get("parties", {})
        if event.type == _JOINED:
            for party_id, fields in changed.items():
                self._join(party_id, fields, event.at)
        self.queue |= {name: after for name, (_, after) in event.changes.get("queue", {}).items()}
        if began:
            self.flow = quotes.first_flow(self._past)
        for party_id, fields in changed.items():
            self._change(event, party_id, {name: after for name, (_, after) in fields.items()})
        # Tables are seen by the command: other lines of the venue seat there, too.
        self.flow = replace(self.flow, coming=Flow.from_json(self.queue.get("flow")).coming)

    @property
    def _past(self) -> Past:
        return Past.from_json(self.queue.get("past"))

    def _ms(self, at: datetime) -> int:
        opened = milliseconds(datetime.fromisoformat(self.queue["opened_at"]))
        return opened + (milliseconds(at) - opened) * int(self.queue["time_scale"])

    def _join(self, party_id: str, fields: dict[str, list[Any]], at: datetime) -> None:
        size: int = fields["size"][1]
        standing = waits.Standing(
            model=self.model or self.queue.get("quote_model", 1),
            flow=self.flow,
            past=self._past,
            at_ms=self._ms(at),
            closes_ms=self._ms(datetime.fromisoformat(self.queue["closes_at"])),
            head=tuple(self.people[each]["size"] for _, _, each in self.waiting[: waits.HEAD]),
            waiting=len(self.waiting),
            called=self.called,
        )
        self.parties[party_id] = Retold(
            ticket=fields["ticket"][1],
            size=size,
            joined_ms=self._ms(at),
            told=(fields["quote_low_ms"][1], fields["quote_high_ms"][1]),
            by_host=fields.get("quoted_by_host", [None, False])[1],
            quote=standing.joining(size),
        )

    def _change(self, event: Recorded, party_id: str, now: dict[str, Any]) -> None:
        """The party's fields are these now."""
        party = self.people.setdefault(party_id, {})
        before = party.get("status")
        after = now.get("status", before)
        if after == rules.WAITING != before and event.type in {_JOINED, _PUT_BACK}:
            size = now.get("size", party.get("size", 1))
            self.flow = quotes.flow_after_join(self.flow, now_ms=self._ms(event.at), size=size, ahead=self._counts())
        if before == rules.WAITING and after in _REACHED and event.type != _UNDONE:
            self._reached(party_id, party, event.at)
        if before == rules.WAITING:
            self.waiting.remove((party["rank"], party["ticket"], party_id))
        self.called += (after == rules.CALLED) - (before == rules.CALLED)
        party |= now
        if after == rules.WAITING:
            insort(self.waiting, (party["rank"], party["ticket"], party_id))
            if event.type == _UNDONE and before in _REACHED and party_id in self.parties:  # the call was a mistake
                self.parties[party_id] = replace(self.parties[party_id], waited_ms=None)

    def _reached(self, party_id: str, party: dict[str, Any], at: datetime) -> None:
        """A waiting party is called or seated."""
        joined_ms = self._ms(datetime.fromisoformat(party["joined_at"]))
        known = self.parties[party_id]
        # Rounded, as the party's row keeps it.
        told = None if party.get("quoted_by_host") else Told.from_json(known.quote.told.as_json())
        self.flow = quotes.flow_after_call(
            self.flow,
            now_ms=self._ms(at),
            size=party["size"],
            joined_ms=joined_ms,
            told=told,
            first=party["call_count"] == 0,
        )
        if known.waited_ms is None:
            self.parties[party_id] = replace(known, waited_ms=max(self._ms(at) - joined_ms, 0))

    def _counts(self) -> quotes.Ahead:
        return quotes.ahead_of(self.people[each]["size"] for _, _, each in self.waiting)


@dataclass(frozen=True, slots=True)
class Compared:
    """A group of parties: the score of what they were told, and of what another version would have told them."""

    label: str
    told: Score
    retold: Score


def compared(parties: Iterable[Retold], zone: tzinfo) -> Iterator[tuple[str, list[Compared]]]:
    """All parties whom no host told a wait, by size, and by the hour of their join in this zone. Groups without a called party
    are left out."""
    ours = [party for party in parties if not party.by_host]
    yield "All", _groups(ours, lambda party: "All")
    yield "Guests", _groups(ours, lambda party: party.size)
    yield (
        "Joined",
        _groups(ours, lambda party: datetime.fromtimestamp(party.joined_ms / 1000, tz=zone).strftime("%H:00")),
    )


def _groups(parties: Iterable[Retold], key: Callable[[Retold], Any]) -> list[Compared]:
    groups: dict[Any, list[Retold]] = {}
    for party in parties:
        groups.setdefault(key(party), []).append(party)
    scores = (
        (each, score((p.told, p.waited_ms) for p in found), score((p.range, p.waited_ms) for p in found))
        for each, found in sorted(groups.items())
    )
    return [Compared(str(each), told, again) for each, told, again in scores if told and again]
