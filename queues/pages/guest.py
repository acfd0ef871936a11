"""A guest's pages: join, the ticket and what is done on it. No account; the browser keeps the party's id (access.keep_place)."""

from functools import cache
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config import idempotency, limits
from config.errors import Conflict, Invalid, NotFound, Refused
from config.refusals import in_words
from config.unsent import wants_fragment
from polls.casting import MAY_VOTE
from polls.pages import lists
from polls.rooms.selectors import room_by
from polls.selectors import poll_by_code
from queues import commands, selectors
from queues.api.access import front_end
from queues.models import Party, Queue
from queues.pages import words
from queues.pages.access import keep_place, of_line, party_in, party_of
from queues.pages.forms import JoinForm, LetPassForm, read_code
from queues.pages.joins import Joins, joins_of
from queues.pages.place import Standing, crowd, standing

POLL_MS = 10_000
# Without scripts; a place that has ended may come back.
LOOK_AGAIN_S, LOOK_AGAIN_ENDED_S = 20, 60


class SeeOther(HttpResponseRedirect):
    """303: what follows a form that was sent is always fetched with GET."""

    status_code = 303


def ticket_address(line: Queue, party: Party | None) -> SeeOther:
    """The party's page. The id stands in the fragment, which no server or log ever sees: whoever opens the same address in
    another browser keeps the place. None: this browser has none.
    """
    return SeeOther(reverse("ticket", args=[line.code]) + (f"#place={party.pk}" if party else ""))


@require_http_methods(["GET", "HEAD", "POST"])
@of_line
def join(request: HttpRequest, line: Queue) -> HttpResponse:
    """What a QR code leads to: the place this browser has already, or the form to get one."""
    if request.method != "POST" and (there := front_end(line.code)):
        return redirect(there)
    known = party_of(request, line)
    if known and known.status in Party.IN_LINE:
        return ticket_address(line, known)
    joins = joins_of(request, line)
    if joins.in_line:  # the answer to that join was lost
        return _to_ticket(line, joins.in_line)
    if request.method == "POST":
        response = _joined(request, line, joins)
    else:
        form = JoinForm(line=line, initial={"key": joins.form_key})
        response = _join_page(request, line, form, known=known or joins.ended)
        if known is None and joins.ended:
            keep_place(response, line, joins.ended)
    joins.remember(request, response)
    return response


def _joined(request: HttpRequest, line: Queue, joins: Joins) -> HttpResponse:
    """What comes of a form that was sent: a place, or the form again."""
    form = JoinForm(request.POST, line=line)
    if not form.is_valid():
        return _join_page(request, line, form, status=400)
    said = form.cleaned_data
    if before := joins.made_by(said["key"]):
        return _ended_before(request, line, joins, before)
    try:
        limits.check(request, limits.JOIN, "join", str(line.pk))
        outcome = commands.join(
            line.code,
            name=said["name"],
            size=said["size"],
            note=said["note"],
            key=joins.key(request, said["key"]),
            repeat_names=True,
        )
    except Refused as refused:
        line.refresh_from_db()
        form.refuse(_room_left(line, refused))
        return _join_page(request, line, form, status=refused.status)
    if outcome.party.status not in Party.IN_LINE:
        return _ended_before(request, line, joins, outcome.party)
    return _to_ticket(line, outcome.party)


def _ended_before(request: HttpRequest, line: Queue, joins: Joins, before: Party) -> HttpResponse:
    """An old form (the back button) whose party has ended: it joins nothing, says so, and may be sent again as a new one."""
    said = request.POST.copy()
    said["key"] = str(joins.form_key)
    form = JoinForm(said, line=line)
    form.full_clean()
    form.refuse(
        Conflict(gettext("This form was sent before, and its place has ended. To join again, send it once more."))
    )
    response = _join_page(request, line, form, known=before, status=409)
    keep_place(response, line, before)
    return response


def _to_ticket(line: Queue, party: Party) -> HttpResponse:
    """To the party's page; this browser keeps the place."""
    response = ticket_address(line, party)
    keep_place(response, line, party)
    return response


def _room_left(line: Queue, refused: Refused) -> Refused:
    """A party too large for the venue, or for a line that is not full, is told how many may come."""
    if isinstance(refused, Invalid) and refused.field == "size":
        return Invalid(
            gettext("At most %(limit_value)s.") % {"limit_value": selectors.largest_party(line)}, field="size"
        )
    left = line.max_guests - crowd(line).guests
    if not (isinstance(refused, Conflict) and refused.field == "size" and left > 0):
        return refused
    room = ngettext("There is room for only one guest.", "There is room for only %(n)d guests.", left) % {"n": left}
    return Conflict(room, field="size")


def _join_page(
    request: HttpRequest, line: Queue, form: JoinForm, *, known: Party | None = None, status: int = 200
) -> HttpResponse:
    there = crowd(line)
    left = max(line.max_guests - there.guests, 0)
    state = "closed" if line.is_closed else "paused" if line.paused else "open" if left else "full"
    context = {
        "line": line,
        "form": form,
        "state": state,
        "crowd": there,
        "left": left,
        "range": words.wait_range(*there.wait_ms(line.pace_ms)),
        "poll_ms": POLL_MS,
        "words": words.patterns(),
        "known": known,
    }
    return render(request, "guest/join.html", context, status=status)


@require_safe
@of_line
def ticket(request: HttpRequest, line: Queue) -> HttpResponse:
    """The party's page. Without the cookie, its script offers the place in the address's fragment to `restore`."""
    party = party_of(request, line)
    if party is None:
        return render(request, "guest/no_place.html", {"line": line})
    return render(request, "guest/ticket.html", _ticket_context(party))


@require_safe
@of_line
def look(request: HttpRequest, line: Queue) -> HttpResponse:
    """To the ticket as it is now, with the place in its address. From a ticket to its own address with the fragment, a browser
    would only scroll; to its address without one, it would lose the place.
    """
    return ticket_address(line, party_of(request, line))


def _ticket_context(party: Party) -> dict[str, Any]:
    stand: Standing = standing(party)
    left_s = max(stand.deadline_ms - stand.now_ms, 0) // 1000 if stand.deadline_ms else 0
    return {
        "line": party.queue,
        "party": party,
        "stand": stand,
        "range": words.wait_range(stand.low_ms, stand.high_ms),
        "guests": words.guests(party.size),
        "countdown": f"{left_s // 60}:{left_s % 60:02}",
        "words": words.patterns(),
        "pass_form": LetPassForm(),
        "poll_ms": POLL_MS,
        "look_again_s": LOOK_AGAIN_S if party.status in Party.IN_LINE else LOOK_AGAIN_ENDED_S,
        "here": reverse("look", args=[party.queue.code]),
        "asked": lists.asked_in(party.queue),
        "may_vote": party.status in MAY_VOTE,
    }


@require_safe
@of_line
def place(request: HttpRequest, line: Queue) -> HttpResponse:
    """The party's standing as JSON, for the page's script; the cookie says which party, the address does not."""
    return _standing_answer(request, line)


def _standing_answer(request: HttpRequest, line: Queue) -> JsonResponse:
    party = party_of(request, line)
    if party is None:
        return JsonResponse({"error": "This browser has no place in this line."}, status=404)
    return JsonResponse(standing(party).view())


@require_POST
@of_line
def nearby(request: HttpRequest, line: Queue) -> HttpResponse:
    """ "I am close", "on my way"."""
    return _done(request, line, _act(request, line, commands.declare_nearby))


@require_POST
@of_line
def more_time(request: HttpRequest, line: Queue) -> HttpResponse:
    """ "I need more time": asks the host."""
    return _done(request, line, _act(request, line, commands.ask_more_time))


@require_http_methods(["GET", "HEAD", "POST"])
@of_line
def let_pass(request: HttpRequest, line: Queue) -> HttpResponse:
    """Asks how many may go first (GET), and lets them (POST)."""
    form = LetPassForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.cleaned_data
        refused = _act(
            request, line, commands.let_pass, parties=said["parties"], key=idempotency.of_form(request, said["key"])
        )
        return _done(request, line, refused)
    party = party_of(request, line)
    if party is None or party.status != Party.Status.WAITING:
        return ticket_address(line, party)
    context = {"line": line, "pass_form": form}
    return render(request, "guest/let_pass.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@of_line
def leave(request: HttpRequest, line: Queue) -> HttpResponse:
    """Asks whether the guest means it (GET), and gives the place up (POST)."""
    if request.method == "POST":
        return _done(request, line, _act(request, line, commands.leave))
    party = party_of(request, line)
    if party is None or party.status not in Party.IN_LINE:
        return ticket_address(line, party)
    return render(request, "guest/leave.html", {"line": line, "party": party})


def _act(request: HttpRequest, line: Queue, command: Any, **said: Any) -> Refused | None:
    """Does it for this browser's party. Whoever is not in line any more sees on the ticket how that came."""
    try:
        limits.check(request, limits.ACT, "act", str(line.pk))
        if (party := party_of(request, line)) is None:
            return NotFound("This party is not in line.")
        command(line.code, party_id=party.pk, **said)
    except NotFound as refused:
        return refused
    except Refused as refused:
        if not wants_fragment(request):
            messages.error(request, in_words(refused.message))
        return refused
    return None


def _done(request: HttpRequest, line: Queue, refused: Refused | None) -> HttpResponse:
    """The ticket again; a script gets the standing, or the refusal."""
    if not wants_fragment(request):
        return ticket_address(line, party_of(request, line))
    if refused is not None and not isinstance(refused, NotFound):
        return JsonResponse({"error": in_words(refused.message)}, status=refused.status)
    return _standing_answer(request, line)


@require_POST
@of_line
def restore(request: HttpRequest, line: Queue) -> HttpResponse:
    """Takes the place from an address that was opened in another browser; only a place in this line."""
    party = party_in(line, request.POST.get("place", ""))
    if party is None:
        return render(request, "guest/no_place.html", {"line": line, "unknown": True}, status=404)
    response = ticket_address(line, party)
    keep_place(response, line, party)
    return response


@require_safe
def find_line(request: HttpRequest) -> HttpResponse:
    """From a typed code to its line, poll or room; only ever to an address of ours."""
    typed = request.GET.get("code", "").strip()
    code = read_code(typed)
    if code is None:
        raise Http404("not a code")
    if selectors.line_by_code(code) is None:
        for subject_by_code, page in ((poll_by_code, "vote"), (room_by, "room")):
            if subject_by_code(code) is not None:
                return redirect(page, code=code)
    return redirect("join", code=code)


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows where it has no copy of a guest's page."""
    return render(request, "errors/offline.html", {"by_get": True})


@cache
def _worker_script() -> bytes:
    return Path(str(finders.find("sw.js"))).read_bytes()


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker's script (frontend/worker/sw.ts). At the root, for a worker rules over what lies below its own address."""
    return HttpResponse(_worker_script(), content_type="text/javascript", headers={"Cache-Control": "no-cache"})
