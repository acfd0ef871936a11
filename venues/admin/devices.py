"""The devices of venues, and the codes that add them. Owners add and remove them, on their page of devices."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from venues import commands
from venues.pairing import Device, PairingCode
from web.admin import StaffAdmin
from web.admin_actions import actor_of
from web.admin_columns import column, time_of

ADDED, USED = time_of("added_at", "Added"), time_of("last_used_at", "Last used")
EXPIRES = time_of("expires_at", "Expires")


@admin.register(Device)
class DeviceAdmin(StaffAdmin):
    """Tablets that act as hosts without an account."""

    list_display = ("name", "venue", "is_kiosk", ADDED, USED)
    list_filter = ("venue", "added_at")
    list_select_related = ("venue",)
    search_fields = ("name", "venue__name")
    fields: ClassVar[Any] = ("name", "venue", "is_kiosk", "added_by", ADDED, USED)
    actions = ("remove",)

    is_kiosk = column("Kiosk", lambda device: "yes" if device.kiosk_pin else "no")

    @admin.action(description="Remove: it is no host any more, at once", permissions=["manage"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Device]) -> HttpResponse | None:
        """Removes the chosen devices."""

        def command(device: Device) -> bool:
            commands.remove_device(venue_id=device.venue_id, device_id=device.pk, actor=actor_of(request))
            self.log_change(request, device, "Removed.")
            return True

        return self.run(request, queryset, command, done="Removed")


@admin.register(PairingCode)
class PairingCodeAdmin(StaffAdmin):
    """Codes of the last minutes. Their digits are not stored."""

    list_display = ("__str__", "venue", "name", "subject_id", "made_by", EXPIRES, "device")
    list_filter = ("venue", "expires_at")
    list_select_related = ("venue", "made_by", "device")
    search_fields = ("name", "venue__name")
    ordering = ("-expires_at",)
    fields: ClassVar[Any] = ("venue", "subject_id", "token_version", "name", "made_by", EXPIRES, "device")
