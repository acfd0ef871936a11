"""Forms that make something for a venue."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest

from core.actors import HOST, Actor
from venues.devices import device_of
from venues.models import User, Venue
from web.forms import RefusableForm


class VenueForm(RefusableForm):
    """Makes something for one of the `venues` of a person or device; for no venue where it is None."""

    def __init__(self, *arguments: Any, venues: Sequence[Venue] | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._venues = {str(venue.pk): venue for venue in venues or ()}
        if venues is not None:
            choices = [(key, venue.name) for key, venue in self._venues.items()]
            self.fields["venue"] = forms.ChoiceField(
                label="Venue", choices=choices, initial=next(iter(self._venues), None)
            )
            if len(venues) == 1:
                self.fields["venue"].widget = forms.HiddenInput()

    @property
    def shown_before_sign_in(self) -> bool:
        """Whether the form that was sent did not ask for a venue yet: its page was loaded before the person signed in."""
        return self.is_bound and bool(self._venues) and "venue" not in self.data

    def owner(self, user: Any) -> tuple[Venue | None, Actor]:
        """The venue that a valid form chose, and who acts for it: the person, or a host without an account, such as a device."""
        venue = self._venues.get(self.cleaned_data.get("venue", ""))
        return venue, Actor("host", user.pk) if venue is not None else HOST


def venues_of(request: HttpRequest) -> list[Venue] | None:
    """The venues of a signed-in person, or the one of this device; None for others and for a person without one."""
    if isinstance(request.user, User):
        return list(Venue.objects.filter(memberships__user=request.user)) or None
    device = device_of(request)
    return [device.venue] if device is not None and not device.kiosk_pin else None
