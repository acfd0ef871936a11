"""What is personal in rooms: names of participants, and the keys they were made with (decision 0088). Events hold none of it."""

from uuid import UUID

from django.db.models import Q

from rooms.models import Participant, Room


def forget(room: UUID) -> dict[str, int]:
    """Forgets the room's participants, whose number stays. Under the room's lock (law 2)."""
    Room.objects.filter(pk=room).update(create_key=None, create_asked="")
    named = Participant.objects.filter(Q(name__gt="") | Q(create_key__isnull=False), room_id=room)
    return {"participants": named.update(name="", create_key=None, create_asked="")}
