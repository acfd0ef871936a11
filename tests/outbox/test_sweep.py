"""The sweep finds effects without a wake-up, and the wake-up delays no request (laws 1 and 4)."""

import logging
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from redis.connection import AbstractConnection
from redis.exceptions import TimeoutError

from config.celery import app
from core import clock
from devserver.embedded import Redis
from outbox import dispatcher, work
from outbox.models import Effect
from tests.installation import wait_until
from tests.outbox import handlers
from tests.outbox.conftest import happen, in_threads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What would have gone to the broker."""
    ids: list[int] = []
    monkeypatch.setattr(dispatcher, "_send", lambda effects: ids.extend(effect_id for effect_id, _ in effects))
    return ids


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """A broker of the test's own, to be frozen or killed, that Celery's senders in this process use."""
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        server = Redis(Path(directory).resolve())
        server.start()
        monkeypatch.setattr(dispatcher, "_instance", None)
        kept = app.conf.broker_url
        _point_celery_at(server.url)
        yield server
        assert server.process is not None
        if server.running:
            os.kill(server.process.pid, signal.SIGCONT)
        server.kill()
        _point_celery_at(kept)


def _point_celery_at(url: str) -> None:
    """Celery keeps its senders' connections; a changed address is taken by new ones only."""
    app.conf.broker_url = app.conf.broker_write_url = url
    app.amqp._producer_pool = None


@app.task(name="tests.nothing")
def nothing() -> None:
    """A task without arguments."""


def waiting(broker: Redis) -> int:
    """How many wake-ups lie in the broker."""
    import redis

    with redis.Redis.from_url(broker.url) as client:
        length = client.llen(app.conf.task_default_queue)
        assert isinstance(length, int)
        return length


def pid(server: Redis) -> int:
    assert server.process is not None
    return server.process.pid


def let_be_due(*effects: Effect) -> None:
    ids = [effect.pk for effect in effects]
    Effect.objects.filter(pk__in=ids).update(due_at=clock.now() - timedelta(seconds=1))


def test_what_is_due_is_sent_again_and_what_is_not_is_not(
    handled: list[int], unsent: list[int], sent: list[int]
) -> None:
    due, fresh, done, dead, leased, left = happen(*["TEST_OUTSIDE"] * 6)
    let_be_due(due, done, dead, leased, left)
    Effect.objects.filter(pk=done.pk).update(status=Effect.Status.DONE)
    Effect.objects.filter(pk=dead.pk).update(status=Effect.Status.DEAD)
    Effect.objects.filter(pk=leased.pk).update(leased_until=clock.now() + timedelta(seconds=20))
    Effect.objects.filter(pk=left.pk).update(leased_until=clock.now() - timedelta(milliseconds=1))
    assert dispatcher.sweep() == 2
    assert sorted(sent) == sorted([due.pk, left.pk])
    # Not again at once: a worker has RESEND_AFTER_S to do it.
    assert dispatcher.sweep() == 0 and fresh.pk not in sent


def test_an_effect_without_a_wake_up_becomes_due_by_itself(
    handled: list[int], unsent: list[int], sent: list[int]
) -> None:
    [effect] = happen("TEST_INSIDE")
    assert dispatcher.sweep() == 0
    wait_until(dispatcher.sweep, timeout_s=5, what="the effect to become due")
    assert sent == [effect.pk]


def test_two_sweepers_share_the_work(handled: list[int], unsent: list[int], sent: list[int]) -> None:
    effects = happen(*["TEST_INSIDE"] * 300)
    let_be_due(*effects)
    swept = in_threads(*[dispatcher.sweep] * 4)
    assert sum(swept) == 300
    assert sorted(sent) == [effect.pk for effect in effects]


def test_a_sweeper_does_not_wait_for_locked_rows(handled: list[int], unsent: list[int], sent: list[int]) -> None:
    held, free = happen("TEST_INSIDE", "TEST_INSIDE")
    let_be_due(held, free)
    with transaction.atomic():
        Effect.objects.select_for_update().get(pk=held.pk)
        [swept] = in_threads(dispatcher.sweep)
    assert (swept, sent) == (1, [free.pk])


def test_a_pass_is_bounded_and_the_longest_due_go_first(
    handled: list[int], unsent: list[int], sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "SWEEP_LIMIT", 2)
    late, latest, later = happen(*["TEST_INSIDE"] * 3)
    for effect, seconds in ((late, 1), (later, 2), (latest, 3)):
        Effect.objects.filter(pk=effect.pk).update(due_at=clock.now() - timedelta(seconds=seconds))
    assert dispatcher.sweep() == 2 and sorted(sent) == sorted([latest.pk, later.pk])
    assert dispatcher.sweep() == 1 and sent[-1] == late.pk


def test_a_broker_that_is_full_gets_no_more(
    handled: list[int], unsent: list[int], broker: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers that fall behind must not find each effect over and over again, until the broker's memory is full."""
    monkeypatch.setattr(dispatcher, "MOST_WAITING", 4)
    effects = happen(*["TEST_INSIDE"] * 3)
    let_be_due(*effects)
    for _ in range(5):
        dispatcher.sweep()
        let_be_due(*effects)
    dispatcher.wake_tasks(nothing, [()] * 9, waits="tests")
    assert waiting(broker) == 4


def test_wake_ups_of_one_task_go_together_and_no_request_waits_for_the_broker(
    broker: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, asked, committed = dispatcher._waiting, threading.Event(), threading.Event()

    def try_when_all_are_asked_for() -> int:
        asked.set()
        assert committed.wait(20), "a request waits for the waker"
        return send()

    monkeypatch.setattr(dispatcher, "_waiting", try_when_all_are_asked_for)
    dispatcher.wake_soon(nothing)
    assert asked.wait(20)
    for _ in range(5):
        dispatcher.wake_soon(nothing)
    committed.set()
    wait_until(lambda: waiting(broker) == 2, what="the first wake-up, and the others in one")
    dispatcher.wake_soon(nothing)
    wait_until(lambda: waiting(broker) == 3, what="another one")


def test_without_a_broker_everything_stays_due(handled: list[int], unsent: list[int], broker: Redis) -> None:
    effects = happen(*["TEST_INSIDE"] * 3)
    let_be_due(*effects)
    broker.kill()
    dispatcher.sweep()
    assert Effect.objects.filter(status="pending", due_at__lte=clock.now()).count() == 3
    broker.start()
    assert dispatcher.sweep() == 3
    assert waiting(broker) == 1  # one for all three


def test_a_frozen_broker_holds_a_sweep_up_for_one_time_out_only(
    handled: list[int], unsent: list[int], broker: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deadlines of the guests wait behind this pass: three tries of 2 s each would make a no-show 6 s late."""
    let_be_due(*happen("TEST_INSIDE"))
    os.kill(pid(broker), signal.SIGSTOP)
    waited: list[TimeoutError] = []
    read = AbstractConnection.read_response

    def read_response(*args: Any, **kwargs: Any) -> Any:
        try:
            return read(*args, **kwargs)
        except TimeoutError as problem:
            waited.append(problem)
            raise

    monkeypatch.setattr(AbstractConnection, "read_response", read_response)
    for tries in (1, 2):  # the first meets a connection that broke, the second cannot make a new one
        dispatcher.sweep()
        assert len(waited) == tries
        assert Effect.objects.filter(due_at__lte=clock.now()).count() == 1


@pytest.mark.parametrize("fault", ["frozen", "gone"])
def test_a_commit_does_not_wait_for_the_broker(
    fault: str, handled: list[int], broker: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen("TEST_BOTH")
    wait_until(lambda: waiting(broker) == 1, what="the wake-up of a broker in good health")
    if fault == "frozen":
        os.kill(pid(broker), signal.SIGSTOP)
    else:
        broker.kill()
    send, committed = dispatcher._waiting, threading.Event()

    def try_when_all_is_committed() -> int:
        assert committed.wait(20), "a commit waits for the waker"
        return send()

    monkeypatch.setattr(dispatcher, "_waiting", try_when_all_is_committed)
    with caplog.at_level(logging.WARNING, "outbox.dispatcher"):
        for _ in range(20):
            happen("TEST_BOTH")
        committed.set()
        wait_until(lambda: "no wake-up sent" in caplog.text, what="the waker to give up")
    assert Effect.objects.filter(status="pending").count() == 42
    if fault == "frozen":
        os.kill(pid(broker), signal.SIGCONT)
    else:
        broker.start()
    before_count = waiting(broker)
    happen("TEST_INSIDE")
    wait_until(lambda: waiting(broker) > before_count, what="the waker to find the broker again")


def test_what_was_sent_twice_is_done_once(handled: list[int], unsent: list[int], sent: list[int]) -> None:
    [effect] = happen("TEST_OUTSIDE")
    for _ in range(3):
        let_be_due(effect)
        dispatcher.sweep()
    for effect_id in sent:
        work.perform(effect_id)
    assert len(sent) == 3 and len(handled) == 1


def test_a_forked_child_has_its_own_waker(broker: Redis) -> None:
    """Threads do not survive a fork: a child that used its parent's waker would never wake a worker."""
    assert dispatcher._waker() is dispatcher._waker()
    parent = dispatcher._waker()
    parent.pid = -1  # as the child sees its parent's
    assert dispatcher._waker() is not parent


def test_the_sweep_reads_its_index(handled: list[int], unsent: list[int]) -> None:
    """Done rows pile up for ever; the sweep must not read them each second."""
    happen(*["TEST_INSIDE"] * 50)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a small table is read whole otherwise
        cursor.execute(
            "EXPLAIN SELECT id FROM outbox_effect WHERE status = 'pending' AND due_at <= clock_timestamp() "
            "ORDER BY due_at LIMIT 500"
        )
        assert "effect_pending" in "\n".join(row[0] for row in cursor.fetchall())


def test_a_handler_that_fails_keeps_no_other_waiting(handled: list[int], unsent: list[int], sent: list[int]) -> None:
    bad, good = happen("TEST_OUTSIDE", "TEST_OUTSIDE")

    def fail_for_the_first(event: object) -> None:
        if getattr(event, "pk", None) == bad.event_id:
            raise ValueError("bad")

    handlers.behaviour.append(fail_for_the_first)
    for effect in (bad, good):
        work.perform(effect.pk)
    assert Effect.objects.get(pk=good.pk).status == "done"
    assert Effect.objects.get(pk=bad.pk).attempts == 1
