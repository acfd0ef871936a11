"""Webhooks, for staff to look at. Secrets are never shown; owners change webhooks on their own pages."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.contrib import admin

from web.admin import StaffAdmin
from web.admin_columns import column, link, link_to, list_of, time_of
from webhooks.models import Attempt, Endpoint, Feed

MADE, FAILING, DISABLED = (
    time_of("created_at", "Made"),
    time_of("failing_since", "Failing since"),
    time_of("disabled_at", "Disabled"),
)
AT, DUE = time_of("at", "Sent"), time_of("due_at", "Next try")
RESULT_COLOURS = {"taken": "success", "failed": "warning", "given up": "danger"}


@admin.register(Endpoint)
class EndpointAdmin(StaffAdmin):
    """Webhooks: the venue, the host that is told, and whether it answers."""

    list_display = ("name", "of_venue", "host", MADE, FAILING, DISABLED)
    list_filter = (("failing_since", admin.EmptyFieldListFilter), ("disabled_at", admin.EmptyFieldListFilter))
    list_select_related = ("venue",)
    search_fields = ("name", "venue__name")
    ids = ("pk", "venue_id")
    search_help_text = "Name of the webhook or the venue, or an id"
    ordering = ("-created_at",)
    fields: ClassVar[Any] = ("name", "of_venue", "host", "events", MADE, FAILING, DISABLED, "sent")

    of_venue = column("Venue", lambda each: link_to(each.venue))
    # The host alone: a path may be a secret.
    host = column("Told", lambda each: urlsplit(each.url).hostname or "-")
    sent = column(
        "Messages", lambda each: link(list_of("webhooks_attempt", endpoint__id__exact=each.pk), "What was sent")
    )


@admin.register(Attempt)
class AttemptAdmin(StaffAdmin):
    """What was sent, and what was answered."""

    list_display = (AT, "type", "outcome", "detail", "took_ms", "of_endpoint", "by_hand")
    list_filter = ("result", "at")
    list_select_related = ("endpoint",)
    search_fields = ("type",)
    ids = ("endpoint_id",)
    search_help_text = "Type of event, or the id of a webhook"
    ordering = ("-pk",)
    fields: ClassVar[Any] = (AT, "type", "outcome", "detail", "took_ms", "of_endpoint", "by_hand")

    outcome = column("Result", lambda attempt: attempt.result, ordering="result", colours=RESULT_COLOURS)
    of_endpoint = column("Webhook", lambda attempt: link_to(attempt.endpoint))


@admin.register(Feed)
class FeedAdmin(StaffAdmin):
    """How far each webhook was told of each line, poll and room."""

    list_display = ("stream", "stream_id", "of_endpoint", "version", "newest", "attempts", DUE)
    list_filter = ("stream",)
    list_select_related = ("endpoint",)
    search_fields = ("stream__exact",)
    ids = ("stream_id", "endpoint_id")
    search_help_text = "The id of a webhook, line, poll or room"
    ordering = ("-pk",)
    fields: ClassVar[Any] = ("stream", "stream_id", "of_endpoint", "version", "newest", "attempts", DUE)

    of_endpoint = column("Webhook", lambda feed: link_to(feed.endpoint))
