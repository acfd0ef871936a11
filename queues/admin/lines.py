"""Lines."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from queues import commands
from queues.admin.pages import Button, LineStaffAdmin, actor_of, deadline_of, events_of_line, moment_of, story_of
from queues.models import Party, Queue
from web.admin import BACK, link, link_to, list_of, local

MOST_IN_LINE_SHOWN = 100
STATE_COLOURS = {"open": "success", "paused": "warning", "closed": ""}


class StateFilter(admin.SimpleListFilter):
    """Open, paused or closed."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(state, state) for state in STATE_COLOURS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Queue]) -> QuerySet[Queue]:
        if self.value() == "closed":
            return queryset.filter(closed_at__isnull=False)
        if self.value() in STATE_COLOURS:
            return queryset.filter(closed_at__isnull=True, paused=self.value() == "paused")
        return queryset


def in_line(total: Any) -> Coalesce:
    """A figure over the parties in line of each listed line; asked only for the rows that are shown."""
    parties = Party.objects.filter(queue=OuterRef("pk"), status__in=Party.IN_LINE).order_by().values("queue")
    return Coalesce(Subquery(parties.annotate(figure=total).values("figure"), output_field=IntegerField()), 0)


@admin.register(Queue)
class QueueAdmin(LineStaffAdmin):
    """Every line of every venue, and of hosts without an account."""

    list_display = ("event_name", "code", "venue", "state", "parties_in_line", "guests_in_line", "opened", "closed")
    list_filter = (StateFilter, "venue", "close_reason", "opened_at")
    list_select_related = ("venue",)
    search_fields = ("code__iexact", "event_name", "venue__name")
    search_help_text = "Code, name of the line, or venue"
    date_hierarchy = "opened_at"
    actions = ("call_next", "pause", "resume", "close", "undo_last")
    fieldsets = (
        (None, {"fields": ("event_name", "code", "venue", "state", "see_also")}),
        ("Rules", {"fields": ("max_guests", "call_window_s", "auto_advance", "open_time", "close_time", "hours_in")}),
        ("For guests", {"fields": ("location", "contact_info")}),
        ("Course", {"fields": ("opened", "closes", "closed", "close_reason", "pace", "version")}),
    )
    readonly_fields = ("state", "see_also", "hours_in", "opened", "closes", "closed", "pace")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Queue]:
        return (
            super()
            .get_queryset(request)
            .annotate(parties_in_line=in_line(Count("pk")), guests_in_line=in_line(Sum("size")))
        )

    # ------------------------------------------------------------------------------------------------------- showing
    @display(description="State", label=STATE_COLOURS)
    def state(self, line: Queue) -> str:
        """Open, paused or closed."""
        return "closed" if line.is_closed else "paused" if line.paused else "open"

    @display(description="Parties", ordering="parties_in_line")
    def parties_in_line(self, line: Any) -> int:
        """Waiting or called."""
        return int(line.parties_in_line)

    @display(description="Guests", ordering="guests_in_line")
    def guests_in_line(self, line: Any) -> str:
        """Guests in line, of how many the line holds."""
        return f"{line.guests_in_line} of {line.max_guests}"

    @display(description="Time zone")
    def hours_in(self, line: Queue) -> str:
        """Whose clock its hours are read by."""
        return line.zone or "none: its hours are only shown"

    @display(description="Opened", ordering="opened_at")
    def opened(self, line: Queue) -> str:
        """By the line's own clock, as all times here."""
        return moment_of(line, line.opened_at)

    @display(description="Closes by itself", ordering="closes_at")
    def closes(self, line: Queue) -> str:
        """At the latest."""
        return local(line.closes_at, line.timezone)

    @display(description="Closed", ordering="closed_at")
    def closed(self, line: Queue) -> str:
        """A dash while it is open."""
        return moment_of(line, line.closed_at)

    @display(description="Pace")
    def pace(self, line: Queue) -> str:
        """What quotes are made from."""
        return f"{line.pace_ms / 60_000:.1f} min per party ahead"

    @display(description="See also")
    def see_also(self, line: Queue) -> str:
        """The line's parties, all of them, those who have gone included."""
        return link(list_of("queues_party", queue__id__exact=line.pk), "All parties of this line")

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
    @admin.action(description="Call the next party")
    def call_next(self, request: HttpRequest, queryset: QuerySet[Queue]) -> HttpResponse | None:
        """The head of each line."""
        actor = actor_of(request)
        return self.run(request, queryset, lambda line: commands.call(line.pk, actor=actor), done="Next called")

    @admin.action(description="Pause: nobody new may join")
    def pause(self, request: HttpRequest, queryset: QuerySet[Queue]) -> HttpResponse | None:
        """The line goes on."""
        actor = actor_of(request)
        return self.run(request, queryset, lambda line: commands.pause(line.pk, actor=actor), done="Paused")

    @admin.action(description="Let guests join again")
    def resume(self, request: HttpRequest, queryset: QuerySet[Queue]) -> HttpResponse | None:
        """After a pause."""
        actor = actor_of(request)
        return self.run(request, queryset, lambda line: commands.resume(line.pk, actor=actor), done="Open to guests")

    @admin.action(description="Close: everybody still in line is told")
    def close(self, request: HttpRequest, queryset: QuerySet[Queue]) -> HttpResponse | None:
        """Ends the line."""
        actor = actor_of(request)
        return self.run(request, queryset, lambda line: commands.close(line.pk, actor=actor), done="Closed")

    @admin.action(description="Undo the last action of a host")
    def undo_last(self, request: HttpRequest, queryset: QuerySet[Queue]) -> HttpResponse | None:
        """From the line's own page: the action that was shown there, and no other that came since."""
        actor = actor_of(request)
        seen = request.POST.get("expected_version", "") if BACK in request.POST else ""
        expected = int(seen) if seen.isdecimal() else None
        return self.run(
            request,
            queryset,
            lambda line: commands.undo(line.pk, expected_version=expected, actor=actor),
            done="Undone",
        )
