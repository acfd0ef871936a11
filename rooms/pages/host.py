"""The host's pages of a room: opening it, running it."""

from functools import partial

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.actors import HOST, Actor
from core.languages import in_english
from rooms import commands
from rooms.models import Room
from rooms.pages.access import ROOMS, host_only
from rooms.pages.context import people_in, room_context
from rooms.pages.forms import RoomForm
from venues.forms import venues_of
from venues.host_pages import DELETED, doing
from venues.pages.codes import second_device_of
from web.sending import Form


# ------------------------------------------------------------------------------------------------------------- a new one
@in_english
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_room(request: HttpRequest) -> HttpResponse:
    """Opens a room: for a venue of a signed-in person, or without an account."""
    sent = Form("form_room", reverse("new-room"))
    form = RoomForm(request.POST if request.method == "POST" else None, venues=venues_of(request))
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


act = ROOMS.acting(
    {"close": doing(commands.close, "Closed: the graph stands."), "delete": doing(commands.delete, DELETED)}
)
renew_token = ROOMS.renewing(commands.renew_token)
second_device = second_device_of(ROOMS)
