"""Replays a line: folding its events' changes must give exactly the state in the tables.

Pure: no database. Holds one line's state in memory; its events and rows are streamed (B2, laws 3 and 10).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from queues.fields import PARTY_FIELDS, PARTY_FIELDS_ADDED, QUEUE_FIELDS, QUEUE_FIELDS_ADDED

State = dict[str, Any]
_MISSING = object()


class Recorded(Protocol):
    """The fields of an event that a replay needs."""

    version: int
    seq: int
    type: str
    changes: dict[str, Any]


@dataclass(slots=True)
class Replay:
    """A line's state after the events applied so far. Apply events in their order (version, seq), then compare the rows.

    Each method yields a sentence per difference and goes on, so that one does not hide the next. Field values are as in events:
    JSON, times in ISO 8601.
    """

    version: int = 0
    seq: int = 0
    queue: State = field(default_factory=dict)
    parties: dict[str, State] = field(default_factory=dict)

    def apply(self, event: Recorded) -> Iterator[str]:
        """Folds one event in."""
        yield from self._in_order(event)
        self.version, self.seq = event.version, event.seq
        where = f"event {event.version}.{event.seq} {event.type}"
        opens = not self.queue
        for name, (before, after) in event.changes.get("queue", {}).items():
            yield from _set(self.queue, _QUEUE_NAMES, name, before, after, where)
        if opens and self.queue:
            _add_later_fields(self.queue, QUEUE_FIELDS_ADDED)
        for party_id, fields in event.changes.get("parties", {}).items():
            party = self.parties.get(party_id)
            if party is None:
                party = self.parties[party_id] = {}
                if "ticket" not in fields:
                    yield f"{where}: changes party {party_id}, which has not joined"
            joins = not party
            for name, (before, after) in fields.items():
                yield from _set(party, _PARTY_NAMES, name, before, after, f"{where}: party {party_id}")
            if joins:
                _add_later_fields(party, PARTY_FIELDS_ADDED)

    def _in_order(self, event: Recorded) -> Iterator[str]:
        expected = {(self.version + 1, 0)}
        if self.version:
            expected.add((self.version, self.seq + 1))
        if (event.version, event.seq) in expected:
            return
        came = f"event {event.version}.{event.seq} {event.type}"
        yield f"{came}: comes after {self.version}.{self.seq}, so an event is missing or has another place"

    def compare_queue(self, row: State, *, version: int) -> Iterator[str]:
        """Compares the line's row and version."""
        if version != self.version:
            yield f"line: its version is {version}, its last event's {self.version}"
        yield from _compare(self.queue, row, QUEUE_FIELDS, "line")

    def compare_party(self, party_id: str, row: State) -> Iterator[str]:
        """Compares a party's row and forgets the party, so that `missing_parties` yields the rest."""
        state = self.parties.pop(party_id, None)
        if state is None:
            yield f"party {party_id}: has a row, but no event put it in line"
            return
        yield from _compare(state, row, PARTY_FIELDS, f"party {party_id} (ticket {row.get('ticket')})")

    def missing_parties(self) -> Iterator[str]:
        """After all rows were compared: parties that joined by an event and have no row."""
        for party_id in self.parties:
            yield f"party {party_id}: joined by an event, but has no row"


# Interned names: decoded events have new strings for their keys, and the state of 100,000 parties shares these.
_QUEUE_NAMES = {name: name for name in QUEUE_FIELDS}
_PARTY_NAMES = {name: name for name in PARTY_FIELDS}


def _set(state: State, names: dict[str, str], name: str, before: Any, after: Any, where: str) -> Iterator[str]:
    if name not in names:
        yield f"{where}: {name} is not a field that events change"
        return
    have = state.get(name)
    if have != before:
        yield f"{where}: {name} was {have!r}, the event says it was {before!r}"
    state[names[name]] = after


def _add_later_fields(state: State, added: dict[str, Any]) -> None:
    """Gives fields that are newer than the line or party the value of their migration."""
    for name, value in added.items():
        state.setdefault(name, value)


def _compare(state: State, row: State, names: tuple[str, ...], where: str) -> Iterator[str]:
    for name in names:
        folded = state.get(name, _MISSING)
        if folded is _MISSING:
            yield f"{where}: no event has set {name}"
        elif folded != row[name]:
            yield f"{where}: {name} is {row[name]!r}, its events give {folded!r}"
