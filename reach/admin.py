"""How guests are reached, for staff to look at. Numbers and addresses are never shown."""

from typing import Any, ClassVar

from django.contrib import admin

from reach.models import Channels, Contact, Message, Proof
from reach.text_admin import ProviderAdmin as ProviderAdmin
from web.admin import StaffAdmin
from web.admin_columns import column, link_by_id, link_to, time_of

MADE, SENT, CHANGED = time_of("made_at", "Made"), time_of("sent_at", "Sent"), time_of("changed_at", "Changed")


@admin.register(Channels)
class ChannelsAdmin(StaffAdmin):
    """Which ways a venue offers."""

    list_display = ("of_venue", "ways", "fallback_s")
    list_filter = ("fallback_s",)
    list_select_related = ("venue",)
    search_fields = ("venue__name",)
    ids = ("venue_id",)
    search_help_text = "Name of the venue, or its id"
    ordering = ("pk",)
    fields: ClassVar[Any] = ("of_venue", "ways", "fallback_s")

    of_venue = column("Venue", lambda each: link_to(each.venue))


@admin.register(Contact)
class ContactAdmin(StaffAdmin):
    """That a party can be reached, and by which ways; not where."""

    list_display = ("of_party", "ways", "language", CHANGED)
    list_filter = ("language",)
    list_select_related = ("party",)
    search_fields = ("language__exact",)
    ids = ("party_id",)
    search_help_text = "The id of a party"
    ordering = ("-changed_at",)
    fields: ClassVar[Any] = ("of_party", "ways", "language", CHANGED)

    of_party = column("Party", lambda each: link_to(each.party))


@admin.register(Proof)
class ProofAdmin(StaffAdmin):
    """That a code was sent to a number, how often, and how often one was typed wrong; neither number nor code."""

    list_display = (MADE, SENT, "sent", "tries", "expires_at", "of_party")
    list_filter = ("made_at",)
    list_select_related = ("party",)
    search_fields = ("party__ticket__iexact",)
    ids = ("party_id",)
    search_help_text = "The id of a party, or its ticket"
    ordering = ("-pk",)
    fields: ClassVar[Any] = (MADE, SENT, "sent", "tries", "expires_at", "of_party")

    of_party = column("Party", lambda each: link_to(each.party))


@admin.register(Message)
class MessageAdmin(StaffAdmin):
    """What went out, by which way, and how far it came."""

    list_display = (MADE, "kind", "way", "state", SENT, "attempts", "detail", "of_party")
    list_filter = ("state", "way", "kind")
    search_fields = ("detail",)
    ids = ("pk", "party_id")
    search_help_text = "The provider's status, or the id of a party"
    ordering = ("-made_at",)
    fields: ClassVar[Any] = (MADE, "kind", "way", "state", SENT, "attempts", "detail", "of_party")

    of_party = column("Party", lambda each: link_by_id("queues_party", each.party_id, "party"))
