"""The front page, and the lines, polls and rooms of a signed-in person."""

from functools import partial

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.languages import in_english
from polls.pages import lists
from queues import commands, replayed, selectors
from queues.models import Party, Queue
from queues.pages.access import LINES
from queues.pages.forms import OpenLineForm
from rooms.pages import lists as rooms
from venues.forms import venues_of
from venues.hosted import hosted_here, is_hosted_here
from venues.models import User
from venues.owner_pages import Desk
from web import unsent
from web.sending import Form

MOST_SHOWN = 50
# The form on both pages.
_NEW_LINE = Form("form_line", "/")


@in_english
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The front page: what Tallyline is, a form that opens a line without an account, and what this browser is a host of."""
    form = OpenLineForm(request.POST if request.method == "POST" else None)
    if response := _open(request, form):
        return response
    _NEW_LINE.offer(request)
    ids = hosted_here(request)
    lines = Queue.objects.filter(pk__in=ids, closed_at__isnull=True).order_by("-opened_at", "pk")
    context = {
        "form": form,
        "sign_up": settings.SIGN_UP,
        "yours": [line for line in lines if is_hosted_here(request, line)],
        "polls": [each for each in lists.hosted(ids) if is_hosted_here(request, each.poll)],
        "rooms": [room for room in rooms.hosted(ids) if is_hosted_here(request, room)],
    }
    return render(request, "host/home.html", context, status=400 if form.errors else 200)


@in_english
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lines(request: HttpRequest) -> HttpResponse:
    """The venues of a signed-in person or of this device: their lines, open ones first, and a form for a new one."""
    venues = venues_of(request) or []
    if not (venues or isinstance(request.user, User)):
        if request.method == "POST":
            return unsent.signed_out(request, back=request.path, not_done="The line was not opened.")
        return redirect_to_login(request.get_full_path())
    form = OpenLineForm(request.POST if request.method == "POST" else None, venues=venues)
    if response := _open(request, form):
        return response
    _NEW_LINE.offer(request)
    shown = list(selectors.lines_of(venues)[:MOST_SHOWN])
    _count(shown)
    desks = [Desk(request.user, venue, venues) for venue in venues] if isinstance(request.user, User) else []
    context = {
        "form": form,
        "venues": venues,
        "desks": desks,
        "sign_up": settings.SIGN_UP,
        "open": [line for line in shown if not line.is_closed],
        "closed": [(line, replayed.began_at(line, line.closed_at)) for line in shown if line.closed_at is not None],
        "polls": lists.of_venues(venues),
        "rooms": rooms.of_venues(venues),
    }
    return render(request, "host/lines.html", context, status=400 if form.errors else 200)


def _open(request: HttpRequest, form: OpenLineForm) -> HttpResponse | None:
    """Opens a line and leads to its console; None for a form that was not sent, and when it says why not."""
    if not form.is_valid():
        return None
    venue, actor = form.owner(request.user)
    open_line = partial(commands.open_line, form.new_line(), actor=actor, venue=venue)
    return LINES.create(request, form, open_line, sent=_NEW_LINE, actor=actor)


def _count(shown: list[Queue]) -> None:
    """Gives each line `in_line` and `guests_in_line`, in one statement for all."""
    counted = Party.objects.filter(queue__in=shown, status__in=Party.IN_LINE).values("queue")
    counts = {row["queue"]: row for row in counted.annotate(parties=Count("pk"), guests=Sum("size"))}
    for line in shown:
        row = counts.get(line.pk, {"parties": 0, "guests": 0})
        line.in_line, line.guests_in_line = row["parties"], row["guests"]  # type: ignore[attr-defined]
