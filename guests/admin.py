"""Guests, for staff to look at: without their numbers and notes, which are for their venue alone."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Q

from guests.models import Guest, Visit
from web.admin import StaffAdmin
from web.admin_columns import column, link, link_to, list_of, time_of

FIRST, SEEN = time_of("first_at", "First came"), time_of("seen_at", "Last came")


@admin.register(Guest)
class GuestAdmin(StaffAdmin):
    """Guests: the venue that knows them, since when."""

    list_display = ("__str__", "of_venue", "vip", "not_welcome", FIRST, SEEN)
    list_filter = ("vip", "not_welcome")
    list_select_related = ("venue",)
    search_fields = ("venue__name",)
    ids = ("pk", "venue_id")
    search_help_text = "Name of the venue, or an id"
    ordering = ("-seen_at",)
    fields: ClassVar[Any] = ("of_venue", "vip", "not_welcome", FIRST, SEEN, "came")

    of_venue = column("Venue", lambda each: link_to(each.venue))
    came = column("Visits", lambda each: link(list_of("guests_visit", guest__id__exact=each.pk), "With which parties"))


@admin.register(Visit)
class VisitAdmin(StaffAdmin):
    """With which parties guests came."""

    list_display = ("guest", "of_party")
    list_filter = ("party__status",)
    list_select_related = ("guest", "party")
    search_fields = ("party__ticket",)
    search_help_text = "The id of a guest or a party"
    ordering = ("-party__joined_at",)
    fields: ClassVar[Any] = ("guest", "of_party")

    def matches(self, word: str, wanted: UUID | None) -> Q:
        """By an id."""
        return (
            Q(party__ticket=int(word))
            if wanted is None and word.isdecimal() and len(word) < 9
            else Q(party_id=wanted) | Q(guest_id=wanted)
        )

    of_party = column("Party", lambda visit: link_to(visit.party))
