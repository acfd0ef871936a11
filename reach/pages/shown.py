"""The ticket's page says that it shows a call."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from core import rate_limits
from core.clock import milliseconds
from core.errors import Refused
from queues.models import Party, Queue
from queues.pages.access import guest_page, party_of
from reach import commands


@require_POST
@guest_page
def shown(request: HttpRequest, line: Queue) -> HttpResponse:
    """/queue/CODE/shown: this browser's ticket is on a lit screen, and shows the call that lasts until `deadline` (ms). 204, also
    where that call is over."""
    try:
        rate_limits.check(request, rate_limits.ACT, "act", str(line.pk))
    except Refused as refused:
        return HttpResponse(status=refused.status)
    party = party_of(request, line)
    is_called = party is not None and party.status == Party.Status.CALLED
    if party and is_called and request.POST.get("deadline") == str(milliseconds(party.call_deadline)):
        commands.note_shown(party)
    return HttpResponse(status=204)
