"""The owner's page of how long guests are kept, what was forgotten, and what comes next."""

from functools import partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from queues.selectors import line_by_code
from retention import commands, rules, selectors
from retention.models import FEWEST_DAYS, MOST_DAYS, Keeping
from venues.owner_pages import Desk, at_desk
from venues.roles import Right
from web.redirects import SeeOther
from web.settings_form import SettingsForm

MOST_DIGITS = 9


class DaysForm(SettingsForm):
    """How long guests' data is kept."""

    SHOWN = ("days",)

    days = forms.IntegerField(
        label="Days after the line is closed",
        min_value=FEWEST_DAYS,
        max_value=MOST_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def read_again(self) -> None:
        """Reads the days again."""
        self.row = _kept(self.row.venue_id)


def _kept(venue_id: UUID) -> Keeping:
    """The venue's days; the installation's where it chose none."""
    return Keeping(venue_id=venue_id, days=rules.days_of(venue_id))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.SET_UP)
def privacy(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The days, what was forgotten lately, and what is next; a POST changes the days."""
    form = DaysForm(request.POST if request.method == "POST" else None, row=_kept(desk.venue.pk))
    keep = partial(commands.keep_for, venue_id=desk.venue.pk, actor=desk.actor)
    if form.is_valid():
        days = form.cleaned_data["days"]
        if form.carried_out(lambda: keep(**form.cleaned_data)):
            messages.success(request, f"Guests are kept for {days} day{'' if days == 1 else 's'} now.")
            return SeeOther(desk.path("privacy"))
    context = {
        "desk": desk,
        "form": form,
        "path": desk.path("privacy"),
        "runs": selectors.runs(desk.venue),
        "next": selectors.next_run(desk.venue),
    }
    return render(request, "host/privacy.html", context, status=form.status)


@require_POST
@at_desk(Right.SET_UP)
def find(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Leads to the data of the guest with this ticket in a line of the venue, by its code. Neither is personal."""
    code, ticket = request.POST.get("line", ""), request.POST.get("ticket", "")
    line = line_by_code(code.strip())
    of_venue = line is not None and line.venue_id == desk.venue.pk
    wanted = int(ticket) if ticket.isdecimal() and len(ticket) <= MOST_DIGITS else 0
    if line is None or not of_venue or not line.parties.filter(ticket=wanted).exists():
        messages.error(request, "There is no such ticket in a line of yours.")
        return SeeOther(desk.path("privacy"))
    return SeeOther(reverse("host-guest-data", args=[line.code, wanted]))
