"""Browsers that asked to be told, and what they were told. Addresses and keys are secrets and are not shown."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from core.actors import Actor
from push import commands
from push.models import Delivery, Subscription
from queues.admin.pages import Button
from queues.admin.parties import PartyAdmin
from queues.models import Party
from web.admin import StaffAdmin, as_uuid, link, link_to, list_of, time_of

CREATED, CHANGED, SENT = time_of("created_at", "Made"), time_of("changed_at", "Changed"), time_of("sent_at", "Answered")
RESULT_COLOURS = {"sent": "success", "gone": "warning", "refused": "danger"}


@admin.action(description="Send the call's push again")
def resend_call(page: PartyAdmin, request: HttpRequest, queryset: QuerySet[Party]) -> HttpResponse | None:
    """To every browser the party has subscribed."""

    def command(line: Any, *, party_id: Any, actor: Actor, saw: str = "") -> int:
        # `saw` is not compared: a push changes nothing in line, and its command refuses a party that is not called.
        return commands.resend_call(party_id=party_id, actor=actor)

    return page.for_each(request, queryset, command, "Sent again")


PartyAdmin.offer(resend_call, Button("resend_call", "Send push again"), when=Party.Status.CALLED)


@admin.register(Subscription)
class SubscriptionAdmin(StaffAdmin):
    """Who is told, through which push service."""

    list_display = ("of_party", "of_line", "service", CREATED, CHANGED, "not_before")
    list_filter = ("created_at", ("not_before", admin.EmptyFieldListFilter))
    list_select_related = ("queue", "party")
    search_fields = ("queue__code",)
    search_help_text = "Code of the line; the id of a subscription, line or party"
    ordering = ("-created_at",)
    fields: ClassVar[Any] = ("of_party", "of_line", "service", CREATED, CHANGED, "not_before", "version", "deliveries")
    readonly_fields: ClassVar[Any] = ("of_party", "of_line", "service", CREATED, CHANGED, "deliveries")
    actions = ("forget",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Subscription], search_term: str
    ) -> tuple[QuerySet[Subscription], bool]:
        """Addresses are never sought: they are secrets."""
        for word in search_term.split():
            wanted = as_uuid(word)
            if wanted is None:
                queryset = queryset.filter(queue__code=word.upper())
            else:
                queryset = queryset.filter(Q(pk=wanted) | Q(party_id=wanted) | Q(queue_id=wanted))
        return queryset, False

    @display(description="Party", ordering="party__ticket")
    def of_party(self, subscription: Subscription) -> str:
        """Whose browser it is."""
        return link_to(subscription.party)

    @display(description="Line")
    def of_line(self, subscription: Subscription) -> str:
        """In which line."""
        return link_to(subscription.queue)

    @display(description="Push service")
    def service(self, subscription: Subscription) -> str:
        """The address without what makes it secret."""
        return urlsplit(subscription.endpoint).hostname or "-"

    @display(description="Messages")
    def deliveries(self, subscription: Subscription) -> str:
        """What it was told."""
        return link(list_of("push_delivery", subscription__id__exact=subscription.pk), "What it was told")

    @admin.action(description="Forget: this browser is told nothing more")
    def forget(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> HttpResponse | None:
        """Ends the chosen subscriptions."""

        def command(subscription: Subscription) -> bool:
            self.log_deletions(request, Subscription.objects.filter(pk=subscription.pk))
            return commands.forget(subscription_id=subscription.pk)

        return self.run(request, queryset, command, done="Forgotten")


@admin.register(Delivery)
class DeliveryAdmin(StaffAdmin):
    """How each message ended."""

    list_display = (SENT, "kind", "outcome", "of_party", "round", "again", "detail")
    list_filter = ("kind", "result", "sent_at")
    search_fields = ("detail",)
    search_help_text = "The id of a party or subscription, or the push service's status"
    # As they were written: there is no index on the time alone.
    ordering = ("-pk",)
    fields: ClassVar[Any] = (SENT, "kind", "outcome", "of_party", "round", "again", "detail")
    readonly_fields: ClassVar[Any] = (SENT, "outcome", "of_party")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Delivery], search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        """Ids by index; anything else as a word of the detail."""
        for word in search_term.split():
            wanted = as_uuid(word)
            found = Q(detail__icontains=word) if wanted is None else Q(party_id=wanted) | Q(subscription_id=wanted)
            queryset = queryset.filter(found)
        return queryset, False

    @display(description="Result", ordering="result", label=RESULT_COLOURS)
    def outcome(self, delivery: Delivery) -> str:
        """Accepted by the push service, or not."""
        return delivery.result

    @display(description="Party")
    def of_party(self, delivery: Delivery) -> str:
        """Whom it was for."""
        return link(list_of("queues_party", id__exact=delivery.party_id), f"party {str(delivery.party_id)[:8]}…")
