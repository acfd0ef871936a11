"""What `manage.py reconcile` proves of each poll: ballots = shard tallies = totals, no row touched by hand, the digest."""

from collections.abc import Iterator
from uuid import UUID

from outbox.models import Event
from polls import tallies
from polls.change import STREAMS
from polls.models import Poll


def polls(code: str | None = None) -> Iterator[tuple[UUID, str]]:
    """(id, name to print) of every poll, or of the one with this code."""
    chosen = Poll.objects.order_by("created_at")
    if code is not None:
        chosen = chosen.filter(code=code.upper())
    for pk, known in chosen.values_list("pk", "code"):
        yield pk, f"poll {known}"


def counted(poll_id: UUID) -> Iterator[str]:
    """The counts are the ballots (tallies.problems)."""
    yield from tallies.problems(Poll.objects.get(pk=poll_id))


def logged(poll_id: UUID) -> Iterator[str]:
    """The poll's commands are all in its log: versions 1..n, and n is the poll's."""
    versions = sorted(
        set(Event.objects.filter(stream=STREAMS[Poll], stream_id=poll_id).values_list("version", flat=True))
    )
    current = Poll.objects.values_list("version", flat=True).get(pk=poll_id)
    if versions != list(range(1, current + 1)):
        yield f"its log has {len(versions)} changes up to {versions[-1] if versions else 0}, it is at version {current}"
