"""The line's host token."""

from uuid import UUID

from core.actors import HOST, Actor
from queues.change import locked_line


def renew_token(line: str | UUID, *, actor: Actor = HOST) -> int:
    """Ends every host token of the line that was given so far, a closed one's too; returns the number of those that are good
    from now on (core/tokens.py)."""
    with locked_line(line, actor=actor, action="renew_token") as change:
        change.set_queue(token_version=change.queue.token_version + 1)
        change.emit("QUEUE_TOKEN_RENEWED")
        return change.queue.token_version
