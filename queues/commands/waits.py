"""The wait that a host sets for new guests, instead of our estimate, until a time."""

from datetime import timedelta
from uuid import UUID

from core.actors import HOST, SYSTEM, Actor
from core.clock import milliseconds
from core.errors import Invalid
from queues import rules
from queues.change import LineChange, locked_line


def set_wait(
    line: str | UUID, *, low_ms: int, high_ms: int, minutes: int = rules.WAIT_HOLDS_MIN, actor: Actor = HOST
) -> None:
    """Tells guests who join within the next `minutes` this wait, from `low_ms` to `high_ms`. It is a host's promise to each of
    them. A new wait replaces the one before.

    Raises Invalid, naming the field, for a wait that is no range of at most twelve hours, or a time that is not from 5 minutes to
    twelve hours; Conflict when the line is closed.
    """
    longest_ms = rules.LONGEST_LIFE // timedelta(milliseconds=1)
    if not 0 <= low_ms <= high_ms <= longest_ms:
        raise Invalid(f"highMs must be at least lowMs, and at most {longest_ms}.", field="highMs")
    if not rules.WAIT_HOLDS_AT_LEAST_MIN <= minutes <= rules.WAIT_HOLDS_AT_MOST_MIN:
        bounds = f"from {rules.WAIT_HOLDS_AT_LEAST_MIN} to {rules.WAIT_HOLDS_AT_MOST_MIN}"
        raise Invalid(f"minutes must be a whole number {bounds}.", field="minutes")
    with locked_line(line, actor=actor, action="set_wait") as change:
        change.require_open()
        until = change.at + timedelta(minutes=minutes)
        change.set(wait_low_ms=low_ms, wait_high_ms=high_ms, wait_until=until)
        change.emit("QUEUE_WAIT_SET", waitLowMs=low_ms, waitHighMs=high_ms, until=milliseconds(until))


def clear_wait(line: str | UUID, *, actor: Actor = HOST) -> None:
    """New guests are told our estimate again. Does nothing when no wait is set. Raises Conflict when the line is closed."""
    with locked_line(line, actor=actor, action="clear_wait") as change:
        change.require_open()
        if change.queue.wait_until is not None:
            _clear(change, "QUEUE_WAIT_CLEARED")


def end_wait(queue_id: UUID, *, wait: bool = True) -> bool:
    """Ends the wait that a host set, if its time is over by the clock read under the lock (law 5); returns whether it did. Raises
    Busy when another transaction holds the line (at once without `wait`).
    """
    with locked_line(queue_id, actor=SYSTEM, action="end_wait", skip_locked=not wait) as change:
        queue = change.queue
        if queue.is_closed or queue.wait_until is None or queue.wait_until > change.at:
            return False
        _clear(change, "QUEUE_WAIT_OVER")
        return True


def _clear(change: LineChange, event: str) -> None:
    change.set(wait_low_ms=None, wait_high_ms=None, wait_until=None)
    change.emit(event)
