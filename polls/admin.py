"""Polls in the staff admin. Ballots, tallies and seals have composite keys, which Django's admin cannot show; a poll's page
shows what they add up to."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from config.admin import StaffAdmin, link, list_of, time_of
from outbox.actors import Actor
from polls import commands, selectors
from polls.models import Choice, OneTimeCode, Poll

CREATED, OPENED, CLOSED = time_of("created_at", "Made"), time_of("opened_at", "Opened"), time_of("closed_at", "Closed")


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in member of staff."""
    return Actor("staff", request.user.pk)


@admin.register(Poll)
class PollAdmin(StaffAdmin):
    """A poll, how it stands, and its log."""

    list_display = ("title", "code", "status", "venue", "visibility", CREATED, "log")
    list_filter = ("status", "visibility", "dedupe", "venue", "created_at")
    list_select_related = ("venue",)
    search_fields = ("title", "code__iexact", "venue__name")
    search_help_text = "Title, code or venue"
    ordering = ("-created_at",)
    actions: Any = ("open_poll", "close")
    fields: ClassVar[Any] = (
        "title", "description", "code", "status", "venue", "queue", "standing", "min_picks", "max_picks", "visibility",
        "may_change", "dedupe", "shards", "starts_at", "ends_at", CREATED, OPENED, CLOSED, "version", "root", "log",
    )  # fmt: skip
    readonly_fields: ClassVar[Any] = (CREATED, OPENED, CLOSED, "standing", "log")

    @display(description="How it stands")
    def standing(self, poll: Poll) -> str:
        """Counts by choice, exact."""
        row = selectors.current_row(poll.pk)
        if row is None:
            return "-"
        counts = ", ".join(f"{choice['text']}: {choice['count']}" for choice in row["choices"])
        return f"{row['ballots']} ballots ({counts})"

    @display(description="Log")
    def log(self, poll: Poll) -> str:
        """Its events."""
        return link(list_of("outbox_event", stream_id__exact=poll.pk), "events")

    @admin.action(description="Open: let ballots in")
    def open_poll(self, request: HttpRequest, queryset: QuerySet[Poll]) -> HttpResponse | None:
        """Drafts only."""
        actor = actor_of(request)
        return self.run(request, queryset, lambda poll: commands.open_poll(poll.pk, actor=actor), done="Opened")

    @admin.action(description="Close: end the vote")
    def close(self, request: HttpRequest, queryset: QuerySet[Poll]) -> HttpResponse | None:
        """Publishes the digest."""
        actor = actor_of(request)
        return self.run(request, queryset, lambda poll: commands.close(poll.pk, actor=actor), done="Closed")


@admin.register(Choice)
class ChoiceAdmin(StaffAdmin):
    """What can be picked."""

    list_display = ("text", "number", "poll")
    list_filter = ("poll__status",)
    list_select_related = ("poll",)
    search_fields = ("text", "poll__title", "poll__code__iexact")
    ordering = ("-pk",)


@admin.register(OneTimeCode)
class OneTimeCodeAdmin(StaffAdmin):
    """That there are codes; which, nobody knows."""

    list_display = ("poll",)
    list_filter = ("poll__status",)
    list_select_related = ("poll",)
    search_fields = ("poll__title", "poll__code__iexact")
    ordering = ("-pk",)
    fields: ClassVar[Any] = ("poll",)
