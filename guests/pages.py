"""The owner's page of guests, and the part of the console that says who a party's guest is.

A number never stands in an address: what is searched is posted, and a guest's address has an id.
"""

from functools import partial
from typing import Any
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
from web.forms import ShortText, WholeNumber
from web.redirects import SeeOther
from web.settings_form import SettingsForm
from web.unsent import wants_fragment


class GuestForm(SettingsForm):
    """What hosts say of a guest."""

    SHOWN = ("notes", "vip", "not_welcome")

    notes = ShortText(label="Notes", required=False, max_length=LONGEST_NOTES, attrs={"autocomplete": "off"})
    vip = forms.BooleanField(label="VIP", required=False)
    not_welcome = forms.BooleanField(label="Not welcome", required=False)


class HistoryForm(SettingsForm):
    """Whether the venue keeps a history, and for how long. `row`: the venue."""

    SHOWN = ("guest_history", "guest_months")

    months = WholeNumber(
        label="Months that a guest is kept", min_value=1, max_value=MOST_MONTHS, attrs={"min": 1, "max": MOST_MONTHS}
    )

    def stands(self) -> dict[str, Any]:
        """What stands now, as the form shows it."""
        return {"months": self.row.guest_months}


class SearchForm(forms.Form):
    """Whom to look for."""

    words = ShortText(label="Number, name or note", max_length=80, attrs={"autocomplete": "off"})


# -------------------------------------------------------------------------------------------------------------- owners
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.GUESTS)
def guests(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The venue's guests, who came last first; a search, which is posted."""
    return _page(request, desk, SearchForm(request.POST if request.method == "POST" else None))


def _page(request: HttpRequest, desk: Desk, form: SearchForm, switch: HistoryForm | None = None) -> HttpResponse:
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
        "switch": switch or HistoryForm(row=desk.venue),
    }
    status = switch.status if switch else 400 if form.errors else 200
    return render(request, "host/guests.html", context, status=status)


@require_POST
@at_desk(Right.GUESTS)
def history(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Switches the history on, with the months; or off, which forgets all."""
    on = "off" not in request.POST
    form = HistoryForm(request.POST, row=desk.venue)
    form.fields["months"].required = on
    forgotten = []
    change = partial(commands.change_history, venue_id=desk.venue.pk, on=on, actor=desk.actor)

    def save() -> None:
        saw = form.cleaned_data["saw"]
        forgotten.append(change(months=form.cleaned_data["months"] if on else None, saw=saw))

    if not (form.is_valid() and form.carried_out(save)):
        return _page(request, desk, SearchForm(), form)
    messages.success(request, "Saved." if on else f"Guest history is off. Guests forgotten: {forgotten[0]}.")
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
    form = _guest_form(request, found)
    saved = False
    if found is not None and form is not None and form.is_valid():
        change = partial(commands.change_guest, found.guest.pk, venue_id=found.guest.venue_id, actor=actor)
        saved = form.carried_out(partial(change, **form.cleaned_data))
        if saved and not wants_fragment(request):
            messages.success(request, "Saved.")
            return SeeOther(request.path)
        found = selectors.of_party(party.pk)
        form = _guest_form(request, found, again=saved) if saved else form
    context = {
        "line": line,
        "ticket": ticket,
        "known": found,
        "shared": selectors.shared(found.guest, party) if found is not None else None,
        "form": form,
        "saved": saved,
    }
    page = "host/_guest.html" if wants_fragment(request) else "host/guest.html"
    return render(request, page, context, status=form.status if form else 200)


def _guest_form(request: HttpRequest, known: selectors.Known | None, *, again: bool = False) -> GuestForm | None:
    """The form of a guest that is known, as it was sent, or `again` as it stands."""
    sent = request.POST if request.method == "POST" and not again else None
    return None if known is None else GuestForm(sent, row=known.guest)
