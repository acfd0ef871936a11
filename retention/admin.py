"""Staff look at how long venues keep their guests' data; owners choose it on /venue/privacy."""

from typing import ClassVar

from django.contrib import admin

from retention.models import Keeping
from web.admin import StaffAdmin


@admin.register(Keeping)
class KeepingAdmin(StaffAdmin):
    """The choice of a venue."""

    list_display: ClassVar = ("venue", "days")
    search_fields: ClassVar = ("venue__name",)
    list_filter: ClassVar = ("days",)
    ordering: ClassVar = ("venue__name",)
