"""The admin of parties."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from core.asgi_requests import whole
from queues import commands, rules, seen, sentences
from queues.admin.pages import deadline_of, events_of_party, moment_of, story_of
from queues.models import Party
from web.admin import BACK, StaffAdmin
from web.admin_actions import ActionsAdmin, Button, actor_of
from web.admin_columns import column, link_to, list_of
from web.admin_filters import choice_filter

# The `when` of a button for parties in any state, also when their line is closed.
ALWAYS = "always"
LINES = {"open": Q(queue__closed_at__isnull=True), "closed": Q(queue__closed_at__isnull=False)}
STATUS_COLOURS = {"waiting": "info", "called": "warning", "served": "success", "kicked": "danger", "no_show": "danger"}


def party_action(command: Callable[..., Any], description: str, *, done: str, last_first: bool = False) -> Any:
    """An action that calls `command(line id, party_id=, saw=, actor=)` for each chosen party, in the order of the line; with
    `last_first` in reverse, because the party that is put back last stands first.
    """

    @admin.action(description=description)
    def act(page: StaffAdmin, request: HttpRequest, queryset: QuerySet[Party]) -> HttpResponse | None:
        actor = actor_of(request)
        # From the party's own page: what was shown there. A list is ticked row by row and says less.
        saw = request.POST.get("saw", "") if BACK in request.POST else ""
        order = ("queue_id", "-rank", "-ticket") if last_first else ("queue_id", "rank", "ticket")
        return page.run(
            request,
            queryset.select_related("queue").order_by(*order),
            lambda party: command(party.queue_id, party_id=party.pk, saw=saw, actor=actor),
            done=done,
            name=lambda party: f"no. {party.ticket} of {party.queue}",
        )

    act.__name__ = command.__name__
    return act


@admin.register(Party)
class PartyAdmin(ActionsAdmin):
    """Every party of every line. Names and notes are personal: they show here, and are never in a log."""

    list_display = ("ticket_no", "name", "size", "status_label", "line", "venue", "joined", "quote", "called", "ended")
    list_filter = (
        "status", choice_filter("line", LINES), ("queue__venue", admin.RelatedFieldListFilter), "walk_in", "joined_at",
    )  # fmt: skip
    list_select_related = ("queue__venue",)
    search_fields = ("name", "ticket", "queue__code", "queue__event_name", "queue__venue__name")
    search_help_text = "Name, ticket number, code or name of the line, venue, or the party's id"
    ordering = ("-joined_at",)
    actions: Any = ("call", "serve", "give_more_time", "no_show", "put_back", "kick")
    # Buttons that apps above this one add (`offer`), by the party's state.
    offered: ClassVar[dict[str, list[Button]]] = {}
    fieldsets = (
        (None, {"fields": ("ticket", "line", "name", "size", "status", "note")}),
        ("Waiting", {"fields": ("joined", "quote", "nearby", "walk_in", "without_phone", "message")}),
        ("Called", {"fields": ("called", "deadline", "late", "on_my_way", "more_time", "call_count", "ended")}),
    )

    def matches(self, word: str, wanted: UUID | None) -> Q:
        """Part of a name, of the line's or of the venue's; a code, a ticket's number, or the party's id."""
        found = Q(name__icontains=word) | Q(queue__event_name__icontains=word) | Q(queue__code=word.upper())
        found |= Q(queue__venue__name__icontains=word)
        number = whole(word.lstrip("#"), digits=10)
        if number is not None and number < 2**31:
            found |= Q(ticket=number)
        return found | Q(pk=wanted) if wanted else found

    # ------------------------------------------------------------------------------------------------------- showing
    ticket_no = column("No.", str, ordering="ticket")
    status_label = column(
        "State", lambda party: (party.status, party.get_status_display()), ordering="status", colours=STATUS_COLOURS
    )
    line = column("Line", lambda party: link_to(party.queue), ordering="queue__event_name")
    venue = column("Venue", lambda party: str(party.queue.venue or "-"), ordering="queue__venue__name")
    joined = column("Joined", lambda party: moment_of(party.queue, party.joined_at), ordering="joined_at")
    quote = column("Quote", lambda party: sentences.wait_range(party.quote_low_ms, party.quote_high_ms))
    called = column("Called", lambda party: moment_of(party.queue, party.called_at), ordering="called_at")
    deadline = column("Called until", lambda party: deadline_of(party.queue, party.call_deadline))
    late = column("Late since", lambda party: moment_of(party.queue, party.late_at))
    on_my_way = column("On its way since", lambda party: moment_of(party.queue, party.on_my_way_at))
    ended = column("Ended", lambda party: moment_of(party.queue, party.ended_at), ordering="ended_at")

    def page(self, row: Party) -> dict[str, Any]:
        return {
            "buttons": self._buttons(row),
            "saw": seen.state(row),
            "events_url": list_of("outbox_event", party_id__exact=row.pk),
            **story_of(events_of_party(row), row.queue, across_streams=True),
        }

    def _buttons(self, party: Party) -> list[Button]:
        always = [] if party.erased_at else self.offered.get(ALWAYS, [])
        return [*self._of_line(party), *always]

    def _of_line(self, party: Party) -> list[Button]:
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
        """Adds an action of an app that this one must not import, and its button for parties in the state `when`, or ALWAYS."""
        cls.actions = (*cls.actions, action)
        cls.offered.setdefault(when, []).append(button)

    # ------------------------------------------------------------------------------------------------------- actions
    call = party_action(commands.call, "Call (again)", done="Called")
    serve = party_action(commands.serve, "Seat", done="Seated")
    give_more_time = party_action(commands.give_more_time, "Give more time", done="Given more time")
    no_show = party_action(commands.no_show, "Mark as no-show", done="Marked as no-show")
    put_back = party_action(commands.put_back, "Put back to the head of the line", done="Put back", last_first=True)
    kick = party_action(commands.kick, "Remove from the line", done="Removed")
