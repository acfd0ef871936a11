"""Workers take turns at groups of tests (tests/turns.py): each test once, a group by one worker, also when a worker dies."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.turns import Turns

TESTS = ["a::1", "a::2", "a::3", "a::4", "b::1", "b::2", "c::1", "d::1", "d::2", "e::1"]


class Worker:
    """As xdist's: it does a test when it knows of another one, or is told to end."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.queue: list[int] = []
        self.done: list[str] = []
        self.shutting_down = False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.queue += indices

    def shutdown(self) -> None:
        self.shutting_down = True

    def runs(self) -> int | None:
        """The test that it is at."""
        return self.queue[0] if len(self.queue) > 1 or self.queue and self.shutting_down else None


def step(turns: Any, worker: Worker) -> None:
    """It does one test, if it can."""
    if (number := worker.runs()) is not None:
        worker.queue.pop(0)
        worker.done.append(TESTS[number])
        turns.mark_test_complete(worker, number)


@pytest.fixture
def turns() -> Any:
    return Turns(2, lambda test: test.partition("::")[0])


def joined(turns: Any, *names: str) -> list[Worker]:
    """Workers that have collected."""
    workers = [Worker(name) for name in names]
    for worker in workers:
        turns.add_node(worker)
    for worker in workers:
        assert not turns.collection_is_completed or len(names) == 1
        turns.add_node_collection(worker, TESTS)
    turns.schedule()
    return workers


def finish(turns: Any, *workers: Worker) -> None:
    """All do what they are given, in turn; the session ends, and so do they."""
    while not turns.tests_finished:
        assert any(worker.runs() is not None for worker in workers), "all wait, and tests are left"
        for worker in workers:
            step(turns, worker)
    for worker in workers:
        worker.shutdown()
        while worker.runs() is not None:
            step(turns, worker)
        assert turns.remove_node(worker) is None
    assert not turns.has_pending and not turns.nodes


def test_each_test_is_done_once_and_a_group_by_one_worker(turns: Any) -> None:
    first, second = joined(turns, "first", "second")
    finish(turns, first, second)
    assert sorted(first.done + second.done) == sorted(TESTS)
    assert first.done[:4] == ["a::1", "a::2", "a::3", "a::4"]
    assert second.done[:3] == ["b::1", "b::2", "c::1"]
    assert not {each[0] for each in first.done} & {each[0] for each in second.done}


def test_what_a_worker_has_left_when_it_dies_is_done_by_others(turns: Any) -> None:
    first, second = joined(turns, "first", "second")
    step(turns, first)
    assert turns.remove_node(first) == "a::2", "it is reported; nobody does it again"
    third = Worker("third")
    turns.add_node(third)
    assert turns.collection_is_completed
    turns.add_node_collection(third, TESTS)
    turns.schedule()
    finish(turns, second, third)
    assert sorted(first.done + second.done + third.done) == sorted({*TESTS} - {"a::2"})


def test_more_workers_than_groups_end_at_once() -> None:
    turns: Any = Turns(2, lambda test: "all")
    first, second = joined(turns, "first", "second")
    assert second.shutting_down and not second.queue
    finish(turns, first, second)
    assert first.done == TESTS


def test_a_worker_that_has_collected_other_tests_ends_the_run(turns: Any) -> None:
    for name, tests in (("first", TESTS), ("second", [*TESTS[:-1], "f::1"])):
        worker = Worker(name)
        turns.add_node(worker)
        if name == "second":
            with pytest.raises(RuntimeError, match="e::1"):
                turns.add_node_collection(worker, tests)
        else:
            turns.add_node_collection(worker, tests)
