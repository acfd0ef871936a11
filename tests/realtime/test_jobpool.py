"""Law 6: a pool whose threads all hang, because Postgres stands still, refuses its jobs and does not queue them."""

import threading

import pytest

from realtime.django import jobpool
from realtime.django.jobpool import Busy, JobPool

PATIENCE_S = 5.0


class Waits:
    """A job that has begun, ends when it may, or is refused."""

    def __init__(self) -> None:
        self.begun, self.may_end, self.refused = threading.Event(), threading.Event(), threading.Event()

    def run(self) -> None:
        self.begun.set()
        self.may_end.wait(PATIENCE_S)

    def refuse(self) -> None:
        self.refused.set()

    def abandon(self) -> None:
        self.may_end.set()


def test_jobs_are_refused_until_a_thread_has_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = JobPool(1, 10, name="hung", at_thread_end=lambda: None)
    hung, waiting, late, next_one = Waits(), Waits(), Waits(), Waits()
    pool.submit(hung)
    assert hung.begun.wait(PATIENCE_S)
    pool.submit(waiting)
    assert (pool.running, pool.waiting, waiting.refused.is_set()) == (1, 1, False), "it has not hung for long"
    monkeypatch.setattr(jobpool, "STUCK_S", -1)
    with pytest.raises(Busy):
        pool.submit(late)
    assert (pool.running, pool.waiting, waiting.refused.is_set()) == (1, 0, True)
    monkeypatch.undo()
    hung.may_end.set()
    pool.submit(next_one)
    assert next_one.begun.wait(PATIENCE_S)
    next_one.may_end.set()
    pool.close()
    assert pool.join(PATIENCE_S)
