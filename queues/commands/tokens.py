"""The line's host token."""

from uuid import UUID

from core.actors import HOST, Actor
from queues.change import locked_line
from queues.models import Queue
from venues.renewal import renew


def renew_token(line: str | UUID, *, actor: Actor = HOST) -> Queue:
    """Ends every host token of the line that was given so far, a closed one's too, and those of its polls (outbox.effects);
    returns the line with the number of the tokens that are good from now on (core/tokens.py)."""
    with locked_line(line, actor=actor, action="renew_token") as change:
        return renew(change)
