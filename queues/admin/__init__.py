"""Admin pages of lines and parties. Fields are read-only; actions call the hosts' commands."""

from django.contrib import admin

from queues.admin import lines, parties, sent

admin.site.index_title = "Overview"

__all__ = ["lines", "parties", "sent"]
