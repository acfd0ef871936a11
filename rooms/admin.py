"""Live rooms, who is in them, and their kept history."""

from typing import Any, ClassVar

from django.contrib import admin

from outbox.log import log_of
from rooms import commands
from rooms.models import Participant, Room, RoomTicks
from web.admin import StaffAdmin
from web.admin_actions import Button, DeletableAdmin, command_action
from web.admin_columns import column, link, list_of, time_of

VERBS = {
    "ROOM_OPENED": "opened the room",
    "ROOM_CLOSED": "closed it",
    "ROOM_FORGOTTEN": "forgot the names of its participants",
    "ROOM_TOKEN_RENEWED": "ended all host tokens given so far",
}
STATUS_COLOURS = {"open": "success", "closed": "info"}
OPENED, CLOSES = time_of("opened_at", "Opened"), time_of("closes_at", "Closes by itself")
CLOSED, JOINED = time_of("closed_at", "Closed"), time_of("joined_at", "Joined")


@admin.register(Room)
class RoomAdmin(DeletableAdmin):
    """A live yes/no poll. Its votes of now are in Redis; what was kept of it is its history."""

    delete_command = staticmethod(commands.delete)
    list_display = ("title", "code", "state", "venue", OPENED, CLOSES, CLOSED, "history")
    list_filter = ("status", "venue", "opened_at")
    list_select_related = ("venue",)
    search_fields = ("title", "code__iexact", "venue__name")
    search_help_text = "Title, code or venue"
    ordering = ("-opened_at",)
    actions: Any = ("close",)
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("title", "code", "state", "venue", "people", "history")}),
        ("Course", {"fields": (OPENED, CLOSES, CLOSED, "version", "complete")}),
    )

    state = column("Status", lambda room: room.status, ordering="status", colours=STATUS_COLOURS)
    people = column("Participants", lambda room: link(_participants_of(room), f"{room.participants.count():,}"))
    history = column("History", lambda room: link(f"/api/rooms/{room.code}/history", "ticks"))

    def page(self, row: Room) -> dict[str, Any]:
        close = Button("close", "Close the room", main=True, ask="Close this room? Everybody in it is disconnected.")
        return {"buttons": [close] if row.status == Room.Status.OPEN else [], **log_of("room", row, VERBS)}

    def losses(self, rows: Any) -> dict[str, str]:
        return {"participants": f"{Participant.objects.filter(room__in=[room.pk for room in rows]).count():,}"}

    close = command_action(commands.close, "Close: everybody in it is disconnected", done="Closed")


def _participants_of(room: Room) -> str:
    return list_of("rooms_participant", room__id__exact=room.pk)


@admin.register(Participant)
class ParticipantAdmin(StaffAdmin):
    """Who may vote in a room. Their tokens are kept nowhere."""

    list_display = ("__str__", "room", JOINED)
    list_filter = ("room__status", "joined_at")
    list_select_related = ("room",)
    search_fields = ("name", "room__title", "room__code__iexact")
    ordering = ("-joined_at",)
    fields: ClassVar[Any] = ("name", "room", JOINED)


@admin.register(RoomTicks)
class RoomTicksAdmin(StaffAdmin):
    """A minute or so of a room's history."""

    list_display = ("__str__", "room")
    list_filter = ("room__status",)
    list_select_related = ("room",)
    search_fields = ("room__title", "room__code__iexact")
    ordering = ("-first_ts",)
    fields: ClassVar[Any] = ("room", "first_ts", "ts", "yes", "no")
