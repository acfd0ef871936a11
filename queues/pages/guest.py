"""A guest's ticket page and its actions (joining: join.py). There is no account: the browser keeps the party's id
(access.keep_place)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import rate_limits
from core.errors import NotFound, Refused
from queues import commands, contacts
from queues.models import Party, Queue
from queues.pages import labels
from queues.pages.access import TICKET, guest_page, keep_place, named_in, party_in, party_of, places_of, ticket_address
from queues.pages.forms import LetPassForm
from queues.pages.ticket_state import range_of, ticket_state
from queues.refusals import NOT_IN_LINE
from web.sending import Form
from web.unsent import wants_fragment

POLL_MS = 10_000
# How often the page reloads without scripts, in seconds. A place that has ended may come back.
LOOK_AGAIN_S, LOOK_AGAIN_ENDED_S = 20, 60


@require_safe
@guest_page
def ticket(request: HttpRequest, line: Queue) -> HttpResponse:
    """The ticket page. Without the cookie, its script sends the place in the address's fragment to `restore`."""
    kept = places_of(request, line)
    party = named_in(request, kept)
    if party is None:
        return render(request, "guest/no_place.html", {"line": line})
    _letting_pass(line).offer(request)
    others = [each for each in kept if each.status in Party.IN_LINE and each != party]
    response = render(request, "guest/ticket.html", _ticket_context(party, others))
    if kept[0] != party:  # the polls of the line go by the ticket shown last
        keep_place(request, response, line, party)
    return response


@require_safe
@guest_page
def look(request: HttpRequest, line: Queue) -> HttpResponse:
    """Reloads the ticket with the place in its address. A link to the address with the fragment would only scroll; one without
    it would lose the place.
    """
    return ticket_address(request, line, party_of(request, line))


def _ticket_context(party: Party, others: Sequence[Party]) -> dict[str, Any]:
    state = ticket_state(party)
    left_s = max(state["deadline"] - state["now"], 0) // 1000 if state["deadline"] else 0
    return {
        "line": party.queue,
        "party": party,
        "others": others,
        "ticket": state,
        "answered": state["onMyWay"] if party.status == Party.Status.CALLED else state["nearby"],
        "range": range_of(state),
        "countdown": f"{left_s // 60}:{left_s % 60:02}",
        "hours": labels.hours(party.queue),
        "labels": labels.patterns(),
        "tell_ahead": party.tell_ahead or 0,
        "near": party.tell_ahead is not None and 0 < state["position"] <= party.tell_ahead + 1,
        "pass_form": LetPassForm(),
        "reached": contacts.offered(party.queue) != contacts.Offered(),
        "poll_ms": POLL_MS,
        "look_again_s": LOOK_AGAIN_S if party.status in Party.IN_LINE else LOOK_AGAIN_ENDED_S,
        "here": reverse("look", args=[party.queue.code]) + (f"?{TICKET}={party.ticket}" if others else ""),
    }


@require_safe
@guest_page
def place(request: HttpRequest, line: Queue) -> HttpResponse:
    """The ticket's state as JSON, for the page's script. The cookie says which party; the address does not."""
    return _state_answer(request, line)


def _state_answer(request: HttpRequest, line: Queue) -> JsonResponse:
    party = party_of(request, line)
    if party is None:
        return JsonResponse({"error": "This browser has no place in this line."}, status=404)
    return JsonResponse(ticket_state(party))


@require_POST
@guest_page
def nearby(request: HttpRequest, line: Queue) -> HttpResponse:
    """ "I am close", "on my way"."""
    return _done(request, line, _act(request, line, commands.declare_nearby))


@require_POST
@guest_page
def more_time(request: HttpRequest, line: Queue) -> HttpResponse:
    """ "I need more time": asks the host."""
    return _done(request, line, _act(request, line, commands.ask_more_time))


@require_http_methods(["GET", "HEAD", "POST"])
@guest_page
def let_pass(request: HttpRequest, line: Queue) -> HttpResponse:
    """Asks how many parties may go first (GET) and lets them pass (POST)."""
    form = LetPassForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        sent = _letting_pass(line)
        parties = form.cleaned_data["parties"]
        refused = _act(request, line, commands.let_pass, parties=parties, key=sent.key(request))
        if refused is None:
            sent.answered(request)
        return _done(request, line, refused)
    party = party_of(request, line)
    if party is None or party.status != Party.Status.WAITING:
        return ticket_address(request, line, party)
    _letting_pass(line).offer(request)
    context = {"line": line, "party": party, "pass_form": form}
    return render(request, "guest/let_pass.html", context, status=400 if form.errors else 200)


def _letting_pass(line: Queue) -> Form:
    """The form on the ticket and on its page without scripts."""
    return Form("form_pass", reverse("join", args=[line.code]))


@require_http_methods(["GET", "HEAD", "POST"])
@guest_page
def leave(request: HttpRequest, line: Queue) -> HttpResponse:
    """Asks for confirmation (GET) and gives the place up (POST)."""
    if request.method == "POST":
        return _done(request, line, _act(request, line, commands.leave))
    party = party_of(request, line)
    if party is None or party.status not in Party.IN_LINE:
        return ticket_address(request, line, party)
    return render(request, "guest/leave.html", {"line": line, "party": party})


def _act(request: HttpRequest, line: Queue, command: Any, **data: Any) -> Refused | None:
    """Calls the command for this browser's party; returns the refusal, None on success. The ticket shows why a party is not in
    line any more."""
    try:
        rate_limits.check(request, rate_limits.ACT, "act", str(line.pk))
        if (party := party_of(request, line)) is None:
            return NotFound(NOT_IN_LINE)
        command(line.code, party_id=party.pk, **data)
    except NotFound as refused:
        return refused
    except Refused as refused:
        if not wants_fragment(request):
            messages.error(request, refused.in_words())
        return refused
    return None


def _done(request: HttpRequest, line: Queue, refused: Refused | None) -> HttpResponse:
    """The ticket again; a script gets the ticket's state, or the refusal."""
    if not wants_fragment(request):
        return ticket_address(request, line, party_of(request, line))
    if refused is not None and not isinstance(refused, NotFound):
        return JsonResponse({"error": refused.in_words()}, status=refused.status, headers=refused.headers)
    return _state_answer(request, line)


@require_POST
@guest_page
def restore(request: HttpRequest, line: Queue) -> HttpResponse:
    """Keeps the place from an address that was opened in this browser; only a place in this line."""
    party = party_in(line, request.POST.get("place", ""))
    if party is None:
        return render(request, "guest/no_place.html", {"line": line, "unknown": True}, status=404)
    response = ticket_address(request, line, party)
    keep_place(request, response, line, party)
    return response
