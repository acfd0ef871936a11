"""The numbers behind the reports."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from analytics.models import Fact
from core import clock
from outbox.admin import TypeFilter
from queues import replayed
from queues.story import minutes, wait_range
from web.admin import StaffAdmin, as_uuid, link, link_to, list_of, local


@display(description="At", ordering="at")
def shown_at(fact: Fact) -> str:
    """By the line's own clock; of a replay, with its end at its close (queues/replayed.py)."""
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
    search_fields = ("type",)
    search_help_text = "The id of a line or party, or the type of a fact"
    # As they were written: there is no index on the time alone.
    ordering = ("-pk",)
    fields: ClassVar[Any] = (
        "type", shown_at, "of_line", "venue", "of_party", "size", "waited", "quote", "reason", "version", "undoes", "meta",
        "of_event",
    )  # fmt: skip
    readonly_fields: ClassVar[Any] = (shown_at, "of_line", "of_party", "waited", "quote", "of_event")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Fact], search_term: str
    ) -> tuple[QuerySet[Fact], bool]:
        """By whole values only: the table has a row for every event there ever was."""
        for word in search_term.split():
            wanted = as_uuid(word)
            found = Q(type=word) if wanted is None else Q(queue_id=wanted) | Q(party_id=wanted)
            queryset = queryset.filter(found)
        return queryset, False

    @display(description="Line", ordering="queue")
    def of_line(self, fact: Fact) -> str:
        """Where."""
        return link_to(fact.queue)

    @display(description="Party")
    def of_party(self, fact: Fact) -> str:
        """Whom it is about."""
        if fact.party_id is None:
            return "-"
        return link(list_of("queues_party", id__exact=fact.party_id), f"party {str(fact.party_id)[:8]}…")

    @display(description="Waited", ordering="waited_ms")
    def waited(self, fact: Fact) -> str:
        """Since the join."""
        return "-" if fact.waited_ms is None else minutes(fact.waited_ms)

    @display(description="Quote")
    def quote(self, fact: Fact) -> str:
        """The range promised."""
        if fact.quoted_low_ms is None or fact.quoted_high_ms is None:
            return "-"
        return wait_range(fact.quoted_low_ms, fact.quoted_high_ms)

    @display(description="Event")
    def of_event(self, fact: Fact) -> str:
        """What it was made from."""
        return link_to(fact.event)
