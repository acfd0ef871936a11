"""A ticket goes to the guest's phone: the host's page with the QR code, and the page that the code leads to (decision 0064)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core import clock, rate_limits
from core.actors import Actor
from core.errors import Invalid, Refused
from core.json_types import View
from queues import commands, hand_over
from queues.models import Party, Queue
from queues.pages.access import guest_page, host_only, keep_place, ticket_address
from queues.pages.forms import TakeForm
from queues.refusals import WRONG_TICKET_CODE
from web.posters import link_context, qr_image


@require_safe
@host_only
def show(request: HttpRequest, line: Queue, actor: Actor, ticket: int) -> HttpResponse:
    """The QR code that gives this ticket to the phone that scans it. The code stands in the fragment, which no server, log or
    referrer sees."""
    party = line.parties.filter(ticket=ticket).first()
    if party is None:
        raise Http404("no such ticket")
    shown = code_of(request, party) if party.status in Party.IN_LINE else {}
    return render(request, "host/hand_over.html", {"line": line, "party": party, **shown})


def code_of(request: HttpRequest, party: Party) -> View:
    """The code of a party in line, and the QR code of the address that takes it."""
    code = hand_over.code_for(party, clock.now())
    address = link_context(request, reverse("take", args=[party.queue.code]))
    return {"code": code, "qr": qr_image(f"{address['link']}#{code}"), **address}


@require_http_methods(["GET", "HEAD", "POST"])
@guest_page
def take(request: HttpRequest, line: Queue) -> HttpResponse:
    """Keeps a place in this browser by the code that the host shows. A script sends the code of the address; without scripts
    guests type it."""
    sent = request.method == "POST"
    form, status = TakeForm(request.POST if sent else None), 400 if sent else 200
    if form.is_valid():
        try:
            party = _taken(request, line, form.cleaned_data["code"])
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
        else:
            commands.take_ticket(line.pk, party_id=party.pk)
            response = ticket_address(request, line, party)
            keep_place(request, response, line, party)
            return response
    return render(request, "guest/take.html", {"line": line, "form": form}, status=status)


def _taken(request: HttpRequest, line: Queue, code: str) -> Party:
    """The party whose code was sent. Raises Invalid, TooMany."""
    rate_limits.check(request, rate_limits.HAND_OVER, "hand-over", str(line.pk))
    party = hand_over.party_by(line, code, clock.now())
    if party is None:
        raise Invalid(WRONG_TICKET_CODE, field="code")
    return party
