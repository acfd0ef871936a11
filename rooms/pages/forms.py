"""What people may type about rooms: the same limits as the API's body (rooms/api/), in a form's own shape."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django import forms

from core import clock
from rooms.commands import NewRoom
from venues.models import Venue
from web.forms import FormKey, Line, RefusableForm


class RoomForm(RefusableForm):
    """A room to open. Its people choose a venue among `venues`."""

    ENDS: ClassVar = [(1, "1 h"), (3, "3 h"), (12, "12 h")]
    NAMES: ClassVar = {"closesAt": "ends_in"}

    title = Line(label="Your yes/no question", max_length=255)
    ends_in = forms.TypedChoiceField(
        label="Closes by itself in", choices=ENDS, coerce=int, initial=3, widget=forms.RadioSelect
    )
    key = FormKey()

    def __init__(self, *arguments: Any, venues: Sequence[Venue] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["title"].widget.attrs |= {"placeholder": "Shall we open a bottle?", "autocomplete": "off"}
        if venues:
            choices = [(str(venue.pk), venue.name) for venue in venues]
            self.fields["venue"] = forms.ChoiceField(label="Venue", choices=choices, initial=choices[0][0])
            if len(venues) == 1:
                self.fields["venue"].widget = forms.HiddenInput()

    def new_room(self) -> NewRoom:
        """What the command takes."""
        data = self.cleaned_data
        return NewRoom(title=data["title"], closes_at=clock.now() + timedelta(hours=data["ends_in"]))
