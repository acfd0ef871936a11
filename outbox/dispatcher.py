"""Wakes workers for the effects of committed events. All of it may fail at any moment: the sweep sends again what is not done."""

import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils.module_loading import import_string

from outbox.effects import FOLLOWERS, HANDLERS

logger = logging.getLogger(__name__)

SWEEP_LIMIT = 500
RESEND_AFTER_S = 5
# Messages in the broker above which no more are sent: workers that are behind would get the same effects again and again,
# and the broker would run out of memory.
MOST_WAITING = 1_000
# Seconds for which wake-ups are gathered under load, for one costs about as much as the effect itself; the first goes at once.
LINGER_S = 0.03
# Seconds between questions to a broker that did not answer, while there is nothing to send.
PROBE_S = 1.0
# Effects per task. Those inside share a transaction. Those that use the network run one after another, so a task has few; one
# that has to wait for a slow service before it is taken over by the next sweep.
MOST_INSIDE, MOST_OUTSIDE = 100, 4

# An effect's id and name.
Due = tuple[int, str]


def after_commit(stream: str, stream_id: UUID, effects: Iterable[Due]) -> None:
    """Wakes workers for the effects and brings the stream's follower (its snapshot) up to date."""
    _waker().wake(effects)
    follow(stream, stream_id)


def follow(stream: str, stream_id: UUID) -> None:
    """Tells the stream's follower (effects.FOLLOWERS) of a newer version. The timers repair what cannot be read now."""
    if path := FOLLOWERS.get(stream):
        try:
            import_string(path)(stream_id)
        except (DatabaseError, InterfaceError) as problem:
            logger.warning("a snapshot is left to the timers", extra={"stream": stream, "problem": problem})


def sweep() -> int:
    """Sends again the effects that are due and not done; returns how many. Sweepers that run at once share them (SKIP LOCKED).

    While the broker is away or full nothing is sent and everything stays due.
    """
    try:
        room = min(SWEEP_LIMIT, MOST_WAITING - _waiting())
    except Exception as problem:  # any fault of the broker's client library means the same: not now
        logger.warning("the broker does not answer, effects wait", extra={"problem": problem})
        return 0
    if room <= 0:
        return 0
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_effect SET due_at = clock_timestamp() + make_interval(secs => %s)
             WHERE id IN (SELECT id FROM outbox_effect
                           WHERE status = 'pending' AND due_at <= clock_timestamp()
                             AND (leased_until IS NULL OR leased_until <= clock_timestamp())
                           ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING id, name
            """,
            [RESEND_AFTER_S, room],
        )
        due: list[Due] = cursor.fetchall()
    if not due:
        return 0
    try:
        _send(due)
    except Exception as problem:  # as above
        logger.warning("the broker went away, effects wait", extra={"waiting": len(due), "problem": problem})
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE outbox_effect SET due_at = clock_timestamp() WHERE status = 'pending' AND id = ANY(%s)",
                [[effect_id for effect_id, _ in due]],
            )
    return len(due)


def _send(effects: Sequence[Due]) -> None:
    """One Celery task per batch. Raises the errors of the broker's client."""
    from outbox.tasks import perform_effects

    _start(perform_effects, ((effect_ids,) for effect_ids in batches(effects)))


def batches(effects: Iterable[Due]) -> Iterator[list[int]]:
    """The ids for each task. A task costs more than an effect does, so the few effects of one change are one task; those inside
    are performed first."""
    inside: list[int] = []
    outside: list[int] = []
    for effect_id, name in effects:
        (inside if HANDLERS[name].inside else outside).append(effect_id)
    while inside or outside:
        yield inside[:MOST_INSIDE] + outside[:MOST_OUTSIDE]
        inside, outside = inside[MOST_INSIDE:], outside[MOST_OUTSIDE:]


def _waiting() -> int:
    """Messages in the broker's queue, which is made when it is not there. Raises the errors of the broker's client."""
    from outbox.tasks import perform_effects

    with producer() as opened:
        queue = perform_effects.app.amqp.default_queue
        declared = opened.channel.queue_declare(
            queue.name, durable=queue.durable, auto_delete=queue.auto_delete, arguments=queue.queue_arguments
        )
        return int(declared.message_count)


@contextmanager
def producer() -> Iterator[Any]:
    """A producer of Celery's pool. After an error its connection is dropped without a farewell, for which a frozen broker would
    be waited for."""
    from outbox.tasks import perform_effects

    with perform_effects.app.producer_pool.acquire(block=True, timeout=2) as opened:
        try:
            yield opened
        except Exception:
            opened.connection.collect()
            raise


def wake_tasks(task: Any, arguments: Iterable[tuple[str, ...]], *, waits: str) -> None:
    """Sends the Celery task once for each of these arguments. While the broker is away or full nothing is sent: the rows stay
    due. `waits` names them in the log."""
    try:
        _start(task, islice(arguments, max(0, MOST_WAITING - _waiting())))
    except Exception as problem:  # any fault of the broker's client library means the same: not now
        logger.warning("the broker does not answer, %s wait", waits, extra={"problem": problem})


def _start(task: Any, arguments: Iterable[tuple[Any, ...]]) -> None:
    """Sends the Celery task once for each of these arguments, without retries: what is not sent stays due. Raises the errors of
    the broker's client."""
    with producer() as opened:
        for each in arguments:
            task.apply_async(each, producer=opened, retry=False)


def wake_soon(task: Any) -> None:
    """Sends the Celery task, which takes no arguments, from the waker's thread, so that no request waits for the broker. Several
    calls may become one task. The timers send what is lost here."""
    _waker().wake_task(task)


class Waker:
    """A thread that sends to the broker, so that no request waits for it. It drops what it cannot send; the sweep sends that."""

    def __init__(self) -> None:
        self._effects: SimpleQueue[list[Due]] = SimpleQueue()
        self._tasks: SimpleQueue[Any] = SimpleQueue()
        self.pid = os.getpid()
        # When the broker stopped answering (time.monotonic()); None while it answers.
        self.silent_since: float | None = None
        threading.Thread(target=self._run, name="outbox-waker", daemon=True).start()

    def wake(self, effects: Iterable[Due]) -> None:
        """Queues the effects and returns at once."""
        if together := [*effects]:
            self._effects.put(together)

    def wake_task(self, task: Any) -> None:
        """Queues one run of the task and returns at once."""
        self._tasks.put(task)
        self._effects.put([])

    def _run(self) -> None:
        sent_at = 0.0
        while True:
            batch: list[Due] = []
            tasks: set[Any] = set()
            try:
                self._gather(batch, sent_at)
                with suppress(Empty):
                    while True:
                        tasks.add(self._tasks.get_nowait())
                sent_at = time.monotonic()
                if _waiting() < MOST_WAITING:
                    if batch:
                        _send(batch)
                    for task in tasks:
                        _start(task, [()])
                self.silent_since = None
            except Exception as problem:  # the broker is away: the rows stay due and the sweep will send them
                self.silent_since = self.silent_since or time.monotonic()
                if batch or tasks:
                    extra = {"effects": len(batch), "tasks": len(tasks), "problem": problem}
                    logger.warning("no wake-up sent", extra=extra)

    def _gather(self, batch: list[Due], sent_at: float) -> None:
        """Waits for effects, and LINGER_S since the last were sent; none when only the broker is to be asked again."""
        with suppress(Empty):
            batch += self._effects.get(timeout=None if self.silent_since is None else PROBE_S)
            time.sleep(max(0.0, sent_at + LINGER_S - time.monotonic()))
            while len(batch) < SWEEP_LIMIT:
                batch += self._effects.get_nowait()


_lock = threading.Lock()
_instance: Waker | None = None


def _waker() -> Waker:
    """This process's waker. A forked child makes its own: threads do not survive a fork."""
    global _instance
    with _lock:
        if _instance is None or _instance.pid != os.getpid():
            _instance = Waker()
        return _instance


def broker_silent_s() -> float:
    """For how long the broker has not answered this process's wake-ups; 0 while it does, and before the first."""
    since = _instance.silent_since if _instance is not None else None
    return 0.0 if since is None else time.monotonic() - since
