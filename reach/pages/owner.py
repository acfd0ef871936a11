"""The owner's page of messages to guests: which ways exist, in which order, and when a call goes by the next."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from reach import channels as venue_channels
from reach import commands
from reach.models import Channels
from reach.text_models import Provider
from reach.ways import WAYS
from venues.owner_pages import Desk, at_desk
from venues.roles import Right, rights_of
from web.forms import WholeNumber
from web.redirects import SeeOther
from web.settings_form import SettingsForm

PLACES = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth")


class ChannelsForm(SettingsForm):
    """The ways in their order, one choice for each place, and the seconds."""

    SHOWN = ("ways", "fallback_s")

    NAMES: ClassVar = {"fallbackSeconds": "fallback_s", "ways": "way_1"}

    fallback_s = WholeNumber(
        label="Seconds until a call goes by the next way",
        min_value=commands.SHORTEST_FALLBACK_S,
        max_value=commands.LONGEST_FALLBACK_S,
        help_text="For a call that the guest has not answered, and that no phone has said to have shown.",
    )

    def __init__(self, data: Any = None, *, kept: Channels) -> None:
        super().__init__(data, row=kept)
        choices = [("", "—"), *((way.name, way.label) for way in WAYS.values())]
        for n, label in enumerate(PLACES[: len(WAYS)], start=1):
            self.fields[f"way_{n}"] = forms.ChoiceField(label=label, choices=choices, required=False)

    def stands(self) -> dict[str, Any]:
        """What stands now, as the form shows it."""
        ways = {f"way_{n}": name for n, name in enumerate(self.row.ways, start=1)}
        return {"fallback_s": self.row.fallback_s, **ways}

    def read_again(self) -> None:
        """Reads the row again, or the one that another person has made since."""
        self.row = venue_channels.of_venue(self.row.venue_id)

    @property
    def places(self) -> list[Any]:
        """The choices, in order."""
        return [self[name] for name in self.fields if name.startswith("way_")]

    def ways(self) -> list[str]:
        """What was chosen, without the empty places."""
        chosen = (self.cleaned_data[name] for name in self.fields if name.startswith("way_"))
        return [name for name in chosen if name]


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.SET_UP)
def channels(request: HttpRequest, desk: Desk) -> HttpResponse:
    """/venue/reach: the venue's ways to guests; sets them."""
    kept = venue_channels.of_venue(desk.venue.pk)
    form = ChannelsForm(request.POST if request.method == "POST" else None, kept=kept)

    def save() -> None:
        chosen = {name: form.cleaned_data[name] for name in ("fallback_s", "saw")}
        commands.set_channels(venue_id=desk.venue.pk, ways=form.ways(), actor=desk.actor, **chosen)

    if form.is_valid() and form.carried_out(save):
        messages.success(request, "Saved. It holds for messages from now on.")
        return SeeOther(desk.path("venue-reach"))
    context = {"desk": desk, "form": form, **_texts(desk, kept)}
    return render(request, "host/reach.html", context, status=form.status)


def _texts(desk: Desk, kept: Channels) -> dict[str, Any]:
    """Who carries the venue's texts, whether guests are asked for a number, and the page where that is set up, for who may."""
    rights = rights_of(desk.person, desk.venue.pk)
    return {
        "carrier": Provider.objects.filter(venue=desk.venue).first(),
        "asks_numbers": "number" in venue_channels.addresses(kept.ways),
        "texts_page": desk.path("texts") if Right.KEYS in rights else "",
    }
