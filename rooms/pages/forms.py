"""The form that opens a room, with the limits of the API's body (rooms/api/bodies.py)."""

from datetime import timedelta
from typing import ClassVar

from django import forms

from core import clock
from rooms.commands import NewRoom
from venues.forms import VenueForm
from web.forms import FormKey, ShortText


class RoomForm(VenueForm):
    """A room to open."""

    ENDS: ClassVar = [(1, "1 h"), (3, "3 h"), (12, "12 h")]
    NAMES: ClassVar = {"closesAt": "ends_in"}

    title = ShortText(
        label="Your yes/no question",
        max_length=255,
        attrs={"placeholder": "Shall we open a bottle?", "autocomplete": "off"},
    )
    ends_in = forms.TypedChoiceField(
        label="Closes by itself in", choices=ENDS, coerce=int, initial=3, widget=forms.RadioSelect
    )
    key = FormKey()

    def new_room(self) -> NewRoom:
        """What the command takes."""
        data = self.cleaned_data
        return NewRoom(title=data["title"], closes_at=clock.now() + timedelta(hours=data["ends_in"]))
