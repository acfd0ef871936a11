"""Threads that wait for receivers: none that hangs keeps those that other venues, or people, need."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from core import clock
from queues import commands as queue_commands
from queues.models import Queue
from tests.webhooks.conftest import made_hook, open_line
from tests.webhooks.receiver import Receiver
from venues import commands as venue_commands
from venues.models import Venue
from webhooks import by_hand, commands, deliveries, lanes, selectors, tasks
from webhooks.models import Attempt, Endpoint


@pytest.fixture
def taken() -> Iterator[ExitStack]:
    """Lanes that other threads are in."""
    with ExitStack() as held:
        yield held


def hold(taken: ExitStack, endpoint_id: UUID) -> bool:
    """As a thread that sends to this endpoint; whether it may."""
    return taken.enter_context(lanes.entered(lanes.lane_of(endpoint_id)))


def known(endpoint: Endpoint, took_ms: int) -> UUID:
    """The endpoint, after an answer that took so long."""
    Attempt.objects.create(endpoint=endpoint, type="webhook.test", at=clock.now(), took_ms=took_ms, result="taken")
    return endpoint.pk


def test_slow_receivers_of_one_venue_have_one_thread(
    hook: Endpoint, venue: Venue, receiver: Receiver, taken: ExitStack
) -> None:
    other = venue_commands.create_venue(name="Red Door", timezone_name="Europe/Paris")
    mine, theirs = made_hook(venue, receiver), made_hook(other, receiver)
    assert hold(taken, known(hook, 1_000))
    assert not hold(taken, known(mine, 9_000))
    assert hold(taken, known(theirs, 9_000))
    assert hold(taken, known(mine, 20)), "it is quick again"
    new = [made_hook(each, receiver).pk for each in (venue, venue, other)]
    assert [hold(taken, each) for each in new] == [True, False, True], "and so have first tries"


@pytest.mark.thorough
def test_slow_receivers_leave_threads_to_others(receiver: Receiver, transactional_db: None, taken: ExitStack) -> None:
    def endpoint(took_ms: int | None) -> UUID:
        venue = venue_commands.create_venue(name="Door", timezone_name="Europe/Paris")
        made = made_hook(venue, receiver)
        return made.pk if took_ms is None else known(made, took_ms)

    assert [hold(taken, endpoint(5_000)) for _ in range(3)] == [*[True] * lanes.MOST_SLOW, False]
    assert [hold(taken, endpoint(5)) for _ in range(4)] == [*[True] * (lanes.MOST_KNOWN - lanes.MOST_SLOW), False]
    assert [hold(taken, endpoint(None)) for _ in range(3)] == [*[True] * lanes.MOST_FIRST, False]
    taken.close()
    assert hold(taken, endpoint(5)) and not lanes._in_use.keys() - {"known"}


@pytest.mark.thorough
def test_a_new_receiver_is_told_while_all_others_hang(
    receiver: Receiver, settings: Any, line: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six venues have two new receivers each; the seventh's is told before one of these has answered or was given up."""
    settings.WEBHOOK_TIMEOUT_S = 90
    monkeypatch.setattr(selectors, "SLOW_MS", 200)
    monkeypatch.setattr(deliveries, "FIRST_TRY_S", 0.3)
    receiver.hangs = lambda path: path != "/hook"
    venues = [venue_commands.create_venue(name=f"Door {number}", timezone_name="Europe/Paris") for number in range(7)]
    hanging = [made_hook(venue, receiver, url=f"http://{receiver.host}/never") for venue in venues[:6] for _ in "ab"]
    tried = Attempt.objects.filter(endpoint__in=hanging)
    with ThreadPoolExecutor(8) as worker:

        def woken(pk: UUID) -> None:
            try:
                tasks.deliver(str(pk))
            finally:
                connection.close()

        def pass_of_timers() -> None:
            for pk in commands.find_news():
                worker.submit(woken, pk)

        def wake_until(done: Callable[[], bool]) -> None:
            def is_done() -> bool:
                pass_of_timers()
                return done()

            receiver.wait_for(is_done)

        try:
            for venue in venues[:6]:
                open_line(venue)
            wake_until(lambda: receiver.hanging > 0)
            made_hook(venues[6], receiver)
            open_line(venues[6])
            wake_until(lambda: bool(receiver.received))
            wake_until(lambda: tried.values("endpoint").distinct().count() == len(hanging))
            second = made_hook(venues[6], receiver)
            open_line(venues[6])
            wake_until(lambda: Attempt.objects.filter(endpoint=second, result="taken").exists())
            assert all(took_ms < 90_000 for took_ms in tried.values_list("took_ms", flat=True))
        finally:
            receiver.stopping.set()


@pytest.mark.thorough
def test_a_first_try_is_one_message_and_what_hangs_is_known_as_slow(
    hook: Endpoint, venue: Venue, line: Queue, receiver: Receiver
) -> None:
    other = open_line(venue, "Lunch")
    for pk in (line.pk, line.pk, other.pk):
        queue_commands.join(pk)
    commands.find_news()
    tasks.deliver(str(hook.pk))
    assert len(receiver.received) == 1 and not lanes.lane_of(hook.pk).is_first
    commands.find_news()
    tasks.deliver(str(hook.pk))
    assert len(receiver.received) == 4
    receiver.hangs = lambda path: True
    late = made_hook(venue, receiver)
    queue_commands.join(line.pk)
    commands.find_news()
    tasks.deliver(str(late.pk))
    assert lanes.lane_of(late.pk).limits.keys() == {"known", "slow", ("slow", venue.pk)}
    assert Attempt.objects.get(endpoint=late).detail == "no answer within 1.5 s"


def test_a_test_by_hand_makes_a_receiver_known(hook: Endpoint, receiver: Receiver) -> None:
    assert lanes.lane_of(hook.pk).is_first
    by_hand.send_test(hook)
    assert lanes.lane_of(hook.pk).limits.keys() == {"known"}


def test_a_turn_waits_a_moment_for_one_that_ends(hook: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "WAIT_S", 30)
    inside, go = threading.Event(), threading.Event()

    def one() -> None:
        with lanes.entered(lanes.BY_HAND):
            inside.set()
            go.wait(30)

    with lanes.entered(lanes.BY_HAND):
        thread = threading.Thread(target=one)
        thread.start()
        assert inside.wait(30)
        threading.Timer(0.05, go.set).start()
        with lanes.entered(lanes.BY_HAND) as free:
            assert free and go.is_set()
        thread.join()


def test_a_wake_up_without_a_thread_leaves_everything_due(
    hook: Endpoint, line: Queue, receiver: Receiver, taken: ExitStack
) -> None:
    queue_commands.join(line.pk)
    [wanted] = commands.find_news()
    assert hold(taken, hook.pk)
    tasks.deliver(str(wanted))
    assert receiver.received == []
    taken.close()
    tasks.deliver(str(wanted))
    assert receiver.types() == ["party.joined"]


def test_people_who_send_tests_do_not_take_all_threads_of_the_pages(
    hook: Endpoint, venue: Venue, taken: ExitStack
) -> None:
    key = venue_commands.create_api_key(venue=venue, name="till")[1]
    for _ in range(lanes.MOST_BY_HAND):
        taken.enter_context(lanes.entered(lanes.BY_HAND))
    answer = Client().post(f"/api/webhooks/{hook.pk}/send", "{}", "application/json", headers={"api-key": key})
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (429, "receivers_wait", "5")
    assert not Attempt.objects.exists()
