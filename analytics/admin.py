"""The numbers behind the reports."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from unfold.decorators import display

from analytics.models import Fact, WeeklyMail
from core import clock
from outbox.admin import TypeFilter
from queues import replayed
from queues.sentences import minutes, wait_range
from web.admin import StaffAdmin
from web.admin_columns import column, link_by_id, link_to, local, time_of


@display(description="At", ordering="at")
def shown_at(fact: Fact) -> str:
    """In the line's zone; a replayed line's times are shifted so that it ends at its close (queues/replayed.py)."""
    line, moment = fact.queue, fact.at
    if line is not None and line.time_scale > 1 and fact.version is not None:
        moment -= replayed.shift(line, line.closed_at or clock.now())
    return local(moment, settings.TIME_ZONE, seconds=True)


@admin.register(Fact)
class FactAdmin(StaffAdmin):
    """One row per event, and per page view reported. Written once, by workers."""

    list_display = ("type", shown_at, "of_line", "venue", "of_party", "size", "waited", "quote", "reason")
    list_filter = (TypeFilter, "venue", "at")
    list_select_related = ("queue", "venue")
    # Exact values only: the table has one row per event, and no index on parts of a text.
    search_fields = ("type__exact",)
    ids = ("queue_id", "party_id")
    search_help_text = "The id of a line or party, or the type of a fact"
    # By primary key, which is the order of writing: the time alone has no index.
    ordering = ("-pk",)
    fields: ClassVar[Any] = (
        "type", shown_at, "of_line", "venue", "of_party", "size", "waited", "quote", "reason", "version", "undoes", "meta",
        "of_event",
    )  # fmt: skip

    of_line = column("Line", lambda fact: link_to(fact.queue), ordering="queue")
    of_party = column("Party", lambda fact: link_by_id("queues_party", fact.party_id, "party"))
    waited = column(
        "Waited", lambda fact: "-" if fact.waited_ms is None else minutes(fact.waited_ms), ordering="waited_ms"
    )
    quote = column("Quote", lambda fact: _quote(fact))
    of_event = column("Event", lambda fact: link_to(fact.event))


DUE = time_of("due_at", "Next due")


@admin.register(WeeklyMail)
class WeeklyMailAdmin(StaffAdmin):
    """Who gets the weekly mail about a venue. People choose it on their page of reports."""

    list_display = ("membership", "language", "week", DUE)
    list_filter = ("language",)
    search_fields = ("membership__user__email", "membership__venue__name")
    search_help_text = "An e-mail address, or a venue’s name"
    list_select_related = ("membership__user", "membership__venue")
    ordering = ("due_at",)
    fields: ClassVar[Any] = ("membership", "language", "origin", "week", DUE)


def _quote(fact: Fact) -> str:
    """The wait quoted at the join, a range."""
    if fact.quoted_low_ms is None or fact.quoted_high_ms is None:
        return "-"
    return wait_range(fact.quoted_low_ms, fact.quoted_high_ms)
