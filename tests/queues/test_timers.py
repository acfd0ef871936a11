"""queues/timers.py: what is due is done once by any number of sweepers (law 5)."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from core import clock
from core.errors import Busy
from outbox.models import Event
from queues import commands, rules, timers
from queues.models import Party, Queue
from tests.installation import wait_until
from tests.queues.database_lines import Floor
from tests.threads import in_threads

HOUR = timedelta(hours=1)


def overdue(floor: Floor, *names: str) -> None:
    """Their deadlines are over."""
    ids = [floor.id(name) for name in names]
    Party.objects.filter(pk__in=ids).update(call_deadline=F("called_at") - timedelta(seconds=1))


def dropped(*floors: Floor) -> list[Any]:
    """Who became a no-show, once for each event of it, line by line."""
    events = Event.objects.filter(type="QUEUE_MEMBER_DROPPED").order_by("version", "seq")
    return [party for floor in floors for party in events.filter(stream_id=floor.pk).values_list("party_id", flat=True)]


# ------------------------------------------------------------------------------------------------------------- one sweep
@pytest.mark.django_db
def test_a_sweep_does_what_is_due_and_nothing_else() -> None:
    late, early = Floor.opened("Ann", "Bob"), Floor.opened("Cem", "Dia")
    for floor in (late, early):
        commands.call(floor.pk)
    overdue(late, "Ann")
    assert timers.sweep() == 1
    assert late.party("Ann").status == rules.NO_SHOW
    assert late.called() == ["Bob"]
    assert (early.called(), early.waiting()) == (["Cem"], ["Dia"])
    versions = late.version, early.version
    assert timers.sweep() == 0
    assert (late.version, early.version) == versions


@pytest.mark.django_db
def test_several_overdue_parties_of_one_line_are_all_done_in_one_sweep() -> None:
    floor = Floor.opened("Ann", "Bob", "Cem", auto_advance=False)
    for _ in range(3):
        commands.call(floor.pk)
    overdue(floor, "Ann", "Cem")
    assert timers.sweep() == 2
    assert floor.called() == ["Bob"]


@pytest.mark.django_db
def test_the_deadline_is_not_over_before_it_is() -> None:
    floor = Floor.opened("Ann", call_window_s=3600)
    commands.call(floor.pk)
    Party.objects.filter(pk=floor.id("Ann")).update(call_deadline=clock.now() + timedelta(seconds=30))
    assert timers.sweep() == 0
    assert floor.called() == ["Ann"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "names", "reason"),
    [
        ({"closes_at": timedelta(0)}, ["Ann"], "age"),
        ({"closes_at": -HOUR, "opened_at": -4 * HOUR}, ["Ann"], "hours"),
        ({"last_activity_at": -2 * HOUR}, [], "idle"),
        ({"last_activity_at": -2 * HOUR + timedelta(seconds=30)}, [], ""),
        ({"last_activity_at": -9 * HOUR}, ["Ann"], ""),
        ({"closes_at": timedelta(seconds=30)}, [], ""),
    ],
)
def test_lines_close_when_their_time_is_over(fields: dict[str, timedelta], names: list[str], reason: str) -> None:
    floor = Floor.opened(*names)
    moment = clock.now()
    if reason == "age":
        fields = {**fields, "opened_at": -12 * HOUR}
    Queue.objects.filter(pk=floor.pk).update(**{name: moment + offset for name, offset in fields.items()})
    assert timers.sweep() == (1 if reason else 0)
    queue = Queue.objects.get(pk=floor.pk)
    assert (queue.is_closed, queue.close_reason) == (bool(reason), reason)
    assert floor.waiting() == ([] if reason else names)
    assert timers.sweep() == 0


@pytest.mark.django_db
def test_closing_looks_again_under_the_lock() -> None:
    """The sweep's list is a moment old: a party may have joined, left or been called since."""
    floor = Floor.opened()
    for idle_for, over in ((-2 * HOUR + timedelta(seconds=30), False), (-2 * HOUR, True)):
        Queue.objects.filter(pk=floor.pk).update(last_activity_at=clock.now() + idle_for)
        assert commands.close_if_over(floor.pk) is over


@pytest.mark.thorough
@pytest.mark.django_db
def test_one_lines_fault_does_not_stop_the_others_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    floors = [Floor.opened("Ann") for _ in range(3)]
    for floor in floors:
        commands.call(floor.pk)
        overdue(floor, "Ann")
    expire, broken = commands.expire_call, floors[0].pk

    def sometimes(queue_id: Any, **options: Any) -> bool:
        if queue_id == broken:
            raise ZeroDivisionError
        return expire(queue_id, **options)

    monkeypatch.setattr(commands, "expire_call", sometimes)
    assert timers.sweep() == 2
    assert dropped(*floors) == [floor.id("Ann") for floor in floors[1:]]


# ---------------------------------------------------------------------------------------- several sweepers, real connections
@contextmanager
def held(floor: Floor) -> Iterator[None]:
    """Another transaction holds the line's lock."""
    has_it, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Queue.objects.select_for_update(no_key=True).get(pk=floor.pk)
            has_it.set()
            let_go.wait(20)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(hold)
        assert has_it.wait(10)
        try:
            yield
        finally:
            let_go.set()
            done.result()


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_sweepers_at_once_do_each_thing_once() -> None:
    floors = [Floor.opened("Ann", "Bob", "Cem") for _ in range(5)]
    for floor in floors:
        commands.call(floor.pk)
        overdue(floor, "Ann")
    empty = [Floor.opened() for _ in range(3)]
    Queue.objects.filter(pk__in=[floor.pk for floor in empty]).update(last_activity_at=clock.now() - 3 * HOUR)
    versions = [floor.version for floor in floors]
    assert sum(in_threads(4, timers.sweep)) == 8
    assert sorted(dropped(*floors)) == sorted(floor.id("Ann") for floor in floors)
    # The next is called, and only the next.
    assert [floor.called() for floor in floors] == [["Bob"]] * 5
    assert [floor.version - before for floor, before in zip(floors, versions, strict=True)] == [1] * 5
    closings = Event.objects.filter(type="QUEUE_CLOSED", stream_id__in=[floor.pk for floor in empty])
    assert closings.count() == 3


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_on_my_way_against_the_sweep_has_one_winner() -> None:
    """The guest leaves as the deadline passes: one of the two ends the party's place, with its true reason."""
    floor = Floor.opened("Ann", "Bob")
    commands.call(floor.pk)
    overdue(floor, "Ann")
    ann = floor.id("Ann")
    turns: Iterator[Callable[[], Any]] = iter([timers.sweep, lambda: commands.leave(floor.pk, party_id=ann)] * 2)
    lock = threading.Lock()

    def either() -> str:
        with lock:
            act = next(turns)
        try:
            act()
        except Exception as problem:
            return type(problem).__name__
        return ""

    outcomes = in_threads(4, either)
    ends = [event for event in floor.events() if event.party_id == ann and event.type.endswith(("DROPPED", "LEFT"))]
    assert len(ends) == 1
    assert outcomes.count("NotFound") == (1 if ends[0].type.endswith("LEFT") else 2)
    assert floor.party("Ann").status == ends[0].data["reason"]


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_a_locked_line_does_not_hold_up_the_others() -> None:
    held_line, free = Floor.opened("Ann"), Floor.opened("Bob")
    for floor, name in ((held_line, "Ann"), (free, "Bob")):
        commands.call(floor.pk)
        overdue(floor, name)
    with held(held_line):
        with pytest.raises(Busy):  # at once, not after the three seconds of a lock that is waited for
            commands.expire_call(held_line.pk, party_id=held_line.id("Ann"), wait=False)
        with pytest.raises(Busy):
            commands.close_if_over(held_line.pk, wait=False)

        def sweep() -> None:
            timers.sweep()
            connection.close()

        other = threading.Thread(target=sweep)
        other.start()
        # Done while the other line is still held, by a sweep that only then waits for that one.
        wait_until(lambda: not free.called(), what="the sweep of the free line")
        assert held_line.called() == ["Ann"]
    other.join(10)
    timers.sweep()
    assert held_line.party("Ann").status == rules.NO_SHOW
    assert len(dropped(held_line, free)) == 2
