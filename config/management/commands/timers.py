"""`manage.py timers`: the program's clockwork, one pass a second. Run one or more; two at once do each thing once."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from analytics import timers as analytics_timers
from config.start import require_all
from core import clock
from core.start import CannotStart
from mail import timers as mail_timers
from outbox import dispatcher
from polls import timers as poll_timers
from polls.edge import publish as poll_results
from queues import timers as queue_timers
from queues.edge import publish as line_snapshots
from reach import timers as reach_timers
from retention import timers as retention_timers
from rooms import timers as room_timers
from rooms.edge import publish as rooms
from venues import timers as venue_timers
from webhooks import timers as webhook_timers

logger = logging.getLogger(__name__)

Passes = list[Callable[[], Any]]

EVERY_S = 1.0
# How far back a pass looks for changed lines besides what came since the last good pass: long enough to tell a lost
# broadcast several times again, and to find what a process that died before its commit's follow-up left behind.
LOOK_BACK = timedelta(seconds=10)
FIRST_LOOK_BACK = timedelta(seconds=60)


class Clockwork:
    """The passes, and how far each has come."""

    def __init__(self) -> None:
        self._refreshed_until: datetime | None = None

    def refresh(self) -> None:
        """Repairs snapshots and repeats broadcasts; what Redis did not take is tried again by the next pass."""
        now = clock.now()
        self._refreshed_until = self._refreshed_until or now - FIRST_LOOK_BACK
        since = self._refreshed_until - LOOK_BACK
        if line_snapshots.refresh(since) and poll_results.refresh(since):
            self._refreshed_until = now

    def passes(self) -> Passes:
        """What is done each second, what guests wait for first."""
        return [
            queue_timers.sweep,
            poll_timers.close_over,
            room_timers.close_over,
            self.refresh,
            rooms.refresh,
            analytics_timers.post_due,
            mail_timers.forget_old,
            venue_timers.warn_of_expiry,
            queue_timers.forget_sent,
        ]


def each_second(passes: Passes, stop: threading.Event) -> None:
    """Does all of them once a second until `stop` is set. An error ends one round."""
    while not stop.is_set():
        began = time.monotonic()
        try:
            for work in passes:
                work()
        except OperationalError as problem:
            logger.warning("Postgres is away", extra={"problem": problem})
            connection.close()
        except Exception:  # the clockwork must not stop
            logger.exception("a pass failed")
        stop.wait(max(0.0, EVERY_S - (time.monotonic() - began)))


class Command(BaseCommand):
    help = "Runs deadlines, closing times, unsent effects and snapshot repairs, once a second, until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        """Returns after SIGTERM or SIGINT, at the end of the pass."""
        try:
            require_all()
        except CannotStart as problem:
            raise CommandError(str(problem)) from None
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # Each in a thread of its own: deadlines wait neither for a broker that does not answer nor for a poll of millions, whose
        # sealing goes on from its last turn, wherever a process ended.
        forget_guests = retention_timers.Watch().forget_guests
        for work in (
            dispatcher.sweep,
            poll_timers.seal_closed,
            webhook_timers.wake_workers,
            reach_timers.wake_workers,
            forget_guests,
        ):
            threading.Thread(target=each_second, args=([work], stop), name=work.__name__, daemon=True).start()
        each_second(Clockwork().passes(), stop)
