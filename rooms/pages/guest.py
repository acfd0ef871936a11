"""The public pages of a room: voting, the wall, the QR code."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.languages import in_english
from rooms.models import Room
from rooms.pages.access import ROOMS, of_room, visitor_page
from rooms.pages.context import room_context
from web.posters import Poster, poster_page, qr_page


@require_safe
@visitor_page
def vote(request: HttpRequest, room: Room) -> HttpResponse:
    """What a QR code leads to: yes and no. The vote goes over the socket (contract vote-websocket.md)."""
    return _page(request, "room/room.html", room)


@require_safe
@visitor_page
def wall(request: HttpRequest, room: Room) -> HttpResponse:
    """The room for a big screen."""
    return _page(request, "room/wall.html", room)


def _page(request: HttpRequest, template: str, room: Room) -> HttpResponse:
    host_url = ROOMS.host_path(room) if ROOMS.host(request, room) else ""
    return render(request, template, room_context(request, room) | {"host_url": host_url})


def poster_of(room: Room) -> Poster:
    """The poster that leads people into the room."""
    return Poster(
        lead="Live in this room",
        title=room.title,
        code=room.code,
        qr_url=reverse("room-qr", args=[room.code]),
        way_in=reverse("room", args=[room.code]),
        steps=(
            ("Scan", "the code with your camera."),
            ("Say yes or no.", "No app, no account."),
            ("Change your mind", "whenever you like: the graph on the wall moves with you."),
        ),
        back=reverse("room-host", args=[room.code]),
    )


qr_code = in_english(require_safe(of_room(qr_page(poster_of))))
poster = in_english(require_safe(of_room(poster_page(poster_of))))
