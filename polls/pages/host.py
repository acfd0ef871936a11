"""The host's pages of a poll: making it, running it, its one-time codes, the wall."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock, rate_limits
from core.actors import HOST, Actor
from core.errors import Invalid, Refused
from core.languages import in_english
from polls import commands, rules
from polls.models import Poll
from polls.pages import labels
from polls.pages.access import POLLS, address, host_only, of_poll, voter_page
from polls.pages.context import poll_context, result_context
from polls.pages.forms import CodesForm, DraftForm, PollForm, ResetForm
from polls.permissions import PUBLIC
from polls.rules import Viewer
from queues.pages.access import LINES
from queues.selectors import line_by_code
from venues.forms import venues_of
from venues.host_pages import DELETED, doing, turned_away
from venues.pages.codes import second_device_of
from web.posters import Poster, link_context, poster_page, qr_page
from web.redirects import SeeOther
from web.sending import Form


# ------------------------------------------------------------------------------------------------------------- a new one
@in_english
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_poll(request: HttpRequest) -> HttpResponse:
    """Makes a poll: for a venue of a signed-in person, without an account or, with ?line=, for the people in a line."""
    line, host_of_line = None, None
    if code := request.GET.get("line", ""):
        line = line_by_code(code)
        if line is None:
            raise Http404("unknown code")
        host_of_line = LINES.host(request, line)
        if host_of_line is None:
            return turned_away(request, line, back=request.get_full_path(), not_done="The question was not made.")
        if line.is_closed:
            messages.error(request, "This line is closed: there is nobody in it to ask.")
            return redirect("console", code=line.code)
    sent = Form("form_poll", reverse("new-poll"))  # one form, with or without a line
    venues = venues_of(request) if line is None else None
    form = PollForm(request.POST if request.method == "POST" else None, venues=venues, line=line)
    # A page of before the sign-in leads to what it made then; for a new poll the form asks whose it is.
    if form.shown_before_sign_in and (poll := commands.made_with(sent.key(request))):
        return POLLS.created(request, poll, sent=sent, actor=HOST)
    if request.method == "POST" and form.is_valid():
        venue, actor = (line.venue, host_of_line) if line and host_of_line else form.owner(request.user)
        open_now = form.cleaned_data["open_now"]
        create = partial(commands.create, form.new_poll(), actor=actor, venue=venue, queue=line, open_now=open_now)
        if response := POLLS.create(request, form, create, sent=sent, actor=actor, proved=line):
            return response
    sent.offer(request)
    return render(request, "poll/new.html", {"form": form, "line": line}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@host_only
def edit(request: HttpRequest, poll: Poll, actor: Actor) -> HttpResponse:
    """Changes a draft."""
    form = DraftForm(request.POST if request.method == "POST" else None, poll=poll)
    if request.method == "POST" and form.is_valid():
        saw = form.cleaned_data["saw"]
        if form.carried_out(lambda: commands.edit(poll.pk, form.new_poll(), saw=saw, actor=actor)):
            return SeeOther(address(poll, "poll-host"))
    elif poll.status != rules.DRAFT:
        return redirect(address(poll, "poll-host"))
    context = {"form": form, "poll": poll, "line": poll.queue}
    return render(request, "poll/new.html", context, status=form.status)


# --------------------------------------------------------------------------------------------------------- running a poll
@require_safe
@host_only
def host(request: HttpRequest, poll: Poll, actor: Actor) -> HttpResponse:
    """The host's page: the result and every action."""
    shown = result_context(poll, Viewer(host=True))
    if poll.dedupe == Poll.Dedupe.CODE:
        _new_codes(poll).offer(request)
    context = {
        **poll_context(poll),
        **shown,
        **link_context(request, address(poll)),
        "rules": labels.rules_of(poll, choices=len(shown["bars"])),
        # Started again with the end that is past, it would be over at once.
        "again": ResetForm() if poll.ends_at and poll.ends_at <= clock.now() else None,
        "codes": CodesForm() if poll.dedupe == Poll.Dedupe.CODE else None,
        "codes_made": poll.codes.count() if poll.dedupe == Poll.Dedupe.CODE else 0,
        "host_link": POLLS.link_context(request, poll),
        "exports": [(kind, f"/api/polls/{poll.pk}/export?format={kind}") for kind in ("csv", "json", "image")],
    }
    return render(request, "poll/host.html", context)


def _reset(poll: Poll, actor: Actor, data: QueryDict) -> str:
    if "ends_unit" not in data:  # its end is still to come, or there is none
        commands.reset(poll.pk, actor=actor)
    else:
        form = ResetForm(data)
        if not form.is_valid():
            raise Invalid(f"Closes in: {next(iter(form.errors.values()))[0]}", field="ends_in")
        commands.reset(poll.pk, ends_at=form.ends_at(), actor=actor)
    return "All votes were thrown away, and the poll is open again."


act = POLLS.acting(
    {
        "open": doing(commands.open_poll, "Open: votes are counted from now on."),
        "close": doing(commands.close, "Closed: the result stands."),
        "reset": _reset,
        "delete": doing(commands.delete, DELETED),
    }
)
renew_token = POLLS.renewing(commands.renew_token)
second_device = second_device_of(POLLS)


def _new_codes(poll: Poll) -> Form:
    """The form for one-time codes on the poll's page."""
    return Form("form_codes", address(poll, "poll-host"))


@require_POST
@host_only
def codes(request: HttpRequest, poll: Poll, actor: Actor) -> HttpResponse:
    """Makes one-time codes and shows them once: only their hashes are stored, so no address could show them again."""
    form = CodesForm(request.POST)
    made: list[str] = []
    if form.is_valid():
        try:
            rate_limits.check(request, rate_limits.CODES, "codes")
            sent = _new_codes(poll)
            made = commands.add_codes(poll.pk, count=form.cleaned_data["count"], key=sent.key(request), actor=actor)
            sent.answered(request)
        except Refused as refused:
            form.refuse(refused)
    if form.errors:
        problem = next(iter(form.errors.values()))[0]
        messages.error(request, f"How many codes: {problem}")
        return SeeOther(address(poll, "poll-host"))
    context: dict[str, Any] = {"poll": poll, "made": made, **link_context(request, address(poll))}
    return render(request, "poll/codes.html", context)


# ---------------------------------------------------------------------------------------------------------- wall, QR code
@require_safe
@voter_page
def results(request: HttpRequest, poll: Poll) -> HttpResponse:
    """The result on a big screen: what the public may see, also in a host's browser."""
    context = {
        **poll_context(poll),
        **result_context(poll, Viewer(), limit=PUBLIC),
        **link_context(request, address(poll)),
        "host_url": address(poll, "poll-host") if POLLS.host(request, poll) else "",
    }
    return render(request, "poll/results.html", context)


def poster_of(poll: Poll) -> Poster:
    """The poster that leads voters to the poll."""
    return Poster(
        lead="Your vote, please",
        title=poll.title,
        code=poll.code,
        qr_url=address(poll, "poll-qr"),
        way_in=address(poll),
        steps=(
            ("Scan", "the code with your camera."),
            ("Choose", f"{'what you like' if poll.max_picks > 1 else 'one answer'}. No app, no account."),
            ("See", "that your vote is counted, also when the network is slow."),
        ),
        back=address(poll, "poll-host"),
    )


qr_code = in_english(require_safe(of_poll(qr_page(poster_of))))
# For hosts only: a draft's question is not public.
poster = require_safe(host_only(poster_page(poster_of)))
