"""What hosts' devices have sent, for staff to read: what was pressed, when it came, what it came to."""

from typing import Any, ClassVar

from django.contrib import admin

from queues.models import SentAction
from web.admin import StaffAdmin
from web.admin_columns import time_of

PRESSED, CAME = time_of("pressed_at", "Pressed"), time_of("at", "Came")


@admin.register(SentAction)
class SentActionAdmin(StaffAdmin):
    """Newest first. Rows are deleted after two days."""

    list_display = ("action", "queue", PRESSED, CAME, "refusal")
    list_filter = ("action", "at")
    list_select_related = ("queue",)
    search_fields = ("queue__code", "queue__event_name", "action")
    ordering = ("-at",)
    fields: ClassVar[Any] = ("action", "queue", "party_id", PRESSED, CAME, "version", "refusal", "code")
