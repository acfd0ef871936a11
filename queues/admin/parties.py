"""Parties."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from core.actors import Actor
from queues import commands, rules, seen, story
from queues.admin.pages import Button, LineStaffAdmin, actor_of, deadline_of, events_of_party, moment_of, story_of
from queues.models import Party
from web.admin import BACK, as_uuid, link_to, list_of

STATUS_COLOURS = {"waiting": "info", "called": "warning", "served": "success", "kicked": "danger", "no_show": "danger"}


class LineStateFilter(admin.SimpleListFilter):
    """Parties of open or of closed lines."""

    title = "line"
    parameter_name = "line"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("open", "open"), ("closed", "closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Party]) -> QuerySet[Party]:
        if self.value() in ("open", "closed"):
            return queryset.filter(queue__closed_at__isnull=self.value() == "open")
        return queryset


@admin.register(Party)
class PartyAdmin(LineStaffAdmin):
    """Every party of every line. Names and notes are personal: they show here, and are never in a log."""

    list_display = ("ticket_no", "name", "size", "status_label", "line", "venue", "joined", "quote", "called", "ended")
    list_filter = ("status", LineStateFilter, ("queue__venue", admin.RelatedFieldListFilter), "walk_in", "joined_at")
    list_select_related = ("queue__venue",)
    search_fields = ("name", "ticket", "queue__code", "queue__event_name", "queue__venue__name")
    search_help_text = "Name, ticket number, code or name of the line, venue, or the party's id"
    ordering = ("-joined_at",)
    actions: Any = ("call", "serve", "give_more_time", "no_show", "put_back", "kick")
    # What apps above this one offer, by the party's state (`offer`).
    offered: ClassVar[dict[str, list[Button]]] = {}
    fieldsets = (
        (None, {"fields": ("ticket", "line", "name", "size", "status", "note")}),
        ("Waiting", {"fields": ("joined", "quote", "nearby", "walk_in")}),
        ("Called", {"fields": ("called", "deadline", "more_time", "call_count", "ended")}),
    )
    readonly_fields = ("line", "joined", "quote", "called", "deadline", "ended")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Party], search_term: str
    ) -> tuple[QuerySet[Party], bool]:
        """Each word must be found in one of the fields; a number is a ticket number, an id the party itself."""
        for word in search_term.split():
            found = Q(name__icontains=word) | Q(queue__event_name__icontains=word) | Q(queue__code=word.upper())
            found |= Q(queue__venue__name__icontains=word)
            number = word.lstrip("#")
            if number.isascii() and number.isdecimal() and int(number) < 2**31:
                found |= Q(ticket=int(number))
            if wanted := as_uuid(word):
                found |= Q(pk=wanted)
            queryset = queryset.filter(found)
        return queryset, False

    # ------------------------------------------------------------------------------------------------------- showing
    @display(description="No.", ordering="ticket")
    def ticket_no(self, party: Party) -> str:
        """The number everybody may see."""
        return str(party)

    @display(description="State", ordering="status", label=STATUS_COLOURS)
    def status_label(self, party: Party) -> tuple[str, str]:
        """(the colour's key, in the field's words)."""
        return party.status, party.get_status_display()

    @display(description="Line", ordering="queue__event_name")
    def line(self, party: Party) -> str:
        """With the way to it."""
        return link_to(party.queue)

    @display(description="Venue", ordering="queue__venue__name")
    def venue(self, party: Party) -> str:
        """A dash for lines of hosts without an account."""
        return str(party.queue.venue or "-")

    @display(description="Joined", ordering="joined_at")
    def joined(self, party: Party) -> str:
        """By the line's own clock, as all times here."""
        return moment_of(party.queue, party.joined_at)

    @display(description="Quote")
    def quote(self, party: Party) -> str:
        """The wait promised at the join."""
        return story.wait_range(party.quote_low_ms, party.quote_high_ms)

    @display(description="Called", ordering="called_at")
    def called(self, party: Party) -> str:
        """The last time."""
        return moment_of(party.queue, party.called_at)

    @display(description="Called until")
    def deadline(self, party: Party) -> str:
        """When the call ends by itself."""
        return deadline_of(party.queue, party.call_deadline)

    @display(description="Ended", ordering="ended_at")
    def ended(self, party: Party) -> str:
        """A dash while it is in line."""
        return moment_of(party.queue, party.ended_at)

    def page(self, row: Party) -> dict[str, Any]:
        return {
            "buttons": self._buttons(row),
            "saw": seen.state(row),
            "events_url": list_of("outbox_event", party_id__exact=row.pk),
            **story_of(events_of_party(row), row.queue, across_streams=True),
        }

    def _buttons(self, party: Party) -> list[Button]:
        if party.queue.is_closed:
            return []
        put_back = Button("put_back", "Put back to the head")
        who = f"{party} {party.name or 'Guest'} ({party.size})"
        kick = Button("kick", "Remove", ask=f"Remove {who} from the line?")
        seat = Button("serve", "Seat")
        if party.status == rules.WAITING:
            return [Button("call", "Call", main=True), seat, kick]
        if party.status == rules.CALLED:
            again = [
                Button("call", "Call again"),
                Button("give_more_time", "Give more time"),
                *self.offered.get(party.status, []),
            ]
            return [Button("serve", "Seat", main=True), *again, Button("no_show", "No-show"), put_back, kick]
        return [put_back]

    @classmethod
    def offer(cls, action: Callable[..., HttpResponse | None], button: Button, *, when: str) -> None:
        """Adds an action of an app that this one must not import, and its button for parties in the state `when`."""
        cls.actions = (*cls.actions, action)
        cls.offered.setdefault(when, []).append(button)

    # ------------------------------------------------------------------------------------------------------- actions
    def for_each(
        self,
        request: HttpRequest,
        parties: QuerySet[Party],
        command: Callable[..., Any],
        done: str,
        *,
        last_first: bool = False,
    ) -> HttpResponse | None:
        """`command(line, party_id=, saw=, actor=)` for each party, in the order of the line.

        `last_first`: against it, for who is put back last stands first.
        """
        actor: Actor = actor_of(request)
        # From the party's own page: what was shown there. A list is ticked row by row and says less.
        saw = request.POST.get("saw", "") if BACK in request.POST else ""
        order = ("queue_id", "-rank", "-ticket") if last_first else ("queue_id", "rank", "ticket")
        return self.run(
            request,
            parties.select_related("queue").order_by(*order),
            lambda party: command(party.queue_id, party_id=party.pk, saw=saw, actor=actor),
            done=done,
            name=lambda party: f"no. {party.ticket} of {party.queue}",
        )

    @admin.action(description="Call (again)")
    def call(self, request: HttpRequest, queryset: QuerySet[Party]) -> HttpResponse | None:
        """Out of turn, too."""
        return self.for_each(request, queryset, commands.call, "Called")

    @admin.action(description="Seat")
    def serve(self, request: HttpRequest, queryset: QuerySet[Party]) -> HttpResponse | None:
        """Called or waiting."""
        return self.for_each(request, queryset, commands.serve, "Seated")

    @admin.action(description="Give more time")
    def give_more_time(self, request: HttpRequest, queryset: QuerySet[Party]) -> HttpResponse | None:
        """The line's call window once more, for those who are called."""
        return self.for_each(request, queryset, commands.give_more_time, "Given more time")

    @admin.action(description="Mark as no-show")
    def no_show(self, request: HttpRequest, queryset: QuerySet[Party]) -> HttpResponse | None:
        """Without waiting for the deadline."""
        return self.for_each(request, queryset, commands.no_show, "Marked as no-show")

    @admin.action(description="Put back to the head of the line")
    def put_back(self, request: HttpRequest, queryset: QuerySet[Party]) -> HttpResponse | None:
        """Those who were called or have gone."""
        return self.for_each(request, queryset, commands.put_back, "Put back", last_first=True)

    @admin.action(description="Remove from the line")
    def kick(self, request: HttpRequest, queryset: QuerySet[Party]) -> HttpResponse | None:
        """The party sees that it was removed."""
        return self.for_each(request, queryset, commands.kick, "Removed")
