"""A few persistent threads that run whole jobs, and a bounded queue in front of them (law 6)."""

import logging
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable
from contextvars import Context
from typing import Protocol

logger = logging.getLogger(__name__)

# When every thread has been in one job for so long, Postgres stands still or waits for a standby. The threads wait on, for such a
# commit cannot be ended safely; new jobs are refused.
STUCK_S = 10.0


class Busy(Exception):
    """The queue is full, or the pool is closing: the job was not taken."""


class Job(Protocol):
    """What the pool runs. Each job ends in exactly one of: `run` returned, `refuse` was called, `drop` took it back."""

    def run(self) -> None:
        """The work, in a pool thread. It deals with its own errors."""

    def refuse(self) -> None:
        """The job will not begin: the pool closed, or is stuck. Called in any thread."""

    def abandon(self) -> None:
        """The pool closes: if the job waits for a client, it stops waiting. Called in any thread while `run` runs."""


class JobPool:
    """Runs jobs in their order of arrival on `threads` threads; at most `max_waiting` more wait.

    The threads start with the first job and stay, so what a library keeps per thread stays too. That bounds the
    connections of Postgres: Django keeps them in `asgiref.local.Local(thread_critical=True)`, a plain thread-local
    where no event loop runs. Its caches, active language and time zone live in context variables instead. So each
    thread keeps one context for life, as under any WSGI server: with a fresh one for each job, each job would open new
    connections of the cache. `at_thread_end` is called in each thread as its last act.
    """

    def __init__(self, threads: int, max_waiting: int, *, name: str, at_thread_end: Callable[[], None]) -> None:
        if threads < 1 or max_waiting < 0:
            raise ValueError("a pool needs at least one thread and a queue of zero or more")
        self._threads = threads
        self._max_waiting = max_waiting
        self._name = name
        self._at_thread_end = at_thread_end
        self._changed = threading.Condition(threading.Lock())
        self._waiting: OrderedDict[Job, None] = OrderedDict()
        self._running: set[Job] = set()
        self._started: list[threading.Thread] = []
        self._closing = False
        # When a job last began or ended (time.monotonic()).
        self._moved_at = 0.0

    @property
    def waiting(self) -> int:
        """How many jobs have not begun."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many jobs have begun and not ended."""
        return len(self._running)

    def submit(self, job: Job) -> bool:
        """Queues `job`; True when a free thread takes it at once. Raises Busy when the queue is full or closed, or no thread has
        come free for STUCK_S; then the jobs that wait are refused too."""
        with self._changed:
            ahead = len(self._waiting) - (self._threads - len(self._running))
            stuck = len(self._running) == self._threads and time.monotonic() - self._moved_at > STUCK_S
            if not (self._closing or stuck or ahead >= self._max_waiting):
                return self._queue(job, ahead)
            refused = list(self._waiting) if stuck else []
            for waiting in refused:
                del self._waiting[waiting]
        for waiting in refused:
            waiting.refuse()
        raise Busy

    def _queue(self, job: Job, ahead: int) -> bool:
        self._waiting[job] = None
        if not self._started:
            self._start()
        self._changed.notify()
        return ahead < 0

    def drop(self, job: Job) -> bool:
        """Takes `job` off the queue. True: it has not run and never will. False: it has begun, or ended."""
        with self._changed:
            if job not in self._waiting:
                return False
            del self._waiting[job]
            return True

    def close(self) -> None:
        """Takes no more jobs; the threads end when the queue is empty."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def join(self, timeout_s: float) -> bool:
        """Waits up to `timeout_s` seconds, after `close`, for the threads to end. True when all have."""
        until = time.monotonic() + timeout_s
        for thread in self._started:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._started)

    def abandon(self) -> None:
        """After `close`: refuses the jobs that wait, tells the running ones. Work in Postgres still runs to its end."""
        with self._changed:
            refused = list(self._waiting)
            self._waiting.clear()
            running = list(self._running)
        for job in refused:
            job.refuse()
        for job in running:
            job.abandon()

    def _start(self) -> None:
        _end_with_the_main_thread(self)
        for number in range(1, self._threads + 1):
            # An empty context: without it, a build that lets threads inherit contexts would keep the first request's.
            thread = threading.Thread(target=Context().run, args=(self._work,), name=f"{self._name}-{number}")
            self._started.append(thread)
            thread.start()

    def _work(self) -> None:
        while job := self._take():
            try:
                job.run()
            except BaseException:  # even SystemExit: a job may fail, the thread may not
                logger.exception("A job failed")
            with self._changed:
                self._running.discard(job)
                self._moved_at = time.monotonic()
            del job  # or an idle thread would keep the last request in memory
        try:
            self._at_thread_end()
        except Exception:
            logger.exception("A pool thread could not clean up")

    def _take(self) -> Job | None:
        with self._changed:
            while not self._waiting:
                if self._closing:
                    return None
                self._changed.wait()
            job, _ = self._waiting.popitem(last=False)
            self._running.add(job)
            self._moved_at = time.monotonic()
            return job


_pools: weakref.WeakSet[JobPool] = weakref.WeakSet()
_pools_lock = threading.Lock()
_end_watch: threading.Thread | None = None


def _end_with_the_main_thread(pool: JobPool) -> None:
    """Closes `pool` when the main thread has ended, so that a server without a lifespan's end (daphne) can exit.

    The interpreter joins all threads before it calls `atexit`, which is too late. One thread watches for all pools.
    """
    global _end_watch
    with _pools_lock:
        _pools.add(pool)
        if _end_watch is None:
            _end_watch = threading.Thread(target=_close_all_at_the_end, name="job-pools-end")
            _end_watch.start()


def _close_all_at_the_end() -> None:
    threading.main_thread().join()
    for pool in list(_pools):
        pool.close()
        pool.abandon()
