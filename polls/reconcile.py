"""What `manage.py reconcile` proves of each poll: ballots = shard tallies = totals = what is shown, no row touched by hand,
the digest; and that its log is whole."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from core import clock
from core.cache import Unavailable
from outbox import reconcile
from polls import audit, selectors, shapes
from polls.change import STREAM
from polls.edge import publish
from polls.models import Poll
from realtime import store

# What is shown may lag by a second (contract edge-poll.md), and a little more while Redis comes back (law 1).
LAG = timedelta(seconds=5)


def polls(code: str | None = None) -> Iterator[tuple[UUID, str]]:
    """(id, name to print) of every poll, or of the one with this code."""
    return reconcile.chosen("poll", Poll.objects.order_by("code"), code)


def counted(poll_id: UUID) -> Iterator[str]:
    """The counts are the ballots (audit.problems)."""
    yield from audit.problems(Poll.objects.get(pk=poll_id))


def shown(poll_id: UUID) -> Iterator[str]:
    """The row in Redis has the exact counts, or is older and about to be replaced."""
    row = selectors.current_row(poll_id)
    try:
        found = store.read(publish.KIND, str(poll_id))
    except Unavailable:
        return  # nothing is shown but what Postgres says
    there = shapes.completed(found) if found is not None else None
    if row is None or there is None or there["version"] > row["version"]:
        return
    if there["version"] == row["version"]:
        if there != row:
            yield "the totals that are shown are not its tallies"
    elif poll_id not in selectors.polls_changed_since(clock.now() - LAG):
        yield f"version {there['version']} is shown, it is at version {row['version']}"


def logged(poll_id: UUID) -> Iterator[str]:
    """The poll's commands are all in its log."""
    yield from reconcile.gaps(STREAM, poll_id, Poll.objects.get(pk=poll_id).version)
