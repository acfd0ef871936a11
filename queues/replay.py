"""Replays a line: its events' changes, folded one after the other, must give exactly the state that stands in the tables.

Pure: no database. The state of one line is held in memory, its events and rows only pass through (B2, laws 3 and 10).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from queues.models import PARTY_FIELDS, PARTY_FIELDS_ADDED, QUEUE_FIELDS, QUEUE_FIELDS_ADDED

State = dict[str, Any]
_MISSING = object()


class Recorded(Protocol):
    """What of an event a replay needs."""

    version: int
    seq: int
    type: str
    changes: dict[str, Any]


@dataclass(slots=True)
class Replay:
    """A line's state after the events told so far. Give it events in their order (version, seq), then the rows.

    Every method yields sentences, one for each thing that is wrong; nothing stops it, so that one mistake does not hide
    the next. Field values are as in events: JSON, times in ISO 8601.
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
        """The line's own row and the version it stands at."""
        if version != self.version:
            yield f"line: its version is {version}, its last event's {self.version}"
        yield from _compare(self.queue, row, QUEUE_FIELDS, "line")

    def compare_party(self, party_id: str, row: State) -> Iterator[str]:
        """A party's row. What was compared is forgotten, so `missing_parties` knows the rest."""
        state = self.parties.pop(party_id, None)
        if state is None:
            yield f"party {party_id}: has a row, but no event put it in line"
            return
        yield from _compare(state, row, PARTY_FIELDS, f"party {party_id} (ticket {row.get('ticket')})")

    def missing_parties(self) -> Iterator[str]:
        """After all rows were compared: parties that joined by an event and have no row."""
        for party_id in self.parties:
            yield f"party {party_id}: joined by an event, but has no row"


# A decoded event brings new strings for its keys; the state of 100,000 parties shall share these.
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
    """Of a line or party that is older than a field, the field has the value that its migration gave it."""
    for name, value in added.items():
        state.setdefault(name, value)


def _compare(state: State, row: State, names: tuple[str, ...], where: str) -> Iterator[str]:
    for name in names:
        folded = state.get(name, _MISSING)
        if folded is _MISSING:
            yield f"{where}: no event has set {name}"
        elif folded != row[name]:
            yield f"{where}: {name} is {row[name]!r}, its events give {folded!r}"
