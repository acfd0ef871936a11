"""One change of one poll (outbox/change.py)."""

from typing import Any

from django.db.models import Model

from outbox.change import Change
from outbox.effects import EFFECTS
from polls.models import Poll
from polls.refusals import NO_SUCH_POLL

STREAM = "poll"


class PollChange(Change[Poll]):
    """A poll under its lock, at one instant, and what a command does to it."""

    stream, id_name, model, missing = STREAM, "pollId", Poll, NO_SUCH_POLL

    def _effects(self, event: str, party: Model | None) -> tuple[str, ...] | None:
        # Tickets show only the polls of their line, and only nodes besides `default` have copies.
        needed = {"tickets": self.row.queue_id, "nodes": self.row.nodes}
        return tuple(name for name in EFFECTS[event] if needed[name])

    def emit(self, event: str, party: Model | None = None, /, **data: Any) -> None:
        """As Change; says where the ballots are to the effect that tells their nodes."""
        if self.row.nodes and "nodes" in EFFECTS[event]:
            data["placement"] = self.row.placement[1:]
        super().emit(event, party, **data)
