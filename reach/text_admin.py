"""Texts of venues, for staff to look at. Secrets, numbers and what people wrote are never shown."""

from typing import Any, ClassVar

from django.contrib import admin

from reach.providers import MICROS
from reach.text_models import Provider, Said, Spent, Stopped
from web.admin import StaffAdmin
from web.admin_columns import column, link_to, time_of

MADE, FAILING = time_of("made_at", "Made"), time_of("failing_since", "Failing since")
AT, DONE = time_of("at", "At"), time_of("done_at", "Done")


@admin.register(Provider)
class ProviderAdmin(StaffAdmin):
    """Who carries a venue's texts, and whether they are taken."""

    list_display = ("of_venue", "kind", "sender", FAILING)
    list_filter = ("kind", ("failing_since", admin.EmptyFieldListFilter))
    list_select_related = ("venue",)
    search_fields = ("venue__name",)
    ids = ("pk", "venue_id")
    search_help_text = "Name of the venue, or an id"
    ordering = ("-made_at",)
    fields: ClassVar[Any] = (
        "of_venue", "kind", "sender", "whatsapp_sender", "quiet_from", "quiet_until", "limit", MADE, FAILING, "problem",
    )  # fmt: skip

    of_venue = column("Venue", lambda each: link_to(each.venue))
    limit = column(
        "At most a day",
        lambda each: "-" if each.cap_micros is None else f"{each.cap_micros / MICROS:.2f} {each.currency}",
    )


@admin.register(Spent)
class SpentAdmin(StaffAdmin):
    """What texts of a business day cost."""

    list_display = ("of_venue", "day", "texts", "segments", "held_back", "cost")
    list_filter = ("day",)
    list_select_related = ("venue",)
    search_fields = ("venue__name",)
    ids = ("venue_id",)
    search_help_text = "Name of the venue, or its id"
    ordering = ("-day", "-pk")
    fields: ClassVar[Any] = ("of_venue", "day", "texts", "segments", "held_back", "cost")

    of_venue = column("Venue", lambda each: link_to(each.venue))
    cost = column("Cost", lambda each: f"{each.micros / MICROS:.2f}")


@admin.register(Said)
class SaidAdmin(StaffAdmin):
    """That something was written, and what came of it; the words are between guest and host."""

    list_display = (AT, "by", "channel", "meaning", "outcome", "of_party", "of_venue")
    list_filter = ("by", "channel", "at")
    list_select_related = ("venue", "party")
    search_fields = ("meaning",)
    ids = ("party_id", "venue_id")
    search_help_text = "What was asked for, or the id of a party or venue"
    ordering = ("-pk",)
    fields: ClassVar[Any] = (AT, "by", "channel", "meaning", "outcome", DONE, "of_party", "of_venue")

    of_party = column("Party", lambda each: link_to(each.party) if each.party else "-")
    of_venue = column("Venue", lambda each: link_to(each.venue))


@admin.register(Stopped)
class StoppedAdmin(StaffAdmin):
    """How many numbers want no texts, and since when; which, nobody can see."""

    list_display = (AT, "of_venue")
    list_filter = ("at",)
    list_select_related = ("venue",)
    search_fields = ("venue__name",)
    ids = ("venue_id",)
    search_help_text = "Name of the venue, or its id"
    ordering = ("-pk",)
    fields: ClassVar[Any] = (AT, "of_venue")

    of_venue = column("Venue", lambda each: link_to(each.venue))
