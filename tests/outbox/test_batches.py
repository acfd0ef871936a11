"""Effects in batches: a wake-up for many, a transaction for those inside, and still each for itself when it matters."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from outbox import dispatcher, work
from outbox.models import Effect
from tests.installation import wait_until
from tests.outbox import handlers
from tests.outbox.conftest import INSIDE, OUTSIDE, happen, in_threads
from tests.outbox.test_work import Killed, writes
from venues.models import Venue

pytestmark = [pytest.mark.django_db(transaction=True)]


def ids(effects: list[Effect]) -> list[int]:
    return [effect.pk for effect in effects]


def done(effects: list[Effect]) -> list[int]:
    """Which of them are."""
    return [effect.pk for effect in effects if Effect.objects.get(pk=effect.pk).status == Effect.Status.DONE]


def fails_for(effect: Effect) -> Any:
    def behave(event: Any) -> None:
        if event.pk == effect.event_id:
            raise ValueError("bad")

    return behave


@pytest.mark.parametrize("event", ["TEST_INSIDE", "TEST_OUTSIDE", "TEST_BOTH"])
def test_one_that_fails_does_not_stop_the_others(event: str, handled: list[int], unsent: list[int]) -> None:
    effects = happen(*[event] * 5)
    bad = effects[2]
    handlers.behaviour += [writes, fails_for(bad)]
    work.perform(*ids(effects))
    failed = [effect.pk for effect in effects if effect.event_id == bad.event_id]
    assert done(effects) == [effect.pk for effect in effects if effect.pk not in failed]
    assert set(Effect.objects.filter(pk__in=failed).values_list("attempts", "last_error")) == {(1, "ValueError('bad')")}
    assert not Effect.objects.exclude(pk__in=failed).filter(attempts__gt=0).exists()
    if event == "TEST_INSIDE":  # what it wrote itself went with it
        assert Venue.objects.count() == len(effects) - len(failed)


def test_those_inside_share_a_transaction(handled: list[int], unsent: list[int]) -> None:
    effects = happen(*["TEST_INSIDE"] * 50)
    with CaptureQueriesContext(connection) as queries:
        work.perform(*ids(effects))
    assert done(effects) == ids(effects) and handled == [effect.event_id for effect in effects]
    # names, BEGIN, lock and events, marks, COMMIT
    assert len(queries) <= 5


def test_a_performer_killed_in_a_batch_leaves_all_of_it_to_the_next(handled: list[int], unsent: list[int]) -> None:
    effects = happen(*["TEST_INSIDE"] * 4)

    def die_at_the_third(event: Any) -> None:
        if event.pk == effects[2].event_id:
            raise Killed

    handlers.behaviour += [writes, die_at_the_third]
    with pytest.raises(Killed):
        work.perform(*ids(effects))
    assert not done(effects) and not Venue.objects.exists()
    handlers.behaviour.pop()
    work.perform(*ids(effects))
    assert done(effects) == ids(effects) and Venue.objects.count() == 4


@pytest.mark.thorough
def test_batches_that_overlap_do_each_once(handled: list[int], unsent: list[int]) -> None:
    effects = happen(*["TEST_BOTH"] * 20)
    for shift in range(3):
        some = ids(effects)[shift * 10 : shift * 10 + 20]
        in_threads(*[lambda some=some: work.perform(*some)] * 4)
    work.perform(*ids(effects))
    assert done(effects) == ids(effects)
    assert len(handled) == len(effects)


@pytest.mark.thorough
def test_a_wake_up_that_is_lost_is_sent_again(
    handled: list[int], unsent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    effects = happen(*["TEST_BOTH"] * 10)
    sent: list[dispatcher.Due] = []
    monkeypatch.setattr(dispatcher, "_send", sent.extend)
    wait_until(dispatcher.sweep, timeout_s=5, what="the effects to become due")
    assert sorted(effect_id for effect_id, _ in sent) == ids(effects)
    for batch in dispatcher.batches(sent):
        work.perform(*batch)
    assert done(effects) == ids(effects)


def test_a_task_has_few_that_use_the_network_after_many_inside(handled: list[int]) -> None:
    due = [(number, (INSIDE, OUTSIDE)[number % 3 == 0]) for number in range(500)]
    names = dict(due)
    batches = list(dispatcher.batches(due))
    assert sorted(effect_id for batch in batches for effect_id in batch) == sorted(names)
    for batch in batches:
        kinds = [names[effect_id] for effect_id in batch]
        assert kinds == sorted(kinds, key=(INSIDE, OUTSIDE).index), "those inside are first"
        assert kinds.count(OUTSIDE) <= dispatcher.MOST_OUTSIDE and kinds.count(INSIDE) <= dispatcher.MOST_INSIDE
    assert not list(dispatcher.batches([]))


def test_the_effects_of_a_call_are_one_task_and_marked_in_one_statement(handled: list[int], unsent: list[int]) -> None:
    effects = happen(*["TEST_BOTH"] * 3)
    [task] = dispatcher.batches([(effect.pk, effect.name) for effect in effects])
    with CaptureQueriesContext(connection) as queries:
        work.perform(*task)
    assert done(effects) == ids(effects)
    marks = [each["sql"] for each in queries if "done_at" in each["sql"] and each["sql"].startswith("UPDATE")]
    assert len(marks) == 2, "of those inside, and of the others"


def test_the_effects_of_one_change_are_woken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[dispatcher.Due]] = []
    monkeypatch.setattr(dispatcher, "_waiting", lambda: 0)
    monkeypatch.setattr(dispatcher, "_send", lambda effects: sent.append(list(effects)))
    change: list[dispatcher.Due] = [(1, INSIDE), (2, OUTSIDE), (3, OUTSIDE)]
    dispatcher.Waker().wake(iter(change))
    wait_until(lambda: sent, timeout_s=5, what="the wake-up")
    assert sent == [change]


def test_the_first_wake_up_goes_at_once_and_a_crowd_goes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[dispatcher.Due]] = []
    monkeypatch.setattr(dispatcher, "_waiting", lambda: 0)
    monkeypatch.setattr(dispatcher, "_send", lambda effects: sent.append(list(effects)))
    monkeypatch.setattr(dispatcher, "LINGER_S", 0.5)
    waker = dispatcher.Waker()
    began = time.monotonic()
    waker.wake([(1, INSIDE)])
    wait_until(lambda: sent, timeout_s=5, what="the first")
    alone = time.monotonic() - began
    for number in range(2, 100):
        waker.wake([(number, INSIDE)])
    wait_until(lambda: sum(map(len, sent)) == 99, timeout_s=5, what="the others")
    assert sent[0] == [(1, INSIDE)]
    # However slow the machine: in the time it took there was room for so many, not for 98.
    assert len(sent) <= 2 + (time.monotonic() - began - alone) / 0.5


def test_marks_are_of_the_databases_clock(handled: list[int], unsent: list[int]) -> None:
    effects = happen("TEST_INSIDE", "TEST_OUTSIDE")
    before = clock.now()
    work.perform(*ids(effects))
    marks = Effect.objects.filter(pk__in=ids(effects)).values_list("done_at", flat=True)
    assert all(mark is not None and before <= mark <= clock.now() for mark in marks)


def test_the_rest_are_given_back_once_one_was_slow(
    handled: list[int], unsent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker may perform them at once, and not only when the lease has ended."""
    effects = happen(*["TEST_OUTSIDE"] * 3)
    monkeypatch.setattr(work, "SLOW_S", 0.0)  # each is slow
    work.perform(*ids(effects))
    assert done(effects) == ids(effects)[:1] and handled == [effects[0].event_id]
    rest = Effect.objects.filter(pk__in=ids(effects)[1:])
    assert not rest.exclude(leased_until=None).exists() and not rest.filter(due_at__gt=clock.now()).exists()
    for _ in rest:
        work.perform(*ids(effects))
    assert done(effects) == ids(effects) and len(handled) == 3


def test_one_that_was_leased_by_another_is_left_to_it(handled: list[int], unsent: list[int]) -> None:
    effects = happen(*["TEST_OUTSIDE"] * 3)
    Effect.objects.filter(pk=effects[1].pk).update(leased_until=clock.now() + timedelta(seconds=30))
    work.perform(*ids(effects))
    assert done(effects) == [effects[0].pk, effects[2].pk]
