"""Staff's view of lines and parties. Everything is read-only; actions give the hosts' own commands."""

from django.contrib import admin

from queues.admin import lines, parties

admin.site.index_title = "Overview"

__all__ = ["lines", "parties"]
