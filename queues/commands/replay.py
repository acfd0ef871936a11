"""A line that replays a day faster than it was (`manage.py demo`)."""

from uuid import UUID

from core.actors import SYSTEM
from core.errors import Conflict, Invalid
from queues.change import locked_line

MOST_TIME_SCALE = 100_000


def mark_replay(line: str | UUID, *, time_scale: int) -> None:
    """Marks the line as running `time_scale` times faster than real time; quotes and reports scale waits back by it.

    Only before the first party joins, so that all times measured in it are of one kind: raises Conflict afterwards, or when
    closed; Invalid for a scale that is not from 1 to 100,000.
    """
    if not 1 <= time_scale <= MOST_TIME_SCALE:
        raise Invalid(f"The time scale must be a whole number from 1 to {MOST_TIME_SCALE}.")
    with locked_line(line, actor=SYSTEM, action="mark_replay") as change:
        change.require_open()
        if change.queue.time_scale == time_scale:
            return
        if change.queue.next_ticket > 1:
            raise Conflict("Somebody has joined already: this line cannot become a replay any more.")
        change.set(time_scale=time_scale)
        change.emit("QUEUE_REPLAYED", timeScale=time_scale)
