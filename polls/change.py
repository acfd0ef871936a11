"""One change of one poll (outbox/change.py)."""

from outbox.change import Change
from polls.models import Poll
from polls.refusals import NO_SUCH_POLL

STREAM = "poll"


class PollChange(Change[Poll]):
    """A poll under its lock, at one instant, and what a command does to it."""

    stream, id_name, model, missing = STREAM, "pollId", Poll, NO_SUCH_POLL

    def _effects(self) -> tuple[str, ...] | None:
        # Tickets show only the polls of their line.
        return None if self.row.queue_id else ()
