"""What is kept of a guest and how long, for the guest: a page, a file, and the end of it (decision 0088). The browser's cookie,
or the party's id in a form, is the proof, as on the ticket; no address has it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import rate_limits
from core.errors import Refused
from core.json_types import View
from queues.models import Party, Queue
from queues.pages.access import TICKET, guest_page, party_in, party_of
from retention import commands, rules, selectors, table
from web.redirects import SeeOther


@require_http_methods(["GET", "HEAD", "POST"])
@guest_page
def data(request: HttpRequest, line: Queue) -> HttpResponse:
    """How long guests of this line are kept, and what is kept of this browser's party; a POST answers with all of it, as a file
    of JSON. 404 for a browser without a place."""
    party = _proved(request, line)
    if request.method != "POST":
        kept = table.export_for_guest(party) if party is not None else {}
        return render(request, "guest/data.html", context_of(line, party, kept))
    rate_limits.check(request, rate_limits.ACT, "act", str(line.pk))
    if party is None:
        return render(request, "guest/no_place.html", {"line": line, "unknown": True}, status=404)
    return as_file(party, table.export_for_guest(party))


@require_http_methods(["GET", "HEAD", "POST"])
@guest_page
def erase(request: HttpRequest, line: Queue) -> HttpResponse:
    """Asks for confirmation (GET) and erases (POST); then the page that shows what is left."""
    party = _proved(request, line)
    if party is None or party.erased_at or line.forgotten_at:
        return SeeOther(address(request, line, party))
    if request.method != "POST":
        context = {"line": line, "party": party, "stays": selectors.known_unproven(party)}
        return render(request, "guest/erase.html", context)
    try:
        rate_limits.check(request, rate_limits.ACT, "act", str(line.pk))
        commands.erase_party(line.pk, party_id=party.pk)
        messages.success(request, _("All that was personal of your party is erased."))
    except Refused as refused:
        messages.error(request, refused.in_words())
    return SeeOther(address(request, line, party))


def _proved(request: HttpRequest, line: Queue) -> Party | None:
    return party_in(line, request.POST["place"]) if request.POST.get("place") else party_of(request, line)


def address(request: HttpRequest, line: Queue, party: Party | None) -> str:
    """Of the page of this ticket's data."""
    return reverse("guest-data", args=[line.code]) + (f"?{TICKET}={party.ticket}" if party else "")


def as_file(party: Party, kept: View) -> JsonResponse:
    """What is kept of the party."""
    answer = JsonResponse(kept, json_dumps_params={"indent": 2, "ensure_ascii": False})
    name = f"tallyline-{party.queue.code}-{party.ticket}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def context_of(line: Queue, party: Party | None, kept: View) -> dict[str, Any]:
    """What the pages of a guest's data show."""
    return {
        "line": line,
        "party": party,
        "kept": kept,
        "days": rules.days_of(line.venue_id),
        "until": rules.due_at(line.closed_at, line.venue_id) if line.closed_at and not line.forgotten_at else None,
        "zone": line.zone,
        "remembers": bool(line.venue and line.venue.guest_history),
    }
