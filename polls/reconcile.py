"""What `manage.py reconcile` proves of each poll: ballots = shard tallies = totals = what is shown, no row touched by hand,
the digest; and of polls and rooms, that their log is whole."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from core import clock
from core.cache import Unavailable
from outbox.models import Event
from polls import audit, selectors, shapes
from polls.change import STREAMS
from polls.edge import publish
from polls.models import Poll, Room
from realtime import store

# What is shown may lag by a second (contract edge-poll.md), and a little more while Redis comes back (law 1).
LAG = timedelta(seconds=5)


def polls(code: str | None = None) -> Iterator[tuple[UUID, str]]:
    """(id, name to print) of every poll, or of the one with this code."""
    return _each(Poll, code)


def rooms(code: str | None = None) -> Iterator[tuple[UUID, str]]:
    """(id, name to print) of every room, or of the one with this code."""
    return _each(Room, code)


def _each(kind: type[Poll] | type[Room], code: str | None) -> Iterator[tuple[UUID, str]]:
    chosen = kind.objects.order_by("code")
    if code is not None:
        chosen = chosen.filter(code=code.upper())
    for pk, known in chosen.values_list("pk", "code"):
        yield pk, f"{STREAMS[kind]} {known}"


def counted(poll_id: UUID) -> Iterator[str]:
    """The counts are the ballots (audit.problems)."""
    yield from audit.problems(Poll.objects.get(pk=poll_id))


def shown(poll_id: UUID) -> Iterator[str]:
    """The row that everybody is shown has the exact counts, or is older and about to be replaced."""
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


def polls_logged(poll_id: UUID) -> Iterator[str]:
    """The poll's commands are all in its log."""
    return _logged(Poll, poll_id)


def rooms_logged(room_id: UUID) -> Iterator[str]:
    """The room's commands are all in its log."""
    return _logged(Room, room_id)


def _logged(kind: type[Poll] | type[Room], pk: UUID) -> Iterator[str]:
    """Versions 1..n, and n is the present one."""
    log = Event.objects.filter(stream=STREAMS[kind], stream_id=pk)
    versions = sorted(set(log.values_list("version", flat=True)))
    current = kind.objects.values_list("version", flat=True).get(pk=pk)
    if versions != list(range(1, current + 1)):
        yield f"its log has {len(versions)} changes up to {versions[-1] if versions else 0}, it is at version {current}"
