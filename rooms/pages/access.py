"""Who a page of a room is for: everybody, or its hosts."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.actors import Actor
from queues.pages.access import host_by_browser, renew_proof, turned_away
from rooms import selectors
from rooms.models import Room
from rooms.permissions import host_cookie
from venues.access import set_proof, works_for
from venues.models import User
from venues.proofs import Subject, token_for

# What was not done, by the button's name in its path.
NOT_DONE = {"close": "The room was not closed.", "delete": "The room was not deleted."}

Page = Callable[Concatenate[HttpRequest, Room, ...], HttpResponse]
HostPage = Callable[Concatenate[HttpRequest, Room, Actor, ...], HttpResponse]


def of_room(page: Page) -> Callable[..., HttpResponse]:
    """A page of the room whose code stands in the path; 404 for an unknown one. Not stored unless the page says so.

    A code in small letters leads to the page's one address: what the browser keeps of a room goes by its code.
    """

    @wraps(page)
    def view(request: HttpRequest, code: str, **arguments: Any) -> HttpResponse:
        room = selectors.room_by(code)
        if room is None:
            raise Http404("unknown code")
        if code != room.code and request.method in {"GET", "HEAD"}:
            return redirect(request.path.replace(code, room.code, 1))
        response = page(request, room, **arguments)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return view


def host_of_page(request: HttpRequest, room: Room) -> Actor | None:
    """Who acts as this room's host: a signed-in member of its venue (by name), or whoever opened it; None for others."""
    user = request.user
    if isinstance(user, User) and user.is_active and room.venue_id and works_for(user, room.venue_id):
        return Actor("host", user.pk)
    return host_by_browser(request, room, [host_cookie(room.code)])


def host_only(page: HostPage) -> Callable[..., HttpResponse]:
    """A page of the room for its hosts. A stranger is asked to sign in; 403 for somebody who did."""

    def guarded(request: HttpRequest, room: Room, **arguments: Any) -> HttpResponse:
        actor = host_of_page(request, room)
        if actor is None:
            not_done = NOT_DONE.get(arguments.get("action", ""), "")
            return turned_away(request, room, back=reverse("room-host", args=[room.code]), not_done=not_done)
        response = page(request, room, actor, **arguments)
        renew_proof(request, response, room, [host_cookie(room.code)])
        return response

    return of_room(guarded)


def set_host_cookie(request: HttpRequest, response: HttpResponse, room: Room) -> None:
    """Gives the opener of the room its host token."""
    set_proof(request, response, host_cookie(room.code), token_for(Subject.of(room)))
