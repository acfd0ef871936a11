"""Live rooms, who is in them, and their kept history."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from polls.admin.pages import VoteStaffAdmin, log_of
from queues.admin.pages import Button, actor_of
from rooms import commands
from rooms.models import Participant, Room, RoomTicks
from web.admin import StaffAdmin, link, list_of, time_of

STATUS_COLOURS = {"open": "success", "closed": "info"}
OPENED, CLOSES = time_of("opened_at", "Opened"), time_of("closes_at", "Closes by itself")
CLOSED, JOINED = time_of("closed_at", "Closed"), time_of("joined_at", "Joined")


@admin.register(Room)
class RoomAdmin(VoteStaffAdmin):
    """A live yes/no poll. Its votes of now are in Redis; what was kept of it is its history."""

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
    readonly_fields: ClassVar[Any] = ("state", "people", "history", OPENED, CLOSES, CLOSED)

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def state(self, room: Room) -> str:
        """Open or closed."""
        return room.status

    @display(description="Participants")
    def people(self, room: Room) -> str:
        """Who may vote in it."""
        return link(list_of("rooms_participant", room__id__exact=room.pk), f"{room.participants.count():,}")

    @display(description="History")
    def history(self, room: Room) -> str:
        """Its ticks as everybody may read them."""
        return link(f"/api/rooms/{room.code}/history", "ticks")

    def page(self, row: Room) -> dict[str, Any]:
        close = Button("close", "Close the room", main=True, ask="Close this room? Everybody in it is disconnected.")
        return {"buttons": [close] if row.status == Room.Status.OPEN else [], **log_of("room", row)}

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with them by the command; Django would list every tick."""
        participants = Participant.objects.filter(room__in=[room.pk for room in objs]).count()
        return [str(room) for room in objs], {"participants": f"{participants:,}"}, set(), []

    def delete_model(self, request: HttpRequest, obj: Room) -> None:
        commands.delete(obj.pk, actor=actor_of(request))

    @admin.action(description="Close: everybody in it is disconnected")
    def close(self, request: HttpRequest, queryset: QuerySet[Room]) -> HttpResponse | None:
        """Ends the room; its history stays."""
        actor = actor_of(request)
        return self.run(request, queryset, lambda room: commands.close(room.pk, actor=actor), done="Closed")


@admin.register(Participant)
class ParticipantAdmin(StaffAdmin):
    """Who may vote in a room. Their tokens are kept nowhere."""

    list_display = ("__str__", "room", JOINED)
    list_filter = ("room__status", "joined_at")
    list_select_related = ("room",)
    search_fields = ("name", "room__title", "room__code__iexact")
    ordering = ("-joined_at",)
    fields: ClassVar[Any] = ("name", "room", JOINED)
    readonly_fields: ClassVar[Any] = (JOINED,)


@admin.register(RoomTicks)
class RoomTicksAdmin(StaffAdmin):
    """A minute or so of a room's history."""

    list_display = ("__str__", "room")
    list_filter = ("room__status",)
    list_select_related = ("room",)
    search_fields = ("room__title", "room__code__iexact")
    ordering = ("-first_ts",)
    fields: ClassVar[Any] = ("room", "first_ts", "ts", "yes", "no")
