"""What happened, and what was done about it."""

from typing import Any, ClassVar, get_args
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from unfold.decorators import display

from core.actors import Kind
from outbox import commands
from outbox.effects import EFFECTS, HANDLERS
from outbox.models import Effect, Event
from web.admin import StaffAdmin, as_uuid, link, link_to, list_of, local, time_of

STATUS_COLOURS = {"pending": "warning", "done": "success", "dead": "danger"}
# Which admin page a stream's id belongs to.
STREAM_PAGES = {"queue": "queues_queue", "push": "push_subscription", "poll": "polls_poll", "room": "rooms_room"}
AT = time_of("at", "At")
DUE, LEASED, DONE = time_of("due_at", "Due"), time_of("leased_until", "Taken until"), time_of("done_at", "Done")


class ChoiceFilter(admin.SimpleListFilter):
    """One field by a fixed set of values: asking the table which there are would read all of it."""

    values: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(value, value) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset


class TypeFilter(ChoiceFilter):
    """What happened."""

    title, parameter_name, values = "type", "type", tuple(EFFECTS)


class StreamFilter(ChoiceFilter):
    """To what it happened."""

    title, parameter_name = "stream", "stream"
    values = tuple(STREAM_PAGES)


class ActorFilter(ChoiceFilter):
    """Who did it."""

    title, parameter_name, values = "actor", "actor", get_args(Kind)


class NameFilter(ChoiceFilter):
    """Which effect."""

    title, parameter_name, values = "effect", "name", tuple(HANDLERS)


@admin.register(Event)
class EventAdmin(StaffAdmin):
    """The log of everything. Nothing in it is ever changed."""

    list_display = (AT, "type", "action", "by", "of_stream", "of_party", "version", "seq")
    list_filter = (TypeFilter, StreamFilter, ActorFilter, "at")
    list_select_related = ("actor_user",)
    # Only says that there is a search; `get_search_results` does it.
    search_fields = ("action",)
    search_help_text = "The id of a line or party, an action such as “advance”, or a type"
    ordering = ("-at",)
    fields: ClassVar[Any] = (
        AT,
        "type",
        "action",
        "by",
        "of_stream",
        "of_party",
        "version",
        "seq",
        "data",
        "changes",
        "effects_of_it",
    )
    readonly_fields: ClassVar[Any] = (AT, "by", "of_stream", "of_party", "effects_of_it")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """By whole values only: part of one would be sought in every event there ever was."""
        for word in search_term.split():
            wanted = as_uuid(word)
            if wanted is not None:
                queryset = queryset.filter(Q(stream_id=wanted) | Q(party_id=wanted))
            else:
                queryset = queryset.filter(Q(action=word.lower()) | Q(type=word.upper()))
        return queryset, False

    @display(description="By", ordering="actor")
    def by(self, event: Event) -> str:
        """Who did it, with the account if they had signed in."""
        return f"{event.actor} {event.actor_user.email}" if event.actor_user else event.actor

    @display(description="Of")
    def of_stream(self, event: Event) -> str:
        """The line, or what else it happened to."""
        return self._link(STREAM_PAGES.get(event.stream), event.stream_id, event.stream)

    @display(description="Party")
    def of_party(self, event: Event) -> str:
        """The party it names."""
        return "-" if event.party_id is None else self._link("queues_party", event.party_id, "party")

    def _link(self, page: str | None, pk: UUID, word: str) -> str:
        text = f"{word}\u00a0{str(pk)[:8]}…"
        # By id in the list: the row may be gone, and a list says so kindly.
        return link(list_of(page, id__exact=pk), text) if page else text

    @display(description="Effects")
    def effects_of_it(self, event: Event) -> str:
        """What is or was to be done about it."""
        return link(list_of("outbox_effect", event__id__exact=event.pk), "What was done about it")


@admin.register(Effect)
class EffectAdmin(StaffAdmin):
    """What is to be done about events. Dead ones were given up, and wait for staff."""

    list_display = ("name", "state", "of_event", "event_at", "attempts", DUE, DONE, "problem")
    list_filter = ("status", NameFilter, "due_at")
    list_select_related = ("event",)
    search_fields = ("last_error",)
    search_help_text = "The id of a line, party or event; or words of the error of what is not done"
    ordering = ("-pk",)
    list_before_template = "admin/tallyline/dead_effects.html"
    actions = ("retry",)
    fields: ClassVar[Any] = ("name", "state", "of_event", "event_at", "attempts", DUE, LEASED, DONE, "last_error")
    readonly_fields: ClassVar[Any] = ("state", "of_event", "event_at", DUE, LEASED, DONE)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Effect], search_term: str
    ) -> tuple[QuerySet[Effect], bool]:
        """Errors are sought among the few that are not done."""
        for word in search_term.split():
            wanted = as_uuid(word)
            if wanted is not None:
                queryset = queryset.filter(Q(event__stream_id=wanted) | Q(event__party_id=wanted))
            elif word.isascii() and word.isdecimal() and len(word) < 19:
                queryset = queryset.filter(event_id=int(word))
            else:
                not_done = [Effect.Status.PENDING, Effect.Status.DEAD]
                queryset = queryset.filter(status__in=not_done, last_error__icontains=word)
        return queryset, False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        dead = Effect.objects.filter(status=Effect.Status.DEAD).count()
        shown = request.GET.get("status__exact") == Effect.Status.DEAD
        more = {"dead": 0 if shown else dead, "dead_url": list_of("outbox_effect", status__exact=Effect.Status.DEAD)}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    @display(description="State", ordering="status", label=STATUS_COLOURS)
    def state(self, effect: Effect) -> str:
        """Pending, done or dead."""
        return effect.status

    @display(description="Event")
    def of_event(self, effect: Effect) -> str:
        """What it is about."""
        return link_to(effect.event)

    @display(description="Happened")
    def event_at(self, effect: Effect) -> str:
        """When the event was."""
        return local(effect.event.at, settings.TIME_ZONE, seconds=True)

    @display(description="Last error")
    def problem(self, effect: Effect) -> str:
        """Its beginning; all of it is on the effect's page."""
        text = effect.last_error
        return format_html('<span title="{}">{}</span>', text, text[:60] + "…" * (len(text) > 60)) if text else "-"

    @admin.action(description="Retry now")
    def retry(self, request: HttpRequest, queryset: QuerySet[Effect]) -> HttpResponse | None:
        """Takes dead and waiting effects up again; what is done stays done."""

        def command(effect: Effect) -> bool:
            taken_up = commands.retry_effect(effect_id=effect.pk)
            if taken_up:
                self.log_change(request, effect, "Retried.")
            return taken_up

        return self.run(
            request, queryset, command, done="Taken up again", name=lambda effect: f"{effect.name} of {effect.event}"
        )
