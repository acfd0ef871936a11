"""The host's pages of a room: opening it, running it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import rate_limits
from core.actors import HOST, Actor
from core.errors import Refused
from polls import hosts
from polls.hosts import RENEWED
from queues.pages.way_back import link_to_keep, show_link
from rooms import commands
from rooms.models import Room
from rooms.pages.access import host_only, set_host_cookie
from rooms.pages.context import people_in, room_context
from rooms.pages.forms import RoomForm
from rooms.permissions import host_cookie
from venues.access import given_token, set_proof
from venues.models import User, Venue
from venues.proofs import Subject
from web.redirects import SeeOther
from web.sending import Form


# ------------------------------------------------------------------------------------------------------------- a new one
def _new_room() -> Form:
    return Form("form_room", reverse("new-room"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_room(request: HttpRequest) -> HttpResponse:
    """A room opened in ten seconds: for anybody, or for a venue of a signed-in person."""
    user = request.user
    venues = list(Venue.objects.filter(memberships__user=user)) if isinstance(user, User) else []
    form = RoomForm(request.POST if request.method == "POST" else None, venues=venues)
    # As with polls: a page of before the sign-in leads to what it opened then.
    before_sign_in = request.method == "POST" and venues and "venue" not in request.POST
    if before_sign_in and (room := commands.made_with(_new_room().key(request))):
        return _opened(request, room, actor=HOST)
    if request.method == "POST" and form.is_valid():
        # The form lets only one of this person's own venues through.
        venue = next((each for each in venues if str(each.pk) == form.cleaned_data["venue"]), None)
        actor = Actor("host", user.pk) if venue is not None and isinstance(user, User) else HOST
        if response := _open(request, form, actor=actor, venue=venue):
            return response
    _new_room().offer(request)
    return render(request, "room/new.html", {"form": form}, status=400 if form.errors else 200)


def _open(request: HttpRequest, form: RoomForm, *, actor: Actor, venue: Venue | None) -> HttpResponse | None:
    """Opens the room and leads to its page; None when the form says why not."""
    try:
        rate_limits.check(request, rate_limits.CREATE, "room")
        room = commands.create(form.new_room(), actor=actor, venue=venue, key=_new_room().key(request))
    except Refused as refused:
        form.refuse(refused)
        return None
    return _opened(request, room, actor=actor)


def _opened(request: HttpRequest, room: Room, *, actor: Actor) -> HttpResponse:
    """Leads to the room's page. Who opened it for no venue is its host by what this browser keeps."""
    _new_room().answered(request)
    response = SeeOther(reverse("room-host", args=[room.code]))
    # What a member may do ends with the membership; what this form gave, with a token that was renewed since.
    if actor.user_id is None and not room.token_version:
        show_link(request, response, room)
        set_host_cookie(request, response, room)
    return response


# --------------------------------------------------------------------------------------------------------- running a room
@require_safe
@host_only
def host(request: HttpRequest, room: Room, actor: Actor) -> HttpResponse:
    """The room at a glance and all that can be done with it."""
    return render(
        request,
        "room/host.html",
        room_context(request, room) | {"people": people_in(room), "way_back": link_to_keep(request, room)},
    )


@require_safe
@host_only
def people(request: HttpRequest, room: Room, actor: Actor) -> JsonResponse:
    """How many are in the room, for the page's script; null while nobody can tell."""
    return JsonResponse({"people": people_in(room)})


@require_POST
@host_only
def renew_token(request: HttpRequest, room: Room, actor: Actor) -> HttpResponse:
    """Ends every host token given so far; this browser gets the new one."""
    before = Subject.of(room)
    room = hosts.renew(Room, room.pk, actor=actor)
    messages.success(request, RENEWED)
    response = SeeOther(reverse("room-host", args=[room.code]))
    show_link(request, response, room)
    token = given_token(request, Subject.of(room), actor=actor, proved=before)
    set_proof(request, response, host_cookie(room.code), token)
    return response


def _close(room: Room, actor: Actor) -> str:
    commands.close(room.pk, actor=actor)
    return "Closed: the graph stands."


def _delete(room: Room, actor: Actor) -> str:
    commands.delete(room.pk, actor=actor)
    return f"“{room.title}” was deleted."


# Does it, and says what a message to the host would.
_ACTIONS: dict[str, Callable[[Room, Actor], str]] = {"close": _close, "delete": _delete}


@require_POST
@host_only
def act(request: HttpRequest, room: Room, actor: Actor, action: str) -> HttpResponse:
    """One button: one command, then the room again, or the place where rooms are listed."""
    do = _ACTIONS.get(action)
    if do is None:
        raise Http404("no such action")
    try:
        messages.success(request, do(room, actor))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        if action == "delete":
            return SeeOther(reverse("lines" if actor.user_id else "home"))
    return SeeOther(reverse("room-host", args=[room.code]))
