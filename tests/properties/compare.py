"""Compares a line in the program with a model of it: rows, events, snapshots, and the replay of its events."""

from typing import Any
from uuid import UUID

import orjson

from core.change import plain
from core.clock import milliseconds
from outbox.models import Event
from queues import quotes, selectors, shapes, waits
from queues.edge.lines import Line
from queues.fields import PARTY_FIELDS, QUEUE_FIELDS
from queues.models import Party, Queue
from queues.replay import Replay
from tests.properties.guests import Guests
from tests.properties.model import Model


class Follower:
    """Rebuilds a line from its events alone: each event has the value of every changed field before and after."""

    def __init__(self, queue_id: UUID) -> None:
        self.queue_id = queue_id
        self.at: tuple[int, int] = (0, 0)
        self.queue: dict[str, Any] = {}
        self.parties: dict[str, dict[str, Any]] = {}
        self.deltas = DeltaFollower(queue_id)

    def follow(self) -> list[Event]:
        """Applies new events; returns them."""
        fresh = list(
            Event.objects.filter(stream_id=self.queue_id, version__gt=self.at[0])
            .order_by("version", "seq")
            .defer("data")
        )
        for event in fresh:
            assert (event.version, event.seq) in {(self.at[0] + 1, 0), (self.at[0], self.at[1] + 1)}, "a gap"
            self.at = (event.version, event.seq)
            fold(self.queue, event.changes.get("queue", {}))
            for party_id, fields in event.changes.get("parties", {}).items():
                fold(self.parties.setdefault(party_id, {}), fields)
        return fresh

    def check_with_the_programs_own_replay(self, queue_id: UUID) -> None:
        """`queues.replay`, which `manage.py reconcile` uses, finds no difference either."""
        replay = Replay()
        problems: list[str] = []
        for event in Event.objects.filter(stream_id=queue_id).order_by("version", "seq"):
            problems += replay.apply(event)
        queue = Queue.objects.get(pk=queue_id)
        problems += replay.compare_queue(fields_of(queue, QUEUE_FIELDS), version=queue.version)
        for party in Party.objects.filter(queue_id=queue_id):
            problems += replay.compare_party(str(party.pk), fields_of(party, PARTY_FIELDS))
        problems += replay.missing_parties()
        assert not problems


class DeltaFollower:
    """Follows a line by changes alone, as a process and as clients with `?since=`; compares with the whole snapshot."""

    def __init__(self, queue_id: UUID) -> None:
        self.queue_id = queue_id
        self.line: Line | None = None
        # What a client saw, by version.
        self.seen: dict[int, list[dict[str, Any]]] = {}

    def follow(self) -> None:
        """Applies what changed since the last call: from a broadcast, or as asked for after a missed broadcast."""
        row = selectors.current_row(self.queue_id)
        assert row is not None
        if self.line is None:
            self.line = Line(row)
        elif self.line.version < row["version"]:
            asked = self.line.version if row["version"] % 2 else None
            news = selectors.newest(self.queue_id, asked, long=-1)
            assert news is not None
            after = self.line.after(news)
            assert after is not None
            self.line = after
        known = dict(self.line.row)
        known["gone"] = {**row["gone"], **known["gone"]}  # the process keeps ended parties longer
        assert known == {**row, "gone": known["gone"]}
        full = shapes.public(row)
        for version, queue in self.seen.items():
            view = orjson.loads(self.line.public(version).body)
            assert view["type"] == "queue_changes"
            assert queue_after(queue, view) == full["queue"]
            assert {name: view[name] for name in full if name not in {"type", "queue"}} == {
                name: value for name, value in full.items() if name not in {"type", "queue"}
            }
        self.seen[row["version"]] = full["queue"]
        if len(self.seen) > 12:
            del self.seen[min(self.seen)]


def queue_after(queue: list[dict[str, Any]], view: dict[str, Any]) -> list[dict[str, Any]]:
    """Applies `queue_changes` to the `queue` that a client has; also checks each place computed without the other parties."""
    changed = {each["ticket"]: each for each in view["changed"]}
    stayed = [(index, party) for index, party in enumerate(queue) if party["ticket"] not in changed]
    for index, party in enumerate(queue):
        if party["ticket"] in changed:
            assert changed[party["ticket"]]["from"] == index
    left = sorted(each["from"] for each in view["changed"] if each["from"] is not None)
    came = sorted((each for each in view["changed"] if each["to"] is not None), key=lambda each: each["to"])
    after = [party for _, party in stayed]
    for each in came:
        after.insert(each["to"], each)
    for index, party in stayed:
        place = index - sum(gone < index for gone in left)
        for each in came:
            place += each["to"] <= place
        assert after[place] is party
    assert len(after) == view["waiting"]
    return [
        {
            **{name: party[name] for name in ("ticket", "size", "status", "nearby")},
            **dict(zip(("waitLowMs", "waitHighMs"), wait_at(view, party["size"], index), strict=True)),
        }
        for index, party in enumerate(after)
    ]


def wait_at(view: dict[str, Any], size: int, index: int) -> list[int]:
    """The wait of a party of that size at that place, by the table of `queue_changes`."""
    runs = next(each["runs"] for each in view["waits"] if each["guests"] is None or size <= each["guests"])
    every = [wait for places, *wait in runs for _ in range(places)]
    found: list[int] = every[index]
    return found


def fold(state: dict[str, Any], changes: dict[str, list[Any]]) -> None:
    for name, (before, after) in changes.items():
        assert state.get(name) == before, f"{name} was {state.get(name)!r}, its event says {before!r}"
        state[name] = after


def fields_of(row: Queue | Party, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in names}


def check_everything(queue_id: UUID, model: Model, follower: Follower) -> None:
    """The line equals its model: rows, events, snapshots, changes."""
    queue = Queue.objects.get(pk=queue_id)
    parties = {str(party.pk): party for party in Party.objects.filter(queue_id=queue_id)}
    _rows(queue, parties, model)
    _events(queue, parties, model, follower)
    _snapshots(queue, model)
    follower.deltas.follow()


def _rows(queue: Queue, parties: dict[str, Party], model: Model) -> None:
    for name in ("version", "paused", "close_reason", "next_ticket", "pace_ms", "last_called_at", "last_activity_at"):
        assert getattr(queue, name) == getattr(model, name), name
    assert queue.is_closed == model.closed
    assert parties.keys() == model.parties.keys()
    for party_id, wanted in model.parties.items():
        for name in vars(wanted).keys() - {"id"}:
            assert getattr(parties[party_id], name) == getattr(wanted, name), f"{name} of ticket {wanted.ticket}"


def _events(queue: Queue, parties: dict[str, Party], model: Model, follower: Follower) -> None:
    """The newest version's events are the model's, and all events together give the rows."""
    if fresh := follower.follow():
        assert [(event.type, str(event.party_id) if event.party_id else None) for event in fresh] == model.events
    assert follower.at[0] == model.version
    assert follower.queue == fields_of(queue, QUEUE_FIELDS)
    assert follower.parties == {party_id: fields_of(party, PARTY_FIELDS) for party_id, party in parties.items()}


def _snapshots(queue: Queue, model: Model) -> None:
    row = selectors.current_row(queue.pk)
    assert row is not None
    waiting, called = model.waiting(), model.called()
    host, public, console = shapes.host(row), shapes.public(row), shapes.console(row)
    assert (row["version"], host["closed"], public["paused"]) == (model.version, model.closed, model.paused)
    assert host["queue"] == [_old(party) for party in waiting]
    assert host["nowServing"] == (_old(called[-1]) if called else None)
    assert host["callDeadline"] == (milliseconds(called[-1].call_deadline) if called else None)
    assert console["served"] == sum(party.status == "served" for party in model.parties.values())
    assert [(party["note"], party["walkIn"]) for party in console["waiting"]] == [(p.note, p.walk_in) for p in waiting]
    assert [party["wantsMoreTime"] for party in console["called"]] == [p.more_time == "asked" for p in called]
    assert [party["deadline"] for party in public["called"]] == [milliseconds(party.call_deadline) for party in called]
    assert [party.get("late", False) for party in public["called"]] == [party.late_at is not None for party in called]
    own = [(p.late_at, p.on_my_way_at, not p.without_phone, p.message) for p in called]
    assert [(p["lateAt"], p["onMyWayAt"], p["hasPhone"], p["message"]) for p in console["called"]] == [
        (milliseconds(late), milliseconds(on_its_way), *rest) for late, on_its_way, *rest in own
    ]
    # Made of the row's own columns, party by party; the snapshot makes it of its runs and classes.
    sizes = [party.size for party in waiting]
    state = quotes.State(
        now_ms=waits.line_ms(queue, queue.last_activity_at),
        flow=waits.flow_of(queue),
        past=quotes.Past.from_json(queue.past),
        waiting=quotes.ahead_of(sizes),
        called=len(called),
        closing_ms=waits.line_ms(queue, queue.closes_at),
    )
    told = [
        quotes.quote(state, size, quotes.ahead_of(sizes[:place]), model=queue.quote_model)
        for place, size in enumerate(sizes)
    ]
    assert public["queue"] == [
        {
            "ticket": party.ticket,
            "size": party.size,
            "status": "waiting",
            "nearby": party.nearby,
            "waitLowMs": quote.low_ms,
            "waitHighMs": quote.high_ms,
        }
        for party, quote in zip(waiting, told, strict=True)
    ]
    for party in model.parties.values():
        shown = shapes.guest(row, party.id, found=Line(row).place_of(party.id), ended=party.status)
        assert shown == _guest(party, model, queue.event_name), f"what ticket {party.ticket} is shown"


def _old(party: Guests) -> dict[str, Any]:
    return {
        "id": party.id,
        "name": party.name,
        "size": party.size,
        "status": party.status,
        "nearby": party.nearby,
        "joinedAt": milliseconds(party.joined_at),
    }


def _guest(party: Guests, model: Model, event_name: str) -> dict[str, Any]:
    if party.status == "called":
        return {"type": "called", "deadline": milliseconds(party.call_deadline)}
    if party.status == "closed":
        return {"type": "closed"}
    if party.status != "waiting":
        return {"type": "removed", "reason": party.status}
    served = 1 if model.called() else 0
    ahead = model.waiting().index(party) + served
    return {
        "type": "position",
        "position": ahead + 1,
        "aheadCount": ahead,
        "queueLength": len(model.waiting()) + served,
        "estimatedWaitMs": ahead * model.pace_ms,
        "eventName": event_name,
    }
