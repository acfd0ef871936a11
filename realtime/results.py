"""The rows of polls: written at once after a command, at most four times a second while ballots come in, and again by the
timers where somebody died before (law 1)."""

from datetime import datetime
from uuid import UUID

from polls import selectors
from realtime import store
from realtime.cache import Unavailable, breaker
from realtime.pacing import Pacer

KIND = "poll"


def publish(poll_id: UUID) -> bool:
    """Writes the poll's row as it is now, or that it is gone; False when Redis is away (readers ask Postgres then)."""
    if not breaker.closed:
        return False
    row = selectors.current_row(poll_id)
    return store.write(KIND, str(poll_id), row) if row is not None else store.bury(KIND, str(poll_id))


_pacer = Pacer(KIND, publish)


def publish_soon(poll_id: UUID) -> None:
    """The same within a second, in a thread of this process; returns at once. Called for each batch of ballots."""
    _pacer.touch(poll_id)


def refresh(changed_since: datetime) -> bool:
    """Repairs what a dying process left behind: the row of every poll changed since then that is older than Postgres, or
    of a poll that is gone.

    False when Redis is away, so that the caller tries again.
    """
    polls = selectors.polls_changed_since(changed_since)
    if not polls:
        return True
    try:
        shown = store.versions(KIND, [str(poll_id) for poll_id in polls])
    except Unavailable as problem:
        breaker.trip(problem)
        return False
    complete = True
    for poll_id, have in zip(polls, shown, strict=True):
        # A missing row is left to its first reader; a stale one would be believed.
        if have is not None and have < (selectors.current_version(poll_id) or store.GONE):
            complete = publish(poll_id) and complete
    return complete
