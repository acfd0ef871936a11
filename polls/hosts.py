"""Renewing host tokens of lines, polls and rooms: every one that was given so far ends (decision 0028)."""

from uuid import UUID

from core.actors import Actor
from polls.change import STREAMS, Subject, locked
from polls.models import Poll
from queues import commands

RENEWED = "Done. Every other device that ran this without signing in is out."


def renew(kind: type[Subject], pk: UUID, *, actor: Actor) -> Subject:
    """The poll or room with a new number of its tokens. Raises NotFound."""
    with locked(kind, pk, actor=actor, action="renew_token") as change:
        change.set(token_version=change.subject.token_version + 1)
        change.emit(f"{STREAMS[kind].upper()}_TOKEN_RENEWED")
        return change.subject


def renew_line(line_id: UUID, *, actor: Actor) -> int:
    """The line's new number; its polls are renewed too, for their hosts are the line's."""
    number = commands.renew_token(line_id, actor=actor)
    for poll_id in Poll.objects.filter(queue_id=line_id).order_by("pk").values_list("pk", flat=True):
        renew(Poll, poll_id, actor=actor)
    return number
