"""Performing an effect: it is done once or stays due, also when its worker dies."""

import threading
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from core import clock
from outbox import commands, work
from outbox.effects import GiveUp, Retry
from outbox.models import Effect
from tests.installation import wait_until
from tests.outbox import handlers
from tests.outbox.conftest import happen, in_background, in_threads
from venues.models import Venue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unsent")]


class Killed(BaseException):
    """As if the process had ended here: nothing of ours catches it."""


def raises(problem: BaseException) -> Any:
    """A behaviour that fails."""

    def behave(event: Any) -> None:
        raise problem

    return behave


def writes(event: Any) -> None:
    """A behaviour that leaves a row."""
    Venue.objects.create(name=f"Venue {event.pk}", slug=f"venue-{uuid4()}")


def state(effect: Effect) -> Effect:
    effect.refresh_from_db()
    return effect


def over(effect: Effect) -> None:
    """Lets the lease run out."""
    Effect.objects.filter(pk=effect.pk).update(leased_until=clock.now() - timedelta(milliseconds=1))


def test_an_inside_effect_and_its_mark_are_one(handled: list[int]) -> None:
    [effect] = happen("TEST_INSIDE")
    handlers.behaviour += [writes, raises(ValueError("broken"))]
    work.perform(effect.pk)
    assert not Venue.objects.exists()
    assert (state(effect).status, effect.attempts, effect.last_error) == ("pending", 1, "ValueError('broken')")
    assert effect.done_at is None and effect.due_at > clock.now()
    handlers.behaviour.pop()
    work.perform(effect.pk)
    assert Venue.objects.count() == 1
    assert (state(effect).status, effect.last_error) == ("done", "")
    work.perform(effect.pk)
    assert len(handled) == 2 and Venue.objects.count() == 1


def test_a_handler_inside_runs_in_a_transaction_and_one_outside_in_none(handled: list[int]) -> None:
    seen = []
    handlers.behaviour.append(lambda event: seen.append(connection.in_atomic_block))
    for effect in happen("TEST_BOTH"):
        work.perform(effect.pk)
        assert state(effect).status == "done" and effect.leased_until is None
    assert seen == [True, False]


@pytest.mark.parametrize("event", ["TEST_INSIDE", "TEST_OUTSIDE"])
def test_of_two_performers_one_performs(event: str, handled: list[int]) -> None:
    [effect] = happen(event)
    entered, go_on = threading.Event(), threading.Event()

    def hold(_: Any) -> None:
        entered.set()
        assert go_on.wait(20)

    handlers.behaviour.append(hold)
    with in_background(lambda: work.perform(effect.pk)):
        assert entered.wait(10)
        work.perform(effect.pk)  # returns at once, without a second try
        go_on.set()
    assert len(handled) == 1 and state(effect).status == "done" and effect.attempts == 0


@pytest.mark.thorough
@pytest.mark.parametrize("event", ["TEST_INSIDE", "TEST_OUTSIDE"])
def test_of_eight_performers_at_the_same_instant_one_performs(event: str, handled: list[int]) -> None:
    effects = [happen(event)[0] for _ in range(10)]
    for effect in effects:
        in_threads(*[partial(work.perform, effect.pk)] * 8)
    assert sorted(handled) == sorted(effect.event_id for effect in effects)


def test_a_performer_killed_inside_leaves_nothing_behind(handled: list[int]) -> None:
    [effect] = happen("TEST_INSIDE")
    handlers.behaviour += [writes, raises(Killed())]
    with pytest.raises(Killed):
        work.perform(effect.pk)
    assert not Venue.objects.exists() and state(effect).status == "pending"
    handlers.behaviour.clear()
    work.perform(effect.pk)
    assert state(effect).status == "done"


def test_a_connection_lost_inside_is_the_sweeps_to_repair(handled: list[int]) -> None:
    """Postgres goes away in the middle: nothing is raised, nothing is half-done, and the next try does it."""
    [effect] = happen("TEST_INSIDE")

    def lose(_: Any) -> None:
        writes(_)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    handlers.behaviour.append(lose)
    work.perform(effect.pk)
    handlers.behaviour.clear()
    assert not Venue.objects.exists() and state(effect).status == "pending"
    work.perform(effect.pk)
    assert state(effect).status == "done"


def test_a_performer_killed_outside_is_followed_when_its_lease_is_over(handled: list[int]) -> None:
    [effect] = happen("TEST_OUTSIDE")
    handlers.behaviour.append(raises(Killed()))
    with pytest.raises(Killed):
        work.perform(effect.pk)
    handlers.behaviour.clear()
    work.perform(effect.pk)
    assert len(handled) == 1 and state(effect).status == "pending"
    over(effect)
    work.perform(effect.pk)
    assert len(handled) == 2 and state(effect).status == "done"


def test_retry_says_when(handled: list[int]) -> None:
    for effect in happen("TEST_BOTH"):
        handlers.behaviour[:] = [raises(Retry("too many requests", after_s=120))]
        before = clock.now()
        work.perform(effect.pk)
        assert (state(effect).status, effect.attempts, effect.last_error) == ("pending", 1, "too many requests")
        assert timedelta(seconds=119) < effect.due_at - before < timedelta(seconds=125)
        assert effect.leased_until is None


def test_give_up_lays_it_among_the_dead_until_staff_take_it_up_again(handled: list[int], unsent: list[int]) -> None:
    for effect in happen("TEST_BOTH"):
        handlers.behaviour[:] = [writes, raises(GiveUp("gone for good"))]
        work.perform(effect.pk)
        assert (state(effect).status, effect.last_error) == ("dead", "gone for good")
        handlers.behaviour.clear()
        work.perform(effect.pk)
        assert state(effect).status == "dead"
        assert commands.retry_effect(effect_id=effect.pk)
        assert (state(effect).status, effect.attempts) == ("pending", 0)
        assert unsent[-1] == effect.pk
        work.perform(effect.pk)
        assert state(effect).status == "done"
        assert not commands.retry_effect(effect_id=effect.pk)
    # What the handler wrote outside a transaction before it gave up stands; inside it went with the rest.
    assert Venue.objects.count() == 1


def test_waits_grow_and_end(handled: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without jitter: 2, 4, 8 ... seconds, at most ten minutes, and after MAX_ATTEMPTS tries it is dead."""
    monkeypatch.setattr("outbox.work.random.uniform", lambda low, high: high)
    [effect] = happen("TEST_OUTSIDE")
    handlers.behaviour.append(raises(RuntimeError("down")))
    for number in range(1, work.MAX_ATTEMPTS):
        before = clock.now()
        work.perform(effect.pk)
        wait = timedelta(seconds=min(work.LONGEST_BACKOFF_S, 2**number))
        assert before + wait <= state(effect).due_at <= clock.now() + wait
        assert effect.status == "pending"
    work.perform(effect.pk)
    assert (state(effect).status, effect.attempts, effect.last_error) == ("dead", 12, "RuntimeError('down')")
    work.perform(effect.pk)
    assert len(handled) == work.MAX_ATTEMPTS


def test_a_long_error_is_cut(handled: list[int]) -> None:
    for problem in (GiveUp("x" * 1000), RuntimeError("x" * 1000)):
        [effect] = happen("TEST_OUTSIDE")
        handlers.behaviour[:] = [raises(problem)]
        work.perform(effect.pk)
        assert len(state(effect).last_error) == 300


def test_a_failure_after_the_lease_is_over_does_not_take_the_next_ones_lease(handled: list[int]) -> None:
    """A performer slower than its lease has been followed by another: its late failure must not open the door again."""
    [effect] = happen("TEST_OUTSIDE")
    entered, go_on = threading.Event(), threading.Event()

    def hold_then_fail(_: Any) -> None:
        entered.set()
        assert go_on.wait(20)
        raise RuntimeError("late")

    def follow(_: Any) -> None:
        go_on.set()
        slow.join(20)

    handlers.behaviour.append(hold_then_fail)
    with in_background(lambda: work.perform(effect.pk)) as slow:
        assert entered.wait(10)
        handlers.behaviour[:] = [follow, lambda _: seen.append(state(effect).leased_until)]
        seen: list[Any] = []
        over(effect)
        work.perform(effect.pk)
    assert seen[0] is not None and seen[0] > clock.now()
    assert state(effect).status == "done"


def test_an_effect_that_is_gone_or_done_is_nothing_to_do(handled: list[int]) -> None:
    work.perform(10**12)
    [effect] = happen("TEST_OUTSIDE")
    work.perform(effect.pk)
    work.perform(effect.pk)
    assert len(handled) == 1


def test_retry_does_not_wait_for_a_worker_that_performs_it(handled: list[int]) -> None:
    """Staff press retry while a worker holds an inside effect: the button waits for the row, then finds it done."""
    [effect] = happen("TEST_INSIDE")
    entered, go_on = threading.Event(), threading.Event()

    def hold(_: Any) -> None:
        entered.set()
        assert go_on.wait(20)

    handlers.behaviour.append(hold)
    answers: list[bool] = []
    with in_background(lambda: work.perform(effect.pk)):
        assert entered.wait(10)
        with in_background(lambda: answers.append(commands.retry_effect(effect_id=effect.pk))):
            wait_until(_a_lock_is_waited_for)
            go_on.set()
    assert answers == [False] and len(handled) == 1


def _a_lock_is_waited_for() -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        row = cursor.fetchone()
        return bool(row and row[0])
