"""Push subscriptions and deliveries. Endpoints and keys are secrets and are not shown."""

from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from core.actors import Actor
from push import commands
from push.models import Delivery, Subscription
from queues.admin.parties import PartyAdmin, party_action
from queues.models import Party
from web.admin import StaffAdmin
from web.admin_actions import Button
from web.admin_columns import column, link, link_by_id, link_to, list_of, time_of

CREATED, CHANGED, SENT = time_of("created_at", "Made"), time_of("changed_at", "Changed"), time_of("sent_at", "Answered")
RECEIVED = time_of("received_at", "Arrived")
RESULT_COLOURS = {"sent": "success", "gone": "warning", "refused": "danger"}


def resend_call(line: UUID, *, party_id: UUID, actor: Actor, saw: str) -> int:
    """Sends the call to every browser of the party again. `saw` is not compared: a push changes nothing in line, and the command
    refuses a party that is not called."""
    return commands.resend_call(party_id=party_id, actor=actor)


PartyAdmin.offer(
    party_action(resend_call, "Send the call's push again", done="Sent again"),
    Button("resend_call", "Send push again"),
    when=Party.Status.CALLED,
)


@admin.register(Subscription)
class SubscriptionAdmin(StaffAdmin):
    """Subscriptions: the party, the line, the push service."""

    list_display = ("of_party", "of_line", "service", CREATED, CHANGED, "not_before")
    list_filter = ("created_at", ("not_before", admin.EmptyFieldListFilter))
    list_select_related = ("queue", "party")
    search_fields = ("queue__code",)
    search_help_text = "Code of the line; the id of a subscription, line or party"
    ordering = ("-created_at",)
    fields: ClassVar[Any] = ("of_party", "of_line", "service", CREATED, CHANGED, "not_before", "version", "deliveries")
    actions = ("forget",)

    def matches(self, word: str, wanted: UUID | None) -> Q:
        """Searches by a line's code or an id; never by endpoint, which is a secret."""
        return Q(queue__code=word.upper()) if wanted is None else Q(pk=wanted) | Q(party_id=wanted) | Q(queue_id=wanted)

    of_party = column("Party", lambda subscription: link_to(subscription.party), ordering="party__ticket")
    of_line = column("Line", lambda subscription: link_to(subscription.queue))
    # The host name alone: the path is the secret part.
    service = column("Push service", lambda subscription: urlsplit(subscription.endpoint).hostname or "-")
    deliveries = column(
        "Messages", lambda each: link(list_of("push_delivery", subscription__id__exact=each.pk), "What it was told")
    )

    @admin.action(description="Forget: this browser is told nothing more")
    def forget(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> HttpResponse | None:
        """Ends the chosen subscriptions."""

        def command(subscription: Subscription) -> bool:
            self.log_deletions(request, Subscription.objects.filter(pk=subscription.pk))
            return commands.forget(subscription_id=subscription.pk)

        return self.run(request, queryset, command, done="Forgotten")


@admin.register(Delivery)
class DeliveryAdmin(StaffAdmin):
    """Deliveries: how the push service answered each message."""

    list_display = (SENT, "kind", "outcome", RECEIVED, "of_party", "round", "again", "detail")
    list_filter = ("kind", "result", ("received_at", admin.EmptyFieldListFilter), "sent_at")
    search_fields = ("detail",)
    ids = ("party_id", "subscription_id")
    search_help_text = "The id of a party or subscription, or the push service's status"
    # By primary key, which is the order of writing: the time alone has no index.
    ordering = ("-pk",)
    fields: ClassVar[Any] = (SENT, "kind", "outcome", RECEIVED, "of_party", "round", "again", "detail")

    outcome = column("Result", lambda delivery: delivery.result, ordering="result", colours=RESULT_COLOURS)
    of_party = column("Party", lambda delivery: link_by_id("queues_party", delivery.party_id, "party"))
