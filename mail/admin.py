"""Mails, for staff to read: to whom, about what, and what came of it. Never their text, which may hold a token."""

from typing import Any, ClassVar

from django.contrib import admin

from mail.models import Mail
from web.admin import StaffAdmin
from web.admin_columns import time_of

POSTED, SETTLED = time_of("posted_at", "Posted"), time_of("settled_at", "Settled")


@admin.register(Mail)
class MailAdmin(StaffAdmin):
    """What was posted, newest first."""

    list_display = ("kind", "to", POSTED, "result")
    list_filter = ("kind", "result", "posted_at")
    search_fields = ("to",)
    ordering = ("-posted_at",)
    fields: ClassVar[Any] = ("kind", "to", POSTED, SETTLED, "result", "detail")
