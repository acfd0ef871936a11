"""What `manage.py reconcile` proves of each room: its log is whole."""

from collections.abc import Iterator
from uuid import UUID

from outbox import reconcile
from rooms.change import STREAM
from rooms.models import Room


def rooms(code: str | None = None) -> Iterator[tuple[UUID, str]]:
    """(id, name to print) of every room, or of the one with this code."""
    return reconcile.chosen("room", Room.objects.order_by("code"), code)


def logged(room_id: UUID) -> Iterator[str]:
    """The room's commands are all in its log."""
    yield from reconcile.gaps(STREAM, room_id, Room.objects.get(pk=room_id).version)
