"""The worker's connection to its broker: lost or refused, it is tried again for ever."""

import time
from typing import Any

from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown

# A broker that takes the connection and refuses all work (read-only in a failover, out of memory) is not asked without a pause.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 2.0
# A connection that lasted so long was a good one.
STEADY_S = 10.0
STEP_S = 0.1


class PatientConsumer(Consumer):
    """Celery's consumer, with growing pauses between its tries; a worker that is told to stop does not wait for them."""

    class Blueprint(Consumer.Blueprint):
        """Without the 28 queues that Celery declares beside a quorum queue for tasks with a delay: there are none (law 5)."""

        default_steps = [step for step in Consumer.Blueprint.default_steps if not step.endswith(":DelayedDelivery")]

    _pause_s = FIRST_PAUSE_S
    _failed_at = 0.0

    def on_connection_error_before_connected(self, exc: Exception) -> None:
        """The broker was not reached."""
        super().on_connection_error_before_connected(exc)
        self._wait()

    def on_connection_error_after_connected(self, exc: Exception) -> Any:
        """The broker went away, or answered with an error."""
        super().on_connection_error_after_connected(exc)
        self._wait()

    def _wait(self) -> None:
        now = time.monotonic()
        steady = now - self._failed_at > STEADY_S + self._pause_s
        self._pause_s = FIRST_PAUSE_S if steady else min(LONGEST_PAUSE_S, self._pause_s * 2)
        until = self._failed_at = now + self._pause_s
        while time.monotonic() < until:
            maybe_shutdown()
            time.sleep(STEP_S)
