"""The page that a QR code leads to: the place this browser has, or the form to get one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from core import rate_limits
from core.errors import Conflict, Invalid, Refused
from core.languages import locale_of
from queues import commands, contacts, selectors
from queues.contacts import Contact
from queues.models import Party, Queue
from queues.occupancy import occupancy
from queues.pages import labels
from queues.pages.access import TICKET, guest_page, keep_place, places_of, ticket_address
from queues.pages.forms import JoinForm
from queues.pages.guest import POLL_MS
from queues.pages.joinable import Joinable
from queues.pages.joins import Joins, joins_of
from queues.permissions import front_end
from queues.refusals import LINE_FULL
from venues.origins import origin_of

# The parameter by which a browser that has a place asks for the form: for another party.
ANOTHER = "another"
# Who may join again with what they wrote before: not whom the host removed.
AGAIN = (Party.Status.LEFT, Party.Status.NO_SHOW)


@require_http_methods(["GET", "HEAD", "POST"])
@guest_page
def join(request: HttpRequest, line: Queue) -> HttpResponse:
    """What a line's QR code leads to. A closed line of a venue leads guests without a place in it on to the venue's page."""
    return enter(request, line)


def enter(request: HttpRequest, line: Queue) -> HttpResponse:
    """The place this browser has already, or the form to get one, also to get another one."""
    if request.method != "POST" and (there := front_end(line.code)):
        return redirect(there)
    joins, kept = joins_of(request, line), places_of(request, line)
    in_line = next((party for party in kept if party.status in Party.IN_LINE), None) or joins.in_line
    another = in_line is not None and ANOTHER in (request.POST if request.method == "POST" else request.GET)
    if in_line and not another:  # also where the answer to that join was lost
        return _to_ticket(request, line, in_line)
    if request.method == "POST":
        return _joined(request, line, joins, another=another)
    known = in_line or next(iter(kept), None) or joins.ended
    if line.is_closed and line.venue and known is None:
        return redirect("venue", line.venue.slug)
    form = JoinForm(line=line, initial={"key": joins.form_key, **_as_before(request, known)})
    response = _join_page(request, line, form, known=known, another=another)
    if not kept and joins.ended:
        keep_place(request, response, line, joins.ended)
    return response


def _as_before(request: HttpRequest, known: Party | None) -> dict[str, Any]:
    """What the form begins with for a party that joins again after its place ended, by the link that says so. A browser keeps an
    ended place for a day; a note of the host's is not the guest's."""
    if known is None or known.status not in AGAIN or request.GET.get(TICKET) != str(known.ticket):
        return {}
    return {"name": known.name, "size": known.size, "note": "" if known.note_by_host else known.note}


def _joined(request: HttpRequest, line: Queue, joins: Joins, *, another: bool) -> HttpResponse:
    """Answers a form that was sent: redirects to the ticket, or shows the form again."""
    form = JoinForm(request.POST, line=line)
    if not form.is_valid():
        return _join_page(request, line, form, another=another, status=400)
    data = form.cleaned_data
    typed = {name: data[name] for name in ("name", "size", "note", "section") if name in data}
    if before := joins.made_by(data["key"]):
        if before.status in Party.IN_LINE and all(getattr(before, name) == text for name, text in typed.items()):
            return _to_ticket(request, line, before)
        return _made_before(request, line, joins, before, another=another)
    try:
        rate_limits.check(request, rate_limits.JOIN, "join", str(line.pk))
        contact = _contact(request, line, data)
        here, key = data.get("here", ""), joins.key(request, data["key"])
        outcome = commands.join(line.code, **typed, here=here, key=key, contact=contact)
    except Refused as refused:
        line.refresh_from_db()
        form = JoinForm(request.POST, line=line)  # the line may ask for the code by now
        form.refuse(room_left(line, refused))
        return _join_page(request, line, form, another=another, status=refused.status)
    if outcome.party.status not in Party.IN_LINE:
        return _made_before(request, line, joins, outcome.party, another=another)
    return _to_ticket(request, line, outcome.party)


def _contact(request: HttpRequest, line: Queue, data: dict[str, Any]) -> Contact | None:
    """Where the guest wants to be told; None where they gave nothing. Raises Invalid."""
    typed = {name: data[name] for name in ("number", "email") if data.get(name)}
    if not typed:
        return None
    rate_limits.check(request, rate_limits.CONTACT, "contact", str(line.pk))
    return contacts.checked(line, **typed, language=locale_of(request), origin=origin_of(request))


def _made_before(request: HttpRequest, line: Queue, joins: Joins, before: Party, *, another: bool) -> HttpResponse:
    """Answers a form that has made another party, in line still or ended (back button): 409 with the same form under a new key,
    ready to be sent again."""
    data = request.POST.copy()
    data["key"] = str(joins.form_key)
    form = JoinForm(data, line=line)
    form.full_clean()
    if before.status in Party.IN_LINE:
        said = gettext(
            "This form was sent before, for ticket %(number)s. To join for another party, send it once more."
        )
    else:
        said = gettext("This form was sent before, and its place has ended. To join again, send it once more.")
    form.refuse(Conflict(said % {"number": before.ticket}))
    response = _join_page(request, line, form, known=before, another=another, status=409)
    keep_place(request, response, line, before)
    return response


def _to_ticket(request: HttpRequest, line: Queue, party: Party) -> HttpResponse:
    """Redirects to the ticket and keeps the place in this browser."""
    response = ticket_address(request, line, party)
    keep_place(request, response, line, party)
    return response


def room_left(line: Queue, refused: Refused, *, own: int = 0) -> Refused:
    """The refusal, with how many guests may come where the party is too large for the venue or for the room that is left. `own`:
    how many it has in line already."""
    if isinstance(refused, Invalid) and refused.field == "size":
        return Invalid(
            gettext("At most %(limit_value)s.") % {"limit_value": selectors.largest_party(line)}, field="size"
        )
    left = line.max_guests - occupancy(line.pk).guests + own
    if refused.reason is not LINE_FULL or left <= 0:
        return refused
    room = ngettext("There is room for only one guest.", "There is room for only %(n)d guests.", left) % {"n": left}
    return Conflict(room, field="size")


def _join_page(
    request: HttpRequest,
    line: Queue,
    form: JoinForm,
    *,
    known: Party | None = None,
    another: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "line": line,
        "form": form,
        "now": Joinable.of(line),
        "poll_ms": POLL_MS,
        "hours": labels.hours(line),
        "labels": labels.patterns(),
        "known": known,
        "another": another,
        "as_before": known is not None and known.status in AGAIN and not form.is_bound,
    }
    return render(request, "guest/join.html", context, status=status)
