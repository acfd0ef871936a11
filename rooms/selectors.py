"""Reads of rooms."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from core.codes import row_by_code
from core.errors import existing
from core.identifiers import read_id
from rooms.models import Room, RoomTicks
from rooms.refusals import NO_SUCH_ROOM
from rooms.ticks import Tick


def room_by(wanted: str) -> Room | None:
    """The room with this id, or with this code in any case; None if there is none."""
    rooms = Room.objects.select_related("venue")
    if len(wanted) == 6:
        return row_by_code(rooms, wanted)
    room_id = read_id(wanted)
    return rooms.filter(pk=room_id).first() if room_id is not None else None


def room_or_404(wanted: str) -> Room:
    """The same. Raises NotFound if there is none."""
    return existing(room_by(wanted), NO_SUCH_ROOM)


def rooms_of(venue_id: UUID, *, open_only: bool) -> QuerySet[Room]:
    """Rooms of a venue, to be paged by `opened_at` (index room_of_venue)."""
    rows = Room.objects.filter(venue_id=venue_id)
    return rows.filter(status=Room.Status.OPEN) if open_only else rows


def open_rooms() -> list[Room]:
    """Open rooms: those that tick."""
    return list(Room.objects.filter(status=Room.Status.OPEN))


def unfinished() -> list[Room]:
    """Closed rooms whose last ticks are not kept yet."""
    return list(Room.objects.filter(status=Room.Status.CLOSED, complete=False))


def rooms_over(now: datetime) -> list[UUID]:
    """Ids of open rooms whose end is past."""
    return list(Room.objects.filter(status=Room.Status.OPEN, closes_at__lte=now).values_list("pk", flat=True))


def status_of(room_id: UUID) -> str | None:
    """open, closed, or None for an unknown room."""
    return Room.objects.filter(pk=room_id).values_list("status", flat=True).first()


def kept(room_id: UUID, *, after: int = 0) -> list[Tick]:
    """The kept ticks after a second, oldest first."""
    chunks = RoomTicks.objects.filter(room_id=room_id).order_by("first_ts").values_list("ts", "yes", "no")
    return [Tick(*tick) for chunk in chunks for tick in zip(*chunk, strict=True) if tick[0] > after]
