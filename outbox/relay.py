"""From committed rows to running workers. Everything here may fail at any moment: the sweep finds what it left undone."""

import logging
import os
import threading
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from uuid import UUID

from django.db import connection, transaction
from django.utils.module_loading import import_string
from kombu.exceptions import ChannelError

from outbox.effects import FOLLOWERS

logger = logging.getLogger(__name__)

SWEEP_LIMIT = 500
RESEND_AFTER_S = 5
# With so many wake-ups waiting in the broker another one is of no use: workers that fall behind would find the same
# effects over and over again, and the broker would run out of memory.
MOST_WAITING = 1_000


def after_commit(stream: str, stream_id: UUID, effect_ids: Iterable[int]) -> None:
    """Wakes a worker for each effect and brings the stream's follower (its snapshot) up to date."""
    _waker().wake(effect_ids)
    follow(stream, stream_id)


def follow(stream: str, stream_id: UUID) -> None:
    """Tells the stream's follower that there is a newer version. Raises nothing it can foresee: readers fall back."""
    if path := FOLLOWERS.get(stream):
        import_string(path)(stream_id)


def sweep() -> int:
    """Sends again whatever is due and not done; returns how many. Two sweepers at once share the work (SKIP LOCKED).

    A broker that is away or full gets nothing now; everything stays due.
    """
    try:
        room = min(SWEEP_LIMIT, MOST_WAITING - _waiting())
    except Exception as problem:  # any fault of the broker's client library means the same: not now
        logger.warning("the broker does not answer, effects wait", extra={"problem": repr(problem)})
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
            RETURNING id
            """,
            [RESEND_AFTER_S, room],
        )
        due = [row[0] for row in cursor.fetchall()]
    if not due:
        return 0
    try:
        _send(due)
    except Exception as problem:  # as above
        logger.warning("the broker went away, effects wait", extra={"waiting": len(due), "problem": repr(problem)})
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE outbox_effect SET due_at = clock_timestamp() WHERE status = 'pending' AND id = ANY(%s)", [due]
            )
    return len(due)


def _send(effect_ids: Iterable[int]) -> None:
    """One Celery task per effect. Raises whatever the broker's client raises; no retries here, the sweep is the retry."""
    from outbox.tasks import perform_effect

    with perform_effect.app.producer_pool.acquire(block=True, timeout=2) as producer:
        for effect_id in effect_ids:
            perform_effect.apply_async((effect_id,), producer=producer, retry=False)


def _waiting() -> int:
    """How many wake-ups lie in the broker. Raises whatever the broker's client raises when it is away."""
    from outbox.tasks import perform_effect

    app = perform_effect.app
    with app.producer_pool.acquire(block=True, timeout=2) as producer:
        try:
            return int(producer.channel.queue_declare(app.conf.task_default_queue, passive=True).message_count)
        except ChannelError:  # Redis knows no empty queues
            return 0


class Waker:
    """A thread that talks to the broker so that no request has to wait for it. What it cannot send, it drops."""

    def __init__(self) -> None:
        self._ids: SimpleQueue[int] = SimpleQueue()
        self.pid = os.getpid()
        threading.Thread(target=self._run, name="outbox-waker", daemon=True).start()

    def wake(self, effect_ids: Iterable[int]) -> None:
        """Returns at once; a worker hears of the effects soon, or from the sweep."""
        for effect_id in effect_ids:
            self._ids.put(effect_id)

    def _run(self) -> None:
        while True:
            batch = [self._ids.get()]
            try:
                while len(batch) < SWEEP_LIMIT:
                    batch.append(self._ids.get_nowait())
            except Empty:
                pass
            try:
                if _waiting() < MOST_WAITING:
                    _send(batch)
            except Exception as problem:  # the broker is away: the rows stay due and the sweep will send them
                logger.warning("no wake-up sent", extra={"effects": len(batch), "problem": repr(problem)})


_lock = threading.Lock()
_instance: Waker | None = None


def _waker() -> Waker:
    """This process's waker. A forked child makes its own: threads do not survive a fork."""
    global _instance
    with _lock:
        if _instance is None or _instance.pid != os.getpid():
            _instance = Waker()
        return _instance
