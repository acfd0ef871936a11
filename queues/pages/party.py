"""What a guest changes while waiting: size and note of the party, and when to be told that it is near (decision 0064)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from core import rate_limits
from core.errors import NotFound, Refused
from queues import commands
from queues.models import Party, Queue
from queues.pages.access import guest_page, party_of, ticket_address
from queues.pages.forms import ChangePartyForm, TellAheadForm
from queues.pages.join import room_left
from queues.refusals import CALLED_ALREADY, CHANGED_SINCE
from web.forms import RefusableForm
from web.redirects import SeeOther


def _page(template: str, form_of: Callable[..., RefusableForm], send: Callable[[Party, dict[str, Any]], object]) -> Any:
    """A page with one form about this browser's waiting party; then its ticket. `send` calls the command."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @guest_page
    def page(request: HttpRequest, line: Queue) -> HttpResponse:
        party, sent = party_of(request, line), request.method == "POST"
        if party is None or not sent and party.status != Party.Status.WAITING:
            return ticket_address(request, line, party)
        form, status = form_of(request.POST if sent else None, party=party), 400 if sent else 200
        if form.is_valid():
            try:
                rate_limits.check(request, rate_limits.ACT, "act", str(line.pk))
                send(party, form.cleaned_data)
                return ticket_address(request, line, party)
            except NotFound:  # the ticket shows how its place ended
                return ticket_address(request, line, party)
            except Refused as refused:
                if refused.reason in (CALLED_ALREADY, CHANGED_SINCE):
                    messages.error(request, refused.in_words())
                    called = refused.reason is CALLED_ALREADY
                    return ticket_address(request, line, party) if called else SeeOther(request.get_full_path())
                form.refuse(room_left(line, refused, own=party.size))
                status = refused.status
        return render(request, template, {"line": line, "party": party, "form": form}, status=status)

    return page


change = _page(
    "guest/change_party.html",
    ChangePartyForm,
    lambda party, data: commands.change_party(party.queue_id, party_id=party.pk, **data),
)
tell_ahead = _page(
    "guest/tell_ahead.html",
    TellAheadForm,
    lambda party, data: commands.tell_ahead(party.queue_id, party_id=party.pk, **data),
)
