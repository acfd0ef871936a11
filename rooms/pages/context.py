"""The template context of the pages of a room."""

from django.http import HttpRequest
from django.urls import reverse

from core import clock
from core.cache import breaker, sync_redis
from core.clock import milliseconds
from core.json_types import View
from rooms.edge import store
from rooms.models import Room
from web.posters import link_context

POLL_MS = 1_000
# About how many points of a long history a page's graph has, besides all of the last 15 minutes.
POINTS = 1_000


def room_context(request: HttpRequest, room: Room) -> View:
    """What every page of a room needs."""
    api = f"/api/rooms/{room.code}"
    return {
        "room": room,
        "is_open": room.status == Room.Status.OPEN,
        "api": api,
        "picture_url": f"{api}/export?format=image",
        "exports": [(kind, f"{api}/export?format={kind}") for kind in ("csv", "json", "image")],
        "now_ms": milliseconds(clock.now()),
        "poll_ms": POLL_MS,
        "points": POINTS,
        "zone": room.zone,
        **link_context(request, reverse("room", args=[room.code])),
    }


def people_in(room: Room) -> int | None:
    """How many people are connected now, whether they voted or not; None while Redis is away."""
    _, users, *_ = store.keys(room.pk)
    if breaker.closed:
        with breaker:
            return sync_redis().hlen(users) if room.status == Room.Status.OPEN else 0
    return None
