"""queues/commands and queues/change.py: versions, events, refusals, transactions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import F
from pytest_django.plugin import DjangoDbBlocker

from core import clock
from core.actors import GUEST, HOST, SYSTEM
from core.errors import Conflict, Invalid, NotFound, Refused
from outbox.effects import EFFECTS
from outbox.models import Effect, Event
from outbox.record import NewEvent, OutsideTransaction, record
from queues import commands, rules
from queues.change import locked_line
from queues.commands import NewLine
from queues.fields import PARTY_FIELDS, QUEUE_FIELDS
from queues.models import Party, Queue
from tests.contracts.queueup import Line, at_once, refused, state
from tests.installation import Stack
from tests.queues.command_tables import CHANGES, CLOSED, COMMANDS, NOTHING, REFUSALS, Act
from tests.queues.database_lines import Floor

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Floor]:
    """The line of all tests here, made and committed once; what a test does to it is rolled back."""
    with django_db_blocker.unblock():
        floor = Floor.opened("Ann", "Bob", "Cem", "Dia", call_window_s=3600)
        commands.join(floor.pk, name="Eva", without_phone=True)
        commands.join(floor.pk, name="Fay", key="fay")
        commands.declare_nearby(floor.pk, party_id=floor.id("Fay"))
        commands.join(floor.pk, name="Gus")
        commands.leave(floor.pk, party_id=floor.id("Gus"))
        commands.call(floor.pk)
        commands.call(floor.pk)
    yield floor
    with django_db_blocker.unblock():
        floor.remove()


@pytest.fixture
def floor(db: None, kept: Floor) -> Floor:
    """Called: Ann (first), Bob (last); waiting: Cem, Dia, Eva, Fay; gone: Gus."""
    return kept


def stored(floor: Floor) -> Any:
    """Every column of the line and its parties, and how many events and effects there are."""
    return (
        Queue.objects.filter(pk=floor.pk).values().get(),
        list(Party.objects.filter(queue=floor.queue).order_by("ticket").values()),
        Event.objects.count(),
        Effect.objects.count(),
    )


# ---------------------------------------------------------------------------------------------------- version and events
def test_the_tables_above_leave_no_command_out() -> None:
    tried = {name for act in CHANGES.values() for name in act.__code__.co_names if name in COMMANDS}
    others = {
        "join_all", "open_line", "resume", "expire_call", "close_if_over", "last_action", "mark_replay", "clear_message",
        "dismiss_lapsed", "end_entry", "open_if_due", "open_service", "actions_to_undo", "clear_party_message",
        "clear_wait", "end_wait", "forget_sent", "change_table", "free_table", "free_if_forgotten",
        "answer_visit", "ask_about_visit",
    }  # fmt: skip
    assert tried == COMMANDS - others


@pytest.mark.parametrize("act", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_one_version_whose_events_hold_exactly_what_changed(act: Act, floor: Floor) -> None:
    (queue_before, parties_before, events_before, _), version = stored(floor), floor.version
    act(floor)
    queue_after, parties_after, events_after, _ = stored(floor)
    assert floor.version == version + 1
    new = [event for event in floor.events() if event.version == version + 1]
    assert [event.seq for event in new] == list(range(len(new)))
    assert len(new) == events_after - events_before
    assert {event.at for event in new} == {queue_after["last_activity_at"]}

    seen: dict[str, dict[str, Any]] = {"queue": {}}
    for event in new:
        for owner, fields in {"queue": event.changes.get("queue", {}), **event.changes.get("parties", {})}.items():
            for name, (before, after) in fields.items():
                first = seen.setdefault(owner, {}).get(name, (before, None))[0]
                seen[owner][name] = (first, after)
    expected: dict[str, dict[str, Any]] = {"queue": differences(queue_before, queue_after, QUEUE_FIELDS)}
    old = {row["id"]: row for row in parties_before}
    for row in parties_after:
        if changed := differences(old.get(row["id"]), row, PARTY_FIELDS):
            expected[str(row["id"])] = changed
    assert {owner: fields for owner, fields in seen.items() if fields} == {o: f for o, f in expected.items() if f}


def differences(before: Any, after: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        return value.isoformat() if hasattr(value, "isoformat") else value

    if before is None:
        return {name: (None, plain(after[name])) for name in fields}
    return {name: (plain(before[name]), plain(after[name])) for name in fields if before[name] != after[name]}


@pytest.mark.parametrize("act", NOTHING.values(), ids=NOTHING.keys())
def test_what_changes_nothing_is_no_version_and_no_event(act: Act, floor: Floor) -> None:
    before = stored(floor)
    act(floor)
    assert stored(floor) == before


@pytest.mark.parametrize(("refusal", "act"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_changes_nothing(refusal: type[Refused], act: Act, floor: Floor) -> None:
    before = stored(floor)
    with pytest.raises(refusal) as problem:
        act(floor)
    assert type(problem.value) is refusal
    assert problem.value.message
    assert stored(floor) == before


@pytest.mark.parametrize(("refusal", "act"), CLOSED.values(), ids=CLOSED.keys())
def test_on_a_closed_line_nothing_is_done(refusal: type[Refused], act: Act, floor: Floor) -> None:
    commands.close(floor.pk)
    before = stored(floor)
    with pytest.raises(refusal):
        act(floor)
    commands.close(floor.pk)
    assert commands.close_if_over(floor.pk) is False
    assert stored(floor) == before


def test_opening_is_version_1_and_an_event_of_everything(db: None) -> None:
    queue = commands.open_line(NewLine(event_name="Friday", max_guests=7))
    (event,) = Event.objects.filter(stream_id=queue.pk)
    assert (queue.version, event.version, event.type, event.action) == (1, 1, "QUEUE_OPENED", "open")
    assert set(event.changes["queue"]) == set(QUEUE_FIELDS)
    assert event.changes["queue"]["max_guests"] == [None, 7]


def test_each_event_has_the_effects_of_its_type_due_soon(floor: Floor) -> None:
    for event in floor.events():
        # Nobody here gave a number or an address.
        assert set(event.effects.values_list("name", flat=True)) == {*EFFECTS[event.type]} - {"reach", "guests"}
        assert not event.effects.exclude(due_at=event.at + timedelta(seconds=1)).exists()


def test_who_did_it_is_kept(floor: Floor) -> None:
    by_action = {event.action: event.actor for event in floor.events()}
    assert by_action == {"open": "host", "join": "guest", "declare_nearby": "guest", "leave": "guest", "call": "host"}
    Party.objects.filter(pk=floor.id("Ann")).update(call_deadline=clock.now())
    assert commands.expire_call(floor.pk, party_id=floor.id("Ann")) is True
    assert floor.events()[-1].actor == SYSTEM.kind


# ------------------------------------------------------------------------------------------------------------ single rules
def test_a_paused_line_takes_walk_ins_only(floor: Floor) -> None:
    commands.pause(floor.pk)
    with pytest.raises(Conflict):
        commands.join(floor.pk, name="New")
    commands.add_walk_in(floor.pk, name="New")
    commands.resume(floor.pk)
    commands.join(floor.pk, name="Newer")
    assert floor.waiting()[-2:] == ["New", "Newer"]


@pytest.mark.parametrize("position", range(1, 8))
def test_reorder_puts_the_party_where_it_says(position: int, floor: Floor) -> None:
    commands.reorder(floor.pk, party_id=floor.id("Dia"), position=position)
    order = ["Cem", "Eva", "Fay"]
    order.insert(position - 1, "Dia")
    assert floor.waiting() == order


def test_reorder_finds_room_where_there_is_none(floor: Floor) -> None:
    for _ in range(40):  # halves the gap between the same two neighbours again and again
        commands.reorder(floor.pk, party_id=floor.id(floor.waiting()[2]), position=2)
    assert sorted(floor.waiting()) == ["Cem", "Dia", "Eva", "Fay"]
    before = floor.waiting()
    commands.reorder(floor.pk, party_id=floor.id(before[3]), position=2)
    assert floor.waiting() == [before[0], before[3], before[1], before[2]]
    commands.join(floor.pk, name="Last")
    assert floor.waiting()[-1] == "Last"


def test_put_back_is_the_first_place(floor: Floor) -> None:
    commands.put_back(floor.pk, party_id=floor.id("Gus"))
    commands.put_back(floor.pk, party_id=floor.id("Ann"))
    assert floor.waiting() == ["Ann", "Gus", "Cem", "Dia", "Eva", "Fay"]
    assert floor.party("Ann").call_deadline is None


def test_expire_looks_again_under_the_lock(floor: Floor) -> None:
    ann = floor.id("Ann")
    Party.objects.filter(pk=ann).update(call_deadline=F("called_at"))
    assert commands.expire_call(floor.pk, party_id=ann) is True
    assert floor.party("Ann").status == rules.NO_SHOW
    assert floor.called() == ["Bob", "Cem"]  # the line advances by itself
    with pytest.raises(NotFound):
        commands.expire_call(floor.pk, party_id=ann)


def test_a_venueless_line_is_small_and_a_code_is_never_given_twice(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (0, 101):
        with pytest.raises(Invalid, match="maxGuests"):
            commands.open_line(NewLine(event_name="x", max_guests=wrong))
    codes = iter(["AAAAAA", "AAAAAA", "AAAAAA", "BBBBBB"])
    monkeypatch.setattr("core.codes.new_code", lambda: next(codes))
    opened = [commands.open_line(NewLine(event_name="x", max_guests=1)).code for _ in range(2)]
    assert opened == ["AAAAAA", "BBBBBB"]


# -------------------------------------------------------------------------------------------------------- transactions
@pytest.mark.parametrize("act", ["join", "advance both", "edit", "close", "undo"])
def test_a_command_cannot_be_nested(act: str, floor: Floor) -> None:
    before = stored(floor)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        CHANGES[act](floor)
    assert stored(floor) == before


def test_an_event_is_recorded_only_with_its_state(transactional_db: None) -> None:
    queue_id = uuid4()
    with pytest.raises(OutsideTransaction):
        record(
            [NewEvent(type="QUEUE_PAUSED")],
            stream="queue", stream_id=queue_id, version=1, at=clock.now(), actor=HOST, action="pause",
        )  # fmt: skip
    assert not Event.objects.filter(stream_id=queue_id).exists()


def test_a_fault_in_the_middle_takes_everything_back(floor: Floor) -> None:
    before = stored(floor)
    with pytest.raises(ZeroDivisionError), locked_line(floor.pk, actor=HOST, action="kick") as change:
        change.set_party(change.party(floor.id("Cem")), status=rules.KICKED)
        change.set(paused=True)
        change.emit("QUEUE_PAUSED")
        raise ZeroDivisionError
    assert stored(floor) == before


def test_an_unknown_event_type_is_a_fault_not_an_event(floor: Floor) -> None:
    before = stored(floor)
    with pytest.raises(KeyError), locked_line(floor.pk, actor=GUEST, action="join") as change:
        change.emit("QUEUE_SOMETHING")
    assert stored(floor) == before


def test_a_change_without_an_event_is_a_fault(floor: Floor) -> None:
    with (
        pytest.raises(RuntimeError, match="emitted no event"),
        locked_line(floor.pk, actor=HOST, action="pause") as change,
    ):
        change.set(paused=True)


def test_the_clock_is_read_after_the_lock(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that waited for the lock decides by the time at which it got it."""
    order: list[str] = []
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: order.append("clock") or now())  # type: ignore[func-returns-value]

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "FOR NO KEY UPDATE" in sql:
            order.append("lock")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        commands.join(floor.pk)
    assert order == ["lock", "clock"]


def test_a_held_lock_is_a_clear_503_and_no_reader_waits(stack: Stack) -> None:
    """Law 2: three seconds, then "try again", and nothing has happened; snapshots need no lock. A line for each command, for of
    two that wait for one row Postgres lets the second wait up to 3 s for its turn, and then up to 3 s for the lock."""
    lines = [Line.open(stack) for _ in range(3)]
    parties = [line.join("Ada")["partyId"] for line in lines]
    before = [state(line) for line in lines]
    tries: list[tuple[str, Any]] = [("join", {"name": "Ben"}), ("advance", {}), ("leave", {"partyId": parties[2]})]
    with psycopg.connect(stack.database) as holder:
        for line in lines:
            holder.execute("SELECT 1 FROM queues_queue WHERE id = %s FOR UPDATE", [line.session_id])
        answers = at_once(3, lambda index: lines[index].post(*tries[index], host=True))
        assert [line.snapshot(party).json()["position"] for line, party in zip(lines, parties, strict=True)] == [
            1,
            1,
            1,
        ]
    for answer in answers:
        refused(answer, 503)
        assert answer.headers["retry-after"] == "1"
    assert [state(line) for line in lines] == before
    assert [line.join("Ben")["position"] for line in lines] == [2, 2, 2]
