"""One change of one poll (outbox/change.py)."""

from contextlib import AbstractContextManager
from uuid import UUID

from core.actors import Actor
from outbox import change
from polls.models import Poll
from polls.refusals import NO_SUCH_POLL

STREAM = "poll"


class PollChange(change.Change[Poll]):
    """A poll under its lock, at one instant, and what a command does to it."""

    stream, id_name = STREAM, "pollId"

    def _effects(self) -> tuple[str, ...] | None:
        # Tickets show only the polls of their line.
        return None if self.row.queue_id else ()


def locked_poll(poll_id: UUID, *, actor: Actor, action: str) -> AbstractContextManager[PollChange]:
    """Locks the poll and commits what the block did. Raises NotFound, Busy."""
    rows = Poll.objects.all()
    return change.locked(PollChange, rows, poll_id, missing=NO_SUCH_POLL, actor=actor, action=action)
