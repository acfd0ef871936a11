"""The page on which a venue's name, address, clock, look and words are set up, in the words of the trade (decision 0058)."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core import colours
from core.slugs import is_made_up
from venues import commands
from venues.look_forms import (
    OUR_ACCENT,
    AddressForm,
    AfterForm,
    ClockForm,
    JoiningForm,
    LogoForm,
    LookForm,
    VenueSettingsForm,
    WordsForm,
)
from venues.owner_pages import Desk, at_desk
from venues.roles import Right
from web.posters import link_context
from web.redirects import SeeOther
from web.settings_form import SettingsForm


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.SET_UP)
def settings(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All that is set up here; a POST changes the venue's name and address."""
    form = AddressForm(request.POST if request.method == "POST" else None, venue=desk.venue)
    return _changed(request, desk, form) or _page(request, desk, address=form)


# The other forms of the page, by the names that the template and the ends of their routes' names give them.
_FORMS: dict[str, Callable[..., VenueSettingsForm]] = {
    "clock": ClockForm,
    "joining": JoiningForm,
    "after": AfterForm,
    "look": LookForm,
    "words": WordsForm,
}


def _changing(name: str) -> Callable[..., HttpResponse]:
    """The view that takes one of them."""

    @require_POST
    @at_desk(Right.SET_UP)
    def view(request: HttpRequest, desk: Desk) -> HttpResponse:
        form = _FORMS[name](request.POST, venue=desk.venue)
        return _changed(request, desk, form) or _page(request, desk, **{name: form})

    return view


clock, joining, after, look, words = map(_changing, _FORMS)


@require_POST
@at_desk(Right.SET_UP)
def logo(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Changes the logo, or takes it away."""
    form = LogoForm(request.POST, request.FILES, row=desk.venue)
    form.fields["picture"].required = not (removed := "remove" in request.POST)
    keep = partial(commands.set_logo, venue_id=desk.venue.pk, actor=desk.actor)
    if form.is_valid():
        picture, saw = form.cleaned_data["picture"], form.cleaned_data["saw"]
        if form.carried_out(lambda: keep(logo=None if removed else picture, saw=saw)):
            return _saved(request, desk)
    return _page(request, desk, logo=form)


def _changed(request: HttpRequest, desk: Desk, form: VenueSettingsForm) -> HttpResponse | None:
    """Changes the venue by a form that was sent, and shows it; None when it was not, or says why not."""
    change = partial(commands.change_venue, venue_id=desk.venue.pk, actor=desk.actor)
    if form.is_valid() and form.carried_out(lambda: change(**form.changes())):
        return _saved(request, desk)
    return None


def _saved(request: HttpRequest, desk: Desk) -> HttpResponse:
    messages.success(request, "Saved.")
    return SeeOther(desk.path("venue-settings"))


def _page(request: HttpRequest, desk: Desk, **sent: SettingsForm) -> HttpResponse:
    """The page with its forms, of which one may have been sent."""
    venue = desk.venue
    colour = venue.accent or OUR_ACCENT
    light, dark = colours.tones(colour)
    context = {
        "desk": desk,
        "venue": venue,
        "address": AddressForm(venue=venue),
        "logo": LogoForm(row=venue),
        **{name: form_of(venue=venue) for name, form_of in _FORMS.items()},
        "paths": {
            "address": desk.path("venue-settings"),
            "services": desk.path("services"),
            **{name: desk.path(f"venue-{name}") for name in (*_FORMS, "logo")},
        },
        "new": not venue.services.exists(),
        "made_up": is_made_up(venue.slug, venue.name),
        "tones": [] if colour in {light.accent, OUR_ACCENT} else [("light", light), ("dark", dark)],
        **link_context(request, reverse("venue", args=[venue.slug])),
        **sent,
    }
    return render(request, "host/venue.html", context, status=max((form.status for form in sent.values()), default=200))
