"""Parties that come at the same time: one lock, one transaction, and each answered as if it had come alone (decision 0014)."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Refused
from outbox.models import Event
from queues import commands, reconcile
from queues.commands import Joined, NewParty
from tests.queues.database_lines import Floor

pytestmark = pytest.mark.django_db(transaction=True)

# BEGIN, lock, clock, standing, insert, line, events and effects, COMMIT; and the read of the snapshot that follows.
MOST_STATEMENTS = 9
CROWD = [
    NewParty(name="Ann", size=2),
    NewParty(name="Ann", unique_name=True),  # the name is taken by the one before
    NewParty(name=" Ben ", unique_name=True),
    NewParty(size=0),
    NewParty(),
    NewParty(),
    NewParty(name="Cem", size=96),  # more than the line holds
    NewParty(name="Dia", size=3),
    NewParty(name="Eve", unique_name=True),
    NewParty(name="Ben", unique_name=True),
    NewParty(name="Ben"),  # on our own pages, where names may repeat
]


def told(outcome: Joined | Refused) -> Any:
    """What its guest is told."""
    if isinstance(outcome, Refused):
        return type(outcome), outcome.message, outcome.field
    return outcome.party.ticket, outcome.party.name, outcome.place, outcome.expected_wait_ms


def one_by_one(floor: Floor, parties: Sequence[NewParty]) -> list[Joined | Refused]:
    return [outcome for party in parties for outcome in commands.join_all(floor.pk, [party])]


def happened(floor: Floor) -> list[tuple[Any, ...]]:
    """The line's log, but for ids and times."""
    return [
        (event.version, event.seq, event.type, event.action, event.actor, event.data.get("position"))
        for event in floor.events()
    ]


def is_sound(floor: Floor) -> bool:
    """Whether the log gives the state, every event its effects."""
    return not [*reconcile.replayed(floor.pk), *reconcile.structure(floor.pk), *reconcile.effects(floor.pk)]


@pytest.mark.thorough
@pytest.mark.parametrize("there", [(), ("Eve",), ("Uma", "Val", "Wim", "Xi", "Yao")])
def test_together_is_the_same_as_one_after_the_other(there: tuple[str, ...]) -> None:
    together, apart = Floor.opened(*there), Floor.opened(*there)
    for floor in (together, apart):
        commands.advance(floor.pk)
    outcomes = commands.join_all(together.pk, CROWD)
    assert [told(outcome) for outcome in outcomes] == [told(outcome) for outcome in one_by_one(apart, CROWD)]
    assert happened(together) == happened(apart)
    assert together.version == apart.version
    assert together.waiting() == apart.waiting()
    assert is_sound(together)


def test_each_is_refused_by_itself_and_has_its_own_version() -> None:
    floor = Floor.opened()
    before = floor.version
    outcomes = commands.join_all(floor.pk, CROWD)
    refused = [index for index, outcome in enumerate(outcomes) if isinstance(outcome, Refused)]
    assert refused == [1, 3, 6, 9]
    joined = Event.objects.filter(stream_id=floor.pk, type="QUEUE_MEMBER_JOINED").order_by("version", "seq")
    assert [(event.version - before, event.seq) for event in joined] == [(n, 0) for n in range(1, 8)]


def test_a_closed_line_refuses_all_and_changes_nothing() -> None:
    floor = Floor.opened("Ann")
    commands.close(floor.pk)
    before = floor.version
    outcomes = commands.join_all(floor.pk, [NewParty(), NewParty(size=2)])
    assert {told(outcome)[1] for outcome in outcomes} == {"This line is closed."}
    assert floor.version == before


def test_the_same_key_twice_in_one_crowd_is_one_party() -> None:
    floor = Floor.opened("Ann")
    first, other, again = commands.join_all(
        floor.pk, [NewParty(name="Ben", key="k1"), NewParty(key="k2"), NewParty(name="Ben", key="k1")]
    )
    assert isinstance(first, Joined) and isinstance(other, Joined) and isinstance(again, Joined)
    assert first.party.pk == again.party.pk != other.party.pk
    assert (first.place.position, again.place.position, again.place.queue_length) == (2, 2, 3)
    [later] = commands.join_all(floor.pk, [NewParty(name="Ben", key="k1")])
    assert isinstance(later, Joined) and later.party.pk == first.party.pk
    assert len(floor.waiting()) == 3 and is_sound(floor)


def test_a_fault_takes_the_whole_crowd_back(monkeypatch: pytest.MonkeyPatch) -> None:
    floor = Floor.opened("Ann")
    before = floor.version, floor.waiting(), happened(floor)
    with connection.execute_wrapper(_fail_at_the_line), pytest.raises(ZeroDivisionError):
        commands.join_all(floor.pk, [NewParty(), NewParty()])
    assert (floor.version, floor.waiting(), happened(floor)) == before


def _fail_at_the_line(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if sql.startswith('UPDATE "queues_queue"'):
        raise ZeroDivisionError
    return execute(sql, params, many, context)


@pytest.mark.parametrize("count", [1, 30])
def test_a_crowd_costs_no_more_statements_than_one(count: int) -> None:
    floor = Floor.opened("Ann", "Ben", "Cem", "Dia")
    with CaptureQueriesContext(connection) as queries:
        commands.join_all(floor.pk, [NewParty(name=f"Guest {number}") for number in range(count)])
    assert len(queries) <= MOST_STATEMENTS, "\n".join(query["sql"][:100] for query in queries.captured_queries)
    assert len(floor.waiting()) == 4 + count


@pytest.mark.thorough
def test_what_a_guest_and_a_host_do_is_not_read_twice() -> None:
    floor = Floor.opened(*[f"Guest {number}" for number in range(12)])
    commands.advance(floor.pk)
    with CaptureQueriesContext(connection) as nearby:
        commands.declare_nearby(floor.pk, party_id=floor.id("Guest 5"))
    assert len(nearby) <= MOST_STATEMENTS + 1  # and the test's own question
    # The head of the line, and who is now at a place that is told: two of them, each with an event.
    with CaptureQueriesContext(connection) as advance:
        commands.advance(floor.pk)
    assert len(advance) <= MOST_STATEMENTS + 4
