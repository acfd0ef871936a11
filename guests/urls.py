"""Paths of guests: the owner's page, and what a host sees of a party's guest."""

from django.urls import path

from guests import pages

urlpatterns = [
    path("venue/guests", pages.guests, name="guests"),
    path("venue/guests/history", pages.history, name="guest-history"),
    path("venue/guests/<uuid:guest_id>/forget", pages.forget, name="forget-guest"),
    path("queue/<code:code>/host/guest/<int:ticket>", pages.of_party, name="party-guest"),
]
