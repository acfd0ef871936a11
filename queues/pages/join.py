"""The page that a QR code leads to: the place this browser has, or the form to get one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from core import rate_limits
from core.errors import Conflict, Invalid, Refused
from core.languages import in_readers_language
from queues import commands, selectors
from queues.models import Party, Queue
from queues.pages import labels
from queues.pages.access import keep_place, of_line, party_of
from queues.pages.forms import JoinForm
from queues.pages.guest import POLL_MS, ticket_address
from queues.pages.joinable import Joinable
from queues.pages.joins import Joins, joins_of
from queues.permissions import front_end
from queues.refusals import LINE_FULL


@in_readers_language
@require_http_methods(["GET", "HEAD", "POST"])
@of_line
def join(request: HttpRequest, line: Queue) -> HttpResponse:
    """What a line's QR code leads to. A closed line of a venue leads guests without a place in it on to the venue's page."""
    return enter(request, line)


def enter(request: HttpRequest, line: Queue) -> HttpResponse:
    """The place this browser has already, or the form to get one."""
    if request.method != "POST" and (there := front_end(line.code)):
        return redirect(there)
    known = party_of(request, line)
    if known and known.status in Party.IN_LINE:
        return ticket_address(line, known)
    joins = joins_of(request, line)
    if joins.in_line:  # the answer to that join was lost
        return _to_ticket(line, joins.in_line)
    if request.method == "POST":
        return _joined(request, line, joins)
    if line.is_closed and line.venue and not (known or joins.ended):
        return redirect("venue", line.venue.slug)
    form = JoinForm(line=line, initial={"key": joins.form_key})
    response = _join_page(request, line, form, known=known or joins.ended)
    if known is None and joins.ended:
        keep_place(response, line, joins.ended)
    return response


def _joined(request: HttpRequest, line: Queue, joins: Joins) -> HttpResponse:
    """Answers a form that was sent: redirects to the ticket, or shows the form again."""
    form = JoinForm(request.POST, line=line)
    if not form.is_valid():
        return _join_page(request, line, form, status=400)
    data = form.cleaned_data
    if before := joins.made_by(data["key"]):
        return _ended_before(request, line, joins, before)
    try:
        rate_limits.check(request, rate_limits.JOIN, "join", str(line.pk))
        outcome = commands.join(
            line.code,
            name=data["name"],
            size=data["size"],
            note=data["note"],
            key=joins.key(request, data["key"]),
        )
    except Refused as refused:
        line.refresh_from_db()
        form.refuse(_room_left(line, refused))
        return _join_page(request, line, form, status=refused.status)
    if outcome.party.status not in Party.IN_LINE:
        return _ended_before(request, line, joins, outcome.party)
    return _to_ticket(line, outcome.party)


def _ended_before(request: HttpRequest, line: Queue, joins: Joins, before: Party) -> HttpResponse:
    """Answers an old form (back button) whose party has ended: 409 with the same form under a new key, ready to be sent again."""
    data = request.POST.copy()
    data["key"] = str(joins.form_key)
    form = JoinForm(data, line=line)
    form.full_clean()
    form.refuse(
        Conflict(gettext("This form was sent before, and its place has ended. To join again, send it once more."))
    )
    response = _join_page(request, line, form, known=before, status=409)
    keep_place(response, line, before)
    return response


def _to_ticket(line: Queue, party: Party) -> HttpResponse:
    """Redirects to the ticket and keeps the place in this browser."""
    response = ticket_address(line, party)
    keep_place(response, line, party)
    return response


def _room_left(line: Queue, refused: Refused) -> Refused:
    """The refusal, with how many guests may come where the party is too large for the venue or for the room that is left."""
    if isinstance(refused, Invalid) and refused.field == "size":
        return Invalid(
            gettext("At most %(limit_value)s.") % {"limit_value": selectors.largest_party(line)}, field="size"
        )
    left = line.max_guests - selectors.occupancy(line.pk).guests
    if refused.reason is not LINE_FULL or left <= 0:
        return refused
    room = ngettext("There is room for only one guest.", "There is room for only %(n)d guests.", left) % {"n": left}
    return Conflict(room, field="size")


def _join_page(
    request: HttpRequest, line: Queue, form: JoinForm, *, known: Party | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "line": line,
        "form": form,
        "now": Joinable.of(line),
        "poll_ms": POLL_MS,
        "hours": labels.hours(line),
        "labels": labels.patterns(),
        "known": known,
    }
    return render(request, "guest/join.html", context, status=status)
