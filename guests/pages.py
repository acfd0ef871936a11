"""The owner's page of guests, and the part of the console that says who a party's guest is.

A number never stands in an address: what is searched is posted, and a guest's address has an id.
"""

from functools import partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from core.actors import Actor
from core.identifiers import as_uuid
from guests import commands, selectors
from guests.models import LONGEST_NOTES
from queues.models import Queue
from queues.pages.access import host_only, party_at
from venues.owner_pages import Desk, at_desk, pressed
from venues.remembering import MOST_MONTHS
from venues.roles import Right
from web.forms import RefusableForm, ShortText, WholeNumber
from web.redirects import SeeOther
from web.unsent import wants_fragment


class GuestForm(RefusableForm):
    """What hosts say of a guest."""

    notes = ShortText(label="Notes", required=False, max_length=LONGEST_NOTES, attrs={"autocomplete": "off"})
    vip = forms.BooleanField(label="VIP", required=False)
    not_welcome = forms.BooleanField(label="Not welcome", required=False)
    edits = forms.IntegerField(required=False, widget=forms.HiddenInput)


class HistoryForm(RefusableForm):
    """Whether the venue keeps a history, and for how long."""

    months = WholeNumber(
        label="Months that a guest is kept", min_value=1, max_value=MOST_MONTHS, attrs={"min": 1, "max": MOST_MONTHS}
    )


class SearchForm(forms.Form):
    """Whom to look for."""

    words = ShortText(label="Number, name or note", max_length=80, attrs={"autocomplete": "off"})


# -------------------------------------------------------------------------------------------------------------- owners
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.GUESTS)
def guests(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The venue's guests, who came last first; a search, which is posted."""
    form = SearchForm(request.POST if request.method == "POST" else None)
    after = as_uuid(request.GET.get("after", ""))
    if form.is_valid():
        found, more = selectors.search(desk.venue, form.cleaned_data["words"]), None
    else:
        found = selectors.newest(desk.venue, after=after)
        more = found[-1].guest.pk if len(found) == selectors.PER_PAGE else None
    context = {
        "desk": desk,
        "form": form,
        "searched": form.is_bound and form.is_valid(),
        "guests": found,
        "more": more,
        "switch": HistoryForm(initial={"months": desk.venue.guest_months}),
    }
    return render(request, "host/guests.html", context, status=400 if form.is_bound and form.errors else 200)


@require_POST
@at_desk(Right.GUESTS)
def history(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Switches the history on, with the months; or off, which forgets all."""
    on = "off" not in request.POST
    form = HistoryForm(request.POST)
    if on and not form.is_valid():
        messages.error(request, f"Months: {form.errors['months'][0]}")
        return SeeOther(desk.path("guests"))
    months = form.cleaned_data["months"] if on else None
    forgotten = commands.change_history(venue_id=desk.venue.pk, on=on, months=months, actor=desk.actor)
    messages.success(request, "Saved." if on else f"Guest history is off. Guests forgotten: {forgotten}.")
    return SeeOther(desk.path("guests"))


@require_POST
@at_desk(Right.GUESTS)
def forget(request: HttpRequest, desk: Desk, guest_id: UUID) -> HttpResponse:
    """Deletes all that the venue knows of a guest."""
    command = partial(commands.forget_guest, guest_id, venue_id=desk.venue.pk, actor=desk.actor)
    return pressed(request, desk, "guests", command, done="The guest is forgotten.")


# --------------------------------------------------------------------------------------------------------------- hosts
@require_http_methods(["GET", "HEAD", "POST"])
@host_only
def of_party(request: HttpRequest, line: Queue, actor: Actor, ticket: int) -> HttpResponse:
    """Who the guest of a party is, and a form that changes what is noted. The console's script shows it beside the list."""
    party = party_at(line, ticket)
    if line.venue is None or not line.venue.guest_history:
        raise Http404("no history")
    found = selectors.of_party(party.pk)
    form = GuestForm(request.POST if request.method == "POST" else None)
    saved = False
    if found is not None and form.is_valid():
        guest, data = found.guest, form.cleaned_data
        saved = form.carried_out(lambda: commands.change_guest(guest.pk, venue_id=guest.venue_id, actor=actor, **data))
        if saved and not wants_fragment(request):
            messages.success(request, "Saved.")
            return SeeOther(request.path)
        found = selectors.of_party(party.pk)
    context = {
        "line": line,
        "ticket": ticket,
        "known": found,
        "shared": selectors.shared(found.guest, party) if found is not None else None,
        "form": form,
        "saved": saved,
    }
    page = "host/_guest.html" if wants_fragment(request) else "host/guest.html"
    return render(request, page, context, status=400 if form.errors else 200)
