"""The host's console: the line at a glance and every action on it. One template of each part serves page and
script."""

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.actors import Actor, Press
from core.asgi_requests import whole
from core.errors import Conflict, Refused
from core.identifiers import as_uuid
from core.languages import in_english
from queues import commands, selectors
from queues.happened import explained
from queues.models import Queue
from queues.pages import labels
from queues.pages.access import LINES, host_only, of_line
from queues.pages.actions import ACTIONS, MAKING, Outcome
from queues.pages.board import list_context, party_context
from queues.pages.forms import MessageForm, WalkInForm
from queues.pages.line_forms import LineForm, PauseForm, WaitForm
from queues.pages.tables import tables_context
from queues.sent import AlreadySent
from venues.authentication import given_token
from venues.pages.codes import second_device_of
from venues.proofs import Subject
from web.posters import Poster, link_context, poster_page, qr_page
from web.redirects import SeeOther
from web.sending import Form, new_form_key
from web.unsent import wants_fragment

POLL_MS = 2_000
# Sizes of a walk-in that take one tap.
SIZES = range(1, 9)


@require_safe
@host_only
def console(request: HttpRequest, line: Queue, actor: Actor) -> HttpResponse:
    """The whole console."""
    for action in MAKING:
        _form(line, action).offer(request)
    context = {
        **list_context(request, line),
        "walk_in": WalkInForm(auto_id="walk-in-%s"),
        "sizes": SIZES,
        # Proves this host to the polled API; the page is not stored and goes to hosts only.
        "host_token": given_token(request, Subject.of(line), actor=actor, proved=Subject.of(line)),
        "poll_ms": POLL_MS,
        **link_context(request, reverse("join", args=[line.code])),
        "message": MessageForm(auto_id="message-%s"),
        "message_templates": labels.MESSAGES,
        "pause": PauseForm(auto_id="pause-%s", initial={"reason": line.pause_reason}),
        "paused": PauseForm(auto_id="paused-%s", initial={"reason": line.pause_reason}),
        "wait": WaitForm(auto_id="wait-%s"),
        "settings": LineForm(line=line, auto_id="line-%s"),
        "host_link": LINES.link_context(request, line),
    }
    return render(request, "host/console.html", context)


@require_safe
@host_only
def console_list(request: HttpRequest, line: Queue, actor: Actor) -> HttpResponse:
    """The part of the console that changes."""
    return render(request, "host/_board.html", list_context(request, line))


@require_safe
@host_only
def console_tables(request: HttpRequest, line: Queue, actor: Actor) -> HttpResponse:
    """The console's tables alone: another line of the venue may have changed them."""
    row = selectors.current_row(line.pk)
    context = {"line": line, "row": row, "tables": tables_context(line, row, clock.now()) if row else None}
    return render(request, "host/_tables.html", context)


@require_safe
@host_only
def party(request: HttpRequest, line: Queue, actor: Actor, ticket: int) -> HttpResponse:
    """All about one party in line, for a browser without scripts; the console's script shows the same beside the list."""
    context = party_context(line, ticket)
    if context is None:
        messages.error(request, f"#{ticket} is not in line any more.")
        return SeeOther(reverse("console", args=[line.code]))
    shared = {
        "line": line,
        "more_time": labels.exact(line.call_window_s),
        "message_templates": labels.MESSAGES,
        "key": new_form_key(),
    }
    return render(request, "host/party.html", {**shared, **context})


renew_token = LINES.renewing(commands.renew_token)
second_device = second_device_of(LINES)


@require_POST
@host_only
def host_action(request: HttpRequest, line: Queue, actor: Actor, action: str) -> HttpResponse:
    """One button: one command, then the console again; a script of the page gets the list at once."""
    if action not in ACTIONS and action not in MAKING:
        raise Http404("no such action")
    status = 200
    outcome = Outcome()
    try:
        outcome = _do(request, line, actor, action)
        if outcome.text:
            messages.success(request, outcome.text)
    except Refused as refused:
        said = explained(line, refused, party_id=as_uuid(request.POST.get("party", "")), now=clock.now())
        messages.error(request, said.message)
        status = said.status
    if wants_fragment(request):
        line.refresh_from_db()
        return render(request, "host/_board.html", list_context(request, line), status=status)
    if outcome.leads_to:
        return SeeOther(outcome.leads_to)
    shown = whole(request.GET.get("show", ""), digits=6)
    return SeeOther(reverse("console", args=[line.code]) + ("" if shown is None else f"?show={shown}"))


def _do(request: HttpRequest, line: Queue, actor: Actor, action: str) -> Outcome:
    """Performs the action, once if the page's script has kept it (decision 0076). Raises Refused."""
    actor = _pressing(request, actor, action)
    try:
        if action not in MAKING:
            return Outcome(ACTIONS[action](line, request.POST, actor) or "")
        form = _form(line, action)
        outcome = MAKING[action](line, request.POST, actor, form.key(request))
        form.answered(request)
    except AlreadySent as known:
        if known.row.refusal:
            raise Conflict(known.row.refusal) from None
        return Outcome()
    return outcome


def _pressing(request: HttpRequest, actor: Actor, action: str) -> Actor:
    """The actor, with the press that the form names; a page without scripts names none."""
    pk = as_uuid(request.POST.get("press", ""))
    if pk is None:
        return actor
    party = as_uuid(request.POST.get("party", ""))
    return replace(actor, press=Press(id=pk, asked="", action=action, at=clock.now(), party=party))


def _form(line: Queue, action: str) -> Form:
    """One of the console's forms that make something."""
    return Form(f"form_{action}", reverse("console", args=[line.code]))


# ------------------------------------------------------------------------------------------------ QR code and poster
def poster_of(line: Queue) -> Poster:
    """The poster that leads guests into the line."""
    return Poster(
        lead="Join the line for",
        title=line.event_name,
        code=line.code,
        qr_url=reverse("qr", args=[line.code]),
        way_in=reverse("join", args=[line.code]),
        steps=(
            ("Scan", "the code with your camera."),
            ("Join", "with your party size. No app, no account."),
            ("Go for a walk.", "Your phone shows your place and when it’s your turn."),
        ),
        back=reverse("console", args=[line.code]),
    )


qr_code = in_english(require_safe(of_line(qr_page(poster_of))))
poster = in_english(require_safe(of_line(poster_page(poster_of))))
