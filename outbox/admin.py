"""Events and their effects."""

from typing import Any, ClassVar, get_args
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from core.actors import Kind
from outbox import commands
from outbox.effects import EFFECTS, HANDLERS
from outbox.models import Effect, Event
from web.admin import StaffAdmin
from web.admin_columns import column, link, link_by_id, link_to, list_of, local, time_of
from web.admin_filters import choice_filter, value_filter

STATUS_COLOURS = {"pending": "warning", "done": "success", "dead": "danger"}
# The admin page of a stream's id.
STREAM_PAGES = {
    "queue": "queues_queue",
    "push": "push_subscription",
    "poll": "polls_poll",
    "room": "rooms_room",
    "venue": "venues_venue",
    "mail": "mail_mail",
}
AT = time_of("at", "At")
DUE, LEASED, DONE = time_of("due_at", "Due"), time_of("leased_until", "Taken until"), time_of("done_at", "Done")


TypeFilter = value_filter("type", EFFECTS)


@admin.register(Event)
class EventAdmin(StaffAdmin):
    """The event log. Its rows never change."""

    list_display = (AT, "type", "action", "by", "of_stream", "of_party", "version", "seq")
    list_filter = (TypeFilter, value_filter("stream", STREAM_PAGES), value_filter("actor", get_args(Kind)), "at")
    list_select_related = ("actor_user",)
    # Makes Django show the search field; `matches` searches.
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

    def matches(self, word: str, wanted: UUID | None) -> Q:
        """Whole values only: searching for parts would scan all events."""
        if wanted is not None:
            return Q(stream_id=wanted) | Q(party_id=wanted)
        return Q(action=word.lower()) | Q(type=word.upper())

    by = column("By", lambda event: _by(event), ordering="actor")
    of_stream = column("Of", lambda event: link_by_id(STREAM_PAGES.get(event.stream), event.stream_id, event.stream))
    of_party = column("Party", lambda event: link_by_id("queues_party", event.party_id, "party"))
    effects_of_it = column(
        "Effects", lambda event: link(list_of("outbox_effect", event__id__exact=event.pk), "What was done about it")
    )


def _by(event: Event) -> str:
    """The kind of actor, with the account if they had signed in."""
    return f"{event.actor} {event.actor_user.email}" if event.actor_user else event.actor


@admin.register(Effect)
class EffectAdmin(StaffAdmin):
    """Effects of events. Dead ones failed for good and wait for staff."""

    list_display = ("name", "state", "of_event", "event_at", "attempts", DUE, DONE, "problem")
    list_filter = ("status", choice_filter("effect", {name: Q(name=name) for name in HANDLERS}), "due_at")
    list_select_related = ("event",)
    search_fields = ("last_error",)
    search_help_text = "The id of a line, party or event; or words of the error of what is not done"
    ordering = ("-pk",)
    list_before_template = "admin/tallyline/dead_effects.html"
    actions = ("retry",)
    fields: ClassVar[Any] = ("name", "state", "of_event", "event_at", "attempts", DUE, LEASED, DONE, "last_error")

    def matches(self, word: str, wanted: UUID | None) -> Q:
        """The id of a line, party or event; or part of an error, among the few effects that are not done."""
        if wanted is not None:
            return Q(event__stream_id=wanted) | Q(event__party_id=wanted)
        if word.isascii() and word.isdecimal() and len(word) < 19:
            return Q(event_id=int(word))
        return Q(status__in=[Effect.Status.PENDING, Effect.Status.DEAD], last_error__icontains=word)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        dead = Effect.objects.filter(status=Effect.Status.DEAD).count()
        shown = request.GET.get("status__exact") == Effect.Status.DEAD
        more = {"dead": 0 if shown else dead, "dead_url": list_of("outbox_effect", status__exact=Effect.Status.DEAD)}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    state = column("State", lambda effect: effect.status, ordering="status", colours=STATUS_COLOURS)
    of_event = column("Event", lambda effect: link_to(effect.event))
    event_at = column("Happened", lambda effect: local(effect.event.at, settings.TIME_ZONE, seconds=True))
    problem = column("Last error", lambda effect: _beginning_of(effect.last_error))

    @admin.action(description="Retry now")
    def retry(self, request: HttpRequest, queryset: QuerySet[Effect]) -> HttpResponse | None:
        """Retries dead and waiting effects; done ones stay done."""

        def command(effect: Effect) -> bool:
            taken_up = commands.retry_effect(effect_id=effect.pk)
            if taken_up:
                self.log_change(request, effect, "Retried.")
            return taken_up

        return self.run(
            request, queryset, command, done="Taken up again", name=lambda effect: f"{effect.name} of {effect.event}"
        )


def _beginning_of(text: str) -> str:
    """The first 60 characters of an error; the rest in its tooltip and on the effect's page."""
    return format_html('<span title="{}">{}</span>', text, text[:60] + "…" * (len(text) > 60)) if text else "-"
