"""The line's host token."""

from uuid import UUID

from core.actors import HOST, Actor
from queues.change import change


def renew_token(line: str | UUID, *, actor: Actor = HOST) -> int:
    """Ends every host token of the line that was given so far, a closed one's too; returns the number of those that are good
    from now on (core/tokens.py)."""
    with change(line, actor=actor, action="renew_token") as now:
        now.set_queue(token_version=now.queue.token_version + 1)
        now.tell("QUEUE_TOKEN_RENEWED")
        return now.queue.token_version
