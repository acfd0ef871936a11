"""The host's pages of a room: opening it, running it."""

from collections.abc import Callable
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import HOST, Actor
from core.languages import in_english
from rooms import commands
from rooms.models import Room
from rooms.pages.access import ROOMS, host_only
from rooms.pages.context import people_in, room_context
from rooms.pages.forms import RoomForm
from venues.forms import venues_of
from venues.proofs import Subject
from web.sending import Form


# ------------------------------------------------------------------------------------------------------------- a new one
@in_english
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_room(request: HttpRequest) -> HttpResponse:
    """A room opened in ten seconds: for anybody, or for a venue of a signed-in person."""
    sent = Form("form_room", reverse("new-room"))
    form = RoomForm(request.POST if request.method == "POST" else None, venues=venues_of(request.user))
    # As with polls: a page of before the sign-in leads to what it opened then.
    if form.shown_before_sign_in and (room := commands.made_with(sent.key(request))):
        return ROOMS.created(request, room, sent=sent, actor=HOST)
    if request.method == "POST" and form.is_valid():
        venue, actor = form.owner(request.user)
        create = partial(commands.create, form.new_room(), actor=actor, venue=venue)
        if response := ROOMS.create(request, form, create, sent=sent, actor=actor):
            return response
    sent.offer(request)
    return render(request, "room/new.html", {"form": form}, status=400 if form.errors else 200)


# --------------------------------------------------------------------------------------------------------- running a room
@require_safe
@host_only
def host(request: HttpRequest, room: Room, actor: Actor) -> HttpResponse:
    """The room at a glance and all that can be done with it."""
    return render(
        request,
        "room/host.html",
        room_context(request, room) | {"people": people_in(room), "host_link": ROOMS.link_context(request, room)},
    )


@require_safe
@host_only
def people(request: HttpRequest, room: Room, actor: Actor) -> JsonResponse:
    """How many people are in the room, for the page's script; null while Redis does not answer."""
    return JsonResponse({"people": people_in(room)})


@require_POST
@host_only
def renew_token(request: HttpRequest, room: Room, actor: Actor) -> HttpResponse:
    """Ends every host token given so far; this browser gets the new one."""
    before = Subject.of(room)
    return ROOMS.renewed(request, commands.renew_token(room.pk, actor=actor), actor=actor, before=before)


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
    return ROOMS.acted(request, room, actor, partial(do, room, actor), deletes=action == "delete")
