"""Folding events into state, on plain values."""

import copy
from dataclasses import dataclass, field
from typing import Any

import pytest

from queues.fields import PARTY_FIELDS, PARTY_FIELDS_ADDED, QUEUE_FIELDS
from queues.replay import Replay

ADA = "11111111-1111-1111-1111-111111111111"


@dataclass
class Told:
    """An event as far as a replay looks at it."""

    version: int
    seq: int
    type: str
    changes: dict[str, Any] = field(default_factory=dict)


def story() -> list[Told]:
    """A line is opened, Ada joins and is called, and another party is told its place."""
    opened = {name: [None, None] for name in QUEUE_FIELDS} | {"next_ticket": [None, 1]}
    joined = {name: [None, None] for name in PARTY_FIELDS} | {"ticket": [None, 1], "status": [None, "waiting"]}
    return [
        Told(1, 0, "OPENED", {"queue": opened}),
        Told(2, 0, "JOINED", {"queue": {"next_ticket": [1, 2]}, "parties": {ADA: joined}}),
        Told(3, 0, "CALLED", {"parties": {ADA: {"status": ["waiting", "called"]}}}),
        Told(3, 1, "POSITION", {}),
    ]


def rows() -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands in the tables after the story."""
    queue = dict.fromkeys(QUEUE_FIELDS) | {"next_ticket": 2}
    return queue, dict.fromkeys(PARTY_FIELDS) | {"ticket": 1, "status": "called"}


def problems(
    events: list[Told], queue: dict[str, Any], parties: dict[str, dict[str, Any]], version: int = 3
) -> list[str]:
    """All that a replay says."""
    replay = Replay()
    found = [problem for event in events for problem in replay.apply(event)]
    found += replay.compare_queue(queue, version=version)
    for party_id, row in parties.items():
        found += replay.compare_party(party_id, row)
    return [*found, *replay.missing_parties()]


def test_a_true_story_gives_the_present_state() -> None:
    queue, party = rows()
    assert problems(story(), queue, {ADA: party}) == []


def test_a_party_that_joined_before_a_field_was_added_is_no_difference() -> None:
    (_, joined, called, _), (queue, party) = story()[:4], rows()
    for name in PARTY_FIELDS_ADDED:
        del joined.changes["parties"][ADA][name]
    called.changes["parties"][ADA] |= {name: [value, "later"] for name, value in PARTY_FIELDS_ADDED.items()}
    told = [story()[0], joined, called, story()[3]]
    assert problems(told, queue, {ADA: party | dict.fromkeys(PARTY_FIELDS_ADDED, "later")}) == []


@pytest.mark.parametrize("gone", range(4))
def test_each_missing_event_is_noticed(gone: int) -> None:
    queue, party = rows()
    events = story()
    del events[gone]
    # The last of all events leaves no gap behind it: only the effects' and facts' checks could miss it.
    assert bool(problems(events, queue, {ADA: party})) == (gone != 3)


@pytest.mark.parametrize(
    ("version", "seq"), [(2, 0), (2, 1), (4, 0), (3, 1), (5, 0), (0, 0), (3, 5)], ids=lambda number: str(number)
)
def test_an_event_out_of_its_place_is_noticed(version: int, seq: int) -> None:
    queue, party = rows()
    events = story()
    events[2].version, events[2].seq = version, seq
    assert any("comes after" in problem for problem in problems(events, queue, {ADA: party}))


def test_a_before_that_is_not_true_is_noticed() -> None:
    queue, party = rows()
    events = story()
    events[2].changes["parties"][ADA]["status"][0] = "left"
    assert problems(events, queue, {ADA: party}) == [
        f"event 3.0 CALLED: party {ADA}: status was 'waiting', the event says it was 'left'"
    ]


@pytest.mark.parametrize("name", PARTY_FIELDS)
def test_every_field_of_a_party_is_compared(name: str) -> None:
    queue, party = rows()
    party[name] = "something else"
    assert [name in problem for problem in problems(story(), queue, {ADA: party})] == [True]


@pytest.mark.parametrize("name", QUEUE_FIELDS)
def test_every_field_of_the_line_is_compared(name: str) -> None:
    queue, party = rows()
    queue[name] = "something else"
    assert [name in problem for problem in problems(story(), queue, {ADA: party})] == [True]


def test_the_version_rows_without_events_and_events_without_rows_are_noticed() -> None:
    queue, party = rows()
    found = problems(story(), queue, {"22222222": copy.copy(party)}, version=4)
    assert found == [
        "line: its version is 4, its last event's 3",
        "party 22222222: has a row, but no event put it in line",
        f"party {ADA}: joined by an event, but has no row",
    ]


def test_a_party_that_never_joined_and_an_unknown_field_are_noticed() -> None:
    queue, party = rows()
    events = [*story(), Told(4, 0, "CALLED", {"parties": {"2": {"status": [None, "called"], "shoe_size": [None, 43]}}})]
    found = problems(events, queue, {ADA: party, "2": rows()[1]}, version=4)
    assert found[:2] == [
        "event 4.0 CALLED: changes party 2, which has not joined",
        "event 4.0 CALLED: party 2: shoe_size is not a field that events change",
    ]
