"""Staff look at how long venues keep their guests' data; owners choose it on /venue/privacy."""

from django.contrib import admin

from retention.models import Keeping
from web.admin import StaffAdmin


@admin.register(Keeping)
class KeepingAdmin(StaffAdmin):
    """The choice of a venue."""

    list_display = ("venue", "days")
    search_fields = ("venue__name",)
    list_filter = ("days",)
    ordering = ("venue__name",)
