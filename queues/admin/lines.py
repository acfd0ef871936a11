"""The admin of lines."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html

from core.asgi_requests import whole
from queues import commands
from queues.admin.pages import deadline_of, events_of_line, moment_of, story_of
from queues.admin.quotes import quotes_page
from queues.models import Party, Queue
from web.admin import BACK
from web.admin_actions import ActionsAdmin, Button, actor_of, command_action
from web.admin_columns import column, link, link_to, list_of, local
from web.admin_filters import choice_filter

MOST_IN_LINE_SHOWN = 100
STATE_COLOURS = {"open": "success", "paused": "warning", "closed": ""}
STATES = {
    "open": Q(closed_at__isnull=True, paused=False),
    "paused": Q(closed_at__isnull=True, paused=True),
    "closed": Q(closed_at__isnull=False),
}


def in_line(total: Any) -> Coalesce:
    """A figure over the parties in line of each listed line; asked only for the rows that are shown."""
    parties = Party.objects.filter(queue=OuterRef("pk"), status__in=Party.IN_LINE).order_by().values("queue")
    return Coalesce(Subquery(parties.annotate(figure=total).values("figure"), output_field=IntegerField()), 0)


def state_of(line: Queue) -> str:
    """Open, paused or closed."""
    return "closed" if line.is_closed else "paused" if line.paused else "open"


@admin.register(Queue)
class QueueAdmin(ActionsAdmin):
    """Every line of every venue, and of hosts without an account."""

    list_display = ("event_name", "code", "venue", "state", "parties_in_line", "guests_in_line", "opened", "closed")
    list_filter = (choice_filter("state", STATES), "venue", "service", "close_reason", "opened_at")
    list_select_related = ("venue",)
    search_fields = ("code__iexact", "event_name", "venue__name")
    search_help_text = "Code, name of the line, or venue"
    date_hierarchy = "opened_at"
    actions = ("call_next", "pause", "resume", "close", "undo_last")
    fieldsets = (
        (None, {"fields": ("event_name", "code", "venue", "service", "state", "see_also")}),
        ("Rules", {"fields": ("max_guests", "open_time", "close_time", "hours_in")}),
        ("Calls", {"fields": ("call_window_s", "auto_no_show", "auto_advance", "on_my_way_s")}),
        ("For guests", {"fields": ("location", "contact_info")}),
        (
            "Course",
            {"fields": ("opened", "last_entry", "closing", "closes", "closed", "close_reason", "pace", "version")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Queue]:
        return (
            super()
            .get_queryset(request)
            .annotate(parties_in_line=in_line(Count("pk")), guests_in_line=in_line(Sum("size")))
        )

    # ------------------------------------------------------------------------------------------------------- showing
    state = column("State", state_of, colours=STATE_COLOURS)
    parties_in_line = column("Parties", lambda line: line.parties_in_line, ordering="parties_in_line")
    guests_in_line = column(
        "Guests", lambda line: f"{line.guests_in_line} of {line.max_guests}", ordering="guests_in_line"
    )
    hours_in = column("Time zone", lambda line: line.zone or "none: its hours are only shown")
    opened = column("Opened", lambda line: moment_of(line, line.opened_at), ordering="opened_at")
    last_entry = column("Last entry", lambda line: local(line.last_entry_at, line.timezone))
    closing = column("Closes when empty", lambda line: local(line.closing_at, line.timezone))
    closes = column("Closes by itself", lambda line: local(line.closes_at, line.timezone), ordering="closes_at")
    closed = column("Closed", lambda line: moment_of(line, line.closed_at), ordering="closed_at")
    pace = column("Pace", lambda line: f"{line.pace_ms / 60_000:.1f} min per party ahead")
    see_also = column(
        "See also",
        lambda line: format_html(
            "{} · {}",
            link(list_of("queues_party", queue__id__exact=line.pk), "All parties of this line"),
            link(reverse("admin:queues_queue_quotes", args=[line.pk]), "Waits, told and come"),
        ),
    )

    def get_urls(self) -> list[Any]:
        """Also the page of waits."""
        page = self.admin_site.admin_view(self.quotes_page)
        return [path("<uuid:pk>/quotes/", page, name="queues_queue_quotes"), *super().get_urls()]

    def quotes_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What the line told its parties, and what came (queues/admin/quotes.py)."""
        line = get_object_or_404(Queue, pk=pk)
        if not self.has_view_permission(request, line):
            raise PermissionDenied
        return quotes_page(request, line, self.admin_site.each_context(request) | {"opts": self.opts})

    def page(self, row: Queue) -> dict[str, Any]:
        parties = row.parties.filter(status__in=Party.IN_LINE).order_by(
            F("called_at").asc(nulls_last=True), "rank", "ticket"
        )
        listed = list(parties[:MOST_IN_LINE_SHOWN])
        table = [
            [
                link_to(party),
                party.name or "-",
                party.size,
                party.get_status_display(),
                moment_of(row, party.joined_at),
                deadline_of(row, party.call_deadline),
            ]
            for party in listed
        ]
        last = commands.last_action(row.pk)
        return {
            "buttons": self._buttons(row, last),
            "expected_version": last.version if last else "",
            "in_line": {"headers": ["Party", "Name", "Guests", "State", "Joined", "Called until"], "rows": table},
            "events_url": list_of("outbox_event", stream_id__exact=row.pk),
            **story_of(events_of_line(row), row),
        }

    def _buttons(self, line: Queue, last: commands.HostAction | None) -> list[Button]:
        undo = [Button("undo_last", f"Undo “{last.action.replace('_', ' ')}”")] if last else []
        if line.is_closed:
            return undo
        pause = Button("resume", "Let guests join again") if line.paused else Button("pause", "Pause")
        close = Button("close", "Close the line", ask="Close this line? Everybody still in it is told.")
        return [Button("call_next", "Call next", main=True), *undo, pause, close]

    # ------------------------------------------------------------------------------------------------------- actions
    call_next = command_action(commands.call, "Call the next party", done="Next called")
    pause = command_action(commands.pause, "Pause: nobody new may join", done="Paused")
    resume = command_action(commands.resume, "Let guests join again", done="Open to guests")
    close = command_action(commands.close, "Close: everybody still in line is told", done="Closed")

    @admin.action(description="Undo the last action of a host")
    def undo_last(self, request: HttpRequest, queryset: QuerySet[Queue]) -> HttpResponse | None:
        """From the line's own page: the action that was shown there, and no other that came since."""
        actor = actor_of(request)
        seen = request.POST.get("expected_version", "") if BACK in request.POST else ""
        expected = whole(seen, digits=18)
        return self.run(
            request,
            queryset,
            lambda line: commands.undo(line.pk, expected_version=expected, actor=actor),
            done="Undone",
        )
